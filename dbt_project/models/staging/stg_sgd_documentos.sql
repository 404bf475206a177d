with en_vigor as (
    {{ en_vigor('sgd_documentos', ['id_documento']) }}
)

select
    id_documento,
    tipo_documento,
    folio,
    fecha_creacion,
    fecha_termino,
    estado,
    unidad,
    expediente,
    codigo_iniciativa,
    efectos_terceros,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
