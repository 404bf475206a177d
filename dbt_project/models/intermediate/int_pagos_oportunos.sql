select
    cast(extract(year from fecha_pago) as integer) as anio,
    cast(extract(month from fecha_pago) as integer) as mes,
    programa,
    rut_proveedor,
    tipo_documento,
    folio,
    dias_pago,
    dentro_plazo,
    monto_pagado
from {{ ref('int_documentos_tributarios') }}
where
    {{ con_plazo_de_pago('tipo_documento') }}
    and {{ documento_vigente('estado') }}
    and fecha_pago is not null
