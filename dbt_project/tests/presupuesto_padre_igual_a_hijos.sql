-- A parent of the budget equals the sum of its children within 2 M$ (source: contract of presupuesto_ejecucion; true of
-- 31 of 31 real files). More than that means rows lost or changed on the way, and sums of leaves that are not true.
{% set tolerancia = 2 %}
{% set bloque = ['anio', 'mes', 'partida', 'capitulo', 'programa_origen', 'subtitulo'] %}
{% set montos = ['presupuesto_inicial', 'presupuesto_vigente', 'ejecucion_acumulada'] %}

with niveles as (
    select
        *,
        -- An ítem whose own row is missing is worth its asignaciones.
        nivel = 3
        and not es_huerfana
        and min(nivel) over (partition by {{ bloque | join(', ') }}, item) = 3 as sin_su_item
    from {{ ref('int_presupuesto_niveles') }}
    -- A file with rejected rows or unreadable cells lacks what they held: the checks before the release name that, as a
    -- warning.
    where
        _archivo not in (select archivo from {{ ref('stg_filas_rechazadas') }})
        and _archivo not in (select archivo from {{ ref('stg_observaciones') }})
),

sumas as (
    select
        {%- for columna in bloque + ['item', 'moneda'] + montos %}
        padre.{{ columna }},
        {%- endfor %}
        -- A child in another currency adds nothing; a parent that has only such children is still compared.
        {%- for monto in montos %}
        sum(case when hijo.moneda = padre.moneda then hijo.{{ monto }} else 0 end) as hijos_{{ monto }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from niveles as padre
    inner join niveles as hijo
        on
            {%- for columna in bloque %}
            padre.{{ columna }} = hijo.{{ columna }} and
            {%- endfor %} (
                (padre.nivel = 1 and (hijo.nivel = 2 or hijo.sin_su_item))
                or (padre.nivel = 2 and hijo.nivel = 3 and padre.item = hijo.item)
            )
    group by
        {%- for columna in bloque + ['item', 'moneda'] + montos %}
        padre.{{ columna }}{{ ',' if not loop.last }}
        {%- endfor %}
)

select *
from sumas
where
    {%- for monto in montos %}
    {{ 'or ' if not loop.first }}abs({{ monto }} - hijos_{{ monto }}) > {{ tolerancia }}
    {%- endfor %}
