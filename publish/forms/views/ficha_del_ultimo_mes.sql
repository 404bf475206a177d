-- La Ficha Ciudadana del último mes publicado, por programa: en qué se gasta el presupuesto, en miles de pesos (M$).
-- requiere: ficha_ciudadana
-- saldo: Presupuesto vigente que aún no se ha gastado. Unidad: M$.
select anio, mes, programa, subtitulo, nombre, descripcion, presupuesto_vigente, ejecutado,
       presupuesto_vigente - ejecutado as saldo, porcentaje_ejecucion
from ficha_ciudadana
where anio * 100 + mes = (select max(anio * 100 + mes) from ficha_ciudadana)
order by programa, subtitulo = 'TOTAL', subtitulo
