with lineas as (
    -- A line may be told again in a later month, and then counts as that month tells it.
    {{ ultima_por_clave(
        ref('stg_sga_ordenes_compra'),
        ['codigo_oc', 'id_item'],
        '_anio desc nulls last, _mes desc nulls last, _archivo desc, _fila asc'
    ) }}
)

select
    *,
    -- The newest month speaks for the order, by its line of the lowest id.
    row_number() over (
        partition by codigo_oc
        order by _anio desc nulls last, _mes desc nulls last, _archivo desc, id_item asc nulls last, _fila asc
    ) = 1 as es_primera
from lineas
