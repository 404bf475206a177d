select max(fecha_dato) as fecha_corte
from {{ ref('stg_archivos') }}
where estado = 'ACEPTADO'
