with en_vigor as (
    {{ en_vigor('sagir_hitos') }}
)

select
    codigo_iniciativa,
    hito,
    fecha,
    id_documento,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
