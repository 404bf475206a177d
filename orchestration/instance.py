"""Dagster's own storage, for runs that this process executes."""

import os
from pathlib import Path
from sqlite3 import Connection

import dagster as dg
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from filelock import FileLock
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.machine import processes

# How a run ends, well or not.
ENDINGS = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
# The tag of the runs that the command makes in its own process.
MINE = {"bodega/process": "command"}


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    """Dagster opens and commits its SQLite log for each of a thousand events: waiting for the disk took half a run.

    What a power cut could cost is the history of runs, never data: the rooms sync releases and raw rows themselves.
    """
    if isinstance(connection, Connection):
        connection.execute("pragma synchronous = off")


def open_instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME. One process at a time opens it: two that find no tables would both make them."""
    with FileLock(Path(os.environ["DAGSTER_HOME"]) / "opening.lock"):
        return dg.DagsterInstance.get()


def end_dead_runs(instance: dg.DagsterInstance, alone: bool = False, own: str | None = None) -> None:
    """Marks as failed the runs whose process is dead: Dagster would wait for them for ever.

    The process that a run named is looked for, and not another one that has its number by now. alone: whoever calls
    has the turn, so that no other run of the command (MINE) can be alive. own: the id of the run that calls.
    """
    if not isinstance(instance.run_launcher, DefaultRunLauncher):
        # Runs have machines of their own there, whose processes are not ours to look for: Dagster watches their pods.
        return
    for run in instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)):
        mine = alone and MINE.items() <= run.tags.items()
        if run.run_id != own and (mine or _process_is_gone(instance, run)):
            instance.report_run_failed(run, "The process of this run was killed before it ended.")


def has_run_at_work(instance: dg.DagsterInstance) -> bool:
    """Whether any run has been asked for and has not ended, be it in the queue."""
    return bool(instance.get_runs_count(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)))


def _process_is_gone(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the run named its process, and that one has ended. False where it named none yet."""
    logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    events = [(log.dagster_event, log.timestamp) for log in logs if log.dagster_event]
    named = [(e.engine_event_data.metadata["pid"], at) for e, at in events if "pid" in e.engine_event_data.metadata]
    if not named:
        return False
    number, at = named[-1]
    return processes.is_gone(int(str(number.value)), at)
