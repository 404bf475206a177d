"""What dbt's data tests found, in the shape of the other checks: a failed test counts for every dataset below it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from expectations.model import CheckResult
from orchestration.settings import Settings
from publish.catalog import Catalog, reached
from publish.texts import rows_counted


class TestsNotRunError(RuntimeError):
    """dbt ended before it had run every data test."""


def read(catalog: Catalog, settings: Settings) -> list[CheckResult]:
    """The results of the last `dbt test`, for each dataset that the tested models are or lead to.

    A test that passes is told of the datasets that it tests, one that fails of all below it.
    """
    manifest = json.loads(settings.manifest.read_text("utf-8"))
    outcomes = json.loads((settings.dbt_target / "run_results.json").read_text("utf-8"))["results"]
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    if missing := tests.keys() - {outcome["unique_id"] for outcome in outcomes}:
        raise TestsNotRunError(
            f"{len(missing)} of {len(tests)} dbt tests gave no result: nothing may be published, see {settings.dbt_log}"
        )
    found: list[tuple[Mapping[str, Any], CheckResult]] = []
    # dbt's threads end in any order, and a report must not.
    for outcome in sorted(outcomes, key=lambda each: str(each["unique_id"])):
        node = tests.get(outcome["unique_id"])
        if node is None:
            continue
        success = outcome["status"] == "pass"
        tested = _tested(node)
        judged = tested if success else reached(tested, manifest["child_map"])
        found += [(node, _result(node, outcome, name, success)) for name in _datasets(judged, catalog)]
    return _together(found)


def leaning_on(export: str, catalog: Catalog, settings: Settings) -> list[str]:
    """The datasets that an export leads to, by dbt's own account of what is made of what."""
    manifest = json.loads(settings.manifest.read_text("utf-8"))
    sources = [
        name for name, node in manifest["sources"].items() if (node["source_name"], node["name"]) == ("raw", export)
    ]
    return _datasets(reached(sources, manifest["child_map"]), catalog)


def _tested(node: Mapping[str, Any]) -> set[str]:
    """The models that a test judges, not those that it only reads: what a key points to, what `meta.solo_lee` names."""
    if _kind(node) == "relationships":
        return {str(node["attached_node"])}
    only_read = node["config"].get("meta", {}).get("solo_lee", [])
    return {name for name in node["depends_on"]["nodes"] if name.rsplit(".", 1)[-1] not in only_read}


def _datasets(nodes: Iterable[str], catalog: Catalog) -> list[str]:
    names = {node.rsplit(".", 1)[-1] for node in nodes if node.startswith("model.")}
    return sorted(names & catalog.datasets.keys())


def _result(node: Mapping[str, Any], outcome: Mapping[str, Any], dataset: str, success: bool) -> CheckResult:
    ran = outcome["status"] != "error"
    rows = outcome.get("failures") or 0
    seen = rows_counted(rows) if rows else "Sin casos"
    return CheckResult(
        dataset=dataset,
        check=_name(node),
        severity="warning" if node["config"]["severity"].lower() == "warn" and ran else "error",
        success=success,
        threshold="ninguna fila que no cumpla",
        observed=seen if ran else "la prueba no pudo ejecutarse",
        meaning=node.get("description") or _meaning(node),
    )


def _together(found: Iterable[tuple[Mapping[str, Any], CheckResult]]) -> list[CheckResult]:
    """The results, where failed keys that say the same of a dataset are told once, with the count of each table."""
    told: list[CheckResult] = []
    links: dict[tuple[str, str, str], list[tuple[str, CheckResult]]] = {}
    for node, result in found:
        if result.success or _kind(node) != "relationships":
            told.append(result)
        else:
            links.setdefault((result.dataset, result.severity, result.meaning), []).append((_model(node), result))
    for same in links.values():
        first = same[0][1]
        seen = first.observed if len(same) == 1 else "; ".join(f"{model}: {result.observed}" for model, result in same)
        told.append(replace(first, observed=seen))
    return told


def _kind(node: Mapping[str, Any]) -> str:
    return str((node.get("test_metadata") or {}).get("name", ""))


def _model(node: Mapping[str, Any]) -> str:
    return str(node.get("attached_node") or "").rsplit(".", 1)[-1]


# How the tests that dbt names by itself are called, before their model and column.
_NAMES = {
    "accepted_values": "en_lista",
    "not_null": "sin_vacios",
    "relationships": "apunta_a_lo_que_existe",
    "unique": "no_se_repite",
}


def _name(node: Mapping[str, Any]) -> str:
    """The test's own name, or where it has none what it tests: dbt makes one up of all its arguments."""
    kind, name = _kind(node), str(node["name"])
    if not kind or not name.startswith(f"{kind}_{_model(node)}"):
        return name
    return "_".join(part for part in (_NAMES.get(kind, kind), _model(node), node.get("column_name")) if part)


def _meaning(node: Mapping[str, Any]) -> str:
    """Plain Spanish for the tests that nobody described."""
    model, column = _model(node), node.get("column_name") or ""
    arguments = (node.get("test_metadata") or {}).get("kwargs", {})
    texts = {
        "sin_vacios": "Ningún dato que debe estar falta.",
        "con_filas": "Hay al menos una fila.",
        "traza_cuadra": "Cada monto es la suma exacta de las filas de origen que lo componen.",
        "not_null": f"La columna {column} de {model} nunca viene vacía.",
        "unique": f"La columna {column} de {model} no se repite.",
        "accepted_values": f"La columna {column} de {model} solo tiene valores de su lista.",
        "relationships": f"Cada valor de {column} de {model} existe en la tabla a la que se refiere.",
        "clave_unica": f"En {model}, ninguna combinación de {_listed(arguments.get('columnas', []))} se repite.",
        "entre": f"La columna {column} de {model} está {_limits(arguments)}.",
        "cuadra_con_bitacora": f"En {model} están todas las filas aceptadas de los archivos recibidos, y ninguna otra.",
    }
    return texts.get(_kind(node), f"Se cumple esta regla: {node['name'].replace('_', ' ')}.")


def _listed(names: Sequence[str]) -> str:
    return " y ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _limits(arguments: Mapping[str, Any]) -> str:
    least, most = arguments.get("minimo"), arguments.get("maximo")
    if least is None or most is None:
        return f"en {least} o más" if most is None else f"en {most} o menos"
    return f"entre {least} y {most}"
