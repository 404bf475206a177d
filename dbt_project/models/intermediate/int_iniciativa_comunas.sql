select
    iniciativas.codigo_iniciativa,
    comunas.cut,
    comunas.comuna,
    comunas.latitud,
    comunas.longitud,
    cast(
        row_number() over (partition by iniciativas.codigo_iniciativa order by comunas.cut) as integer
    ) as posicion
from {{ ref('stg_sagir_iniciativas') }} as iniciativas
inner join {{ ref('stg_comunas') }} as comunas
    on ' ' || iniciativas.comunas || ' ' like '% ' || comunas.cut || ' %'
