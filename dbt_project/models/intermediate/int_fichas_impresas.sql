{%- set campos = {
    'presupuesto_vigente': 'presupuesto_vigente',
    'ejecutado': 'ejecutado',
    'porcentaje_ejecucion': 'porcentaje_impreso',
} %}

with fichas as (
    select
        *,
        -- The seed is kept in this order, below its header.
        row_number() over (order by programa asc, subtitulo asc nulls last) + 1 as _fila
    from {{ ref('fichas_2023') }}
)

{%- for campo, columna in campos.items() %}
{{ 'union all' if not loop.first }}
select
    2023 as anio,
    -- Printed fichas show the whole year, that is the amounts accumulated to December.
    12 as mes,
    programa,
    subtitulo,
    '{{ campo }}' as campo,
    {{ 'false' if campo == 'porcentaje_ejecucion' else 'true' }} as es_monto,
    cast({{ columna }} as decimal(18, 2)) as publicado,
    'seeds/fichas_2023.csv' as _archivo,
    cast(null as string) as _sha256,
    cast(_fila as integer) as _fila
from fichas
{%- endfor %}
