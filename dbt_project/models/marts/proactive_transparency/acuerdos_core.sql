select
    acuerdo,
    sesion,
    tipo_sesion,
    fecha,
    materia,
    codigo_iniciativa,
    monto,
    votos_favor,
    votos_contra,
    abstenciones,
    resultado
from {{ ref('stg_core_acuerdos') }}
