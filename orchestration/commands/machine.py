"""The machine that the run is to work on."""

import os

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def doctor() -> None:
    """Checks this machine: versions, folders, rights, space, clock, settings. Exit status 1 where one is an error."""
    from orchestration.machine.doctor import examine, worst

    console = Console(width=140)
    colours = {"ok": "green", "warning": "yellow", "error": "red"}
    table = Table(title="This machine", title_justify="left")
    for name in ("check", "state", "what was seen", "what to do"):
        table.add_column(name, overflow="fold")
    found = examine(os.environ)
    for f in found:
        table.add_row(f.check, f"[{colours[f.state]}]{f.state}[/]", escape(f.said), escape(f.remedy))
    console.print(table)
    raise typer.Exit(worst(found))
