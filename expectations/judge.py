"""Great Expectations at work: frames in, verdicts out.

The library takes seconds to import, so nothing here imports it before it is needed; `warm_up` may do so ahead of time.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from expectations.model import MAX_CASES, Check, CheckResult

if TYPE_CHECKING:
    import pandas as pd

#: Cases that an observed text names one by one: as many as a SUMMARY result tells.
NAMED_CASES = 20

#: Rows that a passing check may describe whole.
DESCRIBED_ROWS = 3

_context_lock = threading.Lock()


def warm_up() -> None:
    """Import Great Expectations and make its context, once; may be called from a thread of its own."""
    _batches()


def judge(check: Check, frame: pd.DataFrame) -> CheckResult:
    """Say whether a frame meets what a check expects of it.

    Args:
        check: what is expected.
        frame: the rows that the check's query brought.

    Returns:
        The verdict. An expectation that cannot be judged is a failed error, whatever the check's severity, because
        nobody knows what it would have found.
    """
    try:
        expectation = _expectation(check)
        outcome = _batches().get_batch({"dataframe": frame}).validate(expectation, result_format="SUMMARY")
        message = _raised(outcome.exception_info)
        if message is not None:
            return failed_error(check, message)
        wrong = sorted({*outcome.result.get("partial_unexpected_index_list", ()), *_missing(check, frame)})
        count = max(len(wrong), int(outcome.result.get("unexpected_count") or 0))
        success = bool(outcome.success) and not wrong
        observed = _passed_text(check, frame) if success else _failed_text(check, frame.iloc[wrong], count)
    except Exception as error:  # whatever it is, the dataset must not pass unseen
        return failed_error(check, f"{type(error).__name__}: {error}")
    return CheckResult(check.dataset, check.name, check.severity, success, check.threshold, observed, check.meaning)


def failed_error(check: Check, message: str) -> CheckResult:
    """Result of a check that could not be made, with the exception's text in one line."""
    return CheckResult(
        dataset=check.dataset,
        check=check.name,
        severity="error",
        success=False,
        threshold=check.threshold,
        observed="La comprobación no se pudo hacer: " + " ".join(message.split())[:500],
        meaning=check.meaning,
    )


def _batches() -> Any:
    # Two threads at once would make two contexts, and the library knows one only.
    with _context_lock:
        return _batch_definition()


@cache
def _batch_definition() -> Any:
    """Batch definition of data frames in an ephemeral context: nothing is written, asked or drawn."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # What goes wrong is told in the results; its log repeats each one with a traceback.
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("bodega").add_dataframe_asset("consulta")
    return asset.add_batch_definition_whole_dataframe("todo")


def _expectation(check: Check) -> Any:
    import great_expectations.expectations as gxe

    return getattr(gxe, check.expectation.kind)(
        **check.expectation.arguments,
        severity="critical" if check.severity == "error" else "warning",
        notes=check.meaning,
        meta={"dataset": check.dataset, "check": check.name},
    )


def _raised(info: Mapping[str, Any]) -> str | None:
    """Text of the exception within a validation, if any; one per metric where a metric failed."""
    entries: Iterable[Any] = [info] if "raised_exception" in info else info.values()
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "sin mensaje")
    return None


def _missing(check: Check, frame: pd.DataFrame) -> list[int]:
    """Rows whose judged value is missing: the library leaves them out, and they would pass unseen."""
    column = check.expectation.arguments.get("column")
    if column is None:
        return []
    return [int(place) for place, missing in enumerate(frame[column].isna()) if missing]


def _passed_text(check: Check, frame: pd.DataFrame) -> str:
    if 0 < len(frame) <= DESCRIBED_ROWS:
        return "Sin casos. Revisado: " + _described(check, frame)
    return "Sin casos"


def _failed_text(check: Check, rows: pd.DataFrame, count: int) -> str:
    if rows.empty:
        return "No cumple, sin filas que mostrar"
    total = f"{MAX_CASES} casos o más" if count >= MAX_CASES else "1 caso" if count == 1 else f"{count} casos"
    rest = "" if count <= NAMED_CASES else "; entre otros"
    return f"{total}: {_described(check, rows.head(NAMED_CASES))}{rest}"


def _described(check: Check, rows: pd.DataFrame) -> str:
    return "; ".join(_row_text(check, row) for row in rows.to_dict("records"))


def _row_text(check: Check, row: Mapping[Any, Any]) -> str:
    details = ", ".join(f"{column} {_value_text(row[column])}" for column in check.shows)
    return f"{row['clave']} ({details})" if details else str(row["clave"])


def _value_text(value: Any) -> str:
    """A value as a Chilean reader writes it: 1.234,5 and 2024-01-31."""
    import pandas as pd

    if pd.isna(value):
        return "vacío"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    number = float(value)
    text = f"{int(value):,}" if number.is_integer() else f"{number:,.2f}"
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
