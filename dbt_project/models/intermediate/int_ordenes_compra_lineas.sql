with lineas as (
    select
        ordenes.*,
        -- A line may be told again in a later month, and then counts as that month tells it.
        row_number() over (
            partition by codigo_oc, id_item
            order by _anio desc nulls last, _mes desc nulls last, _archivo desc, _fila asc
        ) as entrega
    from {{ ref('stg_sga_ordenes_compra') }} as ordenes
)

select
    *,
    -- The newest month speaks for the order, by its line of the lowest id.
    row_number() over (
        partition by codigo_oc
        order by _anio desc nulls last, _mes desc nulls last, _archivo desc, id_item asc nulls last, _fila asc
    ) = 1 as es_primera
from lineas
where entrega = 1
