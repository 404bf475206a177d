select
    archivos.export,
    archivos.archivo,
    archivos.sha256,
    filas._fila as fila,
    filas.columna
from {{ source('raw', 'correcciones') }} as filas
inner join {{ ref('stg_archivos') }} as archivos
    on filas.export = archivos.export and filas._sha256 = archivos.sha256
where archivos.estado = 'ACEPTADO' and filas.aplicada
