with lineas as (
    select
        ordenes.*,
        -- An order may be told again in a later month: the later file tells all its lines anew.
        dense_rank() over (
            partition by codigo_oc
            order by _anio desc nulls last, _mes desc nulls last, _archivo desc
        ) as entrega
    from {{ ref('stg_sga_ordenes_compra') }} as ordenes
)

select
    *,
    row_number() over (partition by codigo_oc order by id_item asc nulls last, _fila asc) = 1 as es_primera
from lineas
where entrega = 1
