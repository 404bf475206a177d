with comparacion as (
    select
        impresa.anio,
        impresa.programa,
        impresa.subtitulo,
        impresa.campo,
        impresa.publicado,
        cast(
            case impresa.campo
                when 'presupuesto_vigente' then ficha.presupuesto_vigente
                when 'ejecutado' then ficha.ejecutado
                when 'porcentaje_ejecucion' then ficha.porcentaje_ejecucion
            end as decimal(18, 2)
        ) as calculado
    from {{ ref('int_fichas_impresas') }} as impresa
    left join {{ ref('ficha_ciudadana') }} as ficha
        on
            impresa.anio = ficha.anio
            and impresa.mes = ficha.mes
            and impresa.programa = ficha.programa
            and impresa.subtitulo = ficha.subtitulo
)

select
    cast(anio as integer) as anio,
    programa,
    subtitulo,
    campo,
    publicado,
    calculado,
    cast(publicado - calculado as decimal(18, 2)) as diferencia,
    publicado = calculado as coincide
from comparacion
