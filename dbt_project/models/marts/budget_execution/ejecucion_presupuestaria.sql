select
    hojas.anio,
    hojas.mes,
    hojas.programa,
    subtitulos.tipo,
    hojas.subtitulo,
    hojas.item,
    hojas.asignacion,
    hojas.denominacion,
    hojas.presupuesto_inicial,
    hojas.presupuesto_vigente,
    hojas.ejecucion_acumulada,
    hojas.ejecucion_mes,
    hojas.saldo,
    {{ porcentaje('hojas.ejecucion_acumulada', 'hojas.presupuesto_vigente') }} as porcentaje_ejecucion,
    hojas.moneda,
    subtitulos.nombre as nombre_subtitulo
from {{ ref('int_ejecucion_mensual') }} as hojas
left join {{ ref('subtitulos') }} as subtitulos
    on hojas.subtitulo = subtitulos.subtitulo
