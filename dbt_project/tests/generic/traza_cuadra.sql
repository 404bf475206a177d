{#
  The contributions of a trace add up to each figure of its dataset, key by key: a figure without contributions is NULL
  or 0, none is traced that is not published, and each contribution names its row. `tolerancias` are by column, 0 where
  none is given: half of the last digit where the figure is rounded from what its rows say. `donde` leaves out the rows
  of the dataset that are no amounts.
#}
{% test traza_cuadra(model, dataset, clave, columnas, tolerancias={}, donde=none) %}
with partes as (
    -- Both sides one below the other, not joined: a NULL in the key is a value like any other.
    select
        {{ clave | join(', ') }},
        {%- for columna in columnas %}
        cast({{ columna }} as decimal(38, 8)) as cifra_{{ columna }},
        cast(null as decimal(38, 8)) as suma_{{ columna }},
        {%- endfor %}
        0 as ajenas
    from {{ dataset }}
    {%- if donde %}
    where {{ donde }}
    {%- endif %}
    union all
    select
        {{ clave | join(', ') }},
        {%- for columna in columnas %}
        cast(null as decimal(38, 8)) as cifra_{{ columna }},
        case when columna = '{{ columna }}' then valor end as suma_{{ columna }},
        {%- endfor %}
        case when columna in ('{{ columnas | join("', '") }}') and _fila is not null then 0 else 1 end as ajenas
    from {{ model }}
),

sumas as (
    select
        {{ clave | join(', ') }},
        {%- for columna in columnas %}
        sum(cifra_{{ columna }}) as cifra_{{ columna }},
        sum(suma_{{ columna }}) as suma_{{ columna }},
        {%- endfor %}
        sum(ajenas) as ajenas
    from partes
    group by {{ clave | join(', ') }}
)

select *
from sumas
where
    ajenas > 0
    {%- for columna in columnas %}
    or coalesce(
        abs(cifra_{{ columna }} - coalesce(suma_{{ columna }}, 0)) > {{ tolerancias.get(columna, 0) }},
        suma_{{ columna }} is not null
    )
    {%- endfor %}
{% endtest %}
