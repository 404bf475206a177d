with ficha as (
    select
        anio,
        mes,
        programa,
        subtitulo,
        cast(sum(presupuesto_vigente) as bigint) as presupuesto_vigente,
        cast(sum(ejecutado) as bigint) as ejecutado
    from {{ ref('int_ficha_lineas') }}
    group by anio, mes, programa, subtitulo
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
from ficha
left join {{ ref('subtitulos') }} as subtitulos
    on ficha.subtitulo = subtitulos.subtitulo
