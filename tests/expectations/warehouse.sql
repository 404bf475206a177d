-- The smallest warehouse on which every check holds: only the columns that the checks look at.
create schema staging;
create schema intermediate;
create schema marts;

create table intermediate.int_fecha_corte as select date '2023-12-31' as fecha_corte;

-- Budget: subtítulo 33 breaks down to asignaciones, 22 does not break down, 08 is income. Each line grows every month.
create table staging.stg_presupuesto_ejecucion as
select
    2023 as anio, cast(mes as integer) as mes, '31' as partida, '13' as capitulo, '02' as programa, subtitulo, item,
    asignacion, 'P' as moneda, cast(vigente as bigint) as presupuesto_inicial,
    cast(vigente as bigint) as presupuesto_vigente, cast(cada_mes * mes as bigint) as ejecucion_acumulada,
    'presupuesto/ejecucion_2023_' || mes || '_02.csv' as _archivo
from range(1, 13) as meses (mes)
cross join (values
    ('33', null, null, 2000, 120), ('33', '03', null, 2001, 120), ('33', '03', '125', 1200, 100),
    ('33', '03', '150', 800, 20), ('22', null, null, 600, 50), ('08', null, null, 100, 5)
) as lineas (subtitulo, item, asignacion, vigente, cada_mes);

create table marts.ejecucion_presupuestaria as
select
    anio, mes, programa, case when subtitulo = '08' then 'INGRESO' else 'GASTO' end as tipo, subtitulo, item, asignacion,
    presupuesto_inicial, presupuesto_vigente, ejecucion_acumulada,
    cast(ejecucion_acumulada / mes as bigint) as ejecucion_mes, presupuesto_vigente - ejecucion_acumulada as saldo,
    cast(100.0 * ejecucion_acumulada / presupuesto_vigente as decimal(18, 2)) as porcentaje_ejecucion, moneda
from staging.stg_presupuesto_ejecucion
where asignacion is not null or subtitulo in ('22', '08');

create table marts.ficha_ciudadana as
select
    anio, mes, programa, case when grouping(subtitulo) = 1 then 'TOTAL' else subtitulo end as subtitulo,
    'Nombre del subtítulo' as nombre, 'En qué se gasta.' as descripcion,
    cast(sum(presupuesto_vigente) as bigint) as presupuesto_vigente,
    cast(sum(ejecucion_acumulada) as bigint) as ejecutado,
    cast(100.0 * sum(ejecucion_acumulada) / sum(presupuesto_vigente) as decimal(18, 2)) as porcentaje_ejecucion
from marts.ejecucion_presupuestaria
where tipo = 'GASTO'
group by grouping sets ((anio, mes, programa, subtitulo), (anio, mes, programa));

create table marts.contraste_fichas as
select
    anio, programa, subtitulo, 'ejecutado' as campo, cast(ejecutado as decimal(18, 2)) as publicado,
    cast(ejecutado as decimal(18, 2)) as calculado, cast(0 as decimal(18, 2)) as diferencia, true as coincide
from marts.ficha_ciudadana
where mes = 12;
insert into marts.contraste_fichas values (2020, '02', '33', 'ejecutado', 5, null, null, null);

-- Tax documents: paid in time, paid late to a person, a credit note, and one that only the XML holds.
create table intermediate.int_documentos_tributarios as
select * from (values
    ('76086428-5', 'Andes Ltda.', '33', 1::bigint, date '2023-01-02', date '2023-01-03', date '2023-01-05',
        date '2023-01-20', 17, true, 'PAGADA', 100::bigint, 19::bigint, 119::bigint, '02', '40000001-0'),
    ('10021972-7', 'Persona Natural', '34', 7, date '2023-01-30', date '2023-02-01', date '2023-02-10',
        date '2023-03-13', 40, false, 'PAGADA', 50000, 0, 50000, '02', null),
    ('76086428-5', 'Andes Ltda.', '61', 2, date '2023-04-02', date '2023-04-03', date '2023-04-05',
        null, null, null, 'DEVENGADA', -10, -2, -12, '02', '40000001-0'),
    ('76086428-5', 'Andes Ltda.', '33', 3, date '2023-11-01', null, null,
        null, null, null, null, 200, 38, 238, null, null)
) as t (
    rut_proveedor, proveedor, tipo_documento, folio, fecha_emision, fecha_recepcion, fecha_devengo, fecha_pago, dias_pago,
    dentro_plazo, estado, monto_neto, monto_iva, monto_total, programa, codigo_iniciativa
);

create table staging.stg_dte_rcv_compra as
select
    rut_proveedor, tipo_documento, folio, abs(monto_total) as monto_total, 2023 as _anio,
    cast(month(fecha_recepcion) as integer) as _mes, fecha_recepcion,
    'dte/rcv_compra_20230' || month(fecha_recepcion) || '.csv' as _archivo
from intermediate.int_documentos_tributarios
where folio <> 3;

create table intermediate.int_registro_compra as select * from staging.stg_dte_rcv_compra;

-- One that only the XML holds, and two that the register holds too: in both a credit note carries a positive amount.
create table staging.stg_dte_xml as
select
    rut_proveedor, tipo_documento, folio, abs(monto_total) as monto_total, '60000001-4' as rut_receptor,
    'dte/dte_000' || folio || '.xml' as _archivo
from intermediate.int_documentos_tributarios
where folio <> 1;

create table staging.stg_dte_pagos as
select
    rut_proveedor, tipo_documento, folio, estado, programa, fecha_pago,
    case when estado = 'PAGADA' then monto_total end as monto_pagado, 'dte/pagos_20231231.csv' as _archivo,
    10 + folio as _fila, '2023-12-31' as _orden
from intermediate.int_documentos_tributarios
where folio <> 3;

create table staging.stg_dte_pagos_rechazados as
select rut_proveedor, tipo_documento, folio, _orden from staging.stg_dte_pagos where false;

create table marts.pagos_proveedores as
select
    case when rut_proveedor like '7%' then rut_proveedor end as rut_proveedor,
    case when rut_proveedor like '7%' then proveedor end as proveedor,
    case when rut_proveedor like '7%' then 'JURIDICA' else 'NATURAL_O_NO_DETERMINADA' end as tipo_persona,
    * exclude (rut_proveedor, proveedor)
from intermediate.int_documentos_tributarios;

create table marts.pago_oportuno as
select * from (values
    (2023, 1, '02', 1::bigint, 1::bigint, 100.00::decimal(18, 2), 17.00::decimal(18, 2), 17.00::decimal(18, 2),
        17.00::decimal(18, 2), 119::bigint, 0::bigint),
    (2023, 3, '02', 1, 0, 0.00, 40.00, 40.00, 40.00, 50000, 0)
) as t (
    anio, mes, programa, documentos_pagados, documentos_en_plazo, porcentaje_en_plazo, dias_promedio, dias_mediana,
    dias_p90, monto_pagado, documentos_sin_recepcion
);

-- Initiatives: one of a comuna, one of two (a fund code), one of the whole region.
create table staging.stg_comunas as
select * from (values ('13101', 'Santiago'), ('13123', 'Providencia')) as t (cut, comuna);

create table staging.stg_sagir_iniciativas as
select * from (values
    ('40000001-0', 'EN EJECUCIÓN', '13101', 1000::bigint, 900::bigint, 'sagir/iniciativas_20231231.csv', 2),
    ('2401SC0001', 'TERMINADA', '13101 13123', 500, null, 'sagir/iniciativas_20231231.csv', 3),
    ('40000003-0', 'RS', 'REGIONAL', 300, 300, 'sagir/iniciativas_20231231.csv', 4)
) as t (codigo_iniciativa, estado, comunas, monto_total, monto_fndr, _archivo, _fila);

alter table staging.stg_sagir_iniciativas add column latitud decimal(9, 6);
alter table staging.stg_sagir_iniciativas add column longitud decimal(9, 6);
update staging.stg_sagir_iniciativas set latitud = -33.44, longitud = -70.65 where codigo_iniciativa = '40000001-0';

create table marts.iniciativas as
select * from (values
    ('40000001-0', '40000001', 0, 'Plaza', 'PROYECTO', 'FRIL', 'EJECUCIÓN', 'EN EJECUCIÓN', date '2023-05-01', 'DIPIR',
        'COMUNAL', -33.44::decimal(9, 6), -70.65::decimal(9, 6), 'SAGIR', 1000::bigint, 900::bigint, 70::bigint,
        7.00::decimal(18, 2), 'RS', date '2023-01-10', date '2023-02-10'),
    ('2401SC0001', null, null, 'Cultura', 'PROGRAMA', null, 'EJECUCIÓN', 'TERMINADA', null, null,
        'INTERCOMUNAL', null, null, null, 500, null, 500, 100.00, null, null, null),
    ('40000003-0', '40000003', 0, 'Estudio', 'ESTUDIO BÁSICO', 'OTRO', 'DISEÑO', 'RS', null, 'DIT',
        'REGIONAL', -33.443, -70.6513, 'EDIFICIO INSTITUCIONAL', 300, 300, 0, 0.00, 'FI', null, null)
) as t (
    codigo_iniciativa, codigo_bip, parte, nombre, tipo, tipologia, etapa, estado, fecha_estado, division, alcance,
    latitud, longitud, origen_punto, monto_total, monto_fndr, gasto_acumulado, avance_financiero, rate, fecha_rate,
    fecha_core
);
-- The published dataset has its own fecha_corte, which must not be taken for the one of the checks.
alter table marts.iniciativas add column fecha_corte date default date '2023-12-31';

create table marts.iniciativas_comunas as
select * from (values
    ('40000001-0', '13101', 'Santiago'), ('2401SC0001', '13101', 'Santiago'), ('2401SC0001', '13123', 'Providencia')
) as t (codigo_iniciativa, cut, comuna);

create table marts.iniciativa_hitos as
select * from (values
    ('40000001-0', 1, 'POSTULACIÓN', date '2022-10-01', null::integer),
    ('40000001-0', 2, 'RATE', date '2023-01-10', 101),
    ('40000001-0', 3, 'APROBACIÓN CORE', date '2023-02-10', 31),
    ('2401SC0001', 1, 'CONVENIO', date '2023-03-01', null)
) as t (codigo_iniciativa, orden, hito, fecha, dias_desde_anterior);

create table staging.stg_sagir_hitos as select codigo_iniciativa, hito, fecha from marts.iniciativa_hitos;

create table marts.iniciativa_gasto as
select * from (values
    ('40000001-0', 2023, 5, 60::bigint, 40::bigint), ('40000001-0', 2023, 6, null, 30),
    ('40000001-0', 2024, 1, 80, null), ('2401SC0001', 2023, 6, 500, 500)
) as t (codigo_iniciativa, anio, mes, gasto_proyectado, gasto_real);

create table staging.stg_sagir_gasto as select * from marts.iniciativa_gasto;
insert into staging.stg_sagir_gasto values ('40000001-0', 2023, 7, null, null);

-- Transfers: one in order, one closed, one to a person; one account renders the first, one closes the second.
create table marts.transferencias as
select * from (values
    ('T-2023-00001', '40000001-0', '02', '76086428-5', 'Fundación Andes', 'JURIDICA', date '2023-11-01',
        1000::bigint, 400::bigint, 300::bigint, 100::bigint, 0::bigint, 50::bigint, 550::bigint, 'AL DÍA'),
    ('T-2023-00002', '2401SC0001', '02', '76086428-5', 'Fundación Andes', 'JURIDICA', date '2023-02-01',
        500, 500, 500, 0, 0, 0, 0, 'CERRADA'),
    ('T-2023-00003', '2401SC0001', '02', null, null, 'NATURAL_O_NO_DETERMINADA', date '2023-02-02',
        70, 0, 0, 0, 0, 0, 70, 'ATRASADA')
) as t (
    id_transferencia, codigo_iniciativa, programa, rut_ejecutor, ejecutor, tipo_persona, fecha_transferencia,
    monto_transferido, monto_rendido, monto_aprobado, monto_observado, monto_rechazado, monto_reintegrado,
    saldo_por_rendir, estado_rendicion
);

create table staging.stg_sisrec_transferencias as
select id_transferencia, programa, monto_transferido, 'sisrec/transferencias_20231231.csv' as _archivo, 2 as _fila
from marts.transferencias;

create table marts.rendiciones as
select * from (values
    ('T-2023-00001', '2023-07', 'MENSUAL', 'OBSERVADA', date '2023-08-10',
        400::bigint, 300::bigint, 100::bigint, 0::bigint, 50::bigint),
    ('T-2023-00001', '2023-08', 'SIN MOVIMIENTO', 'ENVIADA', date '2023-09-10', 0, null, null, null, null),
    ('T-2023-00002', '2023-03', 'REGULARIZACIÓN', 'APROBADA', date '2023-04-10', 500, 500, 0, 0, 0)
) as t (
    id_transferencia, periodo, tipo, estado, fecha_envio, monto_rendido, monto_aprobado, monto_observado,
    monto_rechazado, monto_reintegrado
);

create table staging.stg_sisrec_rendiciones as
select *, 'sisrec/rendiciones_20231231.csv' as _archivo, row_number() over (order by id_transferencia, periodo) + 1 as _fila
from marts.rendiciones;

create table staging.stg_sisrec_rendiciones_rechazadas as
select id_transferencia from staging.stg_sisrec_rendiciones where false;

create table marts.documentos as
select * from (values
    ('SGD-2023-000001', 'OFICIO', '00001', timestamp '2023-03-01 09:30:00', timestamp '2023-03-11 08:00:00', 10,
        'TRAMITADO', '40000001-0'),
    ('SGD-2023-000002', 'MEMO', '00001', timestamp '2023-03-01 09:30:00', null, null, 'EN REVISIÓN', null)
) as t (
    id_documento, tipo_documento, folio, fecha_creacion, fecha_termino, dias_tramitacion, estado, codigo_iniciativa
);

create table staging.stg_sgd_documentos as
select *, 'sgd/documentos_20231231.csv' as _archivo, 2 as _fila from marts.documentos;

create table staging.stg_archivos as
select * from (values
    ('dte_pagos', 'dte/pagos_20231231.csv', repeat('a1', 32), 900::bigint, date '2023-12-31',
        timestamp '2024-01-02 10:00:00', 'ACEPTADO', null::varchar, 100, 96, 2, 1, 1, true),
    ('dte_xml', 'dte/dte_0001.xml', repeat('b2', 32), 800, null, timestamp '2024-01-02 10:00:00', 'ACEPTADO', null,
        1, 1, 0, 0, 0, true)
) as t (
    export, archivo, sha256, bytes, fecha_dato, recibido_en, estado, motivo, filas, aceptadas, rechazadas, duplicadas,
    ignoradas, presente
);

alter table staging.stg_archivos add column anio integer;
alter table staging.stg_archivos add column mes integer;
insert into staging.stg_archivos
select
    export, archivo, sha256(archivo), 1, null, timestamp '2024-01-02 10:00:00', 'ACEPTADO', null, 1, 1, 0, 0, 0, true,
    anio, mes
from (values (2022, 12), (2023, 1), (2023, 2)) as meses (anio, mes)
cross join lateral (values
    ('dte_rcv_compra', printf('dte/rcv_compra_%d%02d.csv', anio, mes)),
    ('sga_ordenes_compra', printf('sga/ordenes_compra_%d_%d.csv', anio, mes))
) as mensuales (export, archivo);

create table marts.fuentes as
select *, sha256 as sha256_en_vigor, 0 as celdas_corregidas from staging.stg_archivos;

create table marts.filas_rechazadas as
select * from (values
    ('dte_pagos', 'dte/pagos_20231231.csv', 7, 'folio', 'required_missing'),
    ('dte_pagos', 'dte/pagos_20231231.csv', 9, null, 'key_conflict')
) as t (export, archivo, fila, columna, motivo);

create table staging.stg_observaciones as
select 'dte_pagos' as export, 'dte/pagos_20231231.csv' as archivo, 4 as fila, 'fecha_pago' as columna;

-- Purchases: an order of a tender, told in two months (the newer one counts) on two lines, and one to a person.
create table staging.stg_sga_ordenes_compra as
select * from (values
    ('5482-1-SE23', 'CLP', 1190.00::decimal(28, 8), 1, 600.00::decimal(28, 8), 2023, 3, 'sga/ordenes_compra_2023_3.csv', 2),
    ('5482-1-SE23', 'CLP', 1190.00, 2, 400.00, 2023, 3, 'sga/ordenes_compra_2023_3.csv', 3),
    ('5482-1-SE23', 'CLP', 9999.00, 1, 9999.00, 2022, 12, 'sga/ordenes_compra_2022_12.csv', 2),
    ('5482-2-CC23', 'CLF', 36000.00, 3, 0.84, 2023, 3, 'sga/ordenes_compra_2023_3.csv', 4)
) as t (codigo_oc, moneda, monto_total, id_item, total_linea_neto, _anio, _mes, _archivo, _fila);

alter table staging.stg_sga_ordenes_compra add column fecha_envio date;
update staging.stg_sga_ordenes_compra set fecha_envio = make_date(_anio, _mes, 2);

create table marts.compras as
select * from (values
    ('5482-1-SE23', date '2023-03-02', 'CLP', 1190::bigint, 2::bigint, 1000.00::decimal(28, 4), '76086428-5',
        'Andes Ltda.', 'JURIDICA', '1057439-1-LP23'),
    ('5482-2-CC23', date '2023-03-03', 'CLF', 36000, 1, 0.84, null, null, 'NATURAL_O_NO_DETERMINADA', null)
) as t (
    codigo_oc, fecha_envio, moneda, monto_total, lineas, total_lineas_neto, rut_proveedor, proveedor, tipo_persona,
    id_licitacion
);

create table marts.acuerdos_core as
select * from (values
    ('1/2023', 4::bigint, 'ORDINARIA', date '2023-02-10', '40000001-0', 900::bigint, 20::bigint, 3::bigint, 1::bigint,
        'APROBADO'),
    ('2/2023', 5, null, date '2023-03-10', null, null, 1, 20, null, 'RECHAZADO')
) as t (
    acuerdo, sesion, tipo_sesion, fecha, codigo_iniciativa, monto, votos_favor, votos_contra, abstenciones, resultado
);

create table staging.stg_core_acuerdos as
select *, 'core/acuerdos_20231231.csv' as _archivo, 2 as _fila from marts.acuerdos_core;

alter table marts.iniciativas add column compromiso varchar;
update marts.iniciativas set compromiso = 'PG-01' where codigo_iniciativa <> '40000003-0';

create table marts.compromisos_programa as
select * from (values
    ('PG-01', 'INICIATIVA', 'EN CURSO', 99.99::decimal(18, 2), 2::bigint, 1500::bigint, 570::bigint),
    ('PG-02', 'ACTIVIDAD', 'CUMPLIDO', 100.00, 0, 0, 0)
) as t (compromiso, tipo, estado, avance, iniciativas, monto_iniciativas, gasto_acumulado);

create table staging.stg_programa_compromisos as
select * replace (case when avance = 100 then 100 else 99.999 end as avance),
    'programa_gobierno/compromisos_20231231.csv' as _archivo, 2 as _fila
from marts.compromisos_programa;

-- What the documents and the transfers back, and how they are charged.
alter table intermediate.int_documentos_tributarios add column subtitulo varchar default '22';
alter table intermediate.int_documentos_tributarios add column item varchar;
alter table intermediate.int_documentos_tributarios add column orden_compra varchar;
alter table intermediate.int_documentos_tributarios add column monto_pagado bigint;
update intermediate.int_documentos_tributarios set monto_pagado = monto_total where estado = 'PAGADA';
update intermediate.int_documentos_tributarios set orden_compra = '5482-1-SE23' where folio = 1;
alter table marts.transferencias add column subtitulo varchar default '33';
alter table marts.transferencias add column item varchar default '03';

create table marts.conciliacion as
select * from (values
    (2023, '02', '22', null, 600::bigint, 50::bigint, 0::bigint, 50::bigint, 550::bigint, 8.33::decimal(18, 2), 6),
    (2023, '02', '33', '03', 1440, 0, 2, 2, 1438, 0.14, 6)
) as t (
    anio, programa, subtitulo, item, ejecutado, respaldo_dte, respaldo_transferencias, respaldo_total, diferencia,
    porcentaje_respaldado, mes_ejecutado
);

create table marts.indicadores_gestion as
select * from (values
    ('ejecucion_p02_junio', 2023, 'M$', 1020::bigint, 2600::bigint, 39.23::decimal(18, 2)),
    ('arrastre_fndr', 2023, 'M$', 80, 2600, 3.08),
    ('arrastre_s31', 2023, 'iniciativas', null, 3, null),
    ('pago_30_dias', 2023, 'documentos', 1, 2, 50.00)
) as t (indicador, anio, unidad, numerador, denominador, valor);

-- The way of each initiative: one with documents and transfers, one with transfers, one with neither.
alter table staging.stg_sagir_iniciativas add column id_licitacion varchar;
update staging.stg_sagir_iniciativas set id_licitacion = '1057439-1-LP23' where codigo_iniciativa = '40000001-0';

create table marts.iniciativa_trazabilidad as
select * from (values
    ('40000001-0', 1000000::bigint, 1190::bigint, 2::bigint, 107::bigint, 119::bigint, 1000::bigint, 400::bigint,
        300::bigint, 50::bigint, 550::bigint, 70000::bigint, 68893::bigint, 1::bigint, 1::bigint, 2::bigint,
        'PAGADO_SOBRE_FACTURADO | GASTO_SIN_RESPALDO'),
    ('2401SC0001', 500000, 0, 0, 0, 0, 570, 500, 500, 0, 70, 500000, 499430, 0, 0, 2,
        'GASTO_SIN_RESPALDO | RENDICION_ATRASADA'),
    ('40000003-0', 300000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null)
) as t (
    codigo_iniciativa, monto_total, monto_ordenes_compra, documentos_dte, monto_facturado, monto_pagado,
    monto_transferido, monto_rendido, monto_aprobado, monto_reintegrado, saldo_por_rendir, gasto_real, diferencia_gasto,
    documentos_sgd, acuerdos_core, cantidad_alertas, alertas
);

-- Two files of each export with amounts of about the same size, and one of too few amounts to tell their size.
create table staging.stg_montos_por_archivo as
select
    export, export || '_' || anio || '.csv' as archivo, modo, make_date(anio, 12, 31) as fecha_dato, columna,
    case when export = 'presupuesto_ejecucion' then '02' end as programa,
    case anio when 2023 then 3 else 20 end::bigint as montos, case anio when 2023 then 1.0 else 6.0 end::double as magnitud
from (values
    ('presupuesto_ejecucion', 'period', 'presupuesto_vigente'), ('sagir_iniciativas', 'snapshot', 'monto_total'),
    ('sagir_gasto', 'period', 'gasto_real'), ('dte_rcv_compra', 'period', 'monto_total'),
    ('dte_pagos', 'upsert', 'monto_pagado'), ('sisrec_transferencias', 'snapshot', 'monto_transferido'),
    ('sisrec_rendiciones', 'snapshot', 'monto_rendido'), ('sga_ordenes_compra', 'period', 'monto_total'),
    ('core_acuerdos', 'snapshot', 'monto')
) as montos_publicados (export, modo, columna)
cross join (values (2021), (2022), (2023)) as anios (anio);
