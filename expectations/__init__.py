"""What must hold before the public sees a dataset.

One module per group of datasets declares its checks (`CHECKS`): a query that brings a small frame, and what Great
Expectations expects of it. How a dataset was computed is no business of this room; it looks at the warehouse only.

    results = expectations.run(Path("var/internal/bodega.duckdb"), ["ficha_ciudadana", "pagos_proveedores"])
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from expectations import (
    budget,
    documents,
    initiatives,
    integrity,
    management,
    payments,
    traceability,
    transfers,
    transparency,
)
from expectations.judge import failed_error, judge, warm_up
from expectations.model import Check, CheckResult, Severity

if TYPE_CHECKING:
    import pandas as pd

    #: What queries brought, by their text, or why they brought nothing.
    Frames = dict[str, pd.DataFrame | duckdb.Error]

__all__ = ["CHECKS", "Check", "CheckResult", "Severity", "run", "warm_up"]

CHECKS: tuple[Check, ...] = (
    *budget.CHECKS,
    *payments.CHECKS,
    *management.CHECKS,
    *initiatives.CHECKS,
    *traceability.CHECKS,
    *transfers.CHECKS,
    *documents.CHECKS,
    *transparency.CHECKS,
    *integrity.CHECKS,
)

#: Where the caller says nothing else.
MEMORY_LIMIT = "600MB"
# Else the allocator keeps what the engine has freed, beside what the limit allows.
_GIVES_BACK: dict[str, str | bool | int | float | list[str]] = {
    "allocator_flush_threshold": "16MB",
    "allocator_bulk_deallocation_flush_threshold": "16MB",
}


def run(
    warehouse: Path, datasets: Sequence[str], checks: Sequence[Check] = CHECKS, memory_limit: str = MEMORY_LIMIT
) -> list[CheckResult]:
    """Check datasets of the warehouse.

    Args:
        warehouse: DuckDB file; opened read-only, once per dataset and only while its queries run.
        datasets: names of published datasets whose sources are there.
        checks: the checks to choose from; all of them by default.
        memory_limit: of the engine, as DuckDB writes sizes.

    Returns:
        One result per check and dataset that it guards, in the order of `datasets`. A check that cannot be made is a
        failed error, and so is a dataset without checks.

    Raises:
        duckdb.Error: the warehouse cannot be opened.
    """
    results: list[CheckResult] = []
    frames: Frames = {}
    for dataset in datasets:
        own = [check.of(dataset) for check in checks if dataset in (check.dataset, *check.guards_too)]
        results += _judged(warehouse, own, memory_limit, frames) if own else [_unchecked(dataset)]
    return results


def _judged(warehouse: Path, checks: Sequence[Check], memory_limit: str, frames: Frames) -> list[CheckResult]:
    with _connect(warehouse, memory_limit) as connection:
        for check in checks:
            # A check that guards several datasets asks once.
            if check.query not in frames:
                frames[check.query] = frame_of(connection, check)
    return [_verdict(check, frames[check.query]) for check in checks]


def _connect(warehouse: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    safe = _GIVES_BACK | {"autoinstall_known_extensions": False, "memory_limit": memory_limit}
    return duckdb.connect(str(warehouse), read_only=True, config=safe)


def _verdict(check: Check, frame: pd.DataFrame | duckdb.Error) -> CheckResult:
    return failed_error(check, str(frame)) if isinstance(frame, duckdb.Error) else judge(check, frame)


def frame_of(connection: duckdb.DuckDBPyConnection, check: Check) -> pd.DataFrame | duckdb.Error:
    """Rows that a check's query brings, or why it brings none."""
    try:
        return connection.execute(check.query).df()
    except duckdb.Error as error:
        return error


def _unchecked(dataset: str) -> CheckResult:
    return CheckResult(
        dataset=dataset,
        check="tiene_comprobaciones",
        severity="error",
        success=False,
        threshold="1 comprobación o más",
        observed="0 comprobaciones",
        meaning="Nada se publica sin haberlo comprobado: cada conjunto de datos tiene sus comprobaciones.",
    )
