{#
  The contributions of a trace add up to each figure of its dataset, key by key: a figure without contributions is NULL
  or 0, none is traced that is not published, and each contribution names its row. `tolerancias` are by column, 0 where
  none is given: half of the last digit where the figure is rounded from what its rows say. `donde` leaves out the rows
  of the dataset that are no amounts.
#}
{% test traza_cuadra(model, dataset, clave, columnas, tolerancias={}, donde=none) %}
with cifras as (
    select {{ (clave + columnas) | join(', ') }}
    from {{ dataset }}
    {%- if donde %}
    where {{ donde }}
    {%- endif %}
),

sumas as (
    select
        {{ clave | join(', ') }},
        {%- for columna in columnas %}
        sum(case when columna = '{{ columna }}' then valor end) as {{ columna }},
        {%- endfor %}
        count(*) filter (where (columna in ('{{ columnas | join("', '") }}') and _fila is not null) is not true) as ajenas
    from {{ model }}
    group by {{ clave | join(', ') }}
)

select *
from cifras
full outer join sumas
    on
        -- A NULL in the key is a value like any other.
        {%- for columna in clave %}
        {{ 'and ' if not loop.first }}cifras.{{ columna }} is not distinct from sumas.{{ columna }}
        {%- endfor %}
where
    sumas.ajenas > 0
    {%- for columna in columnas %}
    or coalesce(
        abs(cifras.{{ columna }} - coalesce(sumas.{{ columna }}, 0)) > {{ tolerancias.get(columna, 0) }},
        sumas.{{ columna }} is not null
    )
    {%- endfor %}
{% endtest %}
