with gastos as (
    -- Pesos only: thousands of dollars (moneda D) do not add up with thousands of pesos.
    select
        anio,
        mes,
        programa,
        subtitulo,
        presupuesto_vigente,
        ejecucion_acumulada
    from {{ ref('ejecucion_presupuestaria') }}
    where tipo = 'GASTO' and moneda = 'P'
),

por_subtitulo as (
    select
        anio,
        mes,
        programa,
        subtitulo,
        cast(sum(presupuesto_vigente) as bigint) as presupuesto_vigente,
        cast(sum(ejecucion_acumulada) as bigint) as ejecutado
    from gastos
    group by anio, mes, programa, subtitulo
),

con_total as (
    select * from por_subtitulo
    union all
    select
        anio,
        mes,
        programa,
        'TOTAL' as subtitulo,
        cast(sum(presupuesto_vigente) as bigint) as presupuesto_vigente,
        cast(sum(ejecucion_acumulada) as bigint) as ejecutado
    from gastos
    group by anio, mes, programa
)

select
    ficha.anio,
    ficha.mes,
    ficha.programa,
    ficha.subtitulo,
    subtitulos.nombre,
    subtitulos.descripcion,
    ficha.presupuesto_vigente,
    ficha.ejecutado,
    {{ porcentaje('ficha.ejecutado', 'ficha.presupuesto_vigente') }} as porcentaje_ejecucion
from con_total as ficha
left join {{ ref('subtitulos') }} as subtitulos
    on ficha.subtitulo = subtitulos.subtitulo
