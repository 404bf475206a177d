"""The command `bodega`: the whole way from exports to release, for people and for timers."""

import os
import sys
from pathlib import Path

import dagster as dg
import typer
from filelock import FileLock, Timeout
from rich.console import Console

from orchestration.settings import Settings, SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Public data warehouse of the Gobierno de Santiago.")

HELD_BACK, NO_RELEASE, BUSY = 1, 2, 3


@app.callback()
def main() -> None:
    """Public data warehouse of the Gobierno de Santiago."""


@app.command()
def run() -> None:
    """Takes in the exports, builds and checks the datasets, and publishes a release.

    Exit status: 0 all published, 1 a dataset was held back, 2 no release was made, 3 another run is at work.
    """
    console = Console(width=140, soft_wrap=True)
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(NO_RELEASE) from error
    settings.prepare()
    try:
        with FileLock(settings.internal / "run.lock", timeout=0):
            raise typer.Exit(_run(settings, console))
    except Timeout as error:
        console.print(f"Another run is at work on {settings.warehouse}: let it finish, then start again.")
        raise typer.Exit(BUSY) from error


def _run(settings: Settings, console: Console) -> int:
    from orchestration.definitions import JOB, build_defs
    from orchestration.instance import open_instance
    from orchestration.summary import show

    console.print(f"exports: {settings.exports}", highlight=False)
    settings.summary.unlink(missing_ok=True)
    definitions = build_defs(settings)
    with open_instance() as instance:
        result = definitions.resolve_job_def(JOB).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"plain": {}}},
        )
    if settings.summary.exists():
        show(settings, console)
        if not result.success:
            console.print("[red]Not everything could be published: see the datasets marked NO.[/red]")
        return 0 if result.success else HELD_BACK
    console.print("[red]No release was made; the one before stays in force.[/red]")
    for failure in result.get_failed_step_keys():
        console.print(f"  {failure}: {_cause(result, failure)}", highlight=False)
    return NO_RELEASE


def _cause(result: dg.ExecuteInProcessResult, step: str) -> str:
    events = [e for e in result.all_events if e.is_step_failure and e.step_key == step]
    data = events[0].step_failure_data
    failure = data.user_failure_data
    if failure and failure.description:
        return failure.description
    error = data.error.cause or data.error if data.error else None
    return error.message.strip() if error else "unknown"


@app.command()
def dev(port: int = 3000) -> None:
    """Opens Dagster's pages on the assets, the checks and the runs, until Ctrl-C."""
    settings = Settings.from_environment()
    settings.prepare()
    settings.export()
    webserver = Path(sys.executable).with_name("dagster-webserver")
    os.execv(webserver, [str(webserver), "-m", "orchestration.definitions", "-p", str(port)])


if __name__ == "__main__":
    app()
