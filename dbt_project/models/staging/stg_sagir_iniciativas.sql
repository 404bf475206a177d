with en_vigor as (
    {{ en_vigor('sagir_iniciativas') }}
)

select
    codigo_iniciativa,
    nombre,
    tipo,
    tipologia,
    etapa,
    estado,
    fecha_estado,
    division,
    comunas,
    latitud,
    longitud,
    subtitulo,
    item,
    asignacion,
    unidad_tecnica,
    rut_unidad_tecnica,
    monto_total,
    monto_fndr,
    rate,
    fecha_rate,
    acuerdo_core,
    fecha_core,
    eje_erd,
    objetivo_erd,
    compromiso,
    rs_ciudadano,
    id_licitacion,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
