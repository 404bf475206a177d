with pagos as (
    select
        oportunos.anio,
        oportunos.mes,
        oportunos.programa,
        oportunos.dentro_plazo,
        pagos.monto_pagado,
        pagos._archivo,
        pagos._sha256,
        pagos._fila
    from {{ ref('int_pagos_oportunos') }} as oportunos
    inner join {{ ref('stg_dte_pagos') }} as pagos
        on
            oportunos.rut_proveedor = pagos.rut_proveedor
            and oportunos.tipo_documento = pagos.tipo_documento
            and oportunos.folio = pagos.folio
)

{{ contribuciones('pagos', ['anio', 'mes', 'programa'], {
    'documentos_pagados': '1',
    'documentos_en_plazo': 'case when filas.dentro_plazo then 1 end',
    'monto_pagado': 'filas.monto_pagado',
}, tipo='decimal(18, 0)') }}
