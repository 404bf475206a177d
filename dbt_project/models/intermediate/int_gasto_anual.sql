{{ config(materialized='table') }}

select
    codigo_iniciativa,
    anio,
    max(subtitulo) as subtitulo,
    cast(sum(gasto_proyectado) as bigint) as gasto_proyectado,
    cast(sum(gasto_real) as bigint) as gasto_real,
    cast(count(*) filter (where gasto_real <> 0) as bigint) as meses_con_gasto,
    min(case when gasto_real > 0 then mes end) as primer_mes
from {{ ref('stg_sagir_gasto') }}
group by codigo_iniciativa, anio
