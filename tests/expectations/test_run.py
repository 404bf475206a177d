"""The room as its callers use it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import duckdb
import pytest

import expectations
from expectations.model import Check, CheckResult, Expect

FILES = next(check for check in expectations.CHECKS if check.dataset == "fuentes" and check.name == "tiene_filas")


def with_expectation(kind: str, **arguments: object) -> Check:
    return replace(FILES, expectation=Expect(kind, arguments))


def run_one(warehouse: Path, check: Check) -> CheckResult:
    (result,) = expectations.run(warehouse, [check.dataset], [check])
    return result


def test_all_datasets_pass_on_good_rows(warehouse: Path) -> None:
    datasets = sorted({check.dataset for check in expectations.CHECKS})

    results = expectations.run(warehouse, datasets)

    assert len(results) == sum(1 + len(check.guards_too) for check in expectations.CHECKS)
    assert [result for result in results if not result.success] == []


def test_what_was_looked_at_is_not_told_as_if_it_were_a_case(warehouse: Path) -> None:
    assert run_one(warehouse, FILES).observed.startswith("Sin casos. Revisado: filas publicadas (filas ")


def test_a_check_of_two_datasets_is_told_of_each(warehouse: Path) -> None:
    (shared,) = (check for check in expectations.CHECKS if check.name == "linea_suma_sus_hijas")

    for dataset in ("ejecucion_presupuestaria", "ficha_ciudadana"):
        (result,) = (r for r in expectations.run(warehouse, [dataset]) if r.check == shared.name)
        assert (result.dataset, result.severity) == (dataset, "error")


def test_only_the_datasets_asked_for_are_checked(warehouse: Path) -> None:
    results = expectations.run(warehouse, ["fuentes", "documentos"])

    assert [result.dataset for result in results] == sorted((r.dataset for r in results), reverse=True)
    assert {result.dataset for result in results} == {"fuentes", "documentos"}


def test_a_dataset_without_checks_is_an_error(warehouse: Path) -> None:
    (result,) = expectations.run(warehouse, ["compras"], [FILES])

    assert not result.success
    assert result.severity == "error"
    assert result.dataset == "compras"
    assert "cada conjunto de datos tiene sus comprobaciones" in result.meaning


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (with_expectation("ExpectColumnValuesToBeBetween", column="no_existe", min_value=1), "no_existe"),
        (with_expectation("ExpectColumnValuesToBeInSet", column="no_existe", value_set=[1]), "no_existe"),
        (with_expectation("ExpectNothing"), "ExpectNothing"),
        (with_expectation("ExpectColumnValuesToBeBetween", column="filas", min_value="x"), "La comprobación"),
        (with_expectation("ExpectColumnPairValuesAToBeGreaterThanB", column_A="filas", column_B="clave"), "comparison"),
    ],
    ids=["missing column", "missing column of a set", "unknown expectation", "bad argument", "incomparable"],
)
@pytest.mark.parametrize("severity", ["error", "warning"])
def test_an_expectation_that_raises_is_a_failed_error(
    warehouse: Path, check: Check, text: str, severity: expectations.Severity
) -> None:
    result = run_one(warehouse, replace(check, severity=severity))

    assert not result.success
    assert result.severity == "error"
    assert result.observed.startswith("La comprobación no se pudo hacer: ")
    assert text in result.observed
    assert "\n" not in result.observed


def test_a_query_that_raises_is_a_failed_error_and_the_others_go_on(warehouse: Path) -> None:
    broken = replace(FILES, name="rota", severity="warning", query="select * from marts.no_existe")

    first, second = expectations.run(warehouse, ["fuentes"], [broken, FILES])

    assert (first.success, first.severity) == (False, "error")
    assert "no_existe" in first.observed
    assert second.success


def test_a_missing_value_does_not_pass_unseen(warehouse: Path) -> None:
    check = replace(FILES, query="select 'una fila' as clave, cast(null as bigint) as filas")

    result = run_one(warehouse, check)

    assert not result.success
    assert result.observed == "1 caso: una fila (filas vacío)"


def test_an_unreadable_warehouse_is_not_a_result(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error):
        expectations.run(tmp_path / "no_esta.duckdb", ["fuentes"])


def test_the_warehouse_is_left_closed_and_unchanged(warehouse: Path) -> None:
    before = warehouse.read_bytes()

    expectations.run(warehouse, ["fuentes"])

    assert warehouse.read_bytes() == before
    with duckdb.connect(str(warehouse)) as writer:  # a second writer would be refused
        writer.execute("select 1").fetchall()


def test_warming_up_in_a_thread(warehouse: Path) -> None:
    thread = Thread(target=expectations.warm_up)
    thread.start()
    results = expectations.run(warehouse, ["fuentes"])
    thread.join()

    assert all(result.success for result in results)


def test_importing_the_room_does_not_import_the_library() -> None:
    code = "import sys, expectations; sys.exit('great_expectations' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_printed(warehouse: Path, capfd: pytest.CaptureFixture[str]) -> None:
    expectations.run(
        warehouse, ["fuentes"], [with_expectation("ExpectColumnValuesToBeNull", column="no_existe"), FILES]
    )

    assert capfd.readouterr() == ("", "")
