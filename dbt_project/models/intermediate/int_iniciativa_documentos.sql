select
    codigo_iniciativa,
    cast(count(*) as bigint) as documentos_dte,
    cast(coalesce(sum(monto_total), 0) as bigint) as monto_facturado,
    cast(
        coalesce(sum({{ con_signo('tipo_documento', 'monto_pagado') }}), 0) as bigint
    ) as monto_pagado,
    cast(
        count(*) filter (
            where not dentro_plazo and fecha_pago is null and {{ con_plazo_de_pago('tipo_documento') }}
        ) as bigint
    ) as documentos_impagos,
    cast(count(*) filter (where monto_total is null) as bigint) as documentos_sin_monto
from {{ ref('int_documentos_tributarios') }}
where codigo_iniciativa is not null and {{ documento_vigente('estado') }}
group by codigo_iniciativa
