-- Cada iniciativa del portafolio con lo que cuesta, lo gastado, su último mes con gasto y sus alertas; los montos van en miles de pesos (M$).
-- requiere: iniciativas, iniciativa_trazabilidad, iniciativa_gasto
-- por_gastar: Monto total de la iniciativa menos su gasto acumulado. Unidad: M$.
-- ultimo_mes_con_gasto: Primer día del último mes con un gasto real mayor que 0; vacío si no hay. Unidad: fecha.
-- meses_sin_gasto: Meses desde ese mes hasta la fecha de corte. Unidad: meses.
select i.codigo_iniciativa, i.nombre, i.estado, i.etapa, i.division, i.comunas, i.alcance, i.unidad_tecnica,
       i.monto_total, i.gasto_acumulado, i.monto_total - i.gasto_acumulado as por_gastar, i.avance_financiero,
       t.fecha_core, t.fecha_convenio, t.fecha_contrato, g.ultimo_mes_con_gasto,
       date_diff('month', g.ultimo_mes_con_gasto, i.fecha_corte) as meses_sin_gasto,
       t.cantidad_alertas, t.alertas, i.fecha_corte
from iniciativas as i
left join iniciativa_trazabilidad as t on t.codigo_iniciativa = i.codigo_iniciativa
left join (
    select codigo_iniciativa, max(make_date(anio, mes, 1)) as ultimo_mes_con_gasto
    from iniciativa_gasto
    where gasto_real > 0
    group by codigo_iniciativa
) as g on g.codigo_iniciativa = i.codigo_iniciativa
order by i.codigo_iniciativa
