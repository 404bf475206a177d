select
    id_documento,
    tipo_documento,
    folio,
    fecha_creacion,
    fecha_termino,
    {{ dias_entre('fecha_creacion', 'fecha_termino') }} as dias_tramitacion,
    estado,
    unidad,
    expediente,
    codigo_iniciativa,
    efectos_terceros
from {{ ref('stg_sgd_documentos') }}
