with gastos as (
    -- Pesos only: thousands of dollars (moneda D) do not add up with thousands of pesos.
    select
        anio,
        mes,
        programa,
        subtitulo,
        item,
        asignacion,
        presupuesto_vigente,
        ejecucion_acumulada as ejecutado
    from {{ ref('ejecucion_presupuestaria') }}
    where tipo = 'GASTO' and moneda = 'P'
)

{%- for renglon in ['subtitulo', "'TOTAL'"] %}
{{ 'union all' if not loop.first }}
select
    anio,
    mes,
    programa,
    {{ renglon }} as subtitulo,
    subtitulo as subtitulo_linea,
    item,
    asignacion,
    presupuesto_vigente,
    ejecutado
from gastos
{%- endfor %}
