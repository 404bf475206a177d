-- Los documentos que se pagaron a proveedores en cada mes y programa, por cuánto y cuánto demoró. Deja fuera lo impago, y los documentos reclamados y anulados.
-- requiere: pagos_proveedores
-- anio: Año del pago. Unidad: año.
-- mes: Mes del pago, de 1 a 12. Unidad: mes.
-- documentos: Documentos pagados; las notas de crédito no se cuentan. Unidad: documentos.
-- proveedores: RUT publicados distintos entre ellos; las personas naturales no tienen uno. Unidad: proveedores.
-- monto_total: Suma de los montos, impuestos incluidos; las notas de crédito restan. Unidad: CLP.
-- dias_promedio: Promedio de días corridos desde la recepción hasta el pago. Unidad: días corridos.
-- fuera_de_plazo: Documentos pagados después de 30 días. Unidad: documentos.
select cast(year(fecha_pago) as integer) as anio, cast(month(fecha_pago) as integer) as mes, programa,
       count(*) filter (tipo_documento <> '61') as documentos,
       count(distinct rut_proveedor) as proveedores,
       cast(sum(monto_total) as bigint) as monto_total,
       cast(round(100 * sum(dias_pago) filter (tipo_documento <> '61') / count(dias_pago) filter (tipo_documento <> '61'))
            / 100 as decimal(18, 2)) as dias_promedio,
       count(*) filter (not dentro_plazo) as fuera_de_plazo
from pagos_proveedores
where fecha_pago is not null and estado is distinct from 'RECLAMADA' and estado is distinct from 'ANULADA'
group by all
order by anio, mes, programa
