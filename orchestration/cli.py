"""The command `bodega`: the whole way from exports to release, for people and for timers."""

import builtins
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

# What only one of the commands needs is imported there: a look that finds nothing new is over in a second.
from orchestration import private, standing, unfinished
from orchestration.settings import SETTLED, Settings
from orchestration.turn import TurnTakenError, take
from orchestration.variables import SettingsError
from publish.errors import PublishError

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

    from orchestration.trace import Answer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Public data warehouse of the Gobierno de Santiago.")

HELD_BACK, NO_RELEASE, BUSY, INTERRUPTED = 1, 2, 3, 130
# How long a command waits for the run at work that is not asked to wait.
AT_ONCE = timedelta(0)


@app.callback()
def main() -> None:
    """Public data warehouse of the Gobierno de Santiago."""
    private.write_for_owner_alone()


@app.command()
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
    with _command(settle=0, prepare=False) as (console, settings), _told(settings, console, wait) as ending:
        # Another user's file in the internal area stops every run, and nobody would know.
        settings.prepare()
        with _alone(settings, console, "bodega run", settings.wait if wait else AT_ONCE):
            unfinished.check_none(settings)
            status = _nothing_new(settings, console, again or bool(month or export))
            ending.looked = status is not None
            ending.status = _run(settings, console, ending, month, export) if status is None else status
            if (left := standing.read(settings)) and left.status != ending.status:
                # What failed beside the verdicts may go well the next time.
                standing.forget(settings)
    raise typer.Exit(ending.status)


@dataclass
class _Ending:
    """How a run ends. failures: per step that failed, what alerts may tell of it. broke_off: what no step failed by."""

    status: int = NO_RELEASE
    looked: bool = False
    failures: dict[str, str] = field(default_factory=dict)
    broke_off: Exception | None = None


@contextmanager
def _told(settings: Settings, console: Console, waits: bool = False) -> Iterator[_Ending]:
    """Sends at the end what alerts are due, also where the run breaks off, and not where another run is at work.

    waits: whether this one waited for that other, so that its work is lost where it did so in vain.
    """
    ending = _Ending()
    try:
        yield ending
    except typer.Exit as left:
        if waits and isinstance(left.__cause__, TurnTakenError):
            ending.broke_off = left.__cause__
            _tell(settings, console, ending)
        raise
    except Exception as error:
        ending.broke_off = error
        _tell(settings, console, ending)
        raise
    _tell(settings, console, ending)


def _tell(settings: Settings, console: Console, ending: _Ending) -> None:
    """Sends what alerts are due."""
    with _telling(console) as say:
        from orchestration import alerts
        from orchestration.alerts.outcome import RUN, sentence

        if error := ending.broke_off:
            ending.failures = {RUN: sentence(type(error).__name__, str(error))}
        alerts.after_run(
            settings, alerts.Outcome(ending.status, datetime.now(UTC), ending.failures, ending.looked), say
        )


@contextmanager
def _telling(console: Console) -> Iterator[Callable[[str], None]]:
    """Gives what says that alerts could not be sent. That nobody could be told does not change how a command ends."""

    def say(text: str) -> None:
        console.print(f"[red]alerts:[/red] {escape(text)}", highlight=False)

    try:
        yield say
    except Exception as error:
        say(f"nobody could be told ({type(error).__name__}: {error})")


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


@contextmanager
def _command(
    turn: str = "", *, settle: int = SETTLED, prepare: bool = True, width: int = 140
) -> Iterator[tuple[Console, Settings]]:
    """What the commands have in common: where they print, the settings, and a sentence where they cannot go on.

    turn: who asks for the turn of the run, where the command needs it. prepare: whether the folders are to be ready.
    """
    console = Console(width=width, soft_wrap=True)
    with _in_words(console):
        settings = _settings(settle, prepare)
        with _alone(settings, console, turn) if turn else nullcontext():
            yield console, settings


def _settings(settle: int = SETTLED, prepare: bool = True) -> Settings:
    settings = Settings.from_environment(settle)
    if prepare:
        settings.prepare()
    return settings


def _run(settings: Settings, console: Console, ending: _Ending, month: str, export: str) -> int:
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


# The rooms, whose errors are sentences for whoever runs the command.
_ROOMS = ("expectations.", "ingest.", "orchestration.", "portal.", "publish.")


def _own_words(error: "SerializableErrorInfo") -> str:
    """What an error says, without what Dagster and Python put before it."""
    from orchestration.alerts.outcome import unwrapped

    error = unwrapped(error)
    name = error.cls_name or ""
    if name == "DagsterAssetCheckFailedError":
        return "datasets were held back or kept as they were, corrections overtaken or sources not read: see above"
    module, words = _parted(error.message, name)
    kind = getattr(builtins, name, None)
    if module.startswith(_ROOMS) or (isinstance(kind, type) and issubclass(kind, OSError)):
        return _without_number(words)
    return f"what nobody foresaw; all of it is in the run's log (`bodega dev`). In short: {words.partition(chr(10))[0]}"


def _without_number(words: str) -> str:
    """An error of the system without its number."""
    return re.sub(r"^\[Errno \d+\] ", "", words)


def _parted(message: str, name: str) -> tuple[str, str]:
    """The module of an error's class, with a dot at its end, and what it says. name: of its class."""
    found = re.match(rf"((?:\w+\.)*){re.escape(name)}(?:: |$)", message.strip())
    return (found[1], message.strip()[found.end() :]) if found else ("", message.strip())


@app.command()
def rollback(
    release: Annotated[str, typer.Argument(help="The id of an earlier release that is still kept.")],
) -> None:
    """Puts another release in force; the one that is left is not published again by itself, unless it is the older one.

    Of the one in force already it makes the pages again, and its copy in the bucket; that is no error.
    """
    from portal import whole
    from publish import bucket
    from publish.rollback import roll_back, withdrawn

    with _command("bodega rollback") as (console, settings):
        left = roll_back(settings.releases, release)
        said = f"in force: {release}; left: {left}"
        if left == release:
            said = f"{release} is in force already: there is nothing to go back from. What is made of it is made again."
        elif left not in withdrawn(settings.releases):
            said += ", which is the older of the two: a run that gives it again puts it in force"
        console.print(said, highlight=False)
        # First what others read from, so that pages that cannot be made do not leave it behind.
        if settings.bucket:
            bucket.upload(settings.releases, release, settings.bucket, console.print)
        made = whole.keep(settings.releases / release, settings.portal, console.print)
        console.print(f"pages for people: {made.index}", highlight=False)
        for each in made.missing:
            console.print(f"not all of it: {escape(each)}", highlight=False)


@app.command()
def withdraw(
    release: Annotated[str, typer.Argument(help="The id of a release that is not in force.")],
) -> None:
    """Deletes a release that holds what must not be public, also from the bucket; it is not published again."""
    from publish import bucket
    from publish.rollback import withdraw as take_away

    with _command("bodega withdraw") as (console, settings):
        now = take_away(settings.releases, release)
        console.print(f"deleted: {release}; in force: {now}", highlight=False)
        if settings.bucket:
            bucket.upload(settings.releases, now, settings.bucket, console.print)


@app.command()
def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A release's folder, or a copy of it; the release in force where none is given."),
    ] = None,
) -> None:
    """Checks a release from its folder alone: hashes, columns and types, keys, and CSV against Parquet.

    Where latest.json lies beside the folder and names that release, the manifest is held against the hash in it.
    """
    from publish.audit import audit

    console = Console(width=140, soft_wrap=True)
    with _in_words(console):
        # A release is verified by whoever has it, whatever the settings there.
        place = (folder or _settings().releases / "latest").resolve()
        found = audit(place)
        for problem in found:
            console.print(f"  [red]{escape(problem)}[/red]", highlight=False)
        console.print(f"{place}: {'whole and consistent' if not found else f'problems: {len(found)}'}")
    if found:
        raise typer.Exit(1)


@app.command()
def alerts(
    test: Annotated[bool, typer.Option("--test", help="Send a test through each channel; say what happened.")] = False,
) -> None:
    """Shows what is wrong and since when. For the institution only: it names files that are not published."""
    with _command(width=160) as (console, settings):
        _test_alerts(settings, console) if test else _show_alerts(settings, console)


def _test_alerts(settings: Settings, console: Console) -> None:
    from orchestration import alerts as watching

    said = watching.send_test(settings)
    for channel, happened in said.items():
        console.print(f"{channel}: {escape(happened)}", highlight=False)
    if not said:
        console.print("no channel is set: ALERT_WEBHOOK_URL, or ALERT_SMTP_URL, ALERT_MAIL_TO and ALERT_MAIL_FROM")
    raise typer.Exit(any(happened != watching.DELIVERED for happened in said.values()) or not said)


def _show_alerts(settings: Settings, console: Console) -> None:
    from orchestration import alerts as watching
    from orchestration.alerts.kinds import KINDS, RUNBOOK

    table = Table(title="Open alerts", title_justify="left")
    for name in ("since", "severity", "alert", "where", "what", "what to do"):
        table.add_column(name, overflow="fold")
    for alert in watching.open_alerts(settings):
        kind = KINDS[alert.kind]
        since = f"{alert.since.astimezone():%Y-%m-%d %H:%M}"
        cells = (kind.heading, alert.inside or alert.where, alert.what, kind.remedy)
        table.add_row(since, kind.severity, *(escape(cell) for cell in cells))
    console.print(table if table.row_count else "nothing is wrong", highlight=False)
    console.print(f"Each alert has its heading in {RUNBOOK}.", highlight=False)


@app.command(hidden=True)
def ended(how: Annotated[str, typer.Argument(help="exited, killed or dumped: systemd's EXIT_CODE.")] = "") -> None:
    """For systemd when its service has ended: tells of a run that was killed, which could not tell of it itself."""
    if how not in ("killed", "dumped"):
        return
    with _command() as (console, settings):
        from orchestration.alerts.outcome import KILLED, RUN

        console.print(KILLED, highlight=False)
        _tell(settings, console, _Ending(failures={RUN: KILLED}))


@app.command()
def doctor() -> None:
    """Checks this machine: versions, folders, rights, space, clock, settings. Exit status 1 where one is an error."""
    from orchestration.doctor import examine, worst

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


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="An earlier backup, or a new folder; best on another disk.")],
    check: Annotated[bool, typer.Option("--check", help="Read again also what is saved already.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait RUN_WAIT_MINUTES for a run to end.")] = False,
) -> None:
    """Saves what no run could make again; only what the backup does not have is copied."""
    from orchestration import backup as saving

    with (
        _command() as (console, settings),
        _alone(settings, console, "bodega backup", settings.wait if wait else AT_ONCE),
    ):
        unfinished.check_none(settings)
        made = saving.make(settings, folder, lambda text: console.print(escape(text), highlight=False), check)
        console.print(f"saved: {len(made.entries)} files, release in force: {made.release or 'none'}", highlight=False)


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    with_exports: Annotated[bool, typer.Option(help="Put the files back into EXPORTS_DIR, which is empty.")] = False,
    moved: Annotated[bool, typer.Option(help="The same files lie in EXPORTS_DIR, once another path.")] = False,
) -> None:
    """Puts a backup back onto empty folders; `bodega run` then builds warehouse and pages."""
    from orchestration import restoring

    with _command("bodega restore") as (console, settings):
        release = restoring.restore(
            settings, folder, with_exports, moved, lambda text: console.print(escape(text), highlight=False)
        )
        console.print(f"restored; in force: {release or 'no release'}. Next: bodega run", highlight=False)


@contextmanager
def _alone(settings: Settings, console: Console, who: str, patience: timedelta = AT_ONCE) -> Iterator[None]:
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
def _in_words(console: Console) -> Iterator[None]:
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
        from orchestration import space

        if space.is_full(error):
            console.print(f"[red]{escape(space.said(error))}[/red]", highlight=False)
            raise typer.Exit(NO_RELEASE) from error
        if not isinstance(error, _foreseen()):
            # All of it is shown, and the status is not that of a run that made a release.
            Console(stderr=True, width=140).print_exception()
            raise typer.Exit(NO_RELEASE) from error
        console.print(f"[red]{escape(_without_number(str(error)))}[/red]", highlight=False)
        raise typer.Exit(NO_RELEASE) from error


def _foreseen() -> tuple[type[Exception], ...]:
    from ingest.written import WrittenError
    from orchestration.backup import BackupError
    from orchestration.dbt_command import DbtError
    from orchestration.state_file import StateFileError
    from orchestration.trace import TraceError

    return (
        BackupError,
        DbtError,
        OSError,
        PublishError,
        SettingsError,
        StateFileError,
        TraceError,
        unfinished.UnfinishedRestoreError,
        WrittenError,
    )


@app.command(
    "dev",
    help="Opens Dagster's pages on the assets, the checks and the runs, until Ctrl-C. Runs asked for there start where "
    "`bodega daemon` is at work.",
)
@app.command()
def webserver(
    host: Annotated[str, typer.Option(help="Where it listens; whoever reaches it can start runs.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="WEBSERVER_PORT where none is given.", min=1, max=65535)] = None,
) -> None:
    """Dagster's pages as a service, until it is stopped (deploy/bodega-webserver.service)."""
    with _command() as (_, settings):
        where = ("--host", host, "--port", str(port or settings.port))
        _become(settings, "dagster-webserver", "--module-name", "orchestration.definitions", *where)


@app.command()
def daemon() -> None:
    """Dagster's daemon as a service, which lets schedule and sensors act (deploy/bodega-daemon.service)."""
    with _command(prepare=False) as (console, settings), _told_that_it_stands_still(settings, console):
        settings.prepare()
        _become(settings, "dagster-daemon", "run", "--module-name", "orchestration.definitions")


@contextmanager
def _told_that_it_stands_still(settings: Settings, console: Console) -> Iterator[None]:
    """Sends an alert where the daemon does not begin: then no schedule and no sensor is there, nor what looks on."""
    try:
        yield
    except Exception as error:
        with _telling(console) as say:
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


@app.command()
def trace(
    dataset: Annotated[str, typer.Option(help="Published dataset, as ficha_ciudadana.")],
    key: Annotated[list[str], typer.Option(help='Its row, as "anio=2023 mes=12 programa=02 subtitulo=31".')],
    column: Annotated[str, typer.Option(help="The amount, as ejecutado.")],
    release: Annotated[str, typer.Option(help="A release still kept; the one in force where none is given.")] = "",
) -> None:
    """Shows the source rows behind a published amount: file, row and value. For the institution only."""
    from orchestration import trace as tracing

    with _command(prepare=False, width=160) as (console, settings):
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


if __name__ == "__main__":
    app()
