"""Which datasets the checks let through. How a dataset was judged is not known here, only the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publish.catalog import Catalog
from publish.errors import GateError

SEVERITIES = ("error", "warning")


@dataclass(frozen=True)
class Gate:
    """The verdicts of one run.

    results: per dataset its checks, each with dataset, check, severity ('error' or 'warning'), success, and
    meaning, a sentence in Spanish. missing: per dataset that could not be built, the reason in Spanish.
    """

    run_id: str
    results: Mapping[str, Sequence[Mapping[str, Any]]]
    missing: Mapping[str, str] = field(default_factory=dict)

    def held(self, catalog: Catalog, run_id: str) -> dict[str, str]:
        """The datasets that must not be published, each with its reason in Spanish.

        Raises GateError where the verdicts are of another run, name an unknown dataset or cannot be read.
        """
        if self.run_id != run_id:
            raise GateError(f"the checks are of run {self.run_id!r}, not of this run {run_id!r}: run the checks again")
        if unknown := sorted((self.results.keys() | self.missing.keys()) - catalog.datasets.keys()):
            raise GateError(f"the checks judge {', '.join(unknown)}, which dbt's manifest does not declare as a mart")
        reasons = {name: self._reason(name) for name in catalog.datasets}
        return {name: reason for name, reason in reasons.items() if reason}

    def _reason(self, dataset: str) -> str:
        if dataset in self.missing:
            return self.missing[dataset]
        results = self.results.get(dataset, ())
        if not results:
            return "Ningún control de calidad revisó este conjunto de datos en esta ejecución."
        failed = [check for check in results if _is_failed_error(dataset, check)]
        if not failed:
            return ""
        return "No pasó estos controles de calidad: " + "; ".join(_words(check) for check in failed) + "."


def _is_failed_error(dataset: str, check: Mapping[str, Any]) -> bool:
    if check.get("dataset") != dataset or check.get("severity") not in SEVERITIES or "success" not in check:
        raise GateError(f"a check of {dataset} cannot be read: {dict(check)!r}; it needs dataset, severity and success")
    return check["severity"] == "error" and not check["success"]


def _words(check: Mapping[str, Any]) -> str:
    return str(check.get("meaning") or check.get("check")).rstrip(". ")
