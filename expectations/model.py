"""What a check is and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning"]

#: Rows that a check's query may bring: the worst ones. Memory stays the same whatever the size of the warehouse.
MAX_CASES = 100


@dataclass(frozen=True)
class Expect:
    """An expectation by the name of its class, so that declaring one does not import Great Expectations.

    Args:
        kind: name of a class of `great_expectations.expectations`.
        arguments: its arguments.
    """

    kind: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """One thing that must hold before the public sees a dataset.

    Args:
        dataset: published dataset that it guards.
        name: unique within the dataset; Spanish, in snake case.
        severity: 'error' keeps the dataset out of the release, 'warning' is shown beside it. Errors are faults of our
            own computation; oddities of a source are warnings.
        meaning: one Spanish sentence for a citizen.
        threshold: what is accepted, in Spanish.
        query: SQL of the frame to judge, at most `MAX_CASES` rows with the worst first; its column `clave` says in
            public terms which row it is.
        expectation: what is expected of that frame.
        shows: columns of the frame, besides `clave`, that may be printed. Nothing else is: a value that broke a rule
            may be a person's.
        guards_too: further datasets made of the same rows, of each of which its verdict is told as well.
        alarms: whether a warning is told at once to who runs the warehouse: a whole file is hardly right.
    """

    dataset: str
    name: str
    severity: Severity
    meaning: str
    threshold: str
    query: str
    expectation: Expect
    shows: tuple[str, ...] = field(default=())
    guards_too: tuple[str, ...] = field(default=())
    alarms: bool = False

    def of(self, dataset: str) -> Check:
        """The same check as one of another dataset that it guards."""
        return replace(self, dataset=dataset)


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check; `observed` is Spanish and holds no personal data."""

    dataset: str
    check: str
    severity: Severity
    success: bool
    threshold: str
    observed: str
    meaning: str
