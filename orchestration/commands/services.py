"""What works until it is stopped: Dagster's pages and its daemon; and what systemd calls once a service has ended."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from orchestration.commands.common import command
from orchestration.commands.telling import Ending, tell, telling
from orchestration.machine import folders
from orchestration.settings import Settings


def webserver(
    host: Annotated[str, typer.Option(help="Where it listens; whoever reaches it can start runs.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="WEBSERVER_PORT where none is given.", min=1, max=65535)] = None,
) -> None:
    """Dagster's pages as a service, until it is stopped (deploy/bodega-webserver.service)."""
    with command() as (_, settings):
        where = ("--host", host, "--port", str(port or settings.port))
        _become(settings, "dagster-webserver", "--module-name", "orchestration.definitions", *where)


def daemon() -> None:
    """Dagster's daemon as a service, which lets schedule and sensors act (deploy/bodega-daemon.service)."""
    with command(prepare=False) as (console, settings), _told_that_it_stands_still(settings, console):
        folders.prepare(settings)
        _become(settings, "dagster-daemon", "run", "--module-name", "orchestration.definitions")


@contextmanager
def _told_that_it_stands_still(settings: Settings, console: Console) -> Iterator[None]:
    """Sends an alert where the daemon does not begin: then no schedule and no sensor is there, nor what looks on."""
    try:
        yield
    except Exception as error:
        with telling(console) as say:
            from orchestration import alerts

            alerts.not_loaded(settings, error, say)
        raise


def _become(settings: Settings, program: str, *arguments: str) -> None:
    """Turns this process into one of Dagster's, with every folder and setting ready for it."""
    from orchestration.instance import open_instance

    settings.export()
    # Daemon and webserver start together, and on a new machine each would make the tables of Dagster's history.
    open_instance().dispose()
    path = Path(sys.executable).with_name(program)
    os.execv(path, [str(path), *arguments])


def ended(how: Annotated[str, typer.Argument(help="exited, killed or dumped: systemd's EXIT_CODE.")] = "") -> None:
    """For systemd when its service has ended: tells of a run that was killed, which could not tell of it itself."""
    if how not in ("killed", "dumped"):
        return
    with command() as (console, settings):
        from orchestration.alerts.outcome import KILLED, RUN

        console.print(KILLED, highlight=False)
        tell(settings, console, Ending(failures={RUN: KILLED}))
