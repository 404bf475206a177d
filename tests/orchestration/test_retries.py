"""What can heal by itself is tried again with growing pauses; bad data is not."""

import errno
import shutil
import threading
import time
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration import retries
from orchestration.assets.raw import build_ingest
from orchestration.settings import Settings
from orchestration.state import arrivals
from publish.errors import PublishError, TryLaterError
from publish.remote.objects import Content, Objects, Patience
from tests.conftest import SAMPLES
from tests.orchestration.places import settings_below
from tests.orchestration.test_warehouse import hold


def attempts(instance: dg.DagsterInstance, errors: list[Exception]) -> tuple[bool, int, float]:
    """A job whose one step raises these errors, one an attempt: whether it went well, its attempts and its seconds."""
    left, tried = list(errors), [0]

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        with retries.tried_again(context, "release"):
            tried[0] += 1
            if left:
                raise left.pop(0)

    @dg.job(executor_def=dg.in_process_executor)
    def tiny() -> None:
        step()

    began = time.monotonic()
    result = tiny.execute_in_process(instance=instance, raise_on_error=False)
    return result.success, tried[0], time.monotonic() - began


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicker = dg.RetryPolicy(max_retries=3, delay=0.2, backoff=dg.Backoff.EXPONENTIAL)
    monkeypatch.setattr(retries, "BACK_OFF", quicker)


@pytest.mark.usefixtures("quick")
def test_a_server_that_comes_back_is_tried_again_until_then(instance: dg.DagsterInstance) -> None:
    success, tried, seconds = attempts(instance, [TryLaterError("away"), OSError(errno.ESTALE, "Stale file handle")])
    assert (success, tried) == (True, 3)
    assert seconds > 0.2 + 0.6


@pytest.mark.usefixtures("quick")
def test_one_that_stays_away_fails_the_step_after_some_attempts(instance: dg.DagsterInstance) -> None:
    assert attempts(instance, [TryLaterError("away")] * 9)[:2] == (False, 4)


@pytest.mark.parametrize(
    "error",
    [PublishError("status 403"), ValueError("bad data"), OSError(errno.ENOSPC, "full"), PermissionError(13, "no")],
    ids=repr,
)
def test_what_nobody_mends_by_waiting_fails_at_once(instance: dg.DagsterInstance, error: Exception) -> None:
    assert attempts(instance, [error])[:2] == (False, 1)


def test_a_full_disk_fails_the_step_in_words(instance: dg.DagsterInstance) -> None:
    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        with retries.tried_again(context, "release"), Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"a")

    @dg.job(executor_def=dg.in_process_executor)
    def tiny() -> None:
        step()

    result = tiny.execute_in_process(instance=instance, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data
    assert "Make room there" in (failed.step_failure_data.user_failure_data.description or "")


def read_sources(instance: dg.DagsterInstance, base: Path) -> tuple[dg.ExecuteInProcessResult, Settings]:
    """One run of the first step over a good export, and another one that a disk answers for with an error."""
    settings = settings_below(base)
    settings.internal.mkdir()
    settings.corrections.mkdir()
    shutil.copytree(SAMPLES / "programa_gobierno", settings.exports / "programa_gobierno")
    (settings.exports / "core").mkdir()
    (settings.exports / "core" / "acuerdos_20250131.csv").symlink_to("/proc/self/mem")
    step = build_ingest(settings)
    return dg.materialize([step], instance=instance, resources={"turn": None}, raise_on_error=False), settings


def tries_after(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY for event in result.all_events)


@pytest.mark.usefixtures("quick")
def test_a_source_that_cannot_be_read_is_tried_again_and_then_the_others_go_on_without_it(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    result, settings = read_sources(instance, tmp_path)
    assert (result.success, tries_after(result)) == (True, 3)
    assert list(arrivals.read(settings.arrivals).failed_sources) == ["core_acuerdos"]


def test_a_source_that_can_be_read_on_another_try_did_not_fail(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BACK_OFF", dg.RetryPolicy(max_retries=3, delay=0.2))
    file = tmp_path / "exports" / "core" / "acuerdos_20250131.csv"

    def mend() -> None:
        while not (tmp_path / "internal" / "raw" / "archivos.parquet").exists():
            time.sleep(0.02)
        file.unlink()
        shutil.copy(SAMPLES / "core" / file.name, file)

    mending = threading.Thread(target=mend)
    mending.start()
    result, settings = read_sources(instance, tmp_path)
    mending.join()
    assert result.success
    assert 1 <= tries_after(result) <= 3
    assert arrivals.read(settings.arrivals).failed_sources == {}


def test_pauses_grow_and_end_within_minutes() -> None:
    pauses = [retries.BACK_OFF.calculate_delay(n) for n in range(1, retries.BACK_OFF.max_retries + 1)]
    assert pauses == [30, 90, 210]


def test_a_warehouse_that_another_process_holds_may_heal_and_a_missing_one_not(tmp_path: Path) -> None:
    warehouse = tmp_path / "bodega.duckdb"
    with hold(warehouse, 60) as holder:
        with pytest.raises(duckdb.IOException) as held:
            duckdb.connect(str(warehouse))
        holder.kill()
    with pytest.raises(duckdb.IOException) as missing:
        duckdb.connect(str(tmp_path / "none.duckdb"), read_only=True)
    assert retries.may_heal(held.value)
    assert not retries.may_heal(missing.value)


def test_a_bucket_that_cannot_be_reached_may_heal_and_a_wrong_address_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "a.csv"
    file.write_text("a")
    with pytest.raises(PublishError) as away:
        Objects("s3://open-data", Patience(retries=0)).create("a.csv", Content.of(file))
    with pytest.raises(PublishError) as wrong:
        Objects("http://open-data", Patience(retries=0))
    assert retries.may_heal(away.value)
    assert not retries.may_heal(wrong.value)


def test_dagster_itself_retries_nothing() -> None:
    from orchestration.settings import PROJECT

    said = (PROJECT / "orchestration" / "dagster.yaml").read_text("utf-8")
    assert "retry_on_asset_or_op_failure: false" in said
    assert "max_retries" not in said
