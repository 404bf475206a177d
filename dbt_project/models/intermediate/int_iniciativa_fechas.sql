{%- set columnas = {
    'fecha_postulacion': 'POSTULACIÓN',
    'fecha_core': 'APROBACIÓN CORE',
    'fecha_convenio': 'CONVENIO',
    'fecha_contrato': 'CONTRATO',
} %}

with primeros as (
    select
        hitos.codigo_iniciativa,
        hitos.hito,
        hitos_orden.lugar,
        min(hitos.fecha) as fecha
    from {{ ref('stg_sagir_hitos') }} as hitos
    left join {{ ref('hitos_orden') }} as hitos_orden
        on hitos.hito = hitos_orden.hito
    group by hitos.codigo_iniciativa, hitos.hito, hitos_orden.lugar
),

con_anterior as (
    select
        *,
        max(fecha) over (
            partition by codigo_iniciativa
            order by lugar asc nulls last, hito asc
            rows between unbounded preceding and 1 preceding
        ) as ultima_de_los_anteriores
    from primeros
)

select
    codigo_iniciativa,
    {%- for columna, hito in columnas.items() %}
    max(case when hito = '{{ hito }}' then fecha end) as {{ columna }},
    {%- endfor %}
    count(*) filter (where fecha < ultima_de_los_anteriores) > 0 as hitos_desordenados
from con_anterior
group by codigo_iniciativa
