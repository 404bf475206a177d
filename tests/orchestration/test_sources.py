"""What a dataset says of the files that it leans on."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from expectations.model import CheckResult
from ingest.contract import OPEN_END
from orchestration import sources
from publish.catalog import Catalog
from tests.publish.tables import PAGOS

DATASETS = {name: replace(PAGOS, name=name, requires=(name,)) for name in ("sisrec_rendiciones", "sgd_documentos")}
LEDGER = """
    select export, archivo, sha256, 'ACEPTADO' as estado, null::varchar as motivo, null::varchar as detalle,
        true as presente, modo, orden, timestamp '2025-01-31' as recibido_en, aceptadas + rechazadas as filas,
        aceptadas, rechazadas
    from (values
        ('sisrec_rendiciones', 'sisrec/rendiciones_20241231.csv', 'old', 'snapshot', 1, 0, 100),
        ('sisrec_rendiciones', 'sisrec/rendiciones_20250131.csv', 'new', 'snapshot', 2, 94, 6),
        ('sgd_documentos', 'sgd/documentos_20250131.csv', 'sgd', 'upsert', 1, 95, 5)
    ) as t (export, archivo, sha256, modo, orden, aceptadas, rechazadas)
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The raw layer after a run of three files, two of them in force, with these cells that could not be read."""
    cells = """(values
        ('sisrec_rendiciones', 'new', 2, 'monto_reintegrado', 'amount_unreadable'),
        ('sisrec_rendiciones', 'new', 7, 'monto_rendido', 'amount_unreadable'),
        ('sisrec_rendiciones', 'new', 7, 'fecha_envio', 'date_unreadable'),
        ('sisrec_rendiciones', 'old', 2, 'monto_rendido', 'amount_unreadable'),
        ('sgd_documentos', 'sgd', 2, 'fecha_termino', 'date_unreadable')
    ) as t (export, _sha256, _fila, columna, motivo)"""
    with duckdb.connect() as con:
        con.execute(f"copy ({LEDGER}) to '{tmp_path}/archivos.parquet'")
        for table, query in (
            ("observaciones", f"from {cells}"),
            ("correcciones", f"select export, _sha256, true as aplicada from {cells} limit 0"),
        ):
            (tmp_path / table).mkdir()
            con.execute(f"copy ({query}) to '{tmp_path}/{table}/x.parquet'")
    return tmp_path


def told(raw: Path, dataset: str, check: str) -> CheckResult:
    results = sources.warnings(Catalog(DATASETS, "marts.corte"), raw)
    return next(result for result in results if (result.dataset, result.check) == (dataset, check))


def test_figures_of_a_file_in_force_that_could_not_be_read_are_told_with_their_number(raw: Path) -> None:
    result = told(raw, "sisrec_rendiciones", "origen_sin_cifras_ilegibles")
    assert (result.success, result.severity) == (False, "warning")
    assert result.observed == "sisrec/rendiciones_20250131.csv (cifras ilegibles: 2)"


def test_other_cells_that_could_not_be_read_are_no_figures(raw: Path) -> None:
    assert told(raw, "sgd_documentos", "origen_sin_cifras_ilegibles").success


def test_a_column_of_which_many_cells_could_not_be_read_is_told_beside_what_leans_on_it(raw: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute("update l set aceptadas = 19 where sha256 = 'sgd'")
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    result = told(raw, "sgd_documentos", "origen_con_celdas_legibles")
    assert (result.success, result.severity) == (False, "warning")
    assert result.observed == "sgd/documentos_20250131.csv (fecha_termino: 1 de 19)"


def test_few_cells_that_could_not_be_read_are_left_to_those_who_mend_the_source(raw: Path) -> None:
    assert told(raw, "sisrec_rendiciones", "origen_con_celdas_legibles").success


def test_a_file_in_force_that_lacks_columns_is_told_by_its_name_alone(raw: Path) -> None:
    """What else its header says is the file's own text."""
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute(
            "update l set detalle = 'Columns that the contract does not know: Ana Soto. "
            "Columns of the contract that it lacks: Monto Aprobado.' where sha256 in ('old', 'new')"
        )
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    result = told(raw, "sisrec_rendiciones", "origen_con_todas_sus_columnas")
    assert (result.success, result.severity) == (False, "warning")
    assert result.observed == "sisrec/rendiciones_20250131.csv"
    assert told(raw, "sgd_documentos", "origen_con_todas_sus_columnas").success


def test_a_file_in_force_that_may_have_been_cut_in_its_last_row_is_told(raw: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute(f"update l set detalle = '{OPEN_END}' where sha256 in ('old', 'new')")
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    result = told(raw, "sisrec_rendiciones", "origen_con_final_de_linea")
    assert (result.success, result.severity) == (False, "warning")
    assert result.observed == "sisrec/rendiciones_20250131.csv"
    assert told(raw, "sgd_documentos", "origen_con_final_de_linea").success


def test_a_file_in_force_with_many_rejected_rows_is_told_with_their_number(raw: Path) -> None:
    result = told(raw, "sisrec_rendiciones", "origen_sin_exceso_de_filas_rechazadas")
    assert (result.success, result.severity) == (False, "warning")
    assert result.observed == "sisrec/rendiciones_20250131.csv (rechazadas: 6 de 100)"
    assert told(raw, "sgd_documentos", "origen_sin_exceso_de_filas_rechazadas").success


def test_a_file_that_is_missing_is_told_with_the_day_in_santiago_on_which_it_came(raw: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute("update l set presente = false, recibido_en = timestamp '2025-02-01 02:59' where sha256 = 'new'")
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    result = told(raw, "sisrec_rendiciones", "origen_sin_archivos_faltantes")
    assert result.observed == "sisrec/rendiciones_20250131.csv (recibido el 31-01-2025)"


@pytest.mark.parametrize(("rejected", "mostly"), [(50, False), (51, True)])
def test_of_a_file_more_than_half_of_whose_rows_were_rejected_most_were(raw: Path, rejected: int, mostly: bool) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute("update l set aceptadas = 100 - $1, rechazadas = $1 where sha256 = 'sgd'", [rejected])
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    with sources.ledger(raw) as con:
        found = [("sgd_documentos", "sgd/documentos_20250131.csv", "sgd", rejected, 100)]
        assert sources.mostly_rejected(con) == (found if mostly else [])


@pytest.mark.parametrize(("named", "why"), [(True, "está cortado"), (False, "truncated")])
def test_a_refused_file_is_told_with_what_its_reason_means(raw: Path, named: bool, why: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table l as {LEDGER}")
        con.execute("update l set estado = 'RECHAZADO', motivo = 'truncated' where sha256 = 'sgd'")
        con.execute(f"copy l to '{raw}/archivos.parquet'")
    reason = replace(PAGOS.columns[0], name="motivo", meanings=(("truncated", "Está cortado."),))
    files = {"fuentes": replace(PAGOS, name="fuentes", columns=(reason,))} if named else {}
    found = sources.warnings(Catalog(DATASETS | files, "marts.corte"), raw)
    (said,) = (r.observed for r in found if r.check == "origen_sin_archivos_rechazados" and not r.success)
    assert said == f"sgd/documentos_20250131.csv: {why} (no rige nada con ese nombre)"
