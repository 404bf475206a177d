"""For each check, one bad row that it must see, and what it must say of it."""

from typing import NamedTuple

from tests.expectations.carried import BUDGET_AT_SOURCE, SHEETS_OF_BUDGET


class BadRow(NamedTuple):
    """SQL that spoils the good warehouse for one check alone.

    Args:
        sql: what spoils it; where others compute from the row or from its source, it changes these too, so that the row
            is wrong for its own check and right for all others.
        named: text by which the offender must be named.
    """

    sql: str
    named: str


def _set(relation: str, changes: str, where: str) -> str:
    return f"update {relation} set {changes} where {where}"


def _all(*statements: str) -> str:
    return "; ".join(statements)


def _both(dataset: str, source: str, changes: str, where: str) -> str:
    """The same change in a mart and in the staging model that it comes from."""
    return _all(_set(f"marts.{dataset}", changes, where), _set(f"staging.{source}", changes, where))


def _again(relation: str, where: str, changes: str = "") -> str:
    """A second row like one that is there, with some columns changed."""
    return f"insert into {relation} select * {f'replace ({changes})' if changes else ''} from {relation} where {where}"


def _everywhere(changes: str, where: str, *sources: str) -> str:
    """The same change of a tax document wherever it is told."""
    relations = ("marts.pagos_proveedores", "intermediate.int_documentos_tributarios", *sources)
    return "; ".join(_set(relation, changes, where) for relation in relations)


def _accounts(monthly: str, still: str) -> str:
    """Changes of both accounts of the first transfer, so that its sums stay, in the mart and in its source."""
    return "; ".join(
        _both("rendiciones", "stg_sisrec_rendiciones", changes, f"{_FIRST} and periodo = '{month}'")
        for changes, month in ((monthly, "2023-07"), (still, "2023-08"))
    )


def _in_pesos(export: str, column: str) -> BadRow:
    """A file whose amounts are a thousand times those of the file before it."""
    changed = _set("staging.stg_montos_por_archivo", "magnitud = 9", f"export = '{export}' and {_OF_2022}")
    said = f"{export}_2022.csv {column} (monto_tipico 1.000.000.000, monto_tipico_anterior 1.000.000)"
    return BadRow(changed, said)


def _months_not_known(subtitulo: str) -> str:
    """What was spent in each month is not known, so that it cannot contradict what was spent since January."""
    return _set("marts.ejecucion_presupuestaria", "ejecucion_mes = null", f"subtitulo = '{subtitulo}'")


def _refused(reason: str) -> str:
    """A file refused for a reason, here and in the ledger: it counts no rows, and nothing is in force in its place."""
    refused = (
        f"estado = 'RECHAZADO', motivo = '{reason}', filas = null, aceptadas = null, rechazadas = null, "
        "duplicadas = null, ignoradas = null"
    )
    return _all(
        _both("fuentes", "stg_archivos", refused, _OF_XML), _set("marts.fuentes", "sha256_en_vigor = null", _OF_XML)
    )


_OF_2022 = "fecha_dato = date '2022-12-31'"
_ANDES = "tipo 33 folio 1 de 76086428-5"
_PERSON = "tipo 34 folio 7 de RUT reservado"
_FILE = "dte/pagos_20231231.csv"

_CREDIT_NOTE_NAME = "tipo 61 folio 2 de 76086428-5"
_XML_FILE = "dte/dte_0001.xml"

_LINE = "mes = 4 and asignacion = '125'"
#: Income is in no sheet.
_INCOME = "mes = 4 and subtitulo = '08'"
_PAYMENT = "folio = 1"
_SHEET = "mes = 4 and subtitulo = '22'"
_CREDIT_NOTE = "folio = 2"
_ONLY_XML = "folio = 3"
_PLAZA = "codigo_iniciativa = '40000001-0'"
#: Nothing names it and nothing was spent on it.
_REGIONAL = "codigo_iniciativa = '40000003-0'"
_FIRST = "id_transferencia = 'T-2023-00001'"
#: No account renders it, and it is less than the rounding of its line.
_TO_PERSON = "id_transferencia = 'T-2023-00003'"
_REGULAR = "tipo = 'REGULARIZACIÓN'"
_MONTHLY = "tipo = 'MENSUAL'"
_OFICIO = "id_documento = 'SGD-2023-000001'"

_OF_FILE = f"archivo = '{_FILE}'"
_OF_XML = f"archivo = '{_XML_FILE}'"

_WAY = "marts.iniciativa_trazabilidad"

_SPOILED_PARENT = _set(
    "staging.stg_presupuesto_ejecucion",
    "ejecucion_acumulada = ejecucion_acumulada + 4",
    "mes = 4 and subtitulo = '33' and item is null",
)
_UNREADABLE_CELL = (
    "insert into staging.stg_observaciones "
    "values ('presupuesto_ejecucion', 'presupuesto/ejecucion_2023_4_02.csv', 9, 'item')"
)
_JUNE = "indicador = 'ejecucion_p02_junio'"
_SPENT = "codigo_iniciativa = '2401SC0001'"
_NONE_PAID_IN_TIME = _set(
    "marts.indicadores_gestion", "numerador = 0, denominador = 0, valor = null", "indicador = 'pago_30_dias'"
)
#: Each line spent what backs it, and another of its subtitle gave it back: together they spent nothing.
_SPENT_ELSEWHERE = _all(
    "insert into marts.conciliacion select * replace ('01' as item, -respaldo_total as ejecutado, 0 as respaldo_dte, "
    "0 as respaldo_transferencias, 0 as respaldo_total, -respaldo_total as diferencia, 0 as porcentaje_respaldado) "
    "from marts.conciliacion",
    "update marts.conciliacion set ejecutado = respaldo_total, diferencia = 0, porcentaje_respaldado = 100 "
    "where item is null or item <> '01'",
)
_NOTHING_PAID = "0 as documentos_pagados, 0 as documentos_en_plazo, 0 as porcentaje_en_plazo, 0 as monto_pagado"
_NO_DAYS = "null as dias_promedio, null as dias_mediana, null as dias_p90"
_NOTHING_SPENT = "0 as gasto_proyectado, 0 as gasto_real"
_NOTHING_RENDERED = (
    "0 as monto_rendido, 0 as monto_aprobado, 0 as monto_observado, 0 as monto_rechazado, 0 as monto_reintegrado"
)
_NOTHING_BACKED = (
    "0 as ejecutado, 0 as respaldo_dte, 0 as respaldo_transferencias, 0 as respaldo_total, 0 as diferencia, "
    "null as porcentaje_respaldado"
)

_EXECUTION = {
    "tiene_filas": BadRow(
        # Nothing was spent, so that the sheets say 0.
        _all(
            "delete from marts.ejecucion_presupuestaria",
            BUDGET_AT_SOURCE,
            "update marts.ficha_ciudadana set presupuesto_vigente = 0, ejecutado = 0, porcentaje_ejecucion = null",
            "update marts.contraste_fichas set publicado = 0, calculado = 0 where calculado is not null",
            _SPENT_ELSEWHERE,
            _set("marts.indicadores_gestion", "numerador = 0, denominador = 0, valor = null", _JUNE),
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _all(_again("marts.ejecucion_presupuestaria", _INCOME), BUDGET_AT_SOURCE, _months_not_known("08")),
        "2023-04 02 08 (veces 2)",
    ),
    "linea_suma_sus_hijas": BadRow(
        _SPOILED_PARENT,
        "2023-04 02 33 ejecucion_acumulada (linea 484, suma_de_hijas 480)",
    ),
    "linea_suma_sus_hijas_con_rechazos": BadRow(
        _all(_SPOILED_PARENT, _UNREADABLE_CELL),
        "2023-04 02 33 ejecucion_acumulada (linea 484, suma_de_hijas 480)",
    ),
    "montos_conservados": BadRow(
        _set(
            "marts.ejecucion_presupuestaria",
            "presupuesto_vigente = presupuesto_vigente + 1, saldo = saldo + 1",
            _INCOME,
        ),
        "2023-04 presupuesto_vigente (en_origen 2.700, en_publicacion 2.701)",
    ),
    "programa_en_lista": BadRow(
        _set("marts.ejecucion_presupuestaria", "programa = null", "subtitulo = '08'"), "2023-01 - 08"
    ),
    "tipo_segun_subtitulo": BadRow(_set("marts.ejecucion_presupuestaria", "tipo = 'OTRO'", _INCOME), "2023-04 02 08"),
    "mes_valido": BadRow(
        _all(_set("marts.ejecucion_presupuestaria", "mes = 13", _INCOME), BUDGET_AT_SOURCE, _months_not_known("08")),
        "2023-13 02 08",
    ),
    "saldo_calculado": BadRow(
        _set("marts.ejecucion_presupuestaria", "saldo = saldo + 1", _LINE), "2023-04 02 33.03.125"
    ),
    "porcentaje_ejecucion_100_solo_si_completo": BadRow(
        _set("marts.ejecucion_presupuestaria", "porcentaje_ejecucion = 100", _LINE),
        "2023-04 02 33.03.125 (pendiente 800)",
    ),
    "ejecucion_sobre_vigente": BadRow(
        _all(
            _set("marts.ejecucion_presupuestaria", "ejecucion_acumulada = 101, saldo = -1", _INCOME),
            BUDGET_AT_SOURCE,
            _months_not_known("08"),
        ),
        "2023-04 02 08 (presupuesto_vigente 100, ejecucion_acumulada 101)",
    ),
    "ejecucion_mes_no_negativo": BadRow(
        _all(_months_not_known("33"), _set("marts.ejecucion_presupuestaria", "ejecucion_mes = -1", _LINE)),
        "2023-04 02 33.03.125 (ejecucion_mes -1)",
    ),
    "meses_suman_lo_acumulado": BadRow(
        _set("marts.ejecucion_presupuestaria", "ejecucion_mes = ejecucion_mes + 1", _LINE),
        "2023-04 02 33 P (del_mes 121, aumento 120)",
    ),
    "meses_sin_saltos": BadRow(
        _all("delete from marts.ejecucion_presupuestaria where mes = 5", BUDGET_AT_SOURCE, SHEETS_OF_BUDGET),
        "2023 02 (meses_recibidos 11, ultimo_mes 12)",
    ),
    "presupuesto_inicial_no_cambia": BadRow(
        _all(
            _set("marts.ejecucion_presupuestaria", "presupuesto_inicial = 0", "mes = 5 and subtitulo = '22'"),
            BUDGET_AT_SOURCE,
        ),
        "2023-05 02 P (inicial 2.000, primero 2.600)",
    ),
    "unidad_de_presupuesto_ejecucion": _in_pesos("presupuesto_ejecucion", "presupuesto_vigente"),
}

_SHEETS = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.ficha_ciudadana",
            "update marts.contraste_fichas set calculado = null, diferencia = null, coincide = null",
            _SPENT_ELSEWHERE,
            _set("marts.indicadores_gestion", "numerador = null, denominador = null, valor = null", _JUNE),
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _again("marts.ficha_ciudadana", _SHEET, "0 as presupuesto_vigente, 0 as ejecutado"), "2023-04 02 22 (veces 2)"
    ),
    "total_suma_subtitulos": BadRow(
        _set("marts.ficha_ciudadana", "ejecutado = ejecutado + 1", "mes = 4 and subtitulo = 'TOTAL'"),
        "2023-04 02 (monto ejecutado, total 681, suma_de_subtitulos 680)",
    ),
    "cuadra_con_ejecucion": BadRow(
        _set("marts.ficha_ciudadana", "ejecutado = ejecutado + 1", "mes = 4 and subtitulo in ('22', 'TOTAL')"),
        "2023-04 02 22 ejecutado (en_origen 200, en_publicacion 201)",
    ),
    "programa_en_lista": BadRow(
        _again("marts.ficha_ciudadana", _SHEET, "'03' as programa, 0 as presupuesto_vigente, 0 as ejecutado"),
        "2023-04 03 22",
    ),
    "nombre_presente": BadRow(_set("marts.ficha_ciudadana", "nombre = null", _SHEET), "subtítulo 22"),
    "descripcion_presente": BadRow(_set("marts.ficha_ciudadana", "descripcion = ''", _SHEET), "subtítulo 22"),
    "porcentaje_ejecucion_100_solo_si_completo": BadRow(
        _set("marts.ficha_ciudadana", "porcentaje_ejecucion = 100", _SHEET), "2023-04 02 22 (pendiente 400)"
    ),
    "ejecutado_sobre_vigente": BadRow(
        # Its lines keep to their budgets: one is to bring money back and does not, the other spends its own.
        _all(
            "update marts.ejecucion_presupuestaria set presupuesto_vigente = -10, ejecucion_acumulada = 0, saldo = -10 "
            "where mes = 5 and asignacion = '125'; "
            "update marts.ejecucion_presupuestaria set presupuesto_vigente = 20, ejecucion_acumulada = 20, saldo = 0 "
            "where mes = 5 and asignacion = '150'",
            BUDGET_AT_SOURCE,
            SHEETS_OF_BUDGET,
            _months_not_known("33"),
        ),
        "2023-05 02 33 (presupuesto_vigente 10, ejecutado 20)",
    ),
}

_CONTRAST_ROW = "subtitulo = '22'"
_CONTRAST = {
    "clave_unica": BadRow(
        f"insert into marts.contraste_fichas select * from marts.contraste_fichas where {_CONTRAST_ROW}",
        "2023 02 22 ejecutado (veces 2)",
    ),
    "campo_en_lista": BadRow(
        _set("marts.contraste_fichas", "campo = 'saldo', publicado = 100, calculado = 100", _CONTRAST_ROW),
        "2023 02 22 saldo",
    ),
    "calculado_es_la_ficha": BadRow(
        _set("marts.contraste_fichas", "publicado = 601, calculado = 601", _CONTRAST_ROW),
        "2023 02 22 ejecutado (calculado 601.00, en_ficha 600.00)",
    ),
    "diferencia_coherente": BadRow(_set("marts.contraste_fichas", "diferencia = 1", _CONTRAST_ROW), "2023 02 22"),
    "ficha_impresa_coincide": BadRow(
        _set("marts.contraste_fichas", "publicado = 97.9, diferencia = -502.1, coincide = false", _CONTRAST_ROW),
        "2023 02 22 ejecutado (publicado 97,90, calculado 600)",
    ),
}

_PAYMENTS = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.pagos_proveedores",
            "update marts.pago_oportuno set documentos_pagados = 0, documentos_en_plazo = 0, porcentaje_en_plazo = 0, "
            "dias_promedio = null, dias_mediana = null, dias_p90 = null",
            _NONE_PAID_IN_TIME,
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _set("intermediate.int_documentos_tributarios", "folio = 1", "folio = 3"), f"{_ANDES} (veces 2)"
    ),
    "documentos_conservados": BadRow(
        "delete from marts.pagos_proveedores where folio = 3; delete from intermediate.int_documentos_tributarios "
        "where folio = 3",
        "33 cantidad (en_origen 2, en_publicacion 1)",
    ),
    "montos_sin_cambio": BadRow(
        _set("marts.pagos_proveedores", "monto_iva = 20", _PAYMENT), "33 monto_iva (en_origen 57, en_publicacion 58)"
    ),
    "rut_proveedor_en_rango_publico": BadRow(
        _set("marts.pagos_proveedores", "rut_proveedor = '10021972-7', tipo_persona = 'JURIDICA'", "folio = 7"),
        "tipo 34 folio 7",
    ),
    "rut_proveedor_digito_correcto": BadRow(
        _set("marts.pagos_proveedores", "rut_proveedor = '76086428-6'", _PAYMENT), "tipo 33 folio 1"
    ),
    "tipo_persona_coherente": BadRow(
        _set("marts.pagos_proveedores", "proveedor = 'Persona Natural'", "folio = 7"), "tipo 34 folio 7"
    ),
    "tipo_documento_en_lista": BadRow(
        _everywhere("tipo_documento = '39'", _ONLY_XML, "staging.stg_dte_xml"), "tipo 39 folio 3 de 76086428-5"
    ),
    "estado_en_lista": BadRow(_set("marts.pagos_proveedores", "estado = 'PERDIDA'", _CREDIT_NOTE), _CREDIT_NOTE_NAME),
    "programa_en_lista": BadRow(_set("marts.pagos_proveedores", "programa = '03'", _CREDIT_NOTE), _CREDIT_NOTE_NAME),
    "notas_de_credito_restan": BadRow(_everywhere("monto_iva = 2", _CREDIT_NOTE), f"{_CREDIT_NOTE_NAME} (monto 2)"),
    "monto_total_no_negativo": BadRow(
        _all(
            _everywhere("monto_total = -1", _ONLY_XML, "staging.stg_dte_xml"),
            _everywhere("monto_neto = null", _ONLY_XML),
        ),
        "tipo 33 folio 3 de 76086428-5 (monto_total -1)",
    ),
    "fecha_recepcion_no_antes_de_fecha_emision": BadRow(
        _set("marts.pagos_proveedores", "fecha_emision = date '2023-01-04'", _PAYMENT), _ANDES
    ),
    "fecha_pago_no_antes_de_fecha_recepcion": BadRow(
        # No days are counted of a credit note.
        _set(
            "marts.pagos_proveedores",
            "estado = 'PAGADA', fecha_devengo = null, fecha_pago = date '2023-04-02', dias_pago = -1",
            _CREDIT_NOTE,
        ),
        f"{_CREDIT_NOTE_NAME} (fecha_recepcion 2023-04-03, fecha_pago 2023-04-02)",
    ),
    "fecha_pago_no_antes_de_fecha_devengo": BadRow(
        _set("marts.pagos_proveedores", "fecha_devengo = date '2023-03-14'", "folio = 7"), _PERSON
    ),
    "fecha_pago_no_futura": BadRow(
        _set(
            "marts.pagos_proveedores",
            "estado = 'PAGADA', fecha_pago = date '2024-01-01', dias_pago = 273",
            _CREDIT_NOTE,
        ),
        f"{_CREDIT_NOTE_NAME} (fecha_pago 2024-01-01, corte 2023-12-31)",
    ),
    "dias_pago_calculados": BadRow(
        _all(
            _set("marts.pagos_proveedores", "dias_pago = 18", _PAYMENT),
            _set("marts.pago_oportuno", "dias_promedio = 18, dias_mediana = 18, dias_p90 = 18", "mes = 1"),
        ),
        f"{_ANDES} (dias_pago 18, dias_esperados 17)",
    ),
    "dentro_plazo_coherente": BadRow(
        _set("marts.pagos_proveedores", "dentro_plazo = true", "folio = 7")
        + "; update marts.pago_oportuno set documentos_en_plazo = 1 where mes = 3"
        + "; update marts.indicadores_gestion set numerador = 2, valor = 100 where indicador = 'pago_30_dias'",
        f"{_PERSON} (caso más de 30 días, dentro_plazo SÍ, filas 1)",
    ),
    "pagada_con_fecha": BadRow(
        _set("marts.pagos_proveedores", "estado = 'PAGADA'", _CREDIT_NOTE),
        f"{_CREDIT_NOTE_NAME} (pago sin fecha de pago)",
    ),
    "monto_conocido": BadRow(
        _all(
            _everywhere("monto_neto = null, monto_iva = null, monto_total = null", "folio = 7"),
            _set("staging.stg_dte_rcv_compra", "monto_total = null", "folio = 7"),
            _set("staging.stg_dte_xml", "monto_total = null", "folio = 7"),
            _set(
                "marts.conciliacion",
                "respaldo_dte = 0, respaldo_total = 0, diferencia = 600, porcentaje_respaldado = 0",
                "subtitulo = '22'",
            ),
        ),
        "2023-02 02 (sin_monto 1, documentos 1)",
    ),
    "documento_en_un_solo_periodo": BadRow(
        "insert into staging.stg_dte_rcv_compra select * replace ('dte/rcv_compra_202312.csv' as _archivo) "
        "from staging.stg_dte_rcv_compra where folio = 7",
        f"{_PERSON} (periodos 2, primer_archivo dte/rcv_compra_202302.csv, ultimo_archivo dte/rcv_compra_202312.csv)",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.pagos_proveedores", "codigo_iniciativa = '40999999-0'", _PAYMENT), "40999999-0 (filas 1)"
    ),
    "neto_hasta_monto_total": BadRow(
        _everywhere("monto_neto = 239", _ONLY_XML), "tipo 33 folio 3 de 76086428-5 (monto_neto 239, monto_total 238)"
    ),
    "xml_igual_al_registro": BadRow(
        _set("staging.stg_dte_xml", "monto_total = 13", _CREDIT_NOTE),
        f"1 caso: {_CREDIT_NOTE_NAME} (en_registro -12, en_xml -13)",
    ),
    "xml_dirigido_a_la_institucion": BadRow(
        # The lower of the RUTs, so that the one that most name does not count for its place alone.
        _set("staging.stg_dte_xml", "rut_receptor = '10021972-7'", "folio = 7"),
        "1 caso: tipo 34 folio 7 (archivo dte/dte_0007.xml)",
    ),
    "unidad_de_dte_rcv_compra": _in_pesos("dte_rcv_compra", "monto_total"),
    "meses_sin_saltos_de_dte_rcv_compra": BadRow(
        _set("staging.stg_archivos", "mes = 2", "archivo = 'dte/rcv_compra_202301.csv'"),
        "1 caso: 2023-01 (archivo falta)",
    ),
    "archivo_del_mes_que_dice": BadRow(
        _set("staging.stg_dte_rcv_compra", "fecha_recepcion = date '2023-03-01'", _PAYMENT),
        "dte/rcv_compra_202301.csv (filas 1, del_mes 0)",
    ),
}

_PAID_MONTH = "mes = 3"
_TIMELY = {
    "tiene_filas": BadRow(
        # No document was paid.
        _all(
            "delete from marts.pago_oportuno",
            "update marts.pagos_proveedores set estado = 'DEVENGADA', fecha_pago = null, dias_pago = null, "
            "dentro_plazo = false where fecha_pago is not null",
            "update staging.stg_dte_pagos set fecha_pago = null",
            _NONE_PAID_IN_TIME,
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(_again("marts.pago_oportuno", _PAID_MONTH, _NOTHING_PAID), "2023-03 02 (veces 2)"),
    "documentos_contados": BadRow(
        # The year stays as it was: a document of January is counted in March.
        "update marts.pago_oportuno set documentos_pagados = 0, documentos_en_plazo = 0 where mes = 1; "
        "update marts.pago_oportuno set documentos_pagados = 2, documentos_en_plazo = 1 where mes = 3",
        "2023-03 02 documentos_pagados (en_origen 1, en_publicacion 2)",
    ),
    "montos_pagados": BadRow(
        _set("marts.pago_oportuno", "monto_pagado = 50001", _PAID_MONTH),
        "2023-03 02 monto_pagado (en_origen 50.000, en_publicacion 50.001)",
    ),
    "programa_en_lista": BadRow(
        _again("marts.pago_oportuno", _PAID_MONTH, f"null as programa, {_NOTHING_PAID}, {_NO_DAYS}"), "2023-03 -"
    ),
    "porcentaje_entre_0_y_100": BadRow(
        _set("marts.pago_oportuno", "porcentaje_en_plazo = 100.01", _PAID_MONTH), "porcentaje_en_plazo 100,01"
    ),
    "porcentaje_en_plazo_100_solo_si_completo": BadRow(
        _set("marts.pago_oportuno", "porcentaje_en_plazo = 100", _PAID_MONTH), "2023-03 02 (pendiente 1)"
    ),
    "dias_calculados": BadRow(
        _set("marts.pago_oportuno", "dias_p90 = 40.01", _PAID_MONTH),
        "2023-03 02 (publicado 40.00 / 40.00 / 40.01, esperado 40.00 / 40.00 / 40.00)",
    ),
    "recepcion_conocida": BadRow(
        _all(
            _set(
                "marts.pagos_proveedores", "fecha_recepcion = null, dias_pago = null, dentro_plazo = null", "folio = 7"
            ),
            _set(
                "marts.pago_oportuno",
                "documentos_en_plazo = null, documentos_sin_recepcion = 1, porcentaje_en_plazo = null, "
                "dias_promedio = null, dias_mediana = null, dias_p90 = null",
                _PAID_MONTH,
            ),
            _set("marts.indicadores_gestion", "numerador = null, valor = null", "indicador = 'pago_30_dias'"),
        ),
        "2023-03 02 (documentos_sin_recepcion 1, documentos_pagados 1)",
    ),
    "mes_valido": BadRow(
        _again("marts.pago_oportuno", _PAID_MONTH, f"0 as mes, {_NOTHING_PAID}, {_NO_DAYS}"), "2023-00 02 (mes 0)"
    ),
    "monto_pagado_conocido": BadRow(
        _all(
            _set("intermediate.int_documentos_tributarios", "monto_pagado = null", "folio = 7"),
            _set("staging.stg_dte_pagos", "monto_pagado = null", "folio = 7"),
            "update marts.pago_oportuno set monto_pagado = 0 where mes = 3",
        ),
        "2023-03 02 (sin_monto 1, documentos 1)",
    ),
    "pagado_hasta_monto_total": BadRow(
        _all(
            _set("intermediate.int_documentos_tributarios", "monto_pagado = 50001", "folio = 7"),
            _set("staging.stg_dte_pagos", "monto_pagado = 50001", "folio = 7"),
            "update marts.pago_oportuno set monto_pagado = 50001 where mes = 3",
        ),
        f"1 caso: {_PERSON} (monto_pagado 50.001, monto_total 50.000)",
    ),
    "unidad_de_dte_pagos": _in_pesos("dte_pagos", "monto_pagado"),
}

_INITIATIVES = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.iniciativas",
            "update marts.compromisos_programa set iniciativas = 0, monto_iniciativas = 0, gasto_acumulado = 0",
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _set(
            "marts.iniciativas",
            "codigo_iniciativa = '40000001-0', codigo_bip = '40000001', alcance = 'COMUNAL', origen_punto = 'COMUNA', "
            "gasto_acumulado = 70",
            _REGIONAL,
        ),
        "40000001-0 (veces 2)",
    ),
    "codigo_iniciativa_con_forma": BadRow(
        # No row of a file has it, or the way of the initiative would stand under another code than the portfolio.
        _set("marts.iniciativas", "codigo_iniciativa = 'Rosa', codigo_bip = null, parte = null", _REGIONAL),
        "1 caso: - (filas 1)",
    ),
    "cartera_conservada": BadRow(
        _set("marts.iniciativas", "monto_total = 301", _REGIONAL), "RS monto_total (en_origen 300, en_publicacion 301)"
    ),
    "codigo_bip_coherente": BadRow(_set("marts.iniciativas", "parte = 1", _PLAZA), "40000001-0 (compuesto 40000001-1)"),
    **{
        f"{column}_en_lista": BadRow(_set("marts.iniciativas", f"{column} = 'OTRA COSA'", _PLAZA), "40000001-0")
        for column in ("tipo", "tipologia", "etapa", "division", "rate", "alcance")
    },
    "alcance_segun_comunas": BadRow(
        _all(
            "insert into marts.iniciativas_comunas values ('40000003-0', '13101', 'Santiago')",
            _set("staging.stg_sagir_iniciativas", "comunas = '13101'", _REGIONAL),
        ),
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
        _set("marts.iniciativas", "gasto_acumulado = 1", _REGIONAL), "40000003-0 (gasto_acumulado 1, suma_de_meses 0)"
    ),
    "avance_financiero_100_solo_si_completo": BadRow(
        _set("marts.iniciativas", "avance_financiero = 100", _PLAZA), "40000001-0 (pendiente 930)"
    ),
    "gasto_sobre_monto_total": BadRow(
        _set("marts.iniciativas", "gasto_acumulado = 301", _REGIONAL)
        + "; insert into marts.iniciativa_gasto values ('40000003-0', 2023, 5, null, 301)"
        + "; insert into staging.stg_sagir_gasto values ('40000003-0', 2023, 5, null, 301); "
        + _set(
            _WAY,
            "gasto_real = 301000, diferencia_gasto = 301000, cantidad_alertas = 1, alertas = 'GASTO_SOBRE_MONTO_TOTAL'",
            _REGIONAL,
        ),
        "40000003-0 (monto_total 300, gasto_acumulado 301)",
    ),
    "monto_total_no_negativo": BadRow(
        _all(
            _both("iniciativas", "stg_sagir_iniciativas", "monto_total = -1, monto_fndr = null", _REGIONAL),
            _set(
                _WAY,
                "monto_total = -1000, cantidad_alertas = 2, alertas = 'GASTO_SOBRE_MONTO_TOTAL | "
                "FACTURADO_SOBRE_MONTO_TOTAL'",
                _REGIONAL,
            ),
        ),
        "40000003-0 (monto_total -1)",
    ),
    "fndr_hasta_monto_total": BadRow(
        _both("iniciativas", "stg_sagir_iniciativas", "monto_fndr = 1001", _PLAZA),
        "40000001-0 (monto_total 1.000, monto_fndr 1.001)",
    ),
    "nombre_presente": BadRow(_set("marts.iniciativas", "nombre = ' '", _PLAZA), "40000001-0"),
    **{
        f"{column}_no_futura": BadRow(
            _set("marts.iniciativas", f"{column} = date '2024-01-01'", _PLAZA), f"40000001-0 ({column} 2024-01-01"
        )
        for column in ("fecha_estado", "fecha_rate", "fecha_core")
    },
    "estado_en_lista": BadRow(
        _both("iniciativas", "stg_sagir_iniciativas", "estado = 'OTRA COSA'", _PLAZA), "40000001-0"
    ),
    "unidad_de_sagir_iniciativas": _in_pesos("sagir_iniciativas", "monto_total"),
    "puntos_de_sagir_en_la_region": BadRow(
        _set("marts.iniciativas", "origen_punto = 'COMUNA'", _PLAZA),
        "iniciativas con punto de SAGIR (puntos 1, en_la_region 0)",
    ),
}

_PLACES = {
    "tiene_filas": BadRow(
        "delete from marts.iniciativas_comunas; update staging.stg_sagir_iniciativas set comunas = 'REGIONAL'; "
        "update marts.iniciativas set alcance = 'REGIONAL', latitud = -33.443, longitud = -70.6513, origen_punto = "
        "'EDIFICIO INSTITUCIONAL'",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _set("marts.iniciativas_comunas", "cut = '13101', comuna = 'Santiago'", "cut = '13123'"),
        "2401SC0001 13101 (veces 2)",
    ),
    "comunas_conservadas": BadRow(
        _set("staging.stg_sagir_iniciativas", "comunas = '13101 13123 13124'", "codigo_iniciativa = '2401SC0001'"),
        "2401SC0001 lugares (en_origen 3, en_publicacion 2)",
    ),
    "comuna_de_la_region": BadRow(
        _set("marts.iniciativas_comunas", "cut = '05101'", _PLAZA),
        "comuna 05101 de 40000001-0 (nombre_oficial (no existe))",
    ),
}

_MILESTONES = {
    "tiene_filas": BadRow(
        "delete from marts.iniciativa_hitos; delete from staging.stg_sagir_hitos", "filas publicadas (filas 0)"
    ),
    "clave_unica": BadRow(
        # Without a date neither of the two comes first.
        _all(
            "update marts.iniciativa_hitos set orden = 2, fecha = null where codigo_iniciativa = '2401SC0001'",
            _again("marts.iniciativa_hitos", "codigo_iniciativa = '2401SC0001'"),
            _again("staging.stg_sagir_hitos", "codigo_iniciativa = '2401SC0001'"),
        ),
        "2401SC0001 2 (veces 2)",
    ),
    "hitos_conservados": BadRow(
        _again("staging.stg_sagir_hitos", "hito = 'RATE'"), "RATE cantidad (en_origen 2, en_publicacion 1)"
    ),
    "hito_en_lista": BadRow(
        _both("iniciativa_hitos", "stg_sagir_hitos", "hito = 'FIESTA'", "hito = 'CONVENIO'"), "2401SC0001 (filas 1)"
    ),
    "orden_sin_saltos": BadRow(
        _set("marts.iniciativa_hitos", "orden = 4", f"{_PLAZA} and orden = 3"), "40000001-0 (ultimo_orden 4, hitos 3)"
    ),
    "orden_segun_fecha": BadRow(
        "update marts.iniciativa_hitos set orden = 3, dias_desde_anterior = -31 where hito = 'RATE'; "
        "update marts.iniciativa_hitos set orden = 2, dias_desde_anterior = 132 where hito = 'APROBACIÓN CORE'",
        "40000001-0 3 RATE",
    ),
    "dias_desde_anterior_calculados": BadRow(
        _set("marts.iniciativa_hitos", "dias_desde_anterior = 0", f"{_PLAZA} and orden = 1"),
        "40000001-0 1 POSTULACIÓN (dias 0, dias_esperados vacío)",
    ),
    "pasos_en_secuencia": BadRow(
        _both("iniciativa_hitos", "stg_sagir_hitos", "hito = 'CONTRATO'", "hito = 'RATE'"), "40000001-0 2 CONTRATO"
    ),
    "fecha_no_futura": BadRow(
        _set(
            "marts.iniciativa_hitos", "fecha = date '2024-01-01', dias_desde_anterior = 356", f"{_PLAZA} and orden = 3"
        ),
        "40000001-0 3",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.iniciativa_hitos", "codigo_iniciativa = '40999999-0'", "hito = 'CONVENIO'"), "40999999-0 (filas 1)"
    ),
}

_SPENDING = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.iniciativa_gasto",
            "delete from staging.stg_sagir_gasto",
            "update marts.iniciativas set gasto_acumulado = 0, avance_financiero = 0",
            "update marts.compromisos_programa set gasto_acumulado = 0",
            f"update {_WAY} set gasto_real = 0, diferencia_gasto = -(monto_facturado + monto_transferido)",
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _all(
            _again("marts.iniciativa_gasto", _SPENT, _NOTHING_SPENT),
            _again("staging.stg_sagir_gasto", _SPENT, _NOTHING_SPENT),
        ),
        "2401SC0001 2023-06 (veces 2)",
    ),
    "gasto_conservado": BadRow(
        _set("marts.iniciativa_gasto", "gasto_proyectado = 501", _SPENT),
        "2023 gasto_proyectado (en_origen 560, en_publicacion 561)",
    ),
    "mes_valido": BadRow(_set("marts.iniciativa_gasto", "mes = 13", _SPENT), "2401SC0001 2023-13 (mes 13)"),
    "mes_con_cifras": BadRow(
        "update marts.iniciativa_gasto set gasto_proyectado = null where anio = 2024; update staging.stg_sagir_gasto "
        "set gasto_proyectado = 0 where anio = 2024",
        "40000001-0 2024-01",
    ),
    "gasto_real_no_negativo": BadRow(
        # The other month makes up for it.
        "update marts.iniciativa_gasto set gasto_real = case mes when 5 then -1 else 71 end where codigo_iniciativa = "
        "'40000001-0' and anio = 2023",
        "40000001-0 2023-05 (gasto_real -1)",
    ),
    "gasto_proyectado_no_negativo": BadRow(
        _all(
            _set("marts.iniciativa_gasto", "gasto_proyectado = -1", _SPENT),
            _set("marts.iniciativa_gasto", "gasto_proyectado = 561", f"{_PLAZA} and anio = 2023 and mes = 5"),
        ),
        "2401SC0001 2023-06 (gasto_proyectado -1)",
    ),
    "gasto_real_no_futuro": BadRow(
        _all(
            _both("iniciativa_gasto", "stg_sagir_gasto", "gasto_real = 1", "anio = 2024"),
            _both("iniciativa_gasto", "stg_sagir_gasto", "gasto_real = 39", f"{_PLAZA} and anio = 2023 and mes = 5"),
        ),
        "40000001-0 2024-01",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.iniciativa_gasto", "codigo_iniciativa = '40999999-0'", "anio = 2024"), "40999999-0 (filas 1)"
    ),
    "unidad_de_sagir_gasto": _in_pesos("sagir_gasto", "gasto_real"),
}

_TRANSFERS = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.transferencias",
            "delete from staging.stg_sisrec_transferencias",
            _set(
                "marts.conciliacion",
                "respaldo_transferencias = 0, respaldo_total = 0, diferencia = 1440, porcentaje_respaldado = 0",
                "subtitulo = '33'",
            ),
            f"update {_WAY} set monto_transferido = 0, monto_rendido = 0, monto_aprobado = 0, monto_reintegrado = 0, "
            "saldo_por_rendir = 0, diferencia_gasto = gasto_real - monto_facturado",
            _set(_WAY, "alertas = 'GASTO_SIN_RESPALDO', cantidad_alertas = 1", _SPENT),
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _set("marts.transferencias", "id_transferencia = 'T-2023-00001'", _TO_PERSON), "T-2023-00001 (veces 2)"
    ),
    "id_transferencia_con_forma": BadRow(
        _both("transferencias", "stg_sisrec_transferencias", "id_transferencia = 'T-23-3'", _TO_PERSON),
        "sisrec/transferencias_20231231.csv fila 2 (filas 1)",
    ),
    "transferencias_conservadas": BadRow(
        _set("staging.stg_sisrec_transferencias", "monto_transferido = 1001", _FIRST),
        "02 monto_transferido (en_origen 1.571, en_publicacion 1.570)",
    ),
    "rendido_conservado": BadRow(
        _set("marts.transferencias", "monto_observado = 101", _FIRST),
        "T-2023-00001 monto_observado (en_origen 100, en_publicacion 101)",
    ),
    "saldo_calculado": BadRow(
        # Both are of one initiative, so that its sum stays.
        _all(
            _set("marts.transferencias", "saldo_por_rendir = 1", "id_transferencia = 'T-2023-00002'"),
            _set("marts.transferencias", "saldo_por_rendir = 69", _TO_PERSON),
        ),
        "T-2023-00002 (saldo_por_rendir 1, esperado 0)",
    ),
    "saldo_por_rendir_no_negativo": BadRow(
        _all(
            _both("rendiciones", "stg_sisrec_rendiciones", "monto_rendido = 501", _REGULAR),
            _set(
                "marts.transferencias",
                "monto_rendido = 501, saldo_por_rendir = -1, estado_rendicion = 'INCONSISTENTE'",
                "id_transferencia = 'T-2023-00002'",
            ),
            _set(
                _WAY,
                "monto_rendido = 501, saldo_por_rendir = 69, cantidad_alertas = 3, alertas = 'GASTO_SIN_RESPALDO | "
                "SALDO_BAJO_CERO | RENDICION_ATRASADA'",
                _SPENT,
            ),
        ),
        "T-2023-00002 (saldo_por_rendir -1)",
    ),
    "estado_rendicion_en_lista": BadRow(
        _set("marts.transferencias", "estado_rendicion = 'PERDIDA'", _FIRST),
        "T-2023-00001 (filas 1)",
    ),
    "estado_segun_montos": BadRow(
        _set("marts.transferencias", "estado_rendicion = 'CERRADA'", _FIRST),
        "T-2023-00001 (caso con saldo y movimiento reciente, filas 1)",
    ),
    "programa_en_lista": BadRow(
        _both("transferencias", "stg_sisrec_transferencias", "programa = null", _TO_PERSON), "T-2023-00003 (filas 1)"
    ),
    "rut_ejecutor_en_rango_publico": BadRow(
        _set("marts.transferencias", "rut_ejecutor = '10021972-7'", _FIRST), "T-2023-00001"
    ),
    "rut_ejecutor_digito_correcto": BadRow(
        _set("marts.transferencias", "rut_ejecutor = '76086428-K'", _FIRST), "T-2023-00001"
    ),
    "tipo_persona_coherente": BadRow(_set("marts.transferencias", "rut_ejecutor = null", _FIRST), "T-2023-00001"),
    "monto_transferido_no_negativo": BadRow(
        # An account that regularizes brings the balance to 0.
        _all(
            _set("staging.stg_sisrec_transferencias", "monto_transferido = -1", _TO_PERSON),
            _set(
                "marts.transferencias",
                "monto_transferido = -1, monto_rendido = -1, monto_aprobado = -1, saldo_por_rendir = 0, "
                "estado_rendicion = 'CERRADA'",
                _TO_PERSON,
            ),
            *(
                _again(
                    accounts, _REGULAR, "'T-2023-00003' as id_transferencia, -1 as monto_rendido, -1 as monto_aprobado"
                )
                for accounts in ("marts.rendiciones", "staging.stg_sisrec_rendiciones")
            ),
            _set(
                "marts.conciliacion",
                "respaldo_transferencias = 1, respaldo_total = 1, diferencia = 1439, porcentaje_respaldado = 0.07",
                "subtitulo = '33'",
            ),
            _set(
                _WAY,
                "monto_transferido = 499, monto_rendido = 499, monto_aprobado = 499, saldo_por_rendir = 0, "
                "diferencia_gasto = 499501, cantidad_alertas = 1, alertas = 'GASTO_SIN_RESPALDO'",
                _SPENT,
            ),
        ),
        "T-2023-00003 (monto_transferido -1)",
    ),
    "fecha_transferencia_no_futura": BadRow(
        _set("marts.transferencias", "fecha_transferencia = date '2024-01-01'", _TO_PERSON), "T-2023-00003"
    ),
    "iniciativa_en_cartera": BadRow(
        _all(
            _set("marts.transferencias", "codigo_iniciativa = '40999999-0'", _TO_PERSON),
            _set(
                _WAY,
                "monto_transferido = 500, saldo_por_rendir = 0, diferencia_gasto = 499500, cantidad_alertas = 1, "
                "alertas = 'GASTO_SIN_RESPALDO'",
                _SPENT,
            ),
        ),
        "40999999-0 (filas 1)",
    ),
    "unidad_de_sisrec_transferencias": _in_pesos("sisrec_transferencias", "monto_transferido"),
}

_ACCOUNT = "T-2023-00001 2023-07 MENSUAL"
_ACCOUNTS = {
    "tiene_filas": BadRow(
        "delete from marts.rendiciones",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _all(
            _again("marts.rendiciones", _MONTHLY, _NOTHING_RENDERED),
            _again("staging.stg_sisrec_rendiciones", _MONTHLY, _NOTHING_RENDERED),
        ),
        f"{_ACCOUNT} (veces 2)",
    ),
    "rendiciones_conservadas": BadRow(
        _set("marts.rendiciones", "monto_reintegrado = 51", _MONTHLY),
        "2023-07 monto_reintegrado (en_origen 50, en_publicacion 51)",
    ),
    "tipo_en_lista": BadRow(
        _set("marts.rendiciones", "tipo = 'ANUAL'", _MONTHLY), "T-2023-00001 2023-07 ANUAL (filas 1)"
    ),
    "estado_en_lista": BadRow(_set("marts.rendiciones", "estado = 'PERDIDA'", _MONTHLY), f"{_ACCOUNT} (filas 1)"),
    "periodo_es_un_mes": BadRow(
        _both("rendiciones", "stg_sisrec_rendiciones", "periodo = '2023-13'", _MONTHLY), "T-2023-00001 (filas 1)"
    ),
    "partes_no_superan_lo_rendido": BadRow(
        _accounts("monto_aprobado = 301", "monto_aprobado = -1"), f"{_ACCOUNT} (monto_rendido 400, suma_de_partes 401)"
    ),
    "monto_rendido_no_negativo": BadRow(
        _accounts(
            "monto_rendido = -1, monto_aprobado = -1, monto_observado = 0",
            "tipo = 'REGULARIZACIÓN', monto_rendido = 401, monto_aprobado = 301, monto_observado = 100",
        ),
        f"{_ACCOUNT} (monto_rendido -1)",
    ),
    "sin_movimiento_sin_monto": BadRow(
        _accounts("monto_rendido = 399, monto_observado = 99", "monto_rendido = 1, monto_observado = 1"),
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
    "unidad_de_sisrec_rendiciones": _in_pesos("sisrec_rendiciones", "monto_rendido"),
}

_DOCUMENTS = {
    "tiene_filas": BadRow(
        "delete from marts.documentos; delete from staging.stg_sgd_documentos", "filas publicadas (filas 0)"
    ),
    "clave_unica": BadRow(
        _set("marts.documentos", "id_documento = 'SGD-2023-000001'", "id_documento = 'SGD-2023-000002'"),
        "SGD-2023-000001 (veces 2)",
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
        _both("documentos", "stg_sgd_documentos", "tipo_documento = 'CARTA'", _OFICIO), "SGD-2023-000001 (filas 1)"
    ),
    "estado_en_lista": BadRow(_set("marts.documentos", "estado = null", _OFICIO), "SGD-2023-000001 (filas 1)"),
    "fecha_termino_no_antes_de_fecha_creacion": BadRow(
        _set("marts.documentos", "fecha_termino = timestamp '2023-03-01 09:29:59', dias_tramitacion = 0", _OFICIO),
        "SGD-2023-000001",
    ),
    "fecha_creacion_no_futura": BadRow(
        _set(
            "marts.documentos", "fecha_creacion = timestamp '2024-01-01 00:00:00'", "id_documento = 'SGD-2023-000002'"
        ),
        "SGD-2023-000002 (fecha_creacion 2024-01-01, corte 2023-12-31)",
    ),
    "dias_tramitacion_calculados": BadRow(
        _set("marts.documentos", "dias_tramitacion = 9", _OFICIO),
        "SGD-2023-000001 (dias_tramitacion 9, dias_esperados 10)",
    ),
    "folio_unico_por_tipo_y_anio": BadRow(
        _both("documentos", "stg_sgd_documentos", "tipo_documento = 'MEMO'", _OFICIO),
        "SGD-2023-000001 y SGD-2023-000002 (documentos 2)",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.documentos", "codigo_iniciativa = '40999999-0'", _OFICIO), "40999999-0 (filas 1)"
    ),
}

_FILES = {
    "tiene_filas": BadRow(
        "delete from marts.fuentes; delete from staging.stg_archivos; delete from marts.filas_rechazadas",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(_set("marts.fuentes", f"archivo = '{_FILE}'", _OF_XML), f"{_FILE} (veces 2)"),
    "archivos_conservados": BadRow(
        _set("marts.fuentes", "bytes = 901", _OF_FILE), "dte_pagos bytes (en_origen 900, en_publicacion 901)"
    ),
    "estado_en_lista": BadRow(
        _set("marts.fuentes", "estado = 'PERDIDO'", _OF_XML),
        _XML_FILE,
    ),
    "motivo_en_lista": BadRow(
        _refused("aburrido"),
        _XML_FILE,
    ),
    "filas_cuadran": BadRow(
        _both("fuentes", "stg_archivos", "aceptadas = 95", _OF_FILE), f"{_FILE} (filas 100, suma 99)"
    ),
    "estado_coherente": BadRow(
        _set("marts.fuentes", "ignoradas = null", _OF_XML),
        f"{_XML_FILE} (caso ACEPTADO, sin motivo, conteos incompletos, archivos 1)",
    ),
    "archivo_rechazado": BadRow(_refused("truncated"), f"{_XML_FILE} (motivo truncated)"),
    "archivo_faltante": BadRow(_set("marts.fuentes", "presente = false", _OF_FILE), f"{_FILE} (lugar falta)"),
    "archivo_corregido": BadRow(_set("marts.fuentes", "celdas_corregidas = 2", _OF_FILE), f"{_FILE} (celdas 2)"),
    "en_vigor_coherente": BadRow(
        _set("marts.fuentes", "sha256_en_vigor = repeat('c3', 32)", _OF_FILE), "(caso ACEPTADO, rige otro, archivos 1)"
    ),
    "filas_rechazadas_sobre_limite": BadRow(
        _both("fuentes", "stg_archivos", "aceptadas = 92, rechazadas = 6", _OF_FILE)
        + f"; insert into marts.filas_rechazadas select 'dte_pagos', '{_FILE}', fila, 'folio', 'required_missing' "
        "from range(11, 15) as t (fila)",
        f"{_FILE} (rechazadas 6, filas 100)",
    ),
    "sha256_con_forma": BadRow(_set("marts.fuentes", "sha256 = 'a1', sha256_en_vigor = 'a1'", _OF_FILE), _FILE),
    "fecha_dato_hasta_recepcion": BadRow(
        _set("marts.fuentes", "fecha_dato = date '2024-01-03'", _OF_FILE),
        f"{_FILE} (fecha_dato 2024-01-03, recibido 2024-01-02)",
    ),
    "archivo_no_repetido": BadRow(
        _set("marts.fuentes", "sha256 = repeat('b2', 32), sha256_en_vigor = repeat('b2', 32)", _OF_FILE),
        f"{_XML_FILE} y {_FILE} (archivos 2)",
    ),
}

_REJECTED = {
    "clave_unica": BadRow(_set("marts.filas_rechazadas", "fila = 9", "fila = 7"), f"{_FILE} fila 9 (veces 2)"),
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
_TO_PERSON_ORDER = "codigo_oc = '5482-2-CC23'"
_PURCHASES = {
    "tiene_filas": BadRow(
        _all(
            "delete from marts.compras",
            "delete from staging.stg_sga_ordenes_compra",
            f"update {_WAY} set monto_ordenes_compra = 0",
        ),
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(_set("marts.compras", "codigo_oc = '5482-2-CC23'", _ORDER), "5482-2-CC23 (veces 2)"),
    "codigo_oc_con_forma": BadRow(
        _both("compras", "stg_sga_ordenes_compra", "codigo_oc = 'OC-2'", _TO_PERSON_ORDER),
        "sga/ordenes_compra_2023_3.csv fila 4 (filas 1)",
    ),
    "ordenes_conservadas": BadRow(
        _set("marts.compras", "monto_total = 36001", _TO_PERSON_ORDER),
        "CLF monto_total (en_origen 36.000, en_publicacion 36.001)",
    ),
    "lineas_conservadas": BadRow(
        _set("marts.compras", "lineas = 3", _ORDER), "CLP lineas (en_origen 2, en_publicacion 3)"
    ),
    "monto_unico_por_orden": BadRow(
        _set("staging.stg_sga_ordenes_compra", "monto_total = 1", f"{_ORDER} and id_item = 2"), "5482-1-SE23 (montos 2)"
    ),
    "moneda_unica_por_orden": BadRow(
        _set("staging.stg_sga_ordenes_compra", "moneda = 'USD'", f"{_ORDER} and id_item = 2"), "5482-1-SE23 (monedas 2)"
    ),
    "moneda_en_lista": BadRow(
        _both("compras", "stg_sga_ordenes_compra", "moneda = 'ARS'", _TO_PERSON_ORDER), "5482-2-CC23 (filas 1)"
    ),
    "monto_total_no_negativo": BadRow(
        _both("compras", "stg_sga_ordenes_compra", "monto_total = -1", _TO_PERSON_ORDER), "5482-2-CC23 (monto_total -1)"
    ),
    "neto_hasta_monto_total": BadRow(
        _all(
            _set("marts.compras", "total_lineas_neto = 1190.5", _ORDER),
            _set("staging.stg_sga_ordenes_compra", "total_linea_neto = 590.5", f"{_ORDER} and id_item = 2"),
        ),
        "5482-1-SE23 (monto_total 1.190, total_lineas_neto 1.190,50)",
    ),
    "rut_proveedor_en_rango_publico": BadRow(
        _set("marts.compras", "rut_proveedor = '10021972-7', tipo_persona = 'JURIDICA'", _TO_PERSON_ORDER),
        "5482-2-CC23",
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
    "monto_de_mil_pesos_o_mas": BadRow(
        # The total is in pesos in an order in another currency too.
        _both("compras", "stg_sga_ordenes_compra", "monto_total = 36", _TO_PERSON_ORDER),
        "1 caso: 5482-2-CC23 (monto_total 36)",
    ),
    "unidad_de_sga_ordenes_compra": _in_pesos("sga_ordenes_compra", "monto_total"),
    "meses_sin_saltos_de_sga_ordenes_compra": BadRow(
        _set("staging.stg_archivos", "mes = 2", "archivo = 'sga/ordenes_compra_2023_1.csv'"),
        "1 caso: 2023-01 (archivo falta)",
    ),
    "archivo_del_mes_que_dice": BadRow(
        _set("staging.stg_sga_ordenes_compra", "fecha_envio = date '2023-02-03'", "_mes = 3 and _fila <= 3"),
        "sga/ordenes_compra_2023_3.csv (filas 3, del_mes 1)",
    ),
}

_APPROVED = "acuerdo = '1/2023'"
_REJECTED_ONE = "acuerdo = '2/2023'"
_AGREEMENTS = {
    "tiene_filas": BadRow(
        "delete from marts.acuerdos_core; delete from staging.stg_core_acuerdos", "filas publicadas (filas 0)"
    ),
    "clave_unica": BadRow(_set("marts.acuerdos_core", "acuerdo = '1/2023'", _REJECTED_ONE), "1/2023 (veces 2)"),
    "acuerdo_con_forma": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "acuerdo = 'N1/2023'", _APPROVED),
        "core/acuerdos_20231231.csv fila 2 (filas 1)",
    ),
    "acuerdos_conservados": BadRow(
        _set("marts.acuerdos_core", "monto = 901", _APPROVED), "APROBADO monto (en_origen 900, en_publicacion 901)"
    ),
    "resultado_en_lista": BadRow(
        _both(
            "acuerdos_core",
            "stg_core_acuerdos",
            "resultado = 'PENDIENTE', votos_favor = null, votos_contra = null",
            _APPROVED,
        ),
        "1/2023 (filas 1)",
    ),
    "tipo_sesion_en_lista": BadRow(
        _set("marts.acuerdos_core", "tipo_sesion = 'SECRETA'", _APPROVED), "1/2023 (filas 1)"
    ),
    "resultado_segun_votos": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "votos_favor = 3", _APPROVED), "1/2023 (acuerdos 1)"
    ),
    "votos_favor_no_negativo": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "votos_favor = -1", _REJECTED_ONE), "2/2023 (votos_favor -1)"
    ),
    "votos_contra_no_negativo": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "votos_contra = -1", _APPROVED), "1/2023 (votos_contra -1)"
    ),
    "abstenciones_no_negativo": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "abstenciones = -1", _APPROVED), "1/2023 (abstenciones -1)"
    ),
    "monto_no_negativo": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "monto = -1", _APPROVED), "1/2023 (monto -1)"
    ),
    "anio_segun_fecha": BadRow(
        _set("marts.acuerdos_core", "fecha = date '2022-02-10'", _APPROVED), "1/2023 (anio_de_la_fecha 2022)"
    ),
    "fecha_no_futura": BadRow(
        _set("marts.acuerdos_core", "acuerdo = '1/2024', fecha = date '2024-01-01'", _APPROVED),
        "1/2024 (fecha 2024-01-01, corte 2023-12-31)",
    ),
    "iniciativa_en_cartera": BadRow(
        _set("marts.acuerdos_core", "codigo_iniciativa = '49999999-0'", _APPROVED), "49999999-0 (filas 1)"
    ),
    "monto_cercano_al_de_la_iniciativa": BadRow(
        _both("acuerdos_core", "stg_core_acuerdos", "monto = 900000", _APPROVED),
        "1/2023 (monto 900.000, monto_total 1.000)",
    ),
    "unidad_de_core_acuerdos": _in_pesos("core_acuerdos", "monto"),
}

_RUNNING = "compromiso = 'PG-01'"
_DONE = "compromiso = 'PG-02'"
_COMMITMENTS = {
    "tiene_filas": BadRow(
        "delete from marts.compromisos_programa; delete from staging.stg_programa_compromisos; update "
        "marts.iniciativas set compromiso = null",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _set("marts.compromisos_programa", "compromiso = 'PG-01', avance = null", _DONE), "PG-01 (veces 2)"
    ),
    "compromiso_con_forma": BadRow(
        _both("compromisos_programa", "stg_programa_compromisos", "compromiso = 'PG2'", _DONE),
        "programa_gobierno/compromisos_20231231.csv fila 2 (filas 1)",
    ),
    "compromisos_conservados": BadRow(
        f"delete from marts.compromisos_programa where {_DONE}", "CUMPLIDO cantidad (en_origen 1, en_publicacion 0)"
    ),
    "cuadra_con_iniciativas": BadRow(
        _set("marts.compromisos_programa", "gasto_acumulado = 571", _RUNNING),
        "PG-01 gasto_acumulado (en_origen 570, en_publicacion 571)",
    ),
    "tipo_en_lista": BadRow(_set("marts.compromisos_programa", "tipo = 'PROMESA'", _RUNNING), "PG-01 (filas 1)"),
    "estado_en_lista": BadRow(
        _both("compromisos_programa", "stg_programa_compromisos", "estado = 'PERDIDO'", _RUNNING), "PG-01 (filas 1)"
    ),
    "avance_100_solo_si_completo": BadRow(
        _all(
            _both("compromisos_programa", "stg_programa_compromisos", "estado = 'CUMPLIDO'", _RUNNING),
            _set("marts.compromisos_programa", "avance = 100", _RUNNING),
        ),
        "1 caso: PG-01",
    ),
    "avance_es_un_porcentaje": BadRow(_set("marts.compromisos_programa", "avance = 101", _DONE), "PG-02 (avance 101)"),
    "cumplido_si_completo": BadRow(
        _both("compromisos_programa", "stg_programa_compromisos", "estado = 'CUMPLIDO'", _RUNNING),
        "PG-01 (compromisos 1)",
    ),
    "compromiso_de_las_iniciativas_existe": BadRow(
        _set("marts.iniciativas", "compromiso = 'PG-99'", _REGIONAL), "PG-99 (iniciativas 1)"
    ),
}

_BACKED = "subtitulo = '22'"
_RECONCILIATION = {
    "tiene_filas": BadRow(
        "delete from marts.conciliacion",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(_again("marts.conciliacion", _BACKED, _NOTHING_BACKED), "2023 02 22 - (veces 2)"),
    "programa_en_lista": BadRow(
        _again("marts.conciliacion", _BACKED, f"'03' as programa, {_NOTHING_BACKED}"), "2023 03 22 - (filas 1)"
    ),
    "ejecutado_cuadra_con_ficha": BadRow(
        _set("marts.conciliacion", "ejecutado = 601, diferencia = 551, porcentaje_respaldado = 8.32", _BACKED),
        "2023 02 22 ejecutado (en_origen 600, en_publicacion 601)",
    ),
    "respaldo_dte_conservado": BadRow(
        _set("marts.conciliacion", "respaldo_dte = 51", _BACKED), "2023 02 22 - (publicado 51, pesos 50.107)"
    ),
    "respaldo_transferencias_conservado": BadRow(
        _set("marts.conciliacion", "respaldo_transferencias = 3", "subtitulo = '33'"),
        "2023 02 33 03 (publicado 3, pesos 1.570)",
    ),
    "partes_suman_el_total": BadRow(
        _set("marts.conciliacion", "respaldo_total = 52, diferencia = 548, porcentaje_respaldado = 8.67", _BACKED),
        "2023 02 22 - (respaldo_total 52, suma_de_partes 50)",
    ),
    "diferencia_calculada": BadRow(
        _set("marts.conciliacion", "diferencia = null", _BACKED), "2023 02 22 - (diferencia vacío, esperada 550)"
    ),
    "porcentaje_respaldado_calculado": BadRow(
        _set("marts.conciliacion", "porcentaje_respaldado = 8.34", _BACKED),
        "2023 02 22 - (centesimas 834, centesimas_esperadas 833)",
    ),
    "respaldo_hasta_lo_ejecutado": BadRow(
        # What was spent stands on an item of the same subtitle that nothing backs.
        _all(
            _again(
                "marts.conciliacion",
                _BACKED,
                "'01' as item, 560 as ejecutado, 0 as respaldo_dte, 0 as respaldo_total, 560 as diferencia, "
                "0 as porcentaje_respaldado",
            ),
            _set(
                "marts.conciliacion",
                "ejecutado = 40, diferencia = -10, porcentaje_respaldado = 125",
                f"{_BACKED} and item is null",
            ),
        ),
        "2023 02 22 - (ejecutado 40, respaldo_total 50)",
    ),
}

_MANAGEMENT = {
    "tiene_filas": BadRow(
        "delete from marts.indicadores_gestion",
        "filas publicadas (filas 0)",
    ),
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
    "parte_no_supera_al_total": BadRow(
        _set("marts.indicadores_gestion", "numerador = 4, valor = 133.33", "indicador = 'arrastre_s31'"),
        "arrastre_s31 2023 (exceso 1)",
    ),
    "ejecucion_cuadra_con_ficha": BadRow(
        _set("marts.indicadores_gestion", "denominador = 2601, valor = 39.22", _JUNE),
        "ejecucion_p02_junio 2023 (publicado 1020 de 2601, esperado 1020 de 2600)",
    ),
    "pago_cuadra_con_pago_oportuno": BadRow(
        _set("marts.indicadores_gestion", "numerador = null, valor = null", "indicador = 'pago_30_dias'"),
        "pago_30_dias 2023 (publicado vacío de 2, esperado 1 de 2)",
    ),
    "unidad_en_lista": BadRow(
        _set("marts.indicadores_gestion", "unidad = null", _JUNE), "ejecucion_p02_junio 2023 (filas 1)"
    ),
}

_WAYS = {
    "tiene_filas": BadRow(
        f"delete from {_WAY}",
        "filas publicadas (filas 0)",
    ),
    "clave_unica": BadRow(
        _all(
            _set(_WAY, "codigo_iniciativa = '40000001-0', documentos_sgd = 1, acuerdos_core = 1", _REGIONAL),
            _set("staging.stg_sagir_iniciativas", "codigo_iniciativa = '40000001-0'", _REGIONAL),
        ),
        "40000001-0 (veces 2)",
    ),
    "codigo_iniciativa_con_forma": BadRow(
        _both("iniciativa_trazabilidad", "stg_sagir_iniciativas", "codigo_iniciativa = 'XX'", _REGIONAL),
        "sagir/iniciativas_20231231.csv fila 4 (filas 1)",
    ),
    "cartera_conservada": BadRow(
        _set(_WAY, "monto_total = 1000001", _PLAZA),
        "40000001-0 monto_total (en_origen 1.000.000, en_publicacion 1.000.001)",
    ),
    "gasto_cuadra": BadRow(
        _set(_WAY, "gasto_real = 70001, diferencia_gasto = 68894", _PLAZA),
        "40000001-0 gasto_real (en_origen 70.000, en_publicacion 70.001)",
    ),
    "documentos_cuadran": BadRow(
        _set(_WAY, "monto_facturado = 108, diferencia_gasto = 68892", _PLAZA),
        "40000001-0 monto_facturado (en_origen 107, en_publicacion 108)",
    ),
    "transferencias_cuadran": BadRow(
        _set(_WAY, "monto_aprobado = 301", _PLAZA), "40000001-0 monto_aprobado (en_origen 300, en_publicacion 301)"
    ),
    "ordenes_cuadran": BadRow(
        _set(_WAY, "monto_ordenes_compra = 2380", _PLAZA),
        "40000001-0 monto_ordenes_compra (en_origen 1.190, en_publicacion 2.380)",
    ),
    "saldo_por_rendir_calculado": BadRow(
        _set(_WAY, "saldo_por_rendir = 600", _PLAZA),
        "40000001-0 (publicado 600, esperado 550)",
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
    "alertas_en_lista": BadRow(
        _set(_WAY, "alertas = 'ALGO_RARO', cantidad_alertas = 1", _REGIONAL), "40000003-0 (filas 1)"
    ),
    "alertas_en_orden": BadRow(
        _set(_WAY, "alertas = 'GASTO_SIN_RESPALDO | PAGADO_SOBRE_FACTURADO'", _PLAZA), "1 caso: 40000001-0"
    ),
    "cantidad_alertas_calculado": BadRow(
        _set(_WAY, "cantidad_alertas = 0", _PLAZA), "40000001-0 (publicado 0, esperado 2)"
    ),
    "alertas_segun_los_datos": BadRow(
        _set(_WAY, "alertas = 'GASTO_SIN_RESPALDO', cantidad_alertas = 1", "codigo_iniciativa = '2401SC0001'"),
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
