"""Dagster's own storage, for runs that this process executes."""

import os
from sqlite3 import Connection

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from sqlalchemy import event
from sqlalchemy.engine import Engine

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
    """The instance of DAGSTER_HOME."""
    return dg.DagsterInstance.get()


def end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Marks as failed the runs whose process is dead, and gives back their pools: Dagster would wait for them for ever.

    Whoever calls this holds the lock of the command: no other run of the command (MINE) can be alive. Of a run that
    was started from the pages, the process that it named is looked for.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)):
        if MINE.items() <= run.tags.items() or _process_is_gone(instance, run):
            instance.report_run_failed(run, "The process of this run was killed before it ended.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _process_is_gone(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether the run named its process, and there is none of that number. False where it named none yet."""
    events = (log.dagster_event for log in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT))
    numbers = [e.engine_event_data.metadata["pid"].value for e in events if e and "pid" in e.engine_event_data.metadata]
    if not numbers:
        return False
    try:
        os.kill(int(str(numbers[-1])), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        # It is another user's, and alive.
        return False
    return False
