select
    codigo_iniciativa,
    cast(coalesce(sum(gasto_real), 0) as bigint) as gasto_acumulado
from {{ ref('stg_sagir_gasto') }}
group by codigo_iniciativa
