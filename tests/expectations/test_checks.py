"""Every check passes on good rows, sees its bad row, alone, and names it.

"Alone" is meant within the layer: dbt's tests guard the build and these checks the publication, and both look at keys
and lists on purpose.
"""

import csv
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

import expectations
from expectations.judge import judge
from expectations.model import MAX_CASES, Check, CheckResult
from expectations.traceability import ALERTS
from tests.expectations.bad_rows import BAD_ROWS

DATASETS = sorted(
    path.stem for path in (Path(__file__).parents[2] / "dbt_project" / "models" / "marts").glob("*/*.sql")
)

#: A private RUT and a name that stand in the good warehouse or in a bad row.
PERSONAL = ("10021972", "10.021.972", "Persona Natural", "Rosa")

RELATION = re.compile(r"\b(?:marts|intermediate|staging)\.\w+")

#: Their queries count the kinds of rows, which are few, and bring every kind.
COUNTS_KINDS = re.compile(
    r"(?!sha256)\w+_(?:en_lista|con_forma)|tipo_persona_coherente|dentro_plazo_coherente|en_vigor_coherente"
    r"|alcance_segun_comunas|punto_segun_origen"
)

each_check = pytest.mark.parametrize("check", expectations.CHECKS, ids=lambda check: f"{check.dataset}.{check.name}")


def outcome(connection: duckdb.DuckDBPyConnection, check: Check) -> CheckResult:
    frame = expectations.frame_of(connection, check)
    assert not isinstance(frame, duckdb.Error), frame
    assert len(frame) <= MAX_CASES
    return judge(check, frame)


@pytest.fixture(scope="module")
def good_frames(_shared_connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """What each query brings on good rows."""
    queries = {check.query for check in expectations.CHECKS}
    return {query: _shared_connection.execute(query).fetchall() for query in queries}


def test_every_check_has_a_bad_row_and_every_bad_row_a_check() -> None:
    """A check that no bad row can fail breaks the build."""
    assert set(BAD_ROWS) == {(check.dataset, check.name) for check in expectations.CHECKS}


def test_every_dataset_has_checks_with_names_of_their_own() -> None:
    assert {check.dataset for check in expectations.CHECKS} == set(DATASETS)
    repeated = Counter((d, check.name) for check in expectations.CHECKS for d in (check.dataset, *check.guards_too))
    assert max(repeated.values()) == 1


@each_check
def test_good_rows_pass(spoiled: duckdb.DuckDBPyConnection, check: Check) -> None:
    result = outcome(spoiled, check)

    assert result.success, result.observed
    assert result.severity == check.severity
    assert result.observed.startswith("Sin casos")


@each_check
def test_the_bad_row_fails_and_is_named(spoiled: duckdb.DuckDBPyConnection, check: Check) -> None:
    bad_row = BAD_ROWS[check.dataset, check.name]
    spoiled.execute(bad_row.sql)

    result = outcome(spoiled, check)

    assert not result.success
    assert result.severity == check.severity
    assert bad_row.named in result.observed
    assert "no se pudo hacer" not in result.observed
    assert not [text for text in PERSONAL if text in result.observed]


@each_check
def test_no_other_check_sees_the_bad_row(
    spoiled: duckdb.DuckDBPyConnection, good_frames: dict[str, list[tuple[Any, ...]]], check: Check
) -> None:
    bad_row = BAD_ROWS[check.dataset, check.name]
    spoiled.execute(bad_row.sql)
    touched = set(RELATION.findall(bad_row.sql))

    # A frame that is what it was on good rows is judged as it was.
    changed = [
        other
        for other in expectations.CHECKS
        if other is not check
        and touched & set(RELATION.findall(other.query))
        and spoiled.execute(other.query).fetchall() != good_frames[other.query]
    ]
    others = {f"{other.dataset}.{other.name}" for other in changed if not outcome(spoiled, other).success}

    assert others == set()


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_dataset_that_lost_all_its_rows_fails_with_an_error(spoiled: duckdb.DuckDBPyConnection, dataset: str) -> None:
    """Checks that leave an empty dataset to another check leave it to one that holds it back."""
    assert spoiled.execute(f"delete from marts.{dataset}").fetchall() > [(0,)]

    own = [check for check in expectations.CHECKS if check.dataset == dataset]

    failed = {check.severity for check in own if not outcome(spoiled, check).success}
    # The printed sheets are of years of which the budget may not be there.
    assert ("error" in failed) == (dataset != "contraste_fichas")


@each_check
def test_the_bad_row_is_seen_among_many_good_ones(spoiled: duckdb.DuckDBPyConnection, check: Check) -> None:
    """Of millions of rows a query brings a hundred: given room for one alone, it must bring the bad one."""
    room = "limit 1"
    if COUNTS_KINDS.fullmatch(check.name):
        room = f"limit {MAX_CASES}"
        assert " group by " in check.query
    spoiled.execute(BAD_ROWS[check.dataset, check.name].sql)

    assert not outcome(spoiled, replace(check, query=check.query.replace(f"limit {MAX_CASES}", room))).success


@each_check
def test_texts_are_for_citizens(check: Check) -> None:
    assert check.meaning.endswith(".")
    assert check.meaning[0].isupper()
    assert check.threshold
    assert re.fullmatch(r"[a-z0-9_]+", check.name)


def named(name: str) -> Check:
    return next(check for check in expectations.CHECKS if check.name == name)


def test_a_parent_may_differ_by_rounding(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("linea_suma_sus_hijas")
    spoiled.execute(
        "update staging.stg_presupuesto_ejecucion set ejecucion_acumulada = ejecucion_acumulada + 2 "
        "where mes = 4 and asignacion = '125'"
    )

    assert outcome(spoiled, check).success


def test_a_subtitle_must_equal_its_items(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("linea_suma_sus_hijas")
    spoiled.execute(
        "update staging.stg_presupuesto_ejecucion set presupuesto_vigente = presupuesto_vigente + 4 "
        "where mes = 4 and subtitulo = '33' and item is null"
    )

    assert "2023-04 02 33 presupuesto_vigente (linea 2.004, suma_de_hijas 2.001)" in outcome(spoiled, check).observed


def test_an_item_without_its_own_row_is_worth_its_lines(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("linea_suma_sus_hijas")
    spoiled.execute(
        "delete from staging.stg_presupuesto_ejecucion where mes = 4 and item is not null and asignacion is null"
    )

    assert outcome(spoiled, check).success


_BELOW_22 = (
    "insert into staging.stg_presupuesto_ejecucion select * replace ('{item}' as item, '{moneda}' as moneda) "
    "from staging.stg_presupuesto_ejecucion where mes = 4 and subtitulo = '22' and item is null"
)


def test_a_line_does_not_equal_what_stands_below_it_in_another_currency(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("linea_suma_sus_hijas")
    spoiled.execute(_BELOW_22.format(item="01", moneda="D"))

    assert "2023-04 02 22 presupuesto_vigente (linea 600, suma_de_hijas 0)" in outcome(spoiled, check).observed


def test_a_line_in_dollars_is_not_added_to_those_in_pesos(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("linea_suma_sus_hijas")
    spoiled.execute(_BELOW_22.format(item="01", moneda="P"))
    spoiled.execute(_BELOW_22.format(item="12", moneda="D"))

    assert outcome(spoiled, check).success


def test_a_line_whose_item_could_not_be_read_is_not_counted_beside_the_item_that_holds_it(
    spoiled: duckdb.DuckDBPyConnection,
) -> None:
    check = named("montos_conservados")
    published = (
        "insert into marts.ejecucion_presupuestaria by name select anio, mes, programa, 'GASTO' as tipo, subtitulo, "
        "item, asignacion, presupuesto_inicial, presupuesto_vigente, ejecucion_acumulada "
        "from staging.stg_presupuesto_ejecucion where mes = 4 and subtitulo = '33' and {rows}"
    )
    spoiled.execute("update staging.stg_presupuesto_ejecucion set item = null where mes = 4 and asignacion = '125'")
    spoiled.execute("delete from marts.ejecucion_presupuestaria where mes = 4 and subtitulo = '33'")
    spoiled.execute(published.format(rows="item = '03' and asignacion is null"))
    assert outcome(spoiled, check).success

    spoiled.execute(published.format(rows="asignacion = '125'"))
    assert "2023-04 presupuesto_vigente" in outcome(spoiled, check).observed


@pytest.mark.parametrize(
    ("received", "said"),
    [("- 31", "false"), ("- 30", "null"), ("- 31", "null"), ("- 30", "false"), ("- 1", "true")],
)
def test_an_unpaid_document_is_late_from_the_day_after_the_legal_term(
    spoiled: duckdb.DuckDBPyConnection, received: str, said: str
) -> None:
    check = named("dentro_plazo_coherente")
    spoiled.execute(
        f"update marts.pagos_proveedores set estado = 'DEVENGADA', fecha_pago = null, dias_pago = null, "
        f"dentro_plazo = {said}, "
        f"fecha_recepcion = (select fecha_corte from intermediate.int_fecha_corte) {received} where folio = 7"
    )

    assert outcome(spoiled, check).success == ((received, said) in {("- 31", "false"), ("- 30", "null")})


@pytest.mark.parametrize(
    ("transferred", "sent", "state"),
    [
        ("- 91", "- 91", "ATRASADA"),
        ("- 90", "- 91", "AL DÍA"),
        ("- 91", "- 90", "AL DÍA"),
        # What is dated after the cut-off tells nothing.
        ("+ 1", "+ 1", "ATRASADA"),
    ],
)
def test_an_account_is_late_once_nothing_has_moved_for_ninety_days(
    spoiled: duckdb.DuckDBPyConnection, transferred: str, sent: str, state: str
) -> None:
    check = named("estado_segun_montos")
    until = "(select fecha_corte from intermediate.int_fecha_corte)"
    spoiled.execute(f"update marts.rendiciones set fecha_envio = {until} {sent}")
    seen = {}
    for said in ("ATRASADA", "AL DÍA"):
        spoiled.execute(
            f"update marts.transferencias set fecha_transferencia = {until} {transferred}, monto_aprobado = 0, "
            f"monto_reintegrado = 0, saldo_por_rendir = monto_transferido, estado_rendicion = '{said}' "
            "where id_transferencia = 'T-2023-00001'"
        )
        seen[said] = outcome(spoiled, check).success

    assert seen == {"ATRASADA": state == "ATRASADA", "AL DÍA": state == "AL DÍA"}


@pytest.mark.parametrize(("folio", "may_be_late"), [(1, False), (7, True)], ids=["company", "person"])
def test_a_document_whose_day_of_payment_could_not_be_read_is_not_said_to_be_late(
    spoiled: duckdb.DuckDBPyConnection, folio: int, may_be_late: bool
) -> None:
    """People have no RUT here, so that the document of another one may be meant."""
    check = named("dentro_plazo_coherente")
    spoiled.execute(
        "update marts.pagos_proveedores set estado = 'DEVENGADA', fecha_pago = null, dias_pago = null, "
        f"dentro_plazo = null where folio = {folio}"
    )
    assert not outcome(spoiled, check).success

    spoiled.execute(f"update staging.stg_dte_pagos set _fila = 4 where folio = {folio}")
    assert outcome(spoiled, check).success

    spoiled.execute(f"update marts.pagos_proveedores set dentro_plazo = false where folio = {folio}")
    assert outcome(spoiled, check).success == may_be_late


@pytest.mark.parametrize(("since", "is_known"), [("2024-01-31", True), ("2023-12-31", False), ("2023-11-30", False)])
def test_a_document_whose_last_payment_was_rejected_is_not_said_to_be_late(
    spoiled: duckdb.DuckDBPyConnection, since: str, is_known: bool
) -> None:
    check = named("dentro_plazo_coherente")
    spoiled.execute(
        "update marts.pagos_proveedores set estado = 'DEVENGADA', fecha_pago = null, dias_pago = null, "
        f"dentro_plazo = false where folio = 1; update staging.stg_dte_pagos set _orden = '{since}' where folio = 1"
    )
    assert outcome(spoiled, check).success

    spoiled.execute(
        "insert into staging.stg_dte_pagos_rechazados "
        "select rut_proveedor, tipo_documento, folio, '2023-12-31' from staging.stg_dte_pagos where folio = 1"
    )
    assert outcome(spoiled, check).success == is_known


def test_a_transfer_of_which_an_account_was_rejected_is_not_said_to_be_late(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("estado_segun_montos")
    spoiled.execute("update marts.rendiciones set fecha_envio = date '2023-08-10'")
    late = (
        "update marts.transferencias set fecha_transferencia = date '2023-08-01', estado_rendicion = 'ATRASADA' "
        "where id_transferencia = 'T-2023-00001'"
    )
    spoiled.execute(late)
    assert outcome(spoiled, check).success

    spoiled.execute("insert into staging.stg_sisrec_rendiciones_rechazadas values ('T-2023-00001')")
    assert not outcome(spoiled, check).success

    spoiled.execute(late.replace("'ATRASADA'", "null"))
    assert outcome(spoiled, check).success


@pytest.mark.parametrize(("column", "state"), [("monto_reintegrado", "null"), ("monto_observado", "'ATRASADA'")])
def test_a_transfer_with_a_part_that_could_not_be_read_is_not_said_to_be_late(
    spoiled: duckdb.DuckDBPyConnection, column: str, state: str
) -> None:
    check = named("estado_segun_montos")
    spoiled.execute(
        "update marts.rendiciones set fecha_envio = date '2023-08-10'; insert into staging.stg_observaciones "
        f"select 'sisrec_rendiciones', _archivo, _fila, '{column}' from staging.stg_sisrec_rendiciones limit 1"
    )
    late = "update marts.transferencias set fecha_transferencia = date '2023-08-01', estado_rendicion = {} where "
    seen = {}
    for said in ("null", "'ATRASADA'"):
        spoiled.execute(late.format(said) + "id_transferencia = 'T-2023-00001'")
        seen[said] = outcome(spoiled, check).success

    assert seen == {"null": state == "null", "'ATRASADA'": state != "null"}


def test_nobody_is_said_to_be_paid_above_invoices_of_unknown_amount(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("alertas_segun_los_datos")
    spoiled.execute("update marts.pagos_proveedores set monto_total = null where folio = 1")
    assert not outcome(spoiled, check).success

    spoiled.execute(
        "update marts.iniciativa_trazabilidad set alertas = 'GASTO_SIN_RESPALDO', cantidad_alertas = 1 "
        "where codigo_iniciativa = '40000001-0'"
    )
    assert outcome(spoiled, check).success


def test_an_order_is_compared_as_it_is_published_with_four_decimals(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("lineas_conservadas")
    spoiled.execute("update staging.stg_sga_ordenes_compra set total_linea_neto = 0.49996 where moneda = 'CLF'")
    spoiled.execute("update marts.compras set total_lineas_neto = 0.5 where moneda = 'CLF'")
    assert outcome(spoiled, check).success

    spoiled.execute("update marts.compras set total_lineas_neto = 1.5 where moneda = 'CLF'")
    assert not outcome(spoiled, check).success


@pytest.mark.parametrize("column", ["dias_promedio", "dias_mediana", "dias_p90"])
def test_the_days_of_a_month_are_recomputed_from_its_documents(spoiled: duckdb.DuckDBPyConnection, column: str) -> None:
    """Of -1, -1 and 40 days the average is 12.67, the median -1 and the 90th percentile -1 + 0.8 * 41."""
    check = named("dias_calculados")
    spoiled.execute(
        "insert into marts.pagos_proveedores select pagos.* replace (-1 as dias_pago) "
        "from marts.pagos_proveedores as pagos, range(2) as veces where pagos.folio = 7"
    )
    spoiled.execute(
        "update marts.pago_oportuno set dias_promedio = 12.67, dias_mediana = -1, dias_p90 = 31.8 where mes = 3"
    )
    assert outcome(spoiled, check).success

    spoiled.execute(f"update marts.pago_oportuno set {column} = {column} - 0.01 where mes = 3")
    assert not outcome(spoiled, check).success

    spoiled.execute(f"update marts.pago_oportuno set {column} = null where mes = 3")
    assert not outcome(spoiled, check).success


def test_a_document_that_is_still_open_has_no_days_though_it_has_a_date_of_an_end(
    spoiled: duckdb.DuckDBPyConnection,
) -> None:
    check = named("dias_tramitacion_calculados")
    spoiled.execute("update marts.documentos set estado = 'EN REVISIÓN'")
    assert not outcome(spoiled, check).success

    spoiled.execute("update marts.documentos set dias_tramitacion = null")
    assert outcome(spoiled, check).success


def test_the_newest_period_of_a_document_counts(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("documentos_conservados")
    spoiled.execute(
        "insert into staging.stg_dte_rcv_compra select * replace (1 as monto_total, 2022 as _anio) "
        "from staging.stg_dte_rcv_compra where folio = 1"
    )

    assert outcome(spoiled, check).success


def test_the_xml_of_a_document_counts_only_where_the_register_has_no_amount(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("documentos_conservados")
    spoiled.execute(
        "insert into staging.stg_dte_xml by name "
        "select rut_proveedor, tipo_documento, folio, 1 as monto_total from staging.stg_dte_rcv_compra where folio = 1"
    )
    assert outcome(spoiled, check).success

    spoiled.execute("update staging.stg_dte_rcv_compra set monto_total = null where folio = 1")
    assert "33 monto_total (en_origen 239, en_publicacion 357)" in outcome(spoiled, check).observed


def test_each_document_paid_in_a_month_counts(spoiled: duckdb.DuckDBPyConnection) -> None:
    for relation in ("marts.pagos_proveedores", "staging.stg_dte_pagos"):
        spoiled.execute(f"insert into {relation} select * replace (8 as folio) from {relation} where folio = 7")

    counted = outcome(spoiled, named("documentos_contados")).observed
    assert counted == "1 caso: 2023-03 02 documentos_pagados (en_origen 2, en_publicacion 1)"
    paid = outcome(spoiled, named("montos_pagados")).observed
    assert paid == "1 caso: 2023-03 02 monto_pagado (en_origen 100.000, en_publicacion 50.000)"


def test_a_document_with_a_day_of_payment_is_paid_unless_it_does_not_stand(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("monto_pagado_conocido")
    unknown = "update intermediate.int_documentos_tributarios set monto_pagado = null, estado = '{}' where folio = 7"
    spoiled.execute(unknown.format("DEVENGADA"))
    assert outcome(spoiled, check).observed == "1 caso: 2023-03 02 (sin_monto 1, documentos 1)"

    spoiled.execute(unknown.format("ANULADA"))
    assert outcome(spoiled, check).success


def test_a_wrong_rut_of_several_rows_is_one_case_that_names_the_first(spoiled: duckdb.DuckDBPyConnection) -> None:
    spoiled.execute("update marts.pagos_proveedores set rut_proveedor = '76086428-6' where folio <> 7")
    assert outcome(spoiled, named("rut_proveedor_digito_correcto")).observed == "1 caso: tipo 33 folio 1"

    # One number with two digits.
    spoiled.execute("update marts.pagos_proveedores set rut_proveedor = '10021972-' || folio")
    assert outcome(spoiled, named("rut_proveedor_en_rango_publico")).observed == "1 caso: tipo 33 folio 1"


def test_the_unit_of_a_snapshot_that_has_been_replaced_is_no_matter_any_more(
    spoiled: duckdb.DuckDBPyConnection,
) -> None:
    """What is published is the newest, while of the other exports each file goes on counting."""
    spoiled.execute(
        "update staging.stg_montos_por_archivo "
        "set montos = 20, magnitud = case year(fecha_dato) when 2021 then 9 else 6 end"
    )
    assert outcome(spoiled, named("unidad_de_sisrec_transferencias")).success
    assert not outcome(spoiled, named("unidad_de_dte_pagos")).success


def test_the_alerts_are_those_of_the_models_in_their_order() -> None:
    seed = Path(__file__).parents[2] / "dbt_project" / "seeds" / "alertas.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["orden"]))

    assert [row["codigo"] for row in rows] == list(ALERTS)


@pytest.mark.parametrize("amount", ["monto_facturado", "gasto_real"])
def test_what_reaches_the_total_of_an_initiative_is_no_more_than_it(
    spoiled: duckdb.DuckDBPyConnection, amount: str
) -> None:
    check = named("alertas_segun_los_datos")
    path = "update marts.iniciativa_trazabilidad set {amount} = monto_total + {more} where alertas is null"
    spoiled.execute(path.format(amount=amount, more=0))
    assert outcome(spoiled, check).success

    spoiled.execute(path.format(amount=amount, more=1))
    assert not outcome(spoiled, check).success


@pytest.mark.parametrize(("state", "known"), [("RECLAMADA", True), ("ANULADA", True), ("DEVENGADA", False)])
def test_more_was_paid_than_billed_where_only_void_documents_have_no_amount(
    spoiled: duckdb.DuckDBPyConnection, state: str, known: bool
) -> None:
    spoiled.execute(
        f"update marts.pagos_proveedores set monto_total = null, estado = '{state}' "
        "where folio = 2 and codigo_iniciativa = '40000001-0'"
    )
    assert outcome(spoiled, named("alertas_segun_los_datos")).success == known


@pytest.mark.parametrize(
    ("part", "base", "value"), [(29999, 30000, "99.99"), (-1, 8, "-12.50"), (5, 0, "null"), (12345, 100000, "12.35")]
)
def test_a_percentage_is_recomputed_half_up(
    spoiled: duckdb.DuckDBPyConnection, part: int, base: int, value: str
) -> None:
    check = named("valor_calculado")
    spoiled.execute(
        f"update marts.indicadores_gestion set numerador = {part}, denominador = {base}, valor = {value} "
        "where indicador = 'arrastre_fndr'"
    )

    assert outcome(spoiled, check).success


def test_many_offenders_are_counted_and_some_named(spoiled: duckdb.DuckDBPyConnection) -> None:
    check = named("ejecucion_sobre_vigente")
    spoiled.execute("update marts.ejecucion_presupuestaria set ejecucion_acumulada = presupuesto_vigente + 1")

    observed = outcome(spoiled, check).observed

    assert observed.startswith("48 casos: ")
    assert observed.endswith("; entre otros")
    assert observed.count("ejecucion_acumulada") == 20


def test_what_is_told_at_once_is_published_with_its_warning() -> None:
    """An error is told of as a dataset that was held back."""
    assert {check.severity for check in expectations.CHECKS if check.alarms} == {"warning"}


@pytest.mark.parametrize(
    ("changes", "well"),
    [
        ("tipo_documento = '61'", True),
        ("estado = 'RECLAMADA'", True),
        ("estado = 'ANULADA'", True),
        ("estado = null", True),
        ("monto_total = null", True),
        ("monto_pagado = 50000", True),
        ("monto_pagado = 1", True),
        ("fecha_pago = null, estado = 'DEVENGADA'", False),
    ],
)
def test_a_document_that_stands_is_paid_up_to_its_total(
    spoiled: duckdb.DuckDBPyConnection, changes: str, well: bool
) -> None:
    check = named("pagado_hasta_monto_total")
    spoiled.execute("update intermediate.int_documentos_tributarios set monto_pagado = 500000 where folio = 7")
    assert not outcome(spoiled, check).success

    spoiled.execute(f"update intermediate.int_documentos_tributarios set {changes} where folio = 7")
    assert outcome(spoiled, check).success == well


@pytest.mark.parametrize("unknown", ["staging.stg_dte_xml", "intermediate.int_registro_compra"])
def test_a_total_that_only_one_tells_contradicts_nothing(spoiled: duckdb.DuckDBPyConnection, unknown: str) -> None:
    check = named("xml_igual_al_registro")
    spoiled.execute("update staging.stg_dte_xml set monto_total = monto_total + 1 where folio = 7")
    assert outcome(spoiled, check).observed == (
        "1 caso: tipo 34 folio 7 de RUT reservado (en_registro 50.000, en_xml 50.001)"
    )

    spoiled.execute(f"update {unknown} set monto_total = null where folio = 7")
    assert outcome(spoiled, check).success


def test_a_credit_note_is_the_same_below_zero_as_above_it(spoiled: duckdb.DuckDBPyConnection) -> None:
    spoiled.execute("update staging.stg_dte_xml set monto_total = -monto_total where folio = 2")
    assert outcome(spoiled, named("xml_igual_al_registro")).success

    spoiled.execute("update staging.stg_dte_xml set monto_total = -monto_total where folio = 7")
    assert not outcome(spoiled, named("xml_igual_al_registro")).success


def test_of_two_receivers_that_as_many_name_the_lower_rut_is_the_institution(
    spoiled: duckdb.DuckDBPyConnection,
) -> None:
    check = named("xml_dirigido_a_la_institucion")
    spoiled.execute("delete from staging.stg_dte_xml where folio = 2")
    for other, stranger in (("61000000-9", "tipo 34 folio 7"), ("59000000-0", "tipo 33 folio 3")):
        spoiled.execute(f"update staging.stg_dte_xml set rut_receptor = '{other}' where folio = 7")
        assert outcome(spoiled, check).observed.startswith(f"1 caso: {stranger} (archivo ")


def test_months_that_no_file_in_force_is_of_are_named(spoiled: duckdb.DuckDBPyConnection) -> None:
    """A refused file, and one of another export, are none; two of one month are one."""
    check = named("meses_sin_saltos_de_sga_ordenes_compra")
    spoiled.execute("update staging.stg_archivos set estado = 'RECHAZADO' where anio = 2023 and mes = 1")
    spoiled.execute(
        "insert into staging.stg_archivos by name "
        "select 'dte_rcv_compra' as export, 'ACEPTADO' as estado, 2023 as anio, 1 as mes"
    )
    spoiled.execute(
        "insert into staging.stg_archivos by name select export, estado, 2023 as anio, unnest([2, 4]) as mes "
        "from staging.stg_archivos where archivo = 'sga/ordenes_compra_2022_12.csv'"
    )
    assert outcome(spoiled, check).observed == "2 casos: 2023-01 (archivo falta); 2023-03 (archivo falta)"
    assert outcome(spoiled, named("meses_sin_saltos_de_dte_rcv_compra")).success

    spoiled.execute("delete from staging.stg_archivos where anio is not null and mes <> 12")
    assert outcome(spoiled, check).success


def test_an_export_without_a_file_lacks_no_month(spoiled: duckdb.DuckDBPyConnection) -> None:
    spoiled.execute("delete from staging.stg_archivos where export = 'dte_rcv_compra'")
    assert outcome(spoiled, named("meses_sin_saltos_de_dte_rcv_compra")).success
