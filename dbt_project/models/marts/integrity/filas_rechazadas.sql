select
    export,
    archivo,
    fila,
    columna,
    motivo
from {{ ref('stg_filas_rechazadas') }}
