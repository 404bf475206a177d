from typing import Any

import pytest

from publish.catalog import Catalog, read_catalog
from publish.errors import GateError
from publish.gate import Gate
from tests.publish.bench import RUN, Bench, passed


@pytest.fixture
def catalog(bench: Bench) -> Catalog:
    return read_catalog(bench.manifest())


def test_what_passed_every_error_check_is_not_held(catalog: Catalog) -> None:
    warning = passed("compras", success=False, severity="warning")
    gate = Gate(RUN, {"acuerdos": [passed("acuerdos")], "compras": [passed("compras"), warning]})
    assert gate.held(catalog, RUN) == {}


def test_a_failed_error_holds_its_dataset_and_no_other(catalog: Catalog) -> None:
    failed = passed("acuerdos", success=False)
    gate = Gate(RUN, {"acuerdos": [passed("acuerdos"), failed], "compras": [passed("compras")]})
    assert gate.held(catalog, RUN) == {"acuerdos": "No pasó estos controles de calidad: El conjunto tiene filas."}


@pytest.mark.parametrize("results", [{}, {"acuerdos": []}])
def test_what_no_check_judged_is_held(catalog: Catalog, results: dict[str, Any]) -> None:
    gate = Gate(RUN, {"compras": [passed("compras")]} | results)
    assert gate.held(catalog, RUN) == {
        "acuerdos": "Ningún control de calidad revisó este conjunto de datos en esta ejecución."
    }


def test_what_could_not_be_built_is_held_with_the_reason_given(catalog: Catalog) -> None:
    results = {"acuerdos": [passed("acuerdos")], "compras": [passed("compras")]}
    gate = Gate(RUN, results, {"acuerdos": "No llegó el archivo de acuerdos."})
    assert gate.held(catalog, RUN) == {"acuerdos": "No llegó el archivo de acuerdos."}


def test_the_verdicts_of_another_run_are_refused(catalog: Catalog) -> None:
    with pytest.raises(GateError, match="of run 'ayer', not of this run 'ejecucion-1': run the checks again"):
        Gate("ayer", {}).held(catalog, RUN)


@pytest.mark.parametrize("gate", [Gate(RUN, {"compra": []}), Gate(RUN, {}, {"compra": "No llegó."})])
def test_a_verdict_on_an_unknown_dataset_is_refused(catalog: Catalog, gate: Gate) -> None:
    with pytest.raises(GateError, match="judge compra, which"):
        gate.held(catalog, RUN)


@pytest.mark.parametrize(
    "check",
    [
        {"dataset": "acuerdos", "severity": "error"},
        {"dataset": "acuerdos", "severity": "grave", "success": True},
        {"dataset": "compras", "severity": "error", "success": True},
    ],
)
def test_a_verdict_that_cannot_be_read_is_refused(catalog: Catalog, check: dict[str, Any]) -> None:
    with pytest.raises(GateError, match="a check of acuerdos cannot be read"):
        Gate(RUN, {"acuerdos": [check]}).held(catalog, RUN)
