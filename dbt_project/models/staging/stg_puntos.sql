select
    latitud,
    longitud,
    cut
from {{ source('raw', 'puntos') }}
