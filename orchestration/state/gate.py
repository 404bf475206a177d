"""The verdicts of a run, written down between the checks and the release, stamped with the run's id."""

from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.model import CheckResult
from orchestration.state import state_file
from publish.catalog import Catalog
from publish.gate import Gate

if TYPE_CHECKING:
    from publish.release import Release

_GATE = {"run_id": str, "results": dict, "missing": dict}
_SUMMARY = {
    "run_id": str,
    "release": str,
    "created": bool,
    "published": dict,
    "missing": dict,
    "failed": dict,
    "masked": dict,
}


def judge(catalog: Catalog, missing: Mapping[str, str], results_found: list[CheckResult], run_id: str) -> Gate:
    """Sorts the results of this run's checks by dataset, and there by check: its verdicts, in whatever order they come.

    Two runs over the same data so give the same report, byte by byte.
    """
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in catalog.datasets if name not in missing}
    for result in sorted(results_found, key=astuple):
        if result.dataset in results:
            results[result.dataset].append(vars(result))
    return Gate(run_id=run_id, results=results, missing=missing)


def write(gate: Gate, path: Path) -> None:
    """Writes the verdicts so that a reader sees the old ones or the new ones, never half."""
    state_file.write(path, vars(gate))


def read(path: Path) -> Gate:
    """The verdicts last written. Raises StateFileError where there are none that can be read."""
    with state_file.understood(path, _GATE) as said:
        return Gate(**said)


def all_results(gate: Gate) -> list[CheckResult]:
    """Every result of the verdicts, dataset by dataset."""
    return [CheckResult(**result) for results in gate.results.values() for result in results]


def read_summary(path: Path) -> dict[str, Any]:
    """What `write_summary` wrote last. Raises StateFileError where that cannot be read."""
    with state_file.understood(path, _SUMMARY) as said:
        return {name: said[name] for name in _SUMMARY}


def write_summary(gate: Gate, made: "Release", path: Path) -> None:
    """What this run published and held back, for the pages and for the end of the run.

    `failed` names the datasets that a check or the privacy scan held back; those whose source is missing are apart.
    """
    content = {
        "run_id": gate.run_id,
        "release": made.id,
        "created": made.created,
        "published": {
            name: {"rows": published.rows, "since": published.carried and published.carried.since.isoformat()}
            for name, published in made.published.items()
        },
        "missing": dict(gate.missing),
        "failed": {name: reason for name, reason in made.held.items() if name not in gate.missing},
        "masked": dict(made.masked),
    }
    state_file.write(path, content)
