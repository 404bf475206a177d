"""Dagster's own storage, for runs that this process executes."""

from sqlite3 import Connection

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine


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
