with en_vigor as (
    {{ en_vigor('sisrec_transferencias') }}
)

select
    id_transferencia,
    codigo_iniciativa,
    programa,
    subtitulo,
    item,
    asignacion,
    rut_ejecutor,
    nombre_ejecutor,
    resolucion,
    fecha_resolucion,
    fecha_transferencia,
    monto_transferido,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
