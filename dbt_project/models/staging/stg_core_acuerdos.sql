with en_vigor as (
    {{ en_vigor('core_acuerdos') }}
)

select
    acuerdo,
    sesion,
    tipo_sesion,
    fecha,
    materia,
    codigo_iniciativa,
    monto,
    votos_favor,
    votos_contra,
    abstenciones,
    resultado,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
