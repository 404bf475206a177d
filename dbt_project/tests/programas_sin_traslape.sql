-- No budget key has two rows for one year in the table of programmes: each of its amounts would be counted twice.
with numeradas as (
    select
        partida,
        capitulo,
        programa_origen,
        coalesce(anio_desde, 0) as desde,
        coalesce(anio_hasta, 9999) as hasta,
        row_number() over (order by partida, capitulo, programa_origen, anio_desde nulls first, programa) as numero
    from {{ ref('programas') }}
)

select
    una.partida,
    una.capitulo,
    una.programa_origen,
    una.desde,
    otra.desde as otra_desde
from numeradas as una
inner join numeradas as otra
    on
        una.partida = otra.partida
        and una.capitulo = otra.capitulo
        and una.programa_origen = otra.programa_origen
        and una.numero < otra.numero
        and una.desde <= otra.hasta
        and otra.desde <= una.hasta
