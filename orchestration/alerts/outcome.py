"""How a run ended, as far as alerts may tell it."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orchestration import errors
from orchestration.settings import Settings
from orchestration.state import gate
from orchestration.state.state_file import StateFileError
from publish.privacy.scanning import Reserved, Scanner

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

# The step that carries a release to the bucket.
BUCKET = "bucket"
# The step that makes the pages for people.
PORTAL = "portal"
# The step that makes the release.
RELEASE = "release"
# What failed where no step did.
RUN = "run"
KILLED = "Its process was killed before it ended."
# The metadata of a Failure that has other words for alerts than for the log.
IN_ALERT = "in_alert"
# The metadata of a Failure that came once the release was in force: that release.
IN_FORCE = "in_force"

_OF_THE_SYSTEM = re.compile(r"\[Errno (\d{1,4})\]")
_CHECKS = "DagsterAssetCheckFailedError"
INTERRUPTED = "It was interrupted."
# As Dagster, Python and DuckDB, in the midst of a query, say that a signal came.
_SIGNALS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt", "RuntimeError: Query interrupted")
_LONGEST = 500


@dataclass(frozen=True)
class Outcome:
    """How a run ended. status: as the command's: 0 all published, 1 something held back, 2 no release.

    ended: with a time zone. failures: per step that failed, a sentence. looked: whether it found nothing new, and so
    did nothing. interrupted: whether somebody stopped it, as with Ctrl-C.
    """

    status: int
    ended: datetime
    failures: Mapping[str, str] = field(default_factory=dict)
    looked: bool = False
    interrupted: bool = False

    @property
    def finished(self) -> bool:
        """Whether it came to its end: a release is in force that holds what arrived."""
        return self.status in (0, 1)

    @property
    def reached_public(self) -> bool:
        """Whether it did, or tried to do, what concerns the bucket and the pages."""
        return self.finished and not self.looked and RELEASE not in self.failures


def of_run(settings: Settings, instance: "dg.DagsterInstance", run: "dg.RunRecord") -> Outcome:
    """How a run that has ended did so, by what Dagster and the run itself wrote down."""
    import dagster as dg

    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
    logs = instance.all_logs(run.dagster_run.run_id, of_type=kinds)
    events = [log.dagster_event for log in logs if log.dagster_event]
    found = failures(events)
    status = run.dagster_run.status
    if status == dg.DagsterRunStatus.CANCELED:
        found = {RUN: "Somebody canceled it."}
    elif status == dg.DagsterRunStatus.FAILURE and not any(event.is_step_failure for event in events):
        found = {RUN: _before_any_step(events)}
    ended = datetime.fromtimestamp(run.end_time, UTC) if run.end_time else datetime.now(UTC)
    if status == dg.DagsterRunStatus.SUCCESS:
        return Outcome(0, ended, found)
    released = in_force(events) or _released(settings, run.dagster_run.run_id)
    return Outcome(1 if released else 2, ended, found, interrupted=was_interrupted(events))


def _released(settings: Settings, run_id: str) -> bool:
    try:
        return bool(gate.read_summary(settings.summary)["run_id"] == run_id)
    except StateFileError:
        return False


def _before_any_step(events: Iterable["dg.DagsterEvent"]) -> str:
    from dagster._core.events import JobFailureData

    for event in events:
        data = event.event_specific_data
        if isinstance(data, JobFailureData) and data.error:
            return _of_error(data.error)
    return KILLED


def failures(events: Iterable["dg.DagsterEvent"]) -> dict[str, str]:
    """The steps of a run that failed, each with a sentence that may leave the machine.

    events: of the run. A step that failed by its asset checks alone did its work, and is told of by dataset.
    """
    found: dict[str, str] = {}
    for event in events:
        if not event.is_step_failure or not event.step_key:
            continue
        data = event.step_failure_data
        if data.user_failure_data and (told := data.user_failure_data.metadata.get(IN_ALERT)):
            found[event.step_key] = _in_alert(str(told.value))
            continue
        said = _of_error(data.error) if data.error else "It is not known why."
        if not said.startswith(_CHECKS):
            found[event.step_key] = said
    return found


def in_force(events: Iterable["dg.DagsterEvent"]) -> bool:
    """Whether a step of the run failed by what came after the release was in force."""
    failed = (event.step_failure_data.user_failure_data for event in events if event.is_step_failure)
    return any(data is not None and IN_FORCE in data.metadata for data in failed)


def was_interrupted(events: Iterable["dg.DagsterEvent"]) -> bool:
    """Whether somebody stopped the run, as with Ctrl-C."""
    from dagster._core.events import JobFailureData
    from dagster._core.execution.plan.objects import StepFailureData

    found = (event.event_specific_data for event in events)
    errors = (data.error for data in found if isinstance(data, JobFailureData | StepFailureData))
    return any(_of_error(error) == INTERRUPTED for error in errors if error)


def _of_error(error: "SerializableErrorInfo") -> str:
    """What may be told of an error that Dagster wrapped."""
    error = unwrapped(error)
    if error.message.strip().removeprefix("dagster._core.errors.").startswith(_SIGNALS):
        return INTERRUPTED
    return sentence(*errors.parted(error))


def unwrapped(error: "SerializableErrorInfo") -> "SerializableErrorInfo":
    """The error that a step ended with, without those that Dagster put around it."""
    while error.cause and (error.cls_name or "").startswith(("Dagster", "RetryRequested")):
        error = error.cause
    return error


def of_error(error: BaseException) -> str:
    """What may be told of an error."""
    return sentence(errors.name_of(type(error)), str(error))


def sentence(name: str, words: str) -> str:
    """What may be told of an error. name: of its class, as of errors.name_of; words: its own."""
    if errors.may_leave(name):
        return _in_alert(words)
    kind = name.rpartition(".")[2]
    if said := _OF_THE_SYSTEM.match(words):
        return f"{kind}: {said[0]} {os.strerror(int(said[1]))}."
    return f"{kind}. Its own words may quote data, and are in the run's log only."


def _in_alert(words: str) -> str:
    """Words of ours, on one line."""
    return Scanner(Reserved.of(())).mask(" ".join(words.split()), lone_words=False)[:_LONGEST]
