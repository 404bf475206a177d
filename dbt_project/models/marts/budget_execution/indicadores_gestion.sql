with anios as (
    select distinct anio
    from {{ ref('ejecucion_presupuestaria') }}
),

inversion as (
    select
        anio,
        max(case when indicador = 'ejecucion_p02_junio' and parte = 'denominador' then cifra end) as vigente_abril,
        max(case when indicador = 'ejecucion_p02_junio' and parte = 'numerador' then cifra end) as ejecutado_junio,
        max(case when indicador = 'arrastre_fndr' and parte = 'denominador' then cifra end) as vigente_cierre
    from {{ ref('int_indicador_cifras') }}
    group by anio
),

-- A year of which no month was told is unknown, and what is counted over it too.
gasto_conocido as (
    select
        anio,
        count(gasto_proyectado) > 0 as con_plan,
        count(gasto_real) > 0 as con_gasto
    from {{ ref('int_gasto_anual') }}
    group by anio
),

arrastre as (
    select
        anio,
        sum(gasto_proyectado) as planificado
    from {{ ref('int_arrastre_fndr') }}
    group by anio
),

-- Whether 30 April has passed, and a portfolio was known by then.
carteras as (
    select
        anios.anio,
        max(archivos.archivo) is not null and max(corte.fecha_corte) >= cast(anios.anio || '-04-30' as date)
            as con_cartera
    from anios
    cross join {{ ref('int_fecha_corte') }} as corte
    left join {{ ref('stg_archivos') }} as archivos
        on
            archivos.export = 'sagir_iniciativas'
            and archivos.estado = 'ACEPTADO'
            and archivos.fecha_dato <= cast(anios.anio || '-04-30' as date)
    group by anios.anio
),

continuadas as (
    select
        anio,
        count(*) as iniciativas,
        count(*) filter (where en_cartera) as en_cartera
    from {{ ref('int_arrastre_s31') }}
    group by anio
),

pagos as (
    select
        anio,
        -- Unknown of one month, unknown of the year.
        case when count(documentos_en_plazo) = count(*) then sum(documentos_en_plazo) end as en_plazo,
        sum(documentos_pagados) as pagados
    from {{ ref('pago_oportuno') }}
    group by anio
),

partes as (
    select
        anios.anio,
        indicadores.indicador,
        indicadores.nombre,
        indicadores.unidad,
        case indicadores.indicador
            when 'ejecucion_p02_junio' then inversion.ejecutado_junio
            when 'arrastre_fndr'
                then case when actual.con_gasto and siguiente.con_plan then coalesce(arrastre.planificado, 0) end
            when 'arrastre_s31'
                then
                    case
                        when actual.con_gasto and anterior.con_gasto and carteras.con_cartera
                            then coalesce(continuadas.en_cartera, 0)
                    end
            when 'pago_30_dias' then case when pagos.anio is null then 0 else pagos.en_plazo end
        end as numerador,
        case indicadores.indicador
            when 'ejecucion_p02_junio' then inversion.vigente_abril
            when 'arrastre_fndr' then inversion.vigente_cierre
            when 'arrastre_s31'
                then case when actual.con_gasto and anterior.con_gasto then coalesce(continuadas.iniciativas, 0) end
            when 'pago_30_dias' then coalesce(pagos.pagados, 0)
        end as denominador
    from anios
    cross join {{ ref('indicadores') }} as indicadores
    left join inversion on anios.anio = inversion.anio
    left join gasto_conocido as actual on anios.anio = actual.anio
    left join gasto_conocido as anterior on anios.anio = anterior.anio + 1
    left join gasto_conocido as siguiente on anios.anio = siguiente.anio - 1
    left join arrastre on anios.anio = arrastre.anio
    left join carteras on anios.anio = carteras.anio
    left join continuadas on anios.anio = continuadas.anio
    left join pagos on anios.anio = pagos.anio
)

select
    indicador,
    cast(anio as integer) as anio,
    nombre,
    unidad,
    cast(numerador as bigint) as numerador,
    cast(denominador as bigint) as denominador,
    {{ porcentaje('numerador', 'denominador') }} as valor,
    {{ fecha_corte() }} as fecha_corte
from partes
