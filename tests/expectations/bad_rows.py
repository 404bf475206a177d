"""For each check, one bad row that it must see, and what it must say of it."""

from typing import NamedTuple


class BadRow(NamedTuple):
    """SQL that spoils the good warehouse, and the text by which the offender must be named."""

    sql: str
    named: str


def _set(relation: str, changes: str, where: str) -> str:
    return f"update {relation} set {changes} where {where}"


_ANDES = "tipo 33 folio 1 de 76086428-5"
_PERSON = "tipo 34 folio 7 de RUT reservado"
_FILE = "dte/pagos_20231231.csv"

_LINE = "mes = 4 and asignacion = '125'"
_PAYMENT = "folio = 1"
_SHEET = "mes = 4 and subtitulo = '22'"
_PLAZA = "codigo_iniciativa = '40000001-0'"
_FIRST = "id_transferencia = 'T-2023-00001'"
_MONTHLY = "tipo = 'MENSUAL'"
_OFICIO = "id_documento = 'SGD-2023-000001'"

_EXECUTION = {
    "tiene_filas": BadRow("delete from marts.ejecucion_presupuestaria", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        "insert into marts.ejecucion_presupuestaria select * from marts.ejecucion_presupuestaria "
        "where mes = 4 and subtitulo = '22'",
        "2023-04 02 22 (veces 2)",
    ),
    "linea_suma_sus_hijas": BadRow(
        _set("staging.stg_presupuesto_ejecucion", "ejecucion_acumulada = ejecucion_acumulada + 4", _LINE),
        "2023-04 02 33.03 ejecucion_acumulada (linea 480, suma_de_hijas 484)",
    ),
    "linea_suma_sus_hijas_con_rechazos": BadRow(
        _set("staging.stg_presupuesto_ejecucion", "ejecucion_acumulada = ejecucion_acumulada + 4", _LINE)
        + "; insert into marts.filas_rechazadas values "
        "('presupuesto_ejecucion', 'presupuesto/ejecucion_2023_4_02.csv', 9, 'item', 'code_unreadable')",
        "2023-04 02 33.03 ejecucion_acumulada (linea 480, suma_de_hijas 484)",
    ),
    "montos_conservados": BadRow(
        _set("marts.ejecucion_presupuestaria", "presupuesto_vigente = presupuesto_vigente + 1", _LINE),
        "2023-04 presupuesto_vigente (en_origen 2.700, en_publicacion 2.701)",
    ),
    "programa_en_lista": BadRow(
        _set("marts.ejecucion_presupuestaria", "programa = null", _LINE), "2023-04 - 33.03.125"
    ),
    "tipo_segun_subtitulo": BadRow(_set("marts.ejecucion_presupuestaria", "tipo = 'INGRESO'", _LINE), "33.03.125"),
    "mes_valido": BadRow(_set("marts.ejecucion_presupuestaria", "mes = 13", _LINE), "2023-13 02 33.03.125"),
    "saldo_calculado": BadRow(
        _set("marts.ejecucion_presupuestaria", "saldo = saldo + 1", _LINE), "2023-04 02 33.03.125"
    ),
    "porcentaje_ejecucion_100_solo_si_completo": BadRow(
        _set("marts.ejecucion_presupuestaria", "porcentaje_ejecucion = 100", _LINE),
        "2023-04 02 33.03.125 (pendiente 800)",
    ),
    "ejecucion_sobre_vigente": BadRow(
        _set("marts.ejecucion_presupuestaria", "ejecucion_acumulada = 1201", _LINE),
        "2023-04 02 33.03.125 (presupuesto_vigente 1.200, ejecucion_acumulada 1.201)",
    ),
    "ejecucion_mes_no_negativo": BadRow(
        _set("marts.ejecucion_presupuestaria", "ejecucion_mes = -1", _LINE), "2023-04 02 33.03.125 (ejecucion_mes -1)"
    ),
    "meses_sin_saltos": BadRow(
        "delete from marts.ejecucion_presupuestaria where mes = 4", "2023 02 (meses_recibidos 11, ultimo_mes 12)"
    ),
}

_SHEETS = {
    "tiene_filas": BadRow("delete from marts.ficha_ciudadana", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.ficha_ciudadana select * from marts.ficha_ciudadana where {_SHEET}",
        "2023-04 02 22 (veces 2)",
    ),
    "linea_suma_sus_hijas": _EXECUTION["linea_suma_sus_hijas"],
    "linea_suma_sus_hijas_con_rechazos": _EXECUTION["linea_suma_sus_hijas_con_rechazos"],
    "total_suma_subtitulos": BadRow(
        _set("marts.ficha_ciudadana", "ejecutado = ejecutado + 1", "mes = 4 and subtitulo = 'TOTAL'"),
        "2023-04 02 (monto ejecutado, total 681, suma_de_subtitulos 680)",
    ),
    "cuadra_con_ejecucion": BadRow(
        _set("marts.ficha_ciudadana", "ejecutado = ejecutado + 1", _SHEET),
        "2023-04 02 22 ejecutado (en_origen 200, en_publicacion 201)",
    ),
    "programa_en_lista": BadRow(_set("marts.ficha_ciudadana", "programa = '03'", _SHEET), "2023-04 03 22"),
    "nombre_presente": BadRow(_set("marts.ficha_ciudadana", "nombre = null", _SHEET), "subtítulo 22"),
    "descripcion_presente": BadRow(_set("marts.ficha_ciudadana", "descripcion = ''", _SHEET), "subtítulo 22"),
    "porcentaje_ejecucion_100_solo_si_completo": BadRow(
        _set("marts.ficha_ciudadana", "porcentaje_ejecucion = 100", _SHEET), "2023-04 02 22 (pendiente 400)"
    ),
    "ejecutado_sobre_vigente": BadRow(
        _set("marts.ficha_ciudadana", "ejecutado = presupuesto_vigente + 1", _SHEET),
        "2023-04 02 22 (presupuesto_vigente 600, ejecutado 601)",
    ),
}

_CONTRAST_ROW = "subtitulo = '22'"
_CONTRAST = {
    "clave_unica": BadRow(
        f"insert into marts.contraste_fichas select * from marts.contraste_fichas where {_CONTRAST_ROW}",
        "2023 02 22 ejecutado (veces 2)",
    ),
    "campo_en_lista": BadRow(_set("marts.contraste_fichas", "campo = 'saldo'", _CONTRAST_ROW), "2023 02 22 saldo"),
    "calculado_es_la_ficha": BadRow(
        _set("marts.contraste_fichas", "calculado = 601", _CONTRAST_ROW),
        "2023 02 22 ejecutado (calculado 601.00, en_ficha 600.00)",
    ),
    "diferencia_coherente": BadRow(_set("marts.contraste_fichas", "diferencia = 1", _CONTRAST_ROW), "2023 02 22"),
    "ficha_impresa_coincide": BadRow(
        _set("marts.contraste_fichas", "publicado = 97.9, diferencia = -502.1, coincide = false", _CONTRAST_ROW),
        "2023 02 22 ejecutado (publicado 97,90, calculado 600)",
    ),
}

_PAYMENTS = {
    "tiene_filas": BadRow("delete from marts.pagos_proveedores", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        "insert into intermediate.int_documentos_tributarios "
        "select * from intermediate.int_documentos_tributarios where folio = 7",
        f"{_PERSON} (veces 2)",
    ),
    "documentos_conservados": BadRow(
        "delete from marts.pagos_proveedores where folio = 3", "33 cantidad (en_origen 2, en_publicacion 1)"
    ),
    "montos_sin_cambio": BadRow(
        _set("marts.pagos_proveedores", "monto_iva = 20", _PAYMENT), "33 monto_iva (en_origen 57, en_publicacion 58)"
    ),
    "rut_proveedor_en_rango_publico": BadRow(
        _set("marts.pagos_proveedores", "rut_proveedor = '10021972-7'", "folio = 7"), "tipo 34 folio 7"
    ),
    "rut_proveedor_digito_correcto": BadRow(
        _set("marts.pagos_proveedores", "rut_proveedor = '76086428-6'", _PAYMENT), "tipo 33 folio 1"
    ),
    "tipo_persona_coherente": BadRow(
        _set("marts.pagos_proveedores", "proveedor = 'Persona Natural'", "folio = 7"), "tipo 34 folio 7"
    ),
    "tipo_documento_en_lista": BadRow(
        _set("marts.pagos_proveedores", "tipo_documento = '39'", _PAYMENT), "tipo 39 folio 1 de 76086428-5"
    ),
    "estado_en_lista": BadRow(_set("marts.pagos_proveedores", "estado = 'PERDIDA'", _PAYMENT), _ANDES),
    "programa_en_lista": BadRow(_set("marts.pagos_proveedores", "programa = '03'", _PAYMENT), _ANDES),
    "notas_de_credito_restan": BadRow(
        _set("marts.pagos_proveedores", "monto_iva = 2", "folio = 2"), "tipo 61 folio 2 de 76086428-5 (monto 2)"
    ),
    "monto_total_no_negativo": BadRow(
        _set("marts.pagos_proveedores", "monto_total = -1", _PAYMENT), f"{_ANDES} (monto_total -1)"
    ),
    "fecha_recepcion_no_antes_de_fecha_emision": BadRow(
        _set("marts.pagos_proveedores", "fecha_emision = date '2023-01-04'", _PAYMENT), _ANDES
    ),
    "fecha_pago_no_antes_de_fecha_recepcion": BadRow(
        _set("marts.pagos_proveedores", "fecha_pago = date '2023-01-02'", _PAYMENT),
        f"{_ANDES} (fecha_recepcion 2023-01-03, fecha_pago 2023-01-02)",
    ),
    "fecha_pago_no_antes_de_fecha_devengo": BadRow(
        _set("marts.pagos_proveedores", "fecha_devengo = date '2023-03-14'", "folio = 7"), _PERSON
    ),
    "fecha_pago_no_futura": BadRow(
        _set("marts.pagos_proveedores", "fecha_pago = date '2024-01-01'", _PAYMENT),
        f"{_ANDES} (fecha_pago 2024-01-01, corte 2023-12-31)",
    ),
    "dias_pago_calculados": BadRow(
        _set("marts.pagos_proveedores", "dias_pago = 18", _PAYMENT), f"{_ANDES} (dias_pago 18, dias_esperados 17)"
    ),
    "dentro_plazo_coherente": BadRow(
        _set("marts.pagos_proveedores", "dentro_plazo = true", "folio = 7"),
        f"{_PERSON} (caso más de 30 días, dentro_plazo SÍ, filas 1)",
    ),
    "pagada_con_fecha": BadRow(
        _set("marts.pagos_proveedores", "fecha_pago = null", _PAYMENT), f"{_ANDES} (pago sin fecha de pago)"
    ),
    "documento_en_un_solo_periodo": BadRow(
        "insert into staging.stg_dte_rcv_compra select * replace ('dte/rcv_compra_202312.csv' as _archivo) "
        "from staging.stg_dte_rcv_compra where folio = 7",
        f"{_PERSON} (periodos 2, primer_archivo dte/rcv_compra_202302.csv, ultimo_archivo dte/rcv_compra_202312.csv)",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.pagos_proveedores", "codigo_iniciativa = '40999999-0'", _PAYMENT), "40999999-0 (filas 1)"
    ),
}

_PAID_MONTH = "mes = 3"
_TIMELY = {
    "tiene_filas": BadRow("delete from marts.pago_oportuno", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.pago_oportuno select * from marts.pago_oportuno where {_PAID_MONTH}", "2023-03 02 (veces 2)"
    ),
    "documentos_contados": BadRow(
        _set("marts.pago_oportuno", "documentos_pagados = 2", _PAID_MONTH),
        "2023-03 02 documentos_pagados (en_origen 1, en_publicacion 2)",
    ),
    "montos_pagados": BadRow(
        _set("marts.pago_oportuno", "monto_pagado = 50001", _PAID_MONTH),
        "2023-03 02 monto_pagado (en_origen 50.000, en_publicacion 50.001)",
    ),
    "programa_en_lista": BadRow(_set("marts.pago_oportuno", "programa = null", _PAID_MONTH), "2023-03 -"),
    "en_plazo_no_mas_que_pagados": BadRow(
        _set("marts.pago_oportuno", "documentos_en_plazo = 2", _PAID_MONTH), "2023-03 02 (documentos_pagados 1"
    ),
    "porcentaje_entre_0_y_100": BadRow(
        _set("marts.pago_oportuno", "porcentaje_en_plazo = 100.01", _PAID_MONTH), "porcentaje_en_plazo 100,01"
    ),
    "porcentaje_en_plazo_100_solo_si_completo": BadRow(
        _set("marts.pago_oportuno", "porcentaje_en_plazo = 100", _PAID_MONTH), "2023-03 02 (pendiente 1)"
    ),
    "mediana_no_mas_que_p90": BadRow(
        _set("marts.pago_oportuno", "dias_p90 = 39.99", _PAID_MONTH), "2023-03 02 (dias_mediana 40, dias_p90 39,99)"
    ),
    "dias_promedio_no_negativo": BadRow(
        _set("marts.pago_oportuno", "dias_promedio = -0.5", _PAID_MONTH), "2023-03 02 (dias_promedio -0,50)"
    ),
    "mes_valido": BadRow(_set("marts.pago_oportuno", "mes = 0", _PAID_MONTH), "2023-00 02 (mes 0)"),
}

_INITIATIVES = {
    "tiene_filas": BadRow("delete from marts.iniciativas", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.iniciativas select * from marts.iniciativas where {_PLAZA}", "40000001-0 (veces 2)"
    ),
    "codigo_iniciativa_con_forma": BadRow(
        "update marts.iniciativas set codigo_iniciativa = 'Rosa' where codigo_iniciativa = '40000001-0'; "
        "update staging.stg_sagir_iniciativas set codigo_iniciativa = 'Rosa' where codigo_iniciativa = '40000001-0'",
        "sagir/iniciativas_20231231.csv fila 2 (filas 1)",
    ),
    "cartera_conservada": BadRow(
        _set("marts.iniciativas", "monto_total = 1001", _PLAZA),
        "EN EJECUCIÓN monto_total (en_origen 1.000, en_publicacion 1.001)",
    ),
    "codigo_bip_coherente": BadRow(_set("marts.iniciativas", "parte = 1", _PLAZA), "40000001-0 (compuesto 40000001-1)"),
    **{
        f"{column}_en_lista": BadRow(_set("marts.iniciativas", f"{column} = 'OTRA COSA'", _PLAZA), "40000001-0")
        for column in ("tipo", "tipologia", "etapa", "estado", "division", "rate", "alcance")
    },
    "alcance_segun_comunas": BadRow(
        "insert into marts.iniciativas_comunas values ('40000003-0', '13101', 'Santiago')",
        "40000003-0 (comunas 1, filas 1)",
    ),
    "punto_segun_origen": BadRow(
        _set("marts.iniciativas", "origen_punto = 'SAGIR'", "alcance = 'REGIONAL'"),
        "40000003-0 (caso regional, con punto, filas 1)",
    ),
    "latitud_en_la_region": BadRow(_set("marts.iniciativas", "latitud = 33.44", _PLAZA), "40000001-0 (latitud 33,44)"),
    "longitud_en_la_region": BadRow(
        _set("marts.iniciativas", "longitud = -33.44", _PLAZA), "40000001-0 (longitud -33,44)"
    ),
    "gasto_acumulado_cuadra": BadRow(
        _set("marts.iniciativas", "gasto_acumulado = 71", _PLAZA), "40000001-0 (gasto_acumulado 71, suma_de_meses 70)"
    ),
    "avance_financiero_100_solo_si_completo": BadRow(
        _set("marts.iniciativas", "avance_financiero = 100", _PLAZA), "40000001-0 (pendiente 930)"
    ),
    "gasto_sobre_monto_total": BadRow(
        _set("marts.iniciativas", "gasto_acumulado = 1001", _PLAZA),
        "40000001-0 (monto_total 1.000, gasto_acumulado 1.001)",
    ),
    "monto_total_no_negativo": BadRow(
        _set("marts.iniciativas", "monto_total = -1", _PLAZA), "40000001-0 (monto_total -1)"
    ),
    "fndr_hasta_monto_total": BadRow(
        _set("marts.iniciativas", "monto_fndr = 1001", _PLAZA), "40000001-0 (monto_total 1.000, monto_fndr 1.001)"
    ),
    "nombre_presente": BadRow(_set("marts.iniciativas", "nombre = ' '", _PLAZA), "40000001-0"),
    **{
        f"{column}_no_futura": BadRow(
            _set("marts.iniciativas", f"{column} = date '2024-01-01'", _PLAZA), f"40000001-0 ({column} 2024-01-01"
        )
        for column in ("fecha_estado", "fecha_rate", "fecha_core")
    },
}

_PLACES = {
    "tiene_filas": BadRow("delete from marts.iniciativas_comunas", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.iniciativas_comunas select * from marts.iniciativas_comunas where {_PLAZA}",
        "40000001-0 13101 (veces 2)",
    ),
    "comunas_conservadas": BadRow(
        "delete from marts.iniciativas_comunas where cut = '13123'",
        "2401SC0001 lugares (en_origen 2, en_publicacion 1)",
    ),
    "comuna_de_la_region": BadRow(
        _set("marts.iniciativas_comunas", "cut = '05101'", _PLAZA),
        "comuna 05101 de 40000001-0 (nombre_oficial (no existe))",
    ),
}

_MILESTONES = {
    "tiene_filas": BadRow("delete from marts.iniciativa_hitos", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        _set("marts.iniciativa_hitos", "orden = 2", f"{_PLAZA} and orden = 3"), "40000001-0 2 (veces 2)"
    ),
    "hitos_conservados": BadRow(
        "delete from marts.iniciativa_hitos where hito = 'RATE'", "RATE cantidad (en_origen 1, en_publicacion 0)"
    ),
    "hito_en_lista": BadRow(_set("marts.iniciativa_hitos", "hito = 'FIESTA'", "hito = 'RATE'"), "40000001-0 (filas 1)"),
    "orden_sin_saltos": BadRow(
        _set("marts.iniciativa_hitos", "orden = 4", f"{_PLAZA} and orden = 3"), "40000001-0 (ultimo_orden 4, hitos 3)"
    ),
    "orden_segun_fecha": BadRow(
        _set("marts.iniciativa_hitos", "fecha = date '2023-02-11'", "hito = 'RATE'"), "40000001-0 3 APROBACIÓN CORE"
    ),
    "dias_desde_anterior_calculados": BadRow(
        _set("marts.iniciativa_hitos", "dias_desde_anterior = 0", f"{_PLAZA} and orden = 1"),
        "40000001-0 1 POSTULACIÓN (dias 0, dias_esperados vacío)",
    ),
    "pasos_en_secuencia": BadRow(
        _set("marts.iniciativa_hitos", "hito = 'CONTRATO'", "hito = 'RATE'"), "40000001-0 2 CONTRATO"
    ),
    "fecha_no_futura": BadRow(
        _set("marts.iniciativa_hitos", "fecha = date '2024-01-01'", f"{_PLAZA} and orden = 3"), "40000001-0 3"
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.iniciativa_hitos", "codigo_iniciativa = '40999999-0'", "hito = 'CONVENIO'"), "40999999-0 (filas 1)"
    ),
}

_SPENT = "codigo_iniciativa = '2401SC0001'"
_SPENDING = {
    "tiene_filas": BadRow("delete from marts.iniciativa_gasto", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.iniciativa_gasto select * from marts.iniciativa_gasto where {_SPENT}",
        "2401SC0001 2023-06 (veces 2)",
    ),
    "gasto_conservado": BadRow(
        _set("marts.iniciativa_gasto", "gasto_real = 501", _SPENT),
        "2023 gasto_real (en_origen 570, en_publicacion 571)",
    ),
    "mes_valido": BadRow(_set("marts.iniciativa_gasto", "mes = 13", _SPENT), "2401SC0001 2023-13 (mes 13)"),
    "mes_con_cifras": BadRow(
        _set("marts.iniciativa_gasto", "gasto_real = null, gasto_proyectado = null", _SPENT), "2401SC0001 2023-06"
    ),
    "gasto_real_no_negativo": BadRow(
        _set("marts.iniciativa_gasto", "gasto_real = -1", _SPENT), "2401SC0001 2023-06 (gasto_real -1)"
    ),
    "gasto_proyectado_no_negativo": BadRow(
        _set("marts.iniciativa_gasto", "gasto_proyectado = -1", _SPENT), "2401SC0001 2023-06 (gasto_proyectado -1)"
    ),
    "gasto_real_no_futuro": BadRow(
        _set("marts.iniciativa_gasto", "gasto_real = 1", "anio = 2024"), "40000001-0 2024-01"
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.iniciativa_gasto", "codigo_iniciativa = '40999999-0'", _SPENT), "40999999-0 (filas 1)"
    ),
}

_TRANSFERS = {
    "tiene_filas": BadRow("delete from marts.transferencias", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.transferencias select * from marts.transferencias where {_FIRST}", "T-2023-00001 (veces 2)"
    ),
    "id_transferencia_con_forma": BadRow(
        "update marts.transferencias set id_transferencia = 'T-23-1' where id_transferencia = 'T-2023-00001'; "
        "update staging.stg_sisrec_transferencias set id_transferencia = 'T-23-1' "
        "where id_transferencia = 'T-2023-00001'",
        "sisrec/transferencias_20231231.csv fila 2 (filas 1)",
    ),
    "transferencias_conservadas": BadRow(
        _set("marts.transferencias", "monto_transferido = 1001", _FIRST),
        "02 monto_transferido (en_origen 1.570, en_publicacion 1.571)",
    ),
    "rendido_conservado": BadRow(
        _set("marts.transferencias", "monto_aprobado = 301", _FIRST),
        "T-2023-00001 monto_aprobado (en_origen 300, en_publicacion 301)",
    ),
    "saldo_calculado": BadRow(
        _set("marts.transferencias", "saldo_por_rendir = 551", _FIRST),
        "T-2023-00001 (saldo_por_rendir 551, esperado 550)",
    ),
    "saldo_por_rendir_no_negativo": BadRow(
        _set("marts.transferencias", "saldo_por_rendir = -1", _FIRST), "T-2023-00001 (saldo_por_rendir -1)"
    ),
    "estado_rendicion_en_lista": BadRow(
        _set("marts.transferencias", "estado_rendicion = 'PERDIDA'", _FIRST), "T-2023-00001 (filas 1)"
    ),
    "estado_segun_montos": BadRow(
        _set("marts.transferencias", "estado_rendicion = 'CERRADA'", _FIRST),
        "T-2023-00001 (caso con saldo, filas 1)",
    ),
    "programa_en_lista": BadRow(_set("marts.transferencias", "programa = null", _FIRST), "T-2023-00001 (filas 1)"),
    "rut_ejecutor_en_rango_publico": BadRow(
        _set("marts.transferencias", "rut_ejecutor = '10021972-7'", _FIRST), "T-2023-00001"
    ),
    "rut_ejecutor_digito_correcto": BadRow(
        _set("marts.transferencias", "rut_ejecutor = '76086428-K'", _FIRST), "T-2023-00001"
    ),
    "tipo_persona_coherente": BadRow(_set("marts.transferencias", "rut_ejecutor = null", _FIRST), "T-2023-00001"),
    "monto_transferido_no_negativo": BadRow(
        _set("marts.transferencias", "monto_transferido = -1", _FIRST), "T-2023-00001 (monto_transferido -1)"
    ),
    "fecha_transferencia_no_futura": BadRow(
        _set("marts.transferencias", "fecha_transferencia = date '2024-01-01'", _FIRST), "T-2023-00001"
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.transferencias", "codigo_iniciativa = '40999999-0'", _FIRST), "40999999-0 (filas 1)"
    ),
}

_ACCOUNT = "T-2023-00001 2023-07 MENSUAL"
_ACCOUNTS = {
    "tiene_filas": BadRow("delete from marts.rendiciones", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.rendiciones select * from marts.rendiciones where {_MONTHLY}", f"{_ACCOUNT} (veces 2)"
    ),
    "rendiciones_conservadas": BadRow(
        _set("marts.rendiciones", "monto_rechazado = 1", _MONTHLY),
        "2023-07 monto_rechazado (en_origen 0, en_publicacion 1)",
    ),
    "tipo_en_lista": BadRow(
        _set("marts.rendiciones", "tipo = 'ANUAL'", _MONTHLY), "T-2023-00001 2023-07 ANUAL (filas 1)"
    ),
    "estado_en_lista": BadRow(_set("marts.rendiciones", "estado = 'PERDIDA'", _MONTHLY), f"{_ACCOUNT} (filas 1)"),
    "periodo_es_un_mes": BadRow(_set("marts.rendiciones", "periodo = '2023-13'", _MONTHLY), "T-2023-00001 (filas 1)"),
    "partes_no_superan_lo_rendido": BadRow(
        _set("marts.rendiciones", "monto_aprobado = 301", _MONTHLY),
        f"{_ACCOUNT} (monto_rendido 400, suma_de_partes 401)",
    ),
    "monto_rendido_no_negativo": BadRow(
        _set("marts.rendiciones", "monto_rendido = -1", _MONTHLY), f"{_ACCOUNT} (monto_rendido -1)"
    ),
    "sin_movimiento_sin_monto": BadRow(
        _set("marts.rendiciones", "monto_rendido = 1", "tipo = 'SIN MOVIMIENTO'"),
        "T-2023-00001 2023-08 SIN MOVIMIENTO (monto_rendido 1)",
    ),
    "enviada_despues_de_empezar_el_mes": BadRow(
        _set("marts.rendiciones", "fecha_envio = date '2023-06-30'", _MONTHLY), f"{_ACCOUNT} (fecha_envio 2023-06-30)"
    ),
    "fecha_envio_no_futura": BadRow(
        _set("marts.rendiciones", "fecha_envio = date '2024-01-01'", _MONTHLY), f"{_ACCOUNT} (fecha_envio 2024-01-01"
    ),
    "transferencia_existe": BadRow(
        _set("marts.rendiciones", "id_transferencia = 'T-2023-09999'", _MONTHLY), "T-2023-09999 (filas 1)"
    ),
}

_DOCUMENTS = {
    "tiene_filas": BadRow("delete from marts.documentos", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.documentos select * from marts.documentos where {_OFICIO}", "SGD-2023-000001 (veces 2)"
    ),
    "id_documento_con_forma": BadRow(
        "update marts.documentos set id_documento = 'SGD-1' where id_documento = 'SGD-2023-000001'; "
        "update staging.stg_sgd_documentos set id_documento = 'SGD-1' where id_documento = 'SGD-2023-000001'",
        "sgd/documentos_20231231.csv fila 2 (filas 1)",
    ),
    "documentos_conservados": BadRow(
        f"delete from marts.documentos where {_OFICIO}", "OFICIO cantidad (en_origen 1, en_publicacion 0)"
    ),
    "tipo_documento_en_lista": BadRow(
        _set("marts.documentos", "tipo_documento = 'CARTA'", _OFICIO), "SGD-2023-000001 (filas 1)"
    ),
    "estado_en_lista": BadRow(_set("marts.documentos", "estado = null", _OFICIO), "SGD-2023-000001 (filas 1)"),
    "fecha_termino_no_antes_de_fecha_creacion": BadRow(
        _set("marts.documentos", "fecha_termino = timestamp '2023-03-01 09:29:59'", _OFICIO), "SGD-2023-000001"
    ),
    "fecha_creacion_no_futura": BadRow(
        _set("marts.documentos", "fecha_creacion = timestamp '2024-01-01 00:00:00'", _OFICIO),
        "SGD-2023-000001 (fecha_creacion 2024-01-01, corte 2023-12-31)",
    ),
    "dias_tramitacion_calculados": BadRow(
        _set("marts.documentos", "dias_tramitacion = 9", _OFICIO),
        "SGD-2023-000001 (dias_tramitacion 9, dias_esperados 10)",
    ),
    "folio_unico_por_tipo_y_anio": BadRow(
        _set("marts.documentos", "tipo_documento = 'MEMO'", _OFICIO), "SGD-2023-000001 y SGD-2023-000002 (documentos 2)"
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.documentos", "codigo_iniciativa = '40999999-0'", _OFICIO), "40999999-0 (filas 1)"
    ),
}

_OF_FILE = f"archivo = '{_FILE}'"
_FILES = {
    "tiene_filas": BadRow("delete from marts.fuentes", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.fuentes select * from marts.fuentes where {_OF_FILE}", f"{_FILE} (veces 2)"
    ),
    "archivos_conservados": BadRow(
        f"delete from marts.fuentes where {_OF_FILE}", "dte_pagos bytes (en_origen 900, en_publicacion 0)"
    ),
    "estado_en_lista": BadRow(_set("marts.fuentes", "estado = 'PERDIDO'", _OF_FILE), _FILE),
    "motivo_en_lista": BadRow(_set("marts.fuentes", "motivo = 'aburrido'", _OF_FILE), _FILE),
    "filas_cuadran": BadRow(_set("marts.fuentes", "aceptadas = 95", _OF_FILE), f"{_FILE} (filas 100, suma 99)"),
    "estado_coherente": BadRow(
        _set("marts.fuentes", "ignoradas = null", _OF_FILE),
        f"{_FILE} (caso ACEPTADO, sin motivo, conteos incompletos, archivos 1)",
    ),
    "archivo_rechazado": BadRow(
        _set("marts.fuentes", "estado = 'RECHAZADO', motivo = 'truncated'", _OF_FILE), f"{_FILE} (motivo truncated)"
    ),
    "filas_rechazadas_sobre_limite": BadRow(
        _set("marts.fuentes", "rechazadas = 6", _OF_FILE), f"{_FILE} (rechazadas 6, filas 100)"
    ),
    "sha256_con_forma": BadRow(_set("marts.fuentes", "sha256 = 'a1'", _OF_FILE), _FILE),
    "fecha_dato_hasta_recepcion": BadRow(
        _set("marts.fuentes", "fecha_dato = date '2024-01-03'", _OF_FILE),
        f"{_FILE} (fecha_dato 2024-01-03, recibido 2024-01-02)",
    ),
    "archivo_no_repetido": BadRow(
        _set("marts.fuentes", "sha256 = repeat('b2', 32)", _OF_FILE), f"dte/dte_0001.xml y {_FILE} (archivos 2)"
    ),
}

_REJECTED = {
    "clave_unica": BadRow(
        "insert into marts.filas_rechazadas select * from marts.filas_rechazadas where fila = 7",
        f"{_FILE} fila 7 (veces 2)",
    ),
    "conteo_por_archivo": BadRow(
        "delete from marts.filas_rechazadas where fila = 7", f"{_FILE} rechazadas (en_origen 2, en_publicacion 1)"
    ),
    "motivo_en_lista": BadRow(
        _set("marts.filas_rechazadas", "motivo = 'aburrida'", "fila = 7"), f"{_FILE} fila 7 (filas 1)"
    ),
    "columna_segun_motivo": BadRow(
        _set("marts.filas_rechazadas", "columna = null", "fila = 7"),
        f"{_FILE} fila 7 (caso de una celda, sin columna, filas 1)",
    ),
    "fila_desde_1": BadRow(_set("marts.filas_rechazadas", "fila = 0", "fila = 7"), f"{_FILE} fila 0"),
}

_ORDER = "codigo_oc = '5482-1-SE23'"
_PURCHASES = {
    "tiene_filas": BadRow("delete from marts.compras", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.compras select * from marts.compras where {_ORDER}", "5482-1-SE23 (veces 2)"
    ),
    "codigo_oc_con_forma": BadRow(
        "update marts.compras set codigo_oc = 'OC-1' where codigo_oc = '5482-1-SE23'; "
        "update staging.stg_sga_ordenes_compra set codigo_oc = 'OC-1' where codigo_oc = '5482-1-SE23' and _anio = 2023",
        "sga/ordenes_compra_2023_3.csv fila 2 (filas 1)",
    ),
    "ordenes_conservadas": BadRow(
        _set("marts.compras", "monto_total = 2380", _ORDER), "CLP monto_total (en_origen 1.190, en_publicacion 2.380)"
    ),
    "lineas_conservadas": BadRow(
        _set("marts.compras", "lineas = 3", _ORDER), "CLP lineas (en_origen 2, en_publicacion 3)"
    ),
    "monto_unico_por_orden": BadRow(
        _set("staging.stg_sga_ordenes_compra", "monto_total = 1", f"{_ORDER} and id_item = 2"), "5482-1-SE23 (montos 2)"
    ),
    "moneda_en_lista": BadRow(_set("marts.compras", "moneda = 'ARS'", _ORDER), "5482-1-SE23 (filas 1)"),
    "monto_total_no_negativo": BadRow(
        _set("marts.compras", "monto_total = -1", _ORDER), "5482-1-SE23 (monto_total -1)"
    ),
    "neto_hasta_monto_total": BadRow(
        _set("marts.compras", "total_lineas_neto = 1190.5", _ORDER),
        "5482-1-SE23 (monto_total 1.190, total_lineas_neto 1.190,50)",
    ),
    "rut_proveedor_en_rango_publico": BadRow(
        _set("marts.compras", "rut_proveedor = '10021972-7'", "moneda = 'CLF'"), "5482-2-CC23"
    ),
    "rut_proveedor_digito_correcto": BadRow(
        _set("marts.compras", "rut_proveedor = '76086428-6'", _ORDER), "5482-1-SE23"
    ),
    "tipo_persona_coherente": BadRow(
        _set("marts.compras", "proveedor = 'Persona Natural'", "moneda = 'CLF'"), "5482-2-CC23 (filas 1)"
    ),
    "fecha_envio_no_futura": BadRow(
        _set("marts.compras", "fecha_envio = date '2024-01-01'", _ORDER),
        "5482-1-SE23 (fecha_envio 2024-01-01, corte 2023-12-31)",
    ),
}

_APPROVED = "acuerdo = '1/2023'"
_AGREEMENTS = {
    "tiene_filas": BadRow("delete from marts.acuerdos_core", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.acuerdos_core select * from marts.acuerdos_core where {_APPROVED}", "1/2023 (veces 2)"
    ),
    "acuerdo_con_forma": BadRow(
        "update marts.acuerdos_core set acuerdo = 'S/N' where acuerdo = '1/2023'; "
        "update staging.stg_core_acuerdos set acuerdo = 'S/N' where acuerdo = '1/2023'",
        "core/acuerdos_20231231.csv fila 2 (filas 1)",
    ),
    "acuerdos_conservados": BadRow(
        _set("marts.acuerdos_core", "monto = 901", _APPROVED), "APROBADO monto (en_origen 900, en_publicacion 901)"
    ),
    "resultado_en_lista": BadRow(_set("marts.acuerdos_core", "resultado = 'PENDIENTE'", _APPROVED), "1/2023 (filas 1)"),
    "tipo_sesion_en_lista": BadRow(
        _set("marts.acuerdos_core", "tipo_sesion = 'SECRETA'", _APPROVED), "1/2023 (filas 1)"
    ),
    "resultado_segun_votos": BadRow(_set("marts.acuerdos_core", "votos_favor = 3", _APPROVED), "1/2023 (acuerdos 1)"),
    "votos_favor_no_negativo": BadRow(
        _set("marts.acuerdos_core", "votos_favor = -1", _APPROVED), "1/2023 (votos_favor -1)"
    ),
    "votos_contra_no_negativo": BadRow(
        _set("marts.acuerdos_core", "votos_contra = -1", _APPROVED), "1/2023 (votos_contra -1)"
    ),
    "abstenciones_no_negativo": BadRow(
        _set("marts.acuerdos_core", "abstenciones = -1", _APPROVED), "1/2023 (abstenciones -1)"
    ),
    "monto_no_negativo": BadRow(_set("marts.acuerdos_core", "monto = -1", _APPROVED), "1/2023 (monto -1)"),
    "anio_segun_fecha": BadRow(
        _set("marts.acuerdos_core", "fecha = date '2022-02-10'", _APPROVED), "1/2023 (anio_de_la_fecha 2022)"
    ),
    "fecha_no_futura": BadRow(
        _set("marts.acuerdos_core", "fecha = date '2024-01-01'", _APPROVED),
        "1/2023 (fecha 2024-01-01, corte 2023-12-31)",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.acuerdos_core", "codigo_iniciativa = '49999999-0'", _APPROVED), "49999999-0 (filas 1)"
    ),
}

_RUNNING = "compromiso = 'PG-01'"
_COMMITMENTS = {
    "tiene_filas": BadRow("delete from marts.compromisos_programa", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.compromisos_programa select * from marts.compromisos_programa where {_RUNNING}",
        "PG-01 (veces 2)",
    ),
    "compromiso_con_forma": BadRow(
        "update marts.compromisos_programa set compromiso = 'PG1' where compromiso = 'PG-01'; "
        "update staging.stg_programa_compromisos set compromiso = 'PG1' where compromiso = 'PG-01'",
        "programa_gobierno/compromisos_20231231.csv fila 2 (filas 1)",
    ),
    "compromisos_conservados": BadRow(
        f"delete from marts.compromisos_programa where {_RUNNING}", "EN CURSO cantidad (en_origen 1, en_publicacion 0)"
    ),
    "cuadra_con_iniciativas": BadRow(
        _set("marts.compromisos_programa", "gasto_acumulado = 571", _RUNNING),
        "PG-01 gasto_acumulado (en_origen 570, en_publicacion 571)",
    ),
    "tipo_en_lista": BadRow(_set("marts.compromisos_programa", "tipo = 'PROMESA'", _RUNNING), "PG-01 (filas 1)"),
    "estado_en_lista": BadRow(_set("marts.compromisos_programa", "estado = 'PERDIDO'", _RUNNING), "PG-01 (filas 1)"),
    "avance_100_solo_si_completo": BadRow(
        _set("marts.compromisos_programa", "avance = 100", _RUNNING), "1 caso: PG-01"
    ),
    "avance_es_un_porcentaje": BadRow(
        _set("marts.compromisos_programa", "avance = 101", _RUNNING), "PG-01 (avance 101)"
    ),
    "cumplido_si_completo": BadRow(
        _set("marts.compromisos_programa", "estado = 'CUMPLIDO'", _RUNNING), "PG-01 (compromisos 1)"
    ),
    "compromiso_de_las_iniciativas_existe": BadRow(
        _set("marts.iniciativas", "compromiso = 'PG-99'", _PLAZA), "PG-99 (iniciativas 1)"
    ),
}

_BACKED = "subtitulo = '22'"
_RECONCILIATION = {
    "tiene_filas": BadRow("delete from marts.conciliacion", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.conciliacion select * from marts.conciliacion where {_BACKED}", "2023 02 22 - (veces 2)"
    ),
    "programa_en_lista": BadRow(_set("marts.conciliacion", "programa = '03'", _BACKED), "2023 03 22 - (filas 1)"),
    "ejecutado_cuadra_con_ficha": BadRow(
        _set("marts.conciliacion", "ejecutado = 601", _BACKED),
        "2023 02 22 ejecutado (en_origen 600, en_publicacion 601)",
    ),
    "respaldo_dte_conservado": BadRow(
        _set("marts.conciliacion", "respaldo_dte = 51", _BACKED), "2023 02 22 - (publicado 51, pesos 50.107)"
    ),
    "respaldo_transferencias_conservado": BadRow(
        "delete from marts.conciliacion where subtitulo = '33'", "2023 02 33 03 (publicado 0, pesos 1.570)"
    ),
    "partes_suman_el_total": BadRow(
        _set("marts.conciliacion", "respaldo_total = 52", _BACKED),
        "2023 02 22 - (respaldo_total 52, suma_de_partes 50)",
    ),
    "diferencia_calculada": BadRow(
        _set("marts.conciliacion", "diferencia = null", _BACKED), "2023 02 22 - (diferencia vacío, esperada 550)"
    ),
    "porcentaje_respaldado_calculado": BadRow(
        _set("marts.conciliacion", "porcentaje_respaldado = 8.34", _BACKED),
        "2023 02 22 - (centesimas 834, centesimas_esperadas 833)",
    ),
    "porcentaje_respaldado_100_solo_si_completo": BadRow(
        _set("marts.conciliacion", "porcentaje_respaldado = 100", _BACKED), "2023 02 22 - (pendiente 550)"
    ),
    "respaldo_hasta_lo_ejecutado": BadRow(
        _set("marts.conciliacion", "ejecutado = null", _BACKED), "2023 02 22 - (ejecutado vacío, respaldo_total 50)"
    ),
}

_JUNE = "indicador = 'ejecucion_p02_junio'"
_MANAGEMENT = {
    "tiene_filas": BadRow("delete from marts.indicadores_gestion", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(
        f"insert into marts.indicadores_gestion select * from marts.indicadores_gestion where {_JUNE}",
        "ejecucion_p02_junio 2023 (veces 2)",
    ),
    "indicador_en_lista": BadRow(
        _set("marts.indicadores_gestion", "indicador = 'felicidad'", _JUNE), "felicidad 2023 (filas 1)"
    ),
    "todos_cada_anio": BadRow(f"delete from marts.indicadores_gestion where {_JUNE}", "año 2023 (indicadores 3)"),
    "valor_calculado": BadRow(
        _set("marts.indicadores_gestion", "valor = 39.24", _JUNE),
        "ejecucion_p02_junio 2023 (centesimas 3924, centesimas_esperadas 3923)",
    ),
    "valor_100_solo_si_completo": BadRow(
        _set("marts.indicadores_gestion", "valor = 100", _JUNE), "ejecucion_p02_junio 2023 (pendiente 1.580)"
    ),
    "parte_no_supera_al_total": BadRow(
        _set("marts.indicadores_gestion", "numerador = 3", "indicador = 'pago_30_dias'"),
        "pago_30_dias 2023 (exceso 1)",
    ),
    "ejecucion_cuadra_con_ficha": BadRow(
        _set("marts.indicadores_gestion", "denominador = 2601", _JUNE),
        "ejecucion_p02_junio 2023 (publicado 1020 de 2601, esperado 1020 de 2600)",
    ),
    "pago_cuadra_con_pago_oportuno": BadRow(
        _set("marts.indicadores_gestion", "numerador = null", "indicador = 'pago_30_dias'"),
        "pago_30_dias 2023 (publicado vacío de 2, esperado 1 de 2)",
    ),
    "unidad_en_lista": BadRow(
        _set("marts.indicadores_gestion", "unidad = null", _JUNE), "ejecucion_p02_junio 2023 (filas 1)"
    ),
}

_WAY = "marts.iniciativa_trazabilidad"
_WAYS = {
    "tiene_filas": BadRow(f"delete from {_WAY}", "filas publicadas (filas 0)"),
    "clave_unica": BadRow(f"insert into {_WAY} select * from {_WAY} where {_PLAZA}", "40000001-0 (veces 2)"),
    "codigo_iniciativa_con_forma": BadRow(
        f"update {_WAY} set codigo_iniciativa = 'XX' where {_PLAZA}; "
        f"update staging.stg_sagir_iniciativas set codigo_iniciativa = 'XX' where {_PLAZA}",
        "sagir/iniciativas_20231231.csv fila 2 (filas 1)",
    ),
    "cartera_conservada": BadRow(
        _set(_WAY, "monto_total = 1000", _PLAZA), "40000001-0 monto_total (en_origen 1.000.000, en_publicacion 1.000)"
    ),
    "gasto_cuadra": BadRow(
        _set(_WAY, "gasto_real = 70", _PLAZA), "40000001-0 gasto_real (en_origen 70.000, en_publicacion 70)"
    ),
    "documentos_cuadran": BadRow(
        _set(_WAY, "monto_facturado = 131", _PLAZA), "40000001-0 monto_facturado (en_origen 107, en_publicacion 131)"
    ),
    "transferencias_cuadran": BadRow(
        _set(_WAY, "monto_aprobado = 301", _PLAZA), "40000001-0 monto_aprobado (en_origen 300, en_publicacion 301)"
    ),
    "ordenes_cuadran": BadRow(
        _set(_WAY, "monto_ordenes_compra = 2380", _PLAZA),
        "40000001-0 monto_ordenes_compra (en_origen 1.190, en_publicacion 2.380)",
    ),
    "saldo_por_rendir_calculado": BadRow(
        _set(_WAY, "saldo_por_rendir = 600", _PLAZA), "40000001-0 (publicado 600, esperado 550)"
    ),
    "diferencia_gasto_calculado": BadRow(
        _set(_WAY, "diferencia_gasto = null", _PLAZA), "40000001-0 (publicado vacío, esperado 68893)"
    ),
    "documentos_sgd_contados": BadRow(
        _set(_WAY, "documentos_sgd = 0", _PLAZA), "40000001-0 (documentos_sgd 0, la_nombran 1)"
    ),
    "acuerdos_core_contados": BadRow(
        _set(_WAY, "acuerdos_core = null", _PLAZA), "40000001-0 (acuerdos_core -1, la_nombran 1)"
    ),
    "alertas_en_lista": BadRow(_set(_WAY, "alertas = 'ALGO_RARO'", _PLAZA), "40000001-0 (filas 1)"),
    "alertas_en_orden": BadRow(
        _set(_WAY, "alertas = 'GASTO_SIN_RESPALDO | PAGADO_SOBRE_FACTURADO'", _PLAZA), "1 caso: 40000001-0"
    ),
    "cantidad_alertas_calculado": BadRow(
        _set(_WAY, "cantidad_alertas = 0", _PLAZA), "40000001-0 (publicado 0, esperado 2)"
    ),
    "alertas_segun_los_datos": BadRow(
        _set(_WAY, "alertas = 'GASTO_SIN_RESPALDO'", "codigo_iniciativa = '2401SC0001'"),
        "2401SC0001 RENDICION_ATRASADA (publicada NO, esperada SÍ)",
    ),
}

BAD_ROWS: dict[tuple[str, str], BadRow] = {
    (dataset, name): bad_row
    for dataset, rows in {
        "ejecucion_presupuestaria": _EXECUTION,
        "ficha_ciudadana": _SHEETS,
        "contraste_fichas": _CONTRAST,
        "pagos_proveedores": _PAYMENTS,
        "pago_oportuno": _TIMELY,
        "iniciativas": _INITIATIVES,
        "iniciativas_comunas": _PLACES,
        "iniciativa_hitos": _MILESTONES,
        "iniciativa_gasto": _SPENDING,
        "transferencias": _TRANSFERS,
        "rendiciones": _ACCOUNTS,
        "documentos": _DOCUMENTS,
        "fuentes": _FILES,
        "filas_rechazadas": _REJECTED,
        "compras": _PURCHASES,
        "acuerdos_core": _AGREEMENTS,
        "compromisos_programa": _COMMITMENTS,
        "conciliacion": _RECONCILIATION,
        "indicadores_gestion": _MANAGEMENT,
        "iniciativa_trazabilidad": _WAYS,
    }.items()
    for name, bad_row in rows.items()
}
