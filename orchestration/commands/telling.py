"""How a run ended, and that people are told of it: also of one that broke off or was killed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.markup import escape

from orchestration.commands.common import NO_RELEASE
from orchestration.machine.turn import TurnTakenError
from orchestration.settings import Settings


@dataclass
class Ending:
    """How a run ends. failures: per step that failed, what alerts may tell of it. broke_off: what no step failed by."""

    status: int = NO_RELEASE
    looked: bool = False
    failures: dict[str, str] = field(default_factory=dict)
    broke_off: Exception | None = None


@contextmanager
def told(settings: Settings, console: Console, waits: bool = False) -> Iterator[Ending]:
    """Sends at the end what alerts are due, also where the run breaks off, and not where another run is at work.

    waits: whether this one waited for that other, so that its work is lost where it did so in vain.
    """
    ending = Ending()
    try:
        yield ending
    except typer.Exit as left:
        if waits and isinstance(left.__cause__, TurnTakenError):
            ending.broke_off = left.__cause__
            tell(settings, console, ending)
        raise
    except Exception as error:
        ending.broke_off = error
        tell(settings, console, ending)
        raise
    tell(settings, console, ending)


def tell(settings: Settings, console: Console, ending: Ending) -> None:
    """Sends what alerts are due."""
    with telling(console) as say:
        from orchestration import alerts
        from orchestration.alerts.outcome import RUN, of_error

        if error := ending.broke_off:
            ending.failures = {RUN: of_error(error)}
        alerts.after_run(
            settings, alerts.Outcome(ending.status, datetime.now(UTC), ending.failures, ending.looked), say
        )


@contextmanager
def telling(console: Console) -> Iterator[Callable[[str], None]]:
    """Gives what says that alerts could not be sent. That nobody could be told does not change how a command ends."""

    def say(text: str) -> None:
        console.print(f"[red]alerts:[/red] {escape(text)}", highlight=False)

    try:
        yield say
    except Exception as error:
        say(f"nobody could be told ({type(error).__name__}: {error})")
