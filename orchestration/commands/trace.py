"""Where a published figure comes from."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.commands.common import command

if TYPE_CHECKING:
    from orchestration.trace import Answer


def trace(
    dataset: Annotated[str, typer.Option(help="Published dataset, as ficha_ciudadana.")],
    key: Annotated[list[str], typer.Option(help='Its row, as "anio=2023 mes=12 programa=02 subtitulo=31".')],
    column: Annotated[str, typer.Option(help="The amount, as ejecutado.")],
    release: Annotated[str, typer.Option(help="A release still kept; the one in force where none is given.")] = "",
) -> None:
    """Shows the source rows behind a published amount: file, row and value. For the institution only."""
    from orchestration import trace as tracing

    with command(prepare=False, width=160) as (console, settings):
        ident = release or tracing.release_in_force(settings)
        row = " ".join(key)
        answer = tracing.trace(settings, dataset, tracing.parse_key(row), column, ident, console.print)
        _show_answer(answer, f"{dataset}.{column} ({row}) in {ident}", console)


def _show_answer(answer: "Answer", title: str, console: Console) -> None:
    table = Table(title=title, title_justify="left")
    for name in ("archivo", "fila", "sha256", "valor"):
        table.add_column(name, justify="right" if name in ("fila", "valor") else "left", overflow="fold")
    for c in answer.contributions:
        table.add_row(c.archivo, f"{c.fila}{' *' if c.corregida else ''}", c.sha256 or "-", f"{c.valor.normalize():f}")
    console.print(table)
    if any(c.corregida for c in answer.contributions):
        console.print("* a cell of this row is read as corrections/ say, and not as the file does")
    console.print(f"sum of {len(answer.contributions)} rows: {answer.total.normalize():f}", highlight=False)
    console.print(
        f"published figure: {'unknown (NULL)' if answer.figure is None else f'{answer.figure:f}'}", highlight=False
    )
    console.print("[bold]Internal: this answer names files and rows that are not published. Do not pass it on.[/bold]")
    if not answer.adds_up:
        console.print("[red]The rows do not add up to the figure: the trace or the figure is wrong.[/red]")
        raise typer.Exit(1)
