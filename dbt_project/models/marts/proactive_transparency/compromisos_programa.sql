with iniciativas as (
    select
        compromiso,
        count(*) as iniciativas,
        sum(monto_total) as monto_iniciativas,
        sum(gasto_acumulado) as gasto_acumulado
    from {{ ref('iniciativas') }}
    where compromiso is not null
    group by compromiso
)

select
    compromisos.compromiso,
    compromisos.desafio,
    compromisos.titulo,
    compromisos.tipo,
    compromisos.descripcion,
    compromisos.division,
    compromisos.estado,
    compromisos.fecha_cumplimiento,
    -- What is not complete never reads 100: a citizen takes that for done.
    cast(
        case
            when compromisos.avance < 100 then least(round(compromisos.avance, 2), 99.99)
            else round(compromisos.avance, 2)
        end as decimal(18, 2)
    ) as avance,
    cast(coalesce(iniciativas.iniciativas, 0) as bigint) as iniciativas,
    cast(coalesce(iniciativas.monto_iniciativas, 0) as bigint) as monto_iniciativas,
    cast(coalesce(iniciativas.gasto_acumulado, 0) as bigint) as gasto_acumulado
from {{ ref('stg_programa_compromisos') }} as compromisos
left join iniciativas
    on compromisos.compromiso = iniciativas.compromiso
