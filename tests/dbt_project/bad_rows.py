"""Bad rows, written by hand, of the data tests whose arguments do not say what a bad row is."""


def _one(relation: str, changes: str, where: str) -> str:
    return f"update {relation} set {changes} where rowid = (select min(rowid) from {relation} where {where})"


_NATURAL = "tipo_persona <> 'JURIDICA'"

#: Data test -> SQL that spoils a good warehouse.
BAD_ROWS: dict[str, str] = {
    # Tests that stand in a file of their own.
    "presupuesto_padre_igual_a_hijos": _one(
        "intermediate.int_presupuesto_niveles", "ejecucion_acumulada = ejecucion_acumulada + 1000", "not es_hoja"
    ),
    "programas_sin_traslape": (
        "insert into seeds.programas select * replace (2000 as anio_desde) from seeds.programas "
        "where anio_desde is null"
    ),
    "rechazadas_cuadran_con_fuentes": _one(
        "staging.stg_archivos", "rechazadas = rechazadas + 1", "estado = 'ACEPTADO'"
    ),
    # Generic tests whose plain bad row another test sees too.
    "accepted_values_fuentes_estado__ACEPTADO__RECHAZADO": _one(
        "marts.fuentes", "estado = 'PERDIDO', sha256_en_vigor = null", "true"
    ),
    # The number of rejected rows of the file stays what it was.
    "clave_unica_filas_rechazadas_archivo__fila": (
        "update marts.filas_rechazadas as una set fila = otra.fila from (select archivo, max(fila) as fila "
        "from marts.filas_rechazadas group by archivo having count(*) > 1 order by archivo limit 1) as otra "
        "where una.archivo = otra.archivo"
    ),
    # Its parts must not exceed a total of 0 either.
    "entre_pago_oportuno_documentos_pagados__1": _one(
        "marts.pago_oportuno",
        "documentos_pagados = 0, documentos_en_plazo = null, documentos_sin_recepcion = 0, porcentaje_en_plazo = null",
        "dias_p90 is not null",
    ),
    # Expressions.
    "fuentes_en_vigor": _one("marts.fuentes", "sha256_en_vigor = null", "estado = 'ACEPTADO'"),
    "documentos_tributarios_pago_solo_en_pagos": _one(
        "intermediate.int_documentos_tributarios", "en_pagos = false", "estado is not null"
    ),
    "alcance_reconoce_todas_las_comunas": _one(
        "intermediate.int_iniciativa_alcance", "comunas_reconocidas = comunas_indicadas - 1", "comunas_indicadas > 0"
    ),
    "ordenes_monto_igual_en_sus_lineas": _one(
        "intermediate.int_ordenes_compra", "monto_igual_en_sus_lineas = false", "monto_igual_en_sus_lineas"
    ),
    "conciliacion_diferencia_cuadra": _one(
        "marts.conciliacion", "diferencia = diferencia + 1", "diferencia is not null"
    ),
    "conciliacion_mes_de_lo_ejecutado": _one("marts.conciliacion", "mes_ejecutado = null", "ejecutado is not null"),
    "conciliacion_total_es_la_suma_de_sus_partes": _one(
        "marts.conciliacion", "respaldo_total = respaldo_total + 2, diferencia = diferencia - 2", "respaldo_dte > 0"
    ),
    "indicadores_parte_de_un_todo": _one(
        "marts.indicadores_gestion", "numerador = denominador + 1", "unidad <> 'M$' and valor is not null"
    ),
    "indicadores_valor_solo_con_sus_dos_partes": _one("marts.indicadores_gestion", "valor = null", "valor is not null"),
    "pagos_nombre_solo_con_rut": _one("marts.pagos_proveedores", "proveedor = 'Nombre'", _NATURAL),
    "pagos_rut_solo_de_personas_juridicas": _one("marts.pagos_proveedores", "rut_proveedor = '1-9'", _NATURAL),
    "pagos_notas_de_credito_negativas": _one("marts.pagos_proveedores", "monto_iva = 1", "tipo_documento = '61'"),
    "pagos_plazo_segun_dias": _one("marts.pagos_proveedores", "dias_pago = 31", "dentro_plazo and dias_pago = 30"),
    "pagos_sin_plazo_donde_no_rige": _one(
        "marts.pagos_proveedores", "dentro_plazo = true, dias_pago = 30", "tipo_documento = '61'"
    ),
    "pago_oportuno_p90_no_menor_que_mediana": _one(
        "marts.pago_oportuno", "dias_p90 = dias_mediana - 0.01", "dias_p90 is not null"
    ),
    "pago_oportuno_en_plazo_solo_con_recepcion": _one(
        "marts.pago_oportuno", "porcentaje_en_plazo = null", "documentos_en_plazo > 0"
    ),
    "pago_oportuno_partes_no_exceden_el_total": _one(
        "marts.pago_oportuno",
        "documentos_en_plazo = documentos_pagados - documentos_sin_recepcion + 1",
        "dias_p90 is not null",
    ),
    "iniciativas_codigo_bip_con_parte": _one("marts.iniciativas", "parte = null", "codigo_bip is not null"),
    "iniciativas_punto_con_origen": _one("marts.iniciativas", "latitud = null", "latitud is not null"),
    "iniciativas_regional_en_el_edificio": _one("marts.iniciativas", "origen_punto = 'SAGIR'", "alcance = 'REGIONAL'"),
    "iniciativas_comunal_siempre_con_punto": _one(
        "marts.iniciativas", "latitud = null, longitud = null, origen_punto = null", "alcance = 'COMUNAL'"
    ),
    "hitos_solo_el_primero_sin_anterior": _one("marts.iniciativa_hitos", "dias_desde_anterior = null", "orden > 1"),
    "gasto_con_alguna_cifra": _one("marts.iniciativa_gasto", "gasto_proyectado = null, gasto_real = null", "true"),
    "trazabilidad_saldo_cuadra": _one(
        "marts.iniciativa_trazabilidad", "saldo_por_rendir = saldo_por_rendir + 1", "true"
    ),
    "trazabilidad_diferencia_cuadra": _one(
        "marts.iniciativa_trazabilidad", "diferencia_gasto = diferencia_gasto + 1", "true"
    ),
    "trazabilidad_alertas_contadas": _one(
        "marts.iniciativa_trazabilidad", "cantidad_alertas = cantidad_alertas + 1", "alertas is not null"
    ),
    "transferencias_saldo_cuadra": _one(
        "marts.transferencias", "saldo_por_rendir = saldo_por_rendir + 1", "saldo_por_rendir > 0"
    ),
    "transferencias_inconsistente_si_saldo_bajo_cero": _one(
        "marts.transferencias", "estado_rendicion = 'INCONSISTENTE'", "saldo_por_rendir = 0"
    ),
    "transferencias_nombre_solo_con_rut": _one("marts.transferencias", "ejecutor = 'Nombre'", _NATURAL),
    "transferencias_rut_solo_de_personas_juridicas": _one("marts.transferencias", "rut_ejecutor = '1-9'", _NATURAL),
    "rendiciones_partes_no_exceden_lo_rendido": _one(
        "marts.rendiciones",
        "monto_aprobado = monto_rendido + 1, monto_observado = 0, monto_rechazado = 0",
        "monto_rendido > 0",
    ),
    "compras_nombre_solo_con_rut": _one("marts.compras", "proveedor = 'Nombre'", _NATURAL),
    "compras_rut_solo_de_personas_juridicas": _one("marts.compras", "rut_proveedor = '1-9'", _NATURAL),
    "compromisos_avance_completo_si_cumplido": _one(
        "marts.compromisos_programa", "estado = 'CUMPLIDO'", "avance < 100"
    ),
    "fuentes_filas_cuadran": _one("marts.fuentes", "filas = filas + 1", "estado = 'ACEPTADO'"),
    "columna_solo_falta_en_rechazos_de_la_fila_completa": _one(
        "marts.filas_rechazadas", "columna = null", "columna is not null"
    ),
}
