select
    codigo_iniciativa,
    anio,
    mes,
    gasto_proyectado,
    gasto_real
from {{ ref('stg_sagir_gasto') }}
where gasto_proyectado is not null or gasto_real is not null
