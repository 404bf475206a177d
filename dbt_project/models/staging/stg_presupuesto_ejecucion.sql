with en_vigor as (
    {{ en_vigor('presupuesto_ejecucion') }}
)

select
    _anio as anio,
    _mes as mes,
    partida,
    capitulo,
    programa,
    subtitulo,
    item,
    asignacion,
    moneda,
    denominacion,
    presupuesto_inicial,
    presupuesto_vigente,
    ejecucion_acumulada,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
