with ilegibles as (
    {{ celdas_ilegibles('sagir_iniciativas', ['rut_unidad_tecnica']) }}
),

portafolio as (
    select
        iniciativas.*,
        -- Only a BIP code has a hyphen, before its part; a fund code has neither.
        iniciativas.codigo_iniciativa like '%-%' as es_bip,
        coalesce(ilegibles.rut_unidad_tecnica_ilegible, false) as rut_ilegible,
        alcance.alcance,
        alcance.comunas as nombres_comunas,
        punto.latitud as latitud_publicada,
        punto.longitud as longitud_publicada,
        punto.origen_punto,
        coalesce(gasto.gasto_acumulado, 0) as gasto_acumulado
    from {{ ref('stg_sagir_iniciativas') }} as iniciativas
    left join ilegibles
        on iniciativas._archivo = ilegibles.archivo and iniciativas._fila = ilegibles.fila
    left join {{ ref('int_iniciativa_alcance') }} as alcance
        on iniciativas.codigo_iniciativa = alcance.codigo_iniciativa
    left join {{ ref('int_iniciativa_punto') }} as punto
        on iniciativas.codigo_iniciativa = punto.codigo_iniciativa
    left join {{ ref('int_gasto_acumulado') }} as gasto
        on iniciativas.codigo_iniciativa = gasto.codigo_iniciativa
)

select
    codigo_iniciativa,
    case when es_bip then split_part(codigo_iniciativa, '-', 1) end as codigo_bip,
    case when es_bip then try_cast(split_part(codigo_iniciativa, '-', 2) as integer) end as parte,
    nombre,
    tipo,
    tipologia,
    etapa,
    estado,
    fecha_estado,
    division,
    nombres_comunas as comunas,
    alcance,
    latitud_publicada as latitud,
    longitud_publicada as longitud,
    origen_punto,
    subtitulo,
    item,
    asignacion,
    -- The name that goes with a RUT is published as that is. Most units of whom none is told are municipalities.
    case
        when rut_unidad_tecnica is null and not rut_ilegible or {{ rut_publicable('rut_unidad_tecnica') }}
            then unidad_tecnica
    end as unidad_tecnica,
    monto_total,
    monto_fndr,
    gasto_acumulado,
    {{ porcentaje('gasto_acumulado', 'monto_total') }} as avance_financiero,
    rate,
    fecha_rate,
    acuerdo_core,
    fecha_core,
    eje_erd,
    objetivo_erd,
    compromiso,
    rs_ciudadano,
    id_licitacion,
    {{ fecha_corte() }} as fecha_corte
from portafolio
