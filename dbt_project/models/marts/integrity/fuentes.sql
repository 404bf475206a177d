select
    sistema,
    export,
    archivo,
    sha256,
    bytes,
    fecha_dato,
    recibido_en,
    estado,
    motivo,
    filas,
    aceptadas,
    rechazadas,
    duplicadas,
    ignoradas
from {{ ref('stg_archivos') }}
