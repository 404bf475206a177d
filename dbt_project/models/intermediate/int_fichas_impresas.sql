select
    2023 as anio,
    programa,
    subtitulo,
    'presupuesto_vigente' as campo,
    cast(presupuesto_vigente as decimal(18, 2)) as publicado
from {{ ref('fichas_2023') }}
union all
select
    2023 as anio,
    programa,
    subtitulo,
    'ejecutado' as campo,
    cast(ejecutado as decimal(18, 2)) as publicado
from {{ ref('fichas_2023') }}
union all
select
    2023 as anio,
    programa,
    subtitulo,
    'porcentaje_ejecucion' as campo,
    cast(porcentaje_impreso as decimal(18, 2)) as publicado
from {{ ref('fichas_2023') }}
