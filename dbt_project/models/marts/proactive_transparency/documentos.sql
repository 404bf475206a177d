select
    id_documento,
    tipo_documento,
    folio,
    fecha_creacion,
    fecha_termino,
    -- Still open, whatever date of an end it has.
    case when estado not in ('EN ELABORACIÓN', 'EN REVISIÓN') then {{ dias_entre('fecha_creacion', 'fecha_termino') }} end
        as dias_tramitacion,
    estado,
    unidad,
    expediente,
    codigo_iniciativa,
    efectos_terceros
from {{ ref('stg_sgd_documentos') }}
