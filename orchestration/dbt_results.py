"""What dbt's data tests found, in the shape of the other checks: a failed test counts for every dataset below it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from expectations.model import CheckResult
from orchestration.settings import Settings
from publish.catalog import Catalog


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
    found: list[CheckResult] = []
    # dbt's threads end in any order, and a report must not.
    for outcome in sorted(outcomes, key=lambda each: str(each["unique_id"])):
        node = tests.get(outcome["unique_id"])
        if node is None:
            continue
        success = outcome["status"] == "pass"
        tested = _tested(node)
        reached = tested if success else _downstream(tested, manifest["child_map"])
        found += [_result(node, outcome, name, success) for name in _datasets(reached, catalog)]
    return found


def _tested(node: Mapping[str, Any]) -> set[str]:
    """The models that a test judges, not those that it only reads: what a key points to, what `meta.solo_lee` names."""
    if (node.get("test_metadata") or {}).get("name") == "relationships":
        return {str(node["attached_node"])}
    only_read = node["config"].get("meta", {}).get("solo_lee", [])
    return {name for name in node["depends_on"]["nodes"] if name.rsplit(".", 1)[-1] not in only_read}


def _downstream(nodes: Iterable[str], children: Mapping[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += children.get(node, [])
    return reached


def _datasets(nodes: Iterable[str], catalog: Catalog) -> list[str]:
    names = {node.rsplit(".", 1)[-1] for node in nodes if node.startswith("model.")}
    return sorted(names & catalog.datasets.keys())


def _result(node: Mapping[str, Any], outcome: Mapping[str, Any], dataset: str, success: bool) -> CheckResult:
    failures = outcome.get("failures")
    observed = f"{failures or 0} filas" if outcome["status"] != "error" else "la prueba no pudo ejecutarse"
    return CheckResult(
        dataset=dataset,
        check=node["name"],
        severity="warning"
        if node["config"]["severity"].lower() == "warn" and outcome["status"] != "error"
        else "error",
        success=success,
        threshold="0 filas",
        observed=observed,
        meaning=node.get("description") or _meaning(node),
    )


def _meaning(node: Mapping[str, Any]) -> str:
    """Plain Spanish for the tests that come with dbt."""
    column = node.get("column_name") or ""
    model = (node.get("attached_node") or "").rsplit(".", 1)[-1]
    kind = (node.get("test_metadata") or {}).get("name", "")
    texts = {
        "not_null": f"La columna {column} de {model} nunca viene vacía.",
        "unique": f"La columna {column} de {model} no se repite.",
        "accepted_values": f"La columna {column} de {model} solo tiene valores de su lista.",
        "relationships": f"Cada valor de {column} de {model} existe en la tabla a la que se refiere.",
    }
    return texts.get(kind, f"Prueba {node['name']} de los modelos.")
