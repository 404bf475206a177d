"""What dbt's tests found, as the quality report tells it to people."""

import json
from pathlib import Path
from typing import Any

import pytest

from expectations.model import CheckResult
from orchestration import dbt_results
from orchestration.settings import Settings
from publish.catalog import Catalog
from tests.orchestration.places import settings_below
from tests.publish.editions import small_edition

CATALOG = Catalog({part.dataset.name: part.dataset for part in small_edition().parts}, "x")
LINK = "La obra está en la lista."


def node(name: str, model: str, kind: str | None = None, **more: Any) -> dict[str, Any]:
    column = more.pop("column_name", None)
    return {
        "resource_type": "test",
        "name": name,
        "attached_node": f"model.bodega.{model}",
        "column_name": column,
        "description": more.pop("description", ""),
        "config": {"severity": more.pop("severity", "error"), "meta": {}},
        "depends_on": {"nodes": [f"model.bodega.{model}"]},
        "test_metadata": kind and {"name": kind, "kwargs": more},
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_below(tmp_path)


def results(settings: Settings, *tests: tuple[dict[str, Any], str, int]) -> list[CheckResult]:
    """What is told of tests, each with its status and its failures; all that is below pagos is obras."""
    settings.dbt_target.mkdir(parents=True)
    nodes = {f"test.{n}": test for n, (test, _, _) in enumerate(tests)}
    children = {f"model.bodega.{name}": ["model.bodega.obras"] for name in ("pagos", "cuotas")}
    settings.manifest.write_text(json.dumps({"nodes": nodes, "child_map": children}))
    outcomes = [
        {"unique_id": f"test.{n}", "status": status, "failures": failures}
        for n, (_, status, failures) in enumerate(tests)
    ]
    (settings.dbt_target / "run_results.json").write_text(json.dumps({"results": outcomes}))
    return dbt_results.read(CATALOG, settings)


def test_a_key_that_several_tables_break_is_told_once_a_dataset_and_where(settings: Settings) -> None:
    links = [
        (node(f"relationships_{m}_x__ref", m, "relationships", severity="warn", description=LINK), "warn", count)
        for m, count in (("pagos", 1), ("cuotas", 1234))
    ]
    told = {each.dataset: each for each in results(settings, *links)}
    assert told["obras"].observed == "pagos: 1 fila; cuotas: 1.234 filas"
    assert told["pagos"].observed == "1 fila"
    assert {(each.meaning, each.severity, each.success) for each in told.values()} == {(LINK, "warning", False)}


def test_other_tests_and_those_that_pass_are_told_one_by_one(settings: Settings) -> None:
    keys = [(node(f"relationships_obras_{n}", "obras", "relationships", description=LINK), "pass", 0) for n in "ab"]
    rules = [(node(f"regla_{n}", "obras", "cumple", description=LINK), "fail", 2) for n in "ab"]
    assert [each.observed for each in results(settings, *keys, *rules)] == ["Sin casos"] * 2 + ["2 filas"] * 2


@pytest.mark.parametrize(
    ("test", "name", "meaning"),
    [
        (
            node("accepted_values_obras_estado__A__B", "obras", "accepted_values", column_name="estado"),
            "en_lista_obras_estado",
            "La columna estado de obras solo tiene valores de su lista.",
        ),
        (
            node("sin_vacios_obras_codigo__estado", "obras", "sin_vacios", columnas=["codigo", "estado"]),
            "sin_vacios_obras",
            "Ningún dato que debe estar falta.",
        ),
        (
            node("unique_obras_codigo", "obras", "unique", column_name="codigo"),
            "no_se_repite_obras_codigo",
            "La columna codigo de obras no se repite.",
        ),
        (
            node("clave_unica_obras_a__b__c", "obras", "clave_unica", columnas=["a", "b", "c"]),
            "clave_unica_obras",
            "En obras, ninguna combinación de a, b y c se repite.",
        ),
        (
            node("entre_obras_avance__100__0", "obras", "entre", column_name="avance", minimo=0, maximo=100),
            "entre_obras_avance",
            "La columna avance de obras está entre 0 y 100.",
        ),
        (
            node("entre_obras_avance__1", "obras", "entre", column_name="avance", minimo=1),
            "entre_obras_avance",
            "La columna avance de obras está en 1 o más.",
        ),
        (
            node("obras_sin_traslape", "obras", "cumple", expresion="x"),
            "obras_sin_traslape",
            "Se cumple esta regla: obras sin traslape.",
        ),
        (node("padre_igual_a_hijos", "obras"), "padre_igual_a_hijos", "Se cumple esta regla: padre igual a hijos."),
    ],
)
def test_names_and_meanings_are_plain_where_nobody_wrote_them(
    settings: Settings, test: dict[str, Any], name: str, meaning: str
) -> None:
    (told,) = results(settings, (test, "pass", 0))
    assert (told.check, told.meaning, told.threshold) == (name, meaning, "ninguna fila que no cumpla")


def test_a_test_that_could_not_run_says_so(settings: Settings) -> None:
    (told,) = results(settings, (node("regla", "obras", severity="warn"), "error", 0))
    assert (told.observed, told.severity, told.success) == ("la prueba no pudo ejecutarse", "error", False)
