with en_vigor as (
    {{ en_vigor('sisrec_rendiciones') }}
)

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
    monto_reintegrado,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
