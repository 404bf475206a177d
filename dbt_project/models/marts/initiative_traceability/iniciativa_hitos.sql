with ordenados as (
    select
        hitos.codigo_iniciativa,
        hitos.hito,
        hitos.fecha,
        hitos.id_documento,
        cast(
            row_number() over (
                partition by hitos.codigo_iniciativa
                order by hitos.fecha asc, hitos_orden.lugar asc nulls last, hitos.hito asc
            ) as integer
        ) as orden
    from {{ ref('stg_sagir_hitos') }} as hitos
    left join {{ ref('hitos_orden') }} as hitos_orden
        on hitos.hito = hitos_orden.hito
),

con_anterior as (
    select
        *,
        lag(fecha) over (partition by codigo_iniciativa order by orden asc nulls last) as fecha_anterior
    from ordenados
)

select
    codigo_iniciativa,
    orden,
    hito,
    fecha,
    {{ dias_entre('fecha_anterior', 'fecha') }} as dias_desde_anterior,
    id_documento
from con_anterior
