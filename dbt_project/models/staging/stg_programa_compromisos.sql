with en_vigor as (
    {{ en_vigor('programa_compromisos') }}
)

select
    compromiso,
    desafio,
    titulo,
    tipo,
    descripcion,
    division,
    estado,
    fecha_cumplimiento,
    avance,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
