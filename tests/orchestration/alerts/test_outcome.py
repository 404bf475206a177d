"""What is told of a run that failed: the step and our own words, never what an engine quotes of the data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import typer
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.events import EngineEventData
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from rich.console import Console

from orchestration import alerts, retries
from orchestration.alert_sensors import build_alert_sensors
from orchestration.alerts.outcome import failures, of_error, of_run, was_interrupted
from orchestration.commands import alerts as command
from orchestration.commands import common
from orchestration.commands.common import BUSY, NO_RELEASE
from orchestration.commands.telling import told
from orchestration.instance import MINE, end_dead_runs
from orchestration.machine.turn import TurnTakenError
from publish.errors import PublishError, TryLaterError
from tests.conftest import run_job
from tests.orchestration.alerts.conftest import SECRET, Hook, Night
from tests.orchestration.test_instance import number_of_a_process_that_ended


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def job(error: BaseException | None) -> dg.JobDefinition:
    """Stands for the main job: one step, which ends as it is told."""

    @dg.op
    def models() -> None:
        if error:
            raise error

    @dg.job(name="refresh")
    def refresh() -> None:
        models()

    return refresh


def record(
    instance: dg.DagsterInstance, error: BaseException | None = None, tags: dict[str, str] | None = None
) -> dg.RunRecord:
    run_id = job(error).execute_in_process(instance=instance, raise_on_error=False, tags=tags).run_id
    found = instance.get_run_record_by_id(run_id)
    assert found
    return found


INTERRUPTED = "Query interrupted"
QUOTED = "Its own words may quote data, and are in the run's log only."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (dg.Failure("No file in /exports could be taken in."), "No file in /exports could be taken in."),
        (PublishError("no dataset can be published"), "no dataset can be published"),
        (PublishError("of 12.345.678-5 or a@b.cl"), "of [dato personal reservado] or [dato personal reservado]"),
        (ValueError("cannot read 'Rosa Díaz'"), f"ValueError. {QUOTED}"),
        # A Failure to Dagster, in the words of dbt and of the engine below it.
        (DagsterDbtCliRuntimeError("cannot read 'Rosa Díaz'"), f"DagsterDbtCliRuntimeError. {QUOTED}"),
        (OSError(28, "No space left on device", "/dte/Rosa Díaz.xml"), "OSError: [Errno 28] No space left on device."),
    ],
)
def test_a_failed_step_is_told_of_in_our_own_words(
    error: Exception, told: str, night: Night, instance: dg.DagsterInstance
) -> None:
    result = job(error).execute_in_process(instance=instance, raise_on_error=False)
    assert failures(result.all_events) == {"models": told}
    run = instance.get_run_record_by_id(result.run_id)
    assert run
    outcome = of_run(night.settings, instance, run)
    assert (outcome.status, outcome.failures) == (2, {"models": told})


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device", "/exports/dte/Rosa Díaz.xml"), "No room on the disk: which one"),
        (TryLaterError("the bucket does not answer"), "the bucket does not answer"),
    ],
    ids=["full disk", "tried enough"],
)
def test_what_a_step_that_is_tried_again_ends_with_is_told_without_the_names_of_files(
    error: Exception, told: str, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BACK_OFF", dg.RetryPolicy(max_retries=1, delay=0.1))

    @dg.op
    def models(context: dg.OpExecutionContext) -> None:
        with retries.tried_again(context, "ingest"):
            raise error

    @dg.job(name="refresh")
    def refresh() -> None:
        models()

    result = refresh.execute_in_process(instance=instance, raise_on_error=False)
    (said,) = failures(result.all_events).values()
    assert said.startswith(told)
    assert "Rosa" not in said


def test_a_run_that_is_out_and_failed_afterwards_says_so(
    night: Night, instance: dg.DagsterInstance, hook: Hook
) -> None:
    run = record(instance, PublishError("the bucket"))
    night.summary({}, run_id=run.dagster_run.run_id)
    assert of_run(night.settings, instance, run).status == 1
    night.end(1, {"standing": "x."})
    assert "and the release itself is out" in hook.received[0]["what"]


def test_a_step_that_fails_by_its_checks_alone_is_told_of_by_dataset(instance: dg.DagsterInstance) -> None:
    @dg.asset(check_specs=[dg.AssetCheckSpec("held", asset="standing", blocking=True)])
    def standing() -> Iterator[dg.MaterializeResult[None]]:
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(check_name="held", passed=False)])

    result = dg.materialize([standing], instance=instance, raise_on_error=False)
    assert not result.success
    assert failures(result.all_events) == {}


def test_a_run_that_was_killed_or_canceled_is_told_of(night: Night, instance: dg.DagsterInstance) -> None:
    told = []
    for status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELED):
        run = instance.create_run_for_job(job(None), status=status)
        instance.report_engine_event("at work", run, EngineEventData.in_process(number_of_a_process_that_ended()))
        end_dead_runs(instance)
        found = instance.get_run_record_by_id(run.run_id)
        assert found
        told.append(of_run(night.settings, instance, found).failures)
    assert told == [{"run": "Its process was killed before it ended."}, {"run": "Somebody canceled it."}]


# As Dagster and Python raise it where a signal comes, and DuckDB in the midst of a query.
@pytest.mark.parametrize("signal", [DagsterExecutionInterruptedError(), KeyboardInterrupt(), RuntimeError(INTERRUPTED)])
def test_a_run_that_somebody_interrupts_is_known_for_it(instance: dg.DagsterInstance, signal: BaseException) -> None:
    events = job(signal).execute_in_process(instance=instance, raise_on_error=False).all_events
    assert was_interrupted(events)
    assert failures(events) == {"models": "It was interrupted."}


def test_a_run_that_fails_was_not_interrupted(instance: dg.DagsterInstance) -> None:
    for error in (PublishError("It was interrupted"), RuntimeError("x"), None):
        events = job(error).execute_in_process(instance=instance, raise_on_error=False).all_events
        assert not was_interrupted(events)


def test_a_run_that_waited_in_vain_says_for_whom(night: Night, instance: dg.DagsterInstance) -> None:
    @dg.resource
    def turn(_: dg.InitResourceContext) -> None:
        raise TurnTakenError("Another run is at work (run x): let it finish, then start again.")

    @dg.op(required_resource_keys={"turn"})
    def models() -> None:
        """Never begins."""

    @dg.job(name="refresh", resource_defs={"turn": turn}, executor_def=dg.in_process_executor)
    def refresh() -> None:
        models()

    run = instance.get_run_record_by_id(refresh.execute_in_process(instance=instance, raise_on_error=False).run_id)
    assert run
    told = of_run(night.settings, instance, run).failures
    assert [words for words in told.values() if words.startswith("Another run is at work (run x)")]


def test_a_sentence_is_cut_where_it_is_endless() -> None:
    assert len(of_error(PublishError("x " * 5000))) == 500


# ---- Dagster's sensors


def sensors(night: Night) -> dict[str, dg.SensorDefinition]:
    return {each.name: each for each in build_alert_sensors(night.settings, "refresh")}


def sensed(night: Night, instance: dg.DagsterInstance, run: dg.RunRecord) -> None:
    """What Dagster's daemon does once the run has ended."""
    failed = run.dagster_run.status == dg.DagsterRunStatus.FAILURE
    event = dg.DagsterEventType.RUN_FAILURE if failed else dg.DagsterEventType.RUN_SUCCESS
    name = "alerts_after_failure" if failed else "alerts_after_success"
    context = dg.build_run_status_sensor_context(
        sensor_name=name,
        dagster_event=dg.DagsterEvent(event.value, "refresh"),
        dagster_instance=instance,
        dagster_run=run.dagster_run,
    )
    sensor = sensors(night)[name]
    assert isinstance(sensor, dg.RunStatusSensorDefinition)
    sensor(context)


def test_the_end_of_each_run_is_told_by_its_sensor_and_heals_with_the_next(
    night: Night, instance: dg.DagsterInstance, hook: Hook
) -> None:
    # What this test is about ends today, and so does its night.
    night.now = datetime.now(UTC) - timedelta(hours=1)
    night.end(0)
    for error in (PublishError("no room"), None):
        run = record(instance, error)
        sensed(night, instance, run)
        sensed(night, instance, run)
    assert hook.of("run_failed") == ["opened", "resolved"]


@pytest.mark.parametrize(("tags", "told"), [(MINE, []), ({}, ["opened"])], ids=["of the command", "from the pages"])
def test_whoever_interrupts_the_command_is_sent_no_alert_by_the_daemon(
    night: Night, instance: dg.DagsterInstance, hook: Hook, tags: dict[str, str], told: list[str]
) -> None:
    sensed(night, instance, record(instance, KeyboardInterrupt(), tags))
    assert hook.of("run_failed") == told


def test_a_command_that_was_killed_is_told_of_by_the_daemon(
    night: Night, instance: dg.DagsterInstance, hook: Hook
) -> None:
    run = instance.create_run_for_job(job(None), status=dg.DagsterRunStatus.STARTED, tags=MINE)
    end_dead_runs(instance, alone=True)
    found = instance.get_run_record_by_id(run.run_id)
    assert found
    sensed(night, instance, found)
    assert hook.of("run_failed") == ["opened"]


def test_the_watch_tells_of_late_sources_and_reports_each_verdict_once(
    night: Night, instance: dg.DagsterInstance, hook: Hook
) -> None:
    with dg.build_sensor_context(instance=instance) as context:
        first = sensors(night)["watch"](context)
        second = sensors(night)["watch"](context)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(second, dg.SensorResult)
    # By the clock of the tests' machine, everything of the samples is late.
    assert hook.of("source_late") == ["opened", "opened"]
    assert hook.of("no_finished_run") == ["opened"]
    assert {event.asset_key.to_user_string() for event in first.asset_events} == {"raw/core_acuerdos", "raw/dte_xml"}
    assert second.asset_events == []


def test_every_sensor_runs_by_itself_where_the_daemon_does(night: Night) -> None:
    found = sensors(night)
    assert sorted(found) == ["alerts_after_canceled", "alerts_after_failure", "alerts_after_success", "watch"]
    assert {each.default_status for each in found.values()} == {dg.DefaultSensorStatus.RUNNING}
    assert found["watch"].minimum_interval_seconds == 900


# ---- the command


@pytest.mark.slow
def test_a_run_of_the_command_that_makes_no_release_tells_of_it(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", hook.url)
    world = run_job(tmp_path / "nowhere", tmp_path / "world")
    assert world.code == NO_RELEASE
    assert [(each["kind"], each["where"]) for each in hook.received if each["kind"] == "run_failed"] == [
        ("run_failed", "ingest")
    ]
    assert SECRET not in world.output


def test_a_command_that_breaks_off_tells_of_it(night: Night, hook: Hook) -> None:
    with pytest.raises(ValueError, match="Rosa"), told(night.settings, Console(quiet=True)):
        raise ValueError("Rosa Díaz")
    assert [each["what"] for each in hook.received if each["kind"] == "run_failed"] == [
        f"The run failed in the step run, and the release before stays in force: ValueError. {QUOTED}"
    ]


def test_a_command_that_leaves_for_another_run_tells_nothing(night: Night, hook: Hook) -> None:
    before = night.settings.alerts.read_text("utf-8")
    with pytest.raises(typer.Exit), told(night.settings, Console()):
        raise typer.Exit(BUSY)
    assert (hook.received, night.settings.alerts.read_text("utf-8")) == ([], before)


def test_the_command_shows_what_is_wrong_and_since_when(
    night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(common, "read_settings", lambda *_: night.settings)
    command.alerts(test=False)
    assert "nothing is wrong" in capsys.readouterr().out
    night.put("dte/Rosa Diaz.txt", b"x")
    night.run()
    command.alerts(test=False)
    shown = capsys.readouterr().out
    assert "A file that no contract knows" in shown
    assert "dte/Rosa Diaz.txt" in shown
    assert f"{night.now.astimezone():%Y-%m-%d}" in shown


def test_the_command_tests_each_channel(
    night: Night, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(common, "read_settings", lambda *_: night.settings)
    hook.answers = [404]
    codes = []
    for _ in range(2):
        with pytest.raises(typer.Exit) as left:
            command.alerts(test=True)
        codes.append(left.value.exit_code)
    shown = capsys.readouterr().out
    assert codes == [1, 0]
    assert "answers 404: correct ALERT_WEBHOOK_URL" in shown
    assert "webhook: delivered" in shown
    assert [each["event"] for each in hook.received] == ["test"]
    assert alerts.open_alerts(night.settings) == []
