{{ config(materialized='table') }}

{%- set plazo_legal_dias = 30 %}
{%- set clave = ['rut_proveedor', 'tipo_documento', 'folio'] %}
{%- set montos = ['monto_neto', 'monto_iva', 'monto_total'] %}

with ilegibles as (
    {{ celdas_ilegibles('dte_pagos', ['rut_cesionario', 'fecha_pago']) }}
),

rechazados as (
    select
        rut_proveedor,
        tipo_documento,
        folio,
        max(_orden) as orden
    from {{ ref('stg_dte_pagos_rechazados') }}
    group by rut_proveedor, tipo_documento, folio
),

pagos as (
    select
        pagos.*,
        -- A RUT that cannot be read names somebody all the same, and such a date tells of a payment.
        pagos.rut_cesionario is not null or coalesce(ilegibles.rut_cesionario_ilegible, false) as nombra_cesionario,
        coalesce(ilegibles.fecha_pago_ilegible, false) as pago_ilegible
    from {{ ref('stg_dte_pagos') }} as pagos
    left join ilegibles
        on pagos._archivo = ilegibles.archivo and pagos._fila = ilegibles.fila
),

unidos as (
    select
        {%- for columna in clave %}
        coalesce(registro.{{ columna }}, pagos.{{ columna }}, xml.{{ columna }}) as {{ columna }},
        {%- endfor %}
        coalesce(registro.razon_social, xml.razon_social) as proveedor,
        coalesce(registro.fecha_emision, xml.fecha_emision) as fecha_emision,
        cast(registro.fecha_recepcion as date) as fecha_recepcion,
        pagos.fecha_devengo,
        pagos.fecha_pago,
        pagos.pago_ilegible,
        pagos.estado,
        {%- for monto in montos %}
        coalesce(registro.{{ monto }}, xml.{{ monto }}) as {{ monto }},
        registro.{{ monto }} is null and xml.{{ monto }} is not null as {{ monto }}_del_xml,
        {%- endfor %}
        pagos.monto_pagado,
        pagos.programa,
        pagos.subtitulo,
        pagos.item,
        pagos.asignacion,
        pagos.codigo_iniciativa,
        coalesce(pagos.orden_compra, xml.orden_compra) as orden_compra,
        pagos.rut_proveedor is not null as en_pagos,
        pagos._orden as orden_pago,
        case when pagos.rut_proveedor is not null then pagos.nombra_cesionario end as cedida,
        {{ fecha_corte() }} as fecha_corte
    from {{ ref('int_registro_compra') }} as registro
    full outer join pagos
        on
            {%- for columna in clave %}
            {{ 'and ' if not loop.first }}registro.{{ columna }} = pagos.{{ columna }}
            {%- endfor %}
    full outer join {{ ref('stg_dte_xml') }} as xml
        on
            {%- for columna in clave %}
            {{ 'and ' if not loop.first }}coalesce(registro.{{ columna }}, pagos.{{ columna }}) = xml.{{ columna }}
            {%- endfor %}
),

con_dias as (
    select
        unidos.*,
        {{ dias_entre('unidos.fecha_recepcion', 'unidos.fecha_pago') }} as dias_pago,
        {{ dias_entre('unidos.fecha_recepcion', 'unidos.fecha_corte') }} as dias_desde_recepcion,
        -- A newer file of which the row could be read has corrected it.
        rechazados.folio is not null
        and (unidos.orden_pago is null or rechazados.orden >= unidos.orden_pago) as pago_rechazado
    from unidos
    left join rechazados
        on
            {%- for columna in clave %}
            {{ 'and ' if not loop.first }}unidos.{{ columna }} = rechazados.{{ columna }}
            {%- endfor %}
)

select
    rut_proveedor,
    proveedor,
    tipo_documento,
    folio,
    fecha_emision,
    fecha_recepcion,
    fecha_devengo,
    fecha_pago,
    dias_pago,
    case
        when tipo_documento = '61' or not ({{ documento_vigente('estado') }}) then cast(null as boolean)
        when fecha_pago is not null then dias_pago <= {{ plazo_legal_dias }}
        -- Paid on a day that cannot be read, or perhaps in a row that cannot: neither in time nor late can be said.
        when pago_ilegible or pago_rechazado or estado = 'PAGADA' then cast(null as boolean)
        when dias_desde_recepcion > {{ plazo_legal_dias }} then false
    end as dentro_plazo,
    estado,
    {%- for monto in montos %}
    {{ con_signo('tipo_documento', monto) }} as {{ monto }},
    {{ monto }}_del_xml,
    {%- endfor %}
    monto_pagado,
    programa,
    subtitulo,
    item,
    asignacion,
    codigo_iniciativa,
    orden_compra,
    en_pagos,
    cedida
from con_dias
