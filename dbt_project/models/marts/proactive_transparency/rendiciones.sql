select
    id_transferencia,
    periodo,
    tipo,
    estado,
    fecha_envio,
    monto_rendido,
    monto_aprobado,
    monto_observado,
    monto_rechazado,
    monto_reintegrado
from {{ ref('stg_sisrec_rendiciones') }}
