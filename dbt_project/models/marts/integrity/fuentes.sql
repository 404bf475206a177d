with archivos as (
    select *
    from {{ ref('stg_archivos') }}
    -- Where a refused file leaves the content before it in force, the file that arrived is the one listed.
    qualify row_number() over (partition by archivo order by presente desc) = 1
),

en_vigor as (
    select
        archivo,
        sha256
    from {{ ref('stg_archivos') }}
    where estado = 'ACEPTADO'
),

correcciones as (
    select
        archivo,
        cast(count(*) as integer) as celdas_corregidas
    from {{ ref('stg_correcciones') }}
    group by archivo
)

select
    archivos.sistema,
    archivos.export,
    archivos.archivo,
    archivos.sha256,
    archivos.bytes,
    archivos.fecha_dato,
    archivos.recibido_en,
    archivos.estado,
    archivos.motivo,
    archivos.filas,
    archivos.aceptadas,
    archivos.rechazadas,
    archivos.duplicadas,
    archivos.ignoradas,
    archivos.presente,
    en_vigor.sha256 as sha256_en_vigor,
    coalesce(correcciones.celdas_corregidas, 0) as celdas_corregidas
from archivos
left join en_vigor
    on archivos.archivo = en_vigor.archivo
left join correcciones
    on archivos.archivo = correcciones.archivo
