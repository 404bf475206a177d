"""What the commands have in common: status, settings, the turn of the run, and words where they cannot go on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import typer
from rich.console import Console
from rich.markup import escape

from orchestration import errors
from orchestration.machine import folders
from orchestration.machine.turn import TurnTakenError, take
from orchestration.settings import SETTLED, Settings
from orchestration.state import standing

HELD_BACK, NO_RELEASE, BUSY, INTERRUPTED = 1, 2, 3, 130
# How long a command waits for the run at work that is not asked to wait.
AT_ONCE = timedelta(0)


@contextmanager
def command(
    turn: str = "", *, settle: int = SETTLED, prepare: bool = True, width: int = 140
) -> Iterator[tuple[Console, Settings]]:
    """What the commands have in common: where they print, the settings, and a sentence where they cannot go on.

    turn: who asks for the turn of the run, where the command needs it. prepare: whether the folders are to be ready.
    """
    console = Console(width=width, soft_wrap=True)
    with in_words(console):
        settings = read_settings(settle, prepare)
        with alone(settings, console, turn) if turn else nullcontext():
            yield console, settings


def read_settings(settle: int = SETTLED, prepare: bool = True) -> Settings:
    """The settings of the environment. prepare: whether the folders are to be ready."""
    settings = Settings.from_environment(settle)
    if prepare:
        folders.prepare(settings)
    return settings


@contextmanager
def alone(settings: Settings, console: Console, who: str, patience: timedelta = AT_ONCE) -> Iterator[None]:
    """Holds the turn of the run. Ends the command with a message where another has it for longer than patience."""

    def say(sentence: str) -> None:
        console.print(escape(sentence), highlight=False)

    try:
        with take(settings.lock, who, patience, say) as was_killed:
            if was_killed:
                # Whatever it had done by then, the next run sweeps after it.
                standing.forget(settings)
            yield
    except TurnTakenError as error:
        say(str(error))
        raise typer.Exit(BUSY) from error


@contextmanager
def in_words(console: Console) -> Iterator[None]:
    """Ends the command with a message where the work fails for a reason that is in the hands of whoever runs it.

    Of what nobody foresaw, that is all of the error.
    """
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt as error:
        console.print("It was interrupted: the release that is in force is whole, and the next run does what is left.")
        raise typer.Exit(INTERRUPTED) from error
    except Exception as error:
        from orchestration.machine import space

        if space.is_full(error):
            console.print(f"[red]{escape(space.said(error))}[/red]", highlight=False)
            raise typer.Exit(NO_RELEASE) from error
        # Of the system's errors also those that a library made kinds of.
        if not isinstance(error, OSError) and not errors.is_for_the_terminal(errors.name_of(type(error))):
            # All of it is shown, and the status is not that of a run that made a release.
            Console(stderr=True, width=140).print_exception()
            raise typer.Exit(NO_RELEASE) from error
        console.print(f"[red]{escape(without_number(str(error)))}[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE) from error


def without_number(words: str) -> str:
    """An error of the system without its number."""
    return re.sub(r"^\[Errno \d+\] ", "", words)
