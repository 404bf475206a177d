select
    ficha.anio,
    ficha.mes,
    ficha.programa,
    ficha.subtitulo,
    case traza.columna when 'ejecucion_acumulada' then 'ejecutado' else traza.columna end as columna,
    traza._archivo,
    traza._sha256,
    traza._fila,
    traza.valor
from {{ ref('int_ficha_lineas') }} as ficha
inner join {{ ref('traza_ejecucion_presupuestaria') }} as traza
    on
        ficha.anio = traza.anio
        and ficha.mes = traza.mes
        and ficha.programa = traza.programa
        and ficha.subtitulo_linea = traza.subtitulo
        and ficha.item is not distinct from traza.item
        and ficha.asignacion is not distinct from traza.asignacion
where traza.columna in ('presupuesto_vigente', 'ejecucion_acumulada')
