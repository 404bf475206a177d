select
    cut,
    comuna,
    provincia,
    latitud,
    longitud
from {{ source('raw', 'comunas') }}
