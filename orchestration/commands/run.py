"""The run: from exports to release, or a look where nothing is new."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from orchestration import errors
from orchestration.backups import unfinished
from orchestration.commands.common import AT_ONCE, HELD_BACK, NO_RELEASE, alone, command, without_number
from orchestration.commands.telling import Ending, told
from orchestration.machine import folders
from orchestration.settings import Settings
from orchestration.state import standing

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo


def run(
    again: Annotated[bool, typer.Option("--again", help="Do everything, also where nothing is new.")] = False,
    month: Annotated[str, typer.Option(help="First read the files of this month again, as 2024-12.")] = "",
    export: Annotated[str, typer.Option(help="With --month: of this export alone, as dte_rcv_compra.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait RUN_WAIT_MINUTES for another run to end.")] = False,
) -> None:
    """Takes in the exports, builds and checks the datasets, and publishes a release. With nothing new it only looks.

    Exit status: 0 all published, 1 a release was made and not all went well, 2 none was made, 3 another run is at work.
    """
    # Who starts a run sees what lies in the folder: nothing has to be at rest for a while first.
    with command(settle=0, prepare=False) as (console, settings), told(settings, console, wait) as ending:
        # Another user's file in the internal area stops every run, and nobody would know.
        folders.prepare(settings)
        with alone(settings, console, "bodega run", settings.wait if wait else AT_ONCE):
            unfinished.check_none(settings)
            status = _nothing_new(settings, console, again or bool(month or export))
            ending.looked = status is not None
            ending.status = _run(settings, console, ending, month, export) if status is None else status
            if (left := standing.read(settings)) and left.status != ending.status:
                # What failed beside the verdicts may go well the next time.
                standing.forget(settings)
    raise typer.Exit(ending.status)


def _nothing_new(settings: Settings, console: Console, again: bool) -> int | None:
    """Says so where nothing is new, and returns the exit status of the run before; None where one is due."""
    last = standing.read(settings)
    if news := standing.news(settings, last):
        console.print(f"new: {escape(', '.join(news))}", highlight=False)
    if again or news or last is None:
        return None
    console.print(last.sentence, highlight=False)
    for name, reason in last.held.items():
        console.print(f"  kept as it was or not published: [bold]{name}[/bold]. {escape(reason)}", highlight=False)
    for sentence in last.to_review:
        console.print(f"  [red]to review:[/red] {escape(sentence)}", highlight=False)
    console.print("`bodega run --again` does everything all the same.", highlight=False)
    return last.status


def _run(settings: Settings, console: Console, ending: Ending, month: str, export: str) -> int:
    from orchestration.alerts.outcome import PORTAL, failures, in_force, was_interrupted
    from orchestration.instance import MINE, end_dead_runs, open_instance
    from orchestration.jobs import JOB, READ_AGAIN, build_defs
    from orchestration.summary import show

    console.print(f"exports: {escape(str(settings.exports))}", highlight=False)
    definitions = build_defs(settings, has_turn=True)
    with open_instance() as instance:
        what = _month_to_read(console, instance, month, export) if month or export else None
        settings.summary.unlink(missing_ok=True)
        end_dead_runs(instance, alone=True)

        def execute(job: str, **what: Any) -> "dg.ExecuteInProcessResult":
            return definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags=MINE,
                run_config={"loggers": {"plain": {}}},
                **what,
            )

        if settings.workers > 1 and not settings.on_cluster:
            _read_ahead(instance, console)
        result = execute(READ_AGAIN, **what) if what else None
        if result is None or result.success:
            result = execute(JOB)
    if was_interrupted(result.all_events):
        raise KeyboardInterrupt
    ending.failures = failures(result.all_events)
    if settings.summary.exists():
        show(settings, console, has_old_pages=PORTAL in ending.failures)
    elif not in_force(result.all_events):
        console.print("[red]No release was made; the one before stays in force.[/red]")
        _show_causes(result, console)
        return NO_RELEASE
    if result.success:
        return 0
    console.print("[red]Not everything went well:[/red]")
    _show_causes(result, console)
    return HELD_BACK


def _read_ahead(instance: "dg.DagsterInstance", console: Console) -> None:
    import dagster as dg

    from orchestration.alerts.outcome import was_interrupted
    from orchestration.instance import MINE
    from orchestration.reading_ahead import job_of_the_command

    job = dg.reconstructable(job_of_the_command)
    result = dg.execute_job(job, instance, run_config={"loggers": {"plain": {}}}, tags=MINE)
    if was_interrupted(result.all_events):
        raise KeyboardInterrupt
    if not result.success:
        console.print("[red]A worker broke off; what it left is read now.[/red]", highlight=False)


def _month_to_read(console: Console, instance: "dg.DagsterInstance", month: str, export: str) -> dict[str, Any]:
    """What of the job is to be executed. Ends the command with a message where there is no such month or export."""
    from orchestration.assets import raw

    known = sorted(instance.get_dynamic_partitions(str(raw.MONTHS.name)))
    if not month:
        console.print("[red]--export: say with --month which month of it, as 2024-12[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE)
    if month not in known:
        there = f"{known[0]} to {known[-1]}" if known else "none before the first run"
        console.print(f"[red]--month: no file is of {escape(month)}; there are {there}[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE)
    if export and export not in raw.MONTHLY:
        console.print(f"[red]--export: one of {', '.join(raw.MONTHLY)}, which come by month[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE)
    exports = [export] if export else raw.MONTHLY
    return {"partition_key": month, "asset_selection": [raw.month(each) for each in exports]}


def _show_causes(result: "dg.ExecuteInProcessResult", console: Console) -> None:
    for step in sorted(result.get_failed_step_keys()):
        console.print(f"  {step}: {escape(_cause(result, step))}", highlight=False)


def _cause(result: "dg.ExecuteInProcessResult", step: str) -> str:
    events = [e for e in result.all_events if e.is_step_failure and e.step_key == step]
    data = events[0].step_failure_data
    failure = data.user_failure_data
    if failure and failure.description:
        return failure.description
    return _own_words(data.error) if data.error else "it is not known why"


def _own_words(error: "SerializableErrorInfo") -> str:
    """What an error says, without what Dagster and Python put before it."""
    from orchestration.alerts.outcome import unwrapped

    error = unwrapped(error)
    if error.cls_name == "DagsterAssetCheckFailedError":
        return "datasets were held back or kept as they were, corrections overtaken or sources not read: see above"
    name, words = errors.parted(error)
    if errors.is_for_the_terminal(name):
        return without_number(words)
    return f"what nobody foresaw; all of it is in the run's log (`bodega dev`). In short: {words.partition(chr(10))[0]}"
