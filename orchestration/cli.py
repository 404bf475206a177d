"""The command `bodega`: the whole way from exports to release, for people and for timers."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from filelock import FileLock, Timeout
from rich.console import Console
from rich.table import Table

from orchestration import private
from orchestration import trace as tracing
from orchestration.settings import Settings, SettingsError
from portal import build
from publish import bucket
from publish.audit import audit
from publish.errors import PublishError
from publish.rollback import roll_back

if TYPE_CHECKING:
    import dagster as dg

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Public data warehouse of the Gobierno de Santiago.")

HELD_BACK, NO_RELEASE, BUSY = 1, 2, 3


@app.callback()
def main() -> None:
    """Public data warehouse of the Gobierno de Santiago."""
    private.write_for_owner_alone()


@app.command()
def run() -> None:
    """Takes in the exports, builds and checks the datasets, and publishes a release.

    Exit status: 0 all published, 1 a dataset was held back, 2 no release was made, 3 another run is at work.
    """
    console = Console(width=140, soft_wrap=True)
    settings = _settings(console)
    try:
        with FileLock(settings.lock, timeout=0):
            raise typer.Exit(_run(settings, console))
    except Timeout as error:
        console.print(f"Another run is at work on {settings.warehouse}: let it finish, then start again.")
        raise typer.Exit(BUSY) from error


def _settings(console: Console, prepare: bool = True) -> Settings:
    """The settings, with their folders ready if asked for. Ends the command with a message where they cannot be."""
    try:
        settings = Settings.from_environment()
        if prepare:
            settings.prepare()
    except (SettingsError, private.NotPrivateError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(NO_RELEASE) from error
    return settings


def _run(settings: Settings, console: Console) -> int:
    from orchestration.definitions import JOB, build_defs
    from orchestration.instance import MINE, end_dead_runs, open_instance
    from orchestration.summary import show

    console.print(f"exports: {settings.exports}", highlight=False)
    settings.summary.unlink(missing_ok=True)
    definitions = build_defs(settings)
    with open_instance() as instance:
        end_dead_runs(instance)
        result = definitions.resolve_job_def(JOB).execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags=MINE,
            run_config={"loggers": {"plain": {}}},
        )
    if settings.summary.exists():
        show(settings, console)
        if not result.success:
            console.print("[red]Not everything went well:[/red]")
            _show_causes(result, console)
        return 0 if result.success else HELD_BACK
    console.print("[red]No release was made; the one before stays in force.[/red]")
    _show_causes(result, console)
    return NO_RELEASE


def _show_causes(result: "dg.ExecuteInProcessResult", console: Console) -> None:
    for step in sorted(result.get_failed_step_keys()):
        console.print(f"  {step}: {_cause(result, step)}", highlight=False)


def _cause(result: "dg.ExecuteInProcessResult", step: str) -> str:
    events = [e for e in result.all_events if e.is_step_failure and e.step_key == step]
    data = events[0].step_failure_data
    failure = data.user_failure_data
    if failure and failure.description:
        return failure.description
    error = data.error.cause or data.error if data.error else None
    if error and error.cls_name == "DagsterAssetCheckFailedError":
        return "datasets were held back or kept as they were, or corrections are overtaken: see above"
    return error.message.strip() if error else "unknown"


@app.command()
def rollback(
    release: Annotated[str, typer.Argument(help="The id of an earlier release that is still kept.")],
) -> None:
    """Puts an earlier release in force; the one that is left is not published again by itself."""
    console = Console(width=140, soft_wrap=True)
    settings = _settings(console)
    try:
        left = roll_back(settings.releases, release)
        console.print(f"in force: {release}; left: {left}", highlight=False)
        console.print(f"pages for people: {build.build(settings.releases / release, settings.portal)}", highlight=False)
        if settings.bucket:
            bucket.upload(settings.releases, release, settings.bucket, console.print)
    except PublishError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE) from error


@app.command()
def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A release's folder, or a copy of it; the release in force where none is given."),
    ] = None,
) -> None:
    """Checks a release from its folder alone: hashes, columns and types, keys, and CSV against Parquet."""
    console = Console(width=140, soft_wrap=True)
    place = folder or _settings(console).releases / "latest"
    found = audit(place.resolve())
    for problem in found:
        console.print(f"  [red]{problem}[/red]", highlight=False)
    console.print(f"{place.resolve()}: {'whole and consistent' if not found else f'{len(found)} problems'}")
    if found:
        raise typer.Exit(1)


@app.command()
def dev(port: int = 3000) -> None:
    """Opens Dagster's pages on the assets, the checks and the runs, until Ctrl-C."""
    settings = _settings(Console(width=140, soft_wrap=True))
    settings.export()
    webserver = Path(sys.executable).with_name("dagster-webserver")
    os.execv(webserver, [str(webserver), "-m", "orchestration.definitions", "-p", str(port)])


@app.command()
def trace(
    dataset: Annotated[str, typer.Option(help="Published dataset, as ficha_ciudadana.")],
    key: Annotated[str, typer.Option(help='Its row, as "anio=2023 mes=12 programa=02 subtitulo=31".')],
    column: Annotated[str, typer.Option(help="The amount, as ejecutado.")],
    release: Annotated[str, typer.Option(help="A release still kept; the one in force where none is given.")] = "",
) -> None:
    """Shows the source rows behind a published amount: file, row and value. For the institution only."""
    console = Console(width=160, soft_wrap=True)
    settings = _settings(console, prepare=False)
    try:
        ident = release or tracing.release_in_force(settings)
        answer = tracing.trace(settings, dataset, tracing.parse_key(key), column, ident, console.print)
    except tracing.TraceError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE) from error
    table = Table(title=f"{dataset}.{column} ({key}) in {ident}", title_justify="left")
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


if __name__ == "__main__":
    app()
