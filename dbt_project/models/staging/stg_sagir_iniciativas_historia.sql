with historia as (
    {{ historia('sagir_iniciativas') }}
)

select
    codigo_iniciativa,
    estado,
    subtitulo,
    monto_total,
    _conocido_desde,
    _conocido_hasta,
    _archivo,
    _sha256,
    _fila
from historia
