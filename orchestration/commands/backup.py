"""Saving what no run could make again, and putting it back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orchestration.backups import unfinished
from orchestration.commands.common import AT_ONCE, alone, command


def backup(
    folder: Annotated[Path, typer.Argument(help="An earlier backup, or a new folder; best on another disk.")],
    check: Annotated[bool, typer.Option("--check", help="Read again also what is saved already.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait RUN_WAIT_MINUTES for a run to end.")] = False,
) -> None:
    """Saves what no run could make again; only what the backup does not have is copied."""
    from orchestration.backups import backup as saving

    with (
        command() as (console, settings),
        alone(settings, console, "bodega backup", settings.wait if wait else AT_ONCE),
    ):
        unfinished.check_none(settings)
        made = saving.make(settings, folder, lambda text: console.print(escape(text), highlight=False), check)
        console.print(f"saved: {len(made.entries)} files, release in force: {made.release or 'none'}", highlight=False)


def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    with_exports: Annotated[bool, typer.Option(help="Put the files back into EXPORTS_DIR, which is empty.")] = False,
    moved: Annotated[bool, typer.Option(help="The same files lie in EXPORTS_DIR, once another path.")] = False,
) -> None:
    """Puts a backup back onto empty folders; `bodega run` then builds warehouse and pages."""
    from orchestration.backups import restoring

    with command("bodega restore") as (console, settings):
        release = restoring.restore(
            settings, folder, with_exports, moved, lambda text: console.print(escape(text), highlight=False)
        )
        console.print(f"restored; in force: {release or 'no release'}. Next: bodega run", highlight=False)
