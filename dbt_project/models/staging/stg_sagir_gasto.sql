with en_vigor as (
    {{ en_vigor('sagir_gasto') }}
)

select
    _anio as anio,
    codigo_iniciativa,
    subtitulo,
    item,
    asignacion,
    mes,
    gasto_proyectado,
    gasto_real,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
