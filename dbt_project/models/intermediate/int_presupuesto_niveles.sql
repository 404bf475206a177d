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
        end as nivel,
        -- Its ítem could not be read: it stands below one of them, and nobody knows which.
        presupuesto.asignacion is not null and presupuesto.item is null as es_huerfana
    from {{ ref('stg_presupuesto_ejecucion') }} as presupuesto
    -- A left join: what the table of programmes does not know must stay visible and fail the tests, not vanish.
    left join {{ ref('programas') }} as programas
        on
            presupuesto.partida = programas.partida
            and presupuesto.capitulo = programas.capitulo
            and presupuesto.programa = programas.programa_origen
            and (programas.anio_desde is null or presupuesto.anio >= programas.anio_desde)
            and (programas.anio_hasta is null or presupuesto.anio <= programas.anio_hasta)
)

select
    *,
    case
        when nivel = 1 then max(nivel) over (subtitulos) = 1
        -- With an orphan among the asignaciones the ítems are summed, which hold it.
        when nivel = 2 then count(case when es_huerfana then 1 end) over (subtitulos) > 0 or max(nivel) over (items) = 2
        when es_huerfana then count(case when nivel = 2 then 1 end) over (subtitulos) = 0
        else count(case when es_huerfana then 1 end) over (subtitulos) = 0 or min(nivel) over (items) = 3
    end as es_hoja
from filas
window
    subtitulos as (partition by anio, mes, partida, capitulo, programa_origen, subtitulo),
    items as (partition by anio, mes, partida, capitulo, programa_origen, subtitulo, item)
