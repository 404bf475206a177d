{{ config(materialized='table') }}

with filas as (
    select
        presupuesto.anio,
        presupuesto.mes,
        programas.programa,
        presupuesto.partida,
        presupuesto.capitulo,
        presupuesto.programa as programa_origen,
        presupuesto.subtitulo,
        presupuesto.item,
        presupuesto.asignacion,
        presupuesto.moneda,
        presupuesto.denominacion,
        presupuesto.presupuesto_inicial,
        presupuesto.presupuesto_vigente,
        presupuesto.ejecucion_acumulada,
        presupuesto._archivo,
        presupuesto._sha256,
        presupuesto._fila,
        case
            when presupuesto.asignacion is not null then 3
            when presupuesto.item is not null then 2
            else 1
        end as nivel
    from {{ ref('stg_presupuesto_ejecucion') }} as presupuesto
    -- A left join: what the table of programmes does not know must stay visible and fail the tests, not vanish.
    left join {{ ref('programas') }} as programas
        on
            presupuesto.partida = programas.partida
            and presupuesto.capitulo = programas.capitulo
            and presupuesto.programa = programas.programa_origen
            and (programas.anio_desde is null or presupuesto.anio >= programas.anio_desde)
            and (programas.anio_hasta is null or presupuesto.anio <= programas.anio_hasta)
),

con_entorno as (
    select
        *,
        max(nivel) over (subtitulos) as mas_bajo_del_subtitulo,
        max(nivel) over (items) as mas_bajo_del_item,
        max(case when nivel = 2 then 1 else 0 end) over (items) = 1 as tiene_linea_del_item,
        max(case when nivel = 2 then 1 else 0 end) over (subtitulos) = 1 as tiene_lineas_de_items,
        -- An asignación whose ítem could not be read stands below one of them, and nobody knows which.
        max(case when asignacion is not null and item is null then 1 else 0 end) over (subtitulos) = 1 as con_huerfanas
    from filas
    window
        subtitulos as (partition by anio, mes, partida, capitulo, programa_origen, subtitulo),
        items as (partition by anio, mes, partida, capitulo, programa_origen, subtitulo, item)
)

select
    anio,
    mes,
    programa,
    partida,
    capitulo,
    programa_origen,
    subtitulo,
    item,
    asignacion,
    moneda,
    denominacion,
    presupuesto_inicial,
    presupuesto_vigente,
    ejecucion_acumulada,
    _archivo,
    _sha256,
    _fila,
    nivel,
    case
        when nivel = 1 then mas_bajo_del_subtitulo = 1
        -- With an orphan among the asignaciones the ítems are summed, which hold it.
        when nivel = 2 then con_huerfanas or mas_bajo_del_item = 2
        when item is null then not tiene_lineas_de_items
        else not (con_huerfanas and tiene_linea_del_item)
    end as es_hoja
from con_entorno
