{{ config(materialized='table') }}

{#- By export, the amounts that its datasets publish. What only its December fills is no measure of its January. -#}
{%- set montos = {
    'presupuesto_ejecucion': ['presupuesto_vigente'],
    'sagir_iniciativas': ['monto_total', 'monto_fndr'],
    'sagir_gasto': ['gasto_proyectado', 'gasto_real'],
    'dte_rcv_compra': ['monto_total'],
    'dte_pagos': ['monto_pagado'],
    'sisrec_transferencias': ['monto_transferido'],
    'sisrec_rendiciones': ['monto_rendido'],
    'sga_ordenes_compra': ['monto_total', 'total_linea_neto'],
    'core_acuerdos': ['monto'],
} %}
{#- The lines of an order are in the order's currency: how many are in UF differs from month to month. -#}
{%- set en_pesos = {'total_linea_neto': "case when moneda = 'CLP' then total_linea_neto end"} %}

with cifras as (
    {%- for export, columnas in montos.items() %}
    {%- for columna in columnas %}
    {%- set monto = en_pesos.get(columna, columna) %}
    select
        '{{ export }}' as export,
        '{{ columna }}' as columna,
        _sha256,
        -- The lines of each programme of the budget are of another size.
        {{ 'programa' if export == 'presupuesto_ejecucion' else 'cast(null as string)' }} as programa,
        count(nullif({{ monto }}, 0)) as montos,
        -- In which order rows are added up shows in the last figures of a mean.
        round(avg(log10(nullif(abs({{ monto }}), 0))), 6) as magnitud
    from {{ source('raw', export) }}
    group by 3, 4
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    archivos.export,
    archivos.archivo,
    archivos.modo,
    archivos.fecha_dato,
    cifras.columna,
    cifras.programa,
    cifras.montos,
    cifras.magnitud
from cifras
inner join {{ ref('stg_archivos') }} as archivos
    on cifras.export = archivos.export and cifras._sha256 = archivos.sha256
where archivos.estado = 'ACEPTADO'
