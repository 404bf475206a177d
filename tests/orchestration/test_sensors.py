"""New exports start a run once they are complete, one each time that the folder comes to another state."""

import os
import time
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from orchestration.sensors import new_exports
from orchestration.settings import Settings
from orchestration.state import standing
from tests.orchestration.places import write


class Watch:
    """Looks again and again, as Dagster's daemon lets the sensor do."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.sensor = new_exports(replace(settings, settle=60), "refresh")
        self.instance = instance
        self.cursor: str | None = None

    def look(self) -> str:
        """What it says, or the key of the run that it asks for."""
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor
        if data.run_requests:
            (request,) = data.run_requests
            return f"run {request.run_key}"
        return str(data.skip_message)


@pytest.fixture
def watch(ended: Settings, instance: dg.DagsterInstance) -> Watch:
    return Watch(ended, instance)


def arrive(settings: Settings, age: float) -> Path:
    file = write(settings.exports / "dte" / "pagos_20250228.csv", "a;b\n")
    os.utime(file, (time.time() - age,) * 2)
    return file


def test_nothing_new_asks_for_nothing(watch: Watch) -> None:
    assert [watch.look() for _ in range(3)] == ["1 files, as the last run found them"] * 3


def test_a_file_that_is_still_growing_asks_for_nothing(ended: Settings, watch: Watch) -> None:
    arrive(ended, age=10)
    assert [watch.look() for _ in range(3)] == ["still growing: dte/pagos_20250228.csv"] * 3


def test_a_file_that_changes_between_two_looks_asks_for_nothing_whatever_its_date_says(
    ended: Settings, watch: Watch
) -> None:
    for age in (400, 300, 200):
        arrive(ended, age)
        assert "one more look" in watch.look()


def test_months_that_were_read_again_ask_for_one_run_once_all_of_them_are_read(
    ended: Settings, watch: Watch, instance: dg.DagsterInstance
) -> None:
    standing.note_read_again(ended, "first", "2024-11")
    other = instance.create_run_for_job(
        dg.job(name="read_again_month")(lambda: None), status=dg.DagsterRunStatus.STARTED
    )
    assert "waiting for the runs" in watch.look()
    standing.note_read_again(ended, "second", "2024-12")
    instance.report_run_canceled(other)
    assert [watch.look(), watch.look()] == ["run read again by second"] * 2
    standing.begin(ended, "taken in")
    assert standing.end(ended, "taken in") == 0
    assert "as the last run found them" in watch.look()


def test_a_complete_file_asks_for_one_run_and_always_by_the_same_key(ended: Settings, watch: Watch) -> None:
    arrive(ended, age=100)
    assert "one more look" in watch.look()
    first = watch.look()
    assert first.startswith("run ")
    # Dagster makes one run of a key: what failed is not tried again every minute.
    assert [watch.look(), watch.look()] == [first, first]
    write(ended.exports / "dte" / "pagos_20250228.csv", "a;b;c\n")
    os.utime(ended.exports / "dte" / "pagos_20250228.csv", (time.time() - 100,) * 2)
    assert "one more look" in watch.look()
    assert watch.look() not in (first, "")


def test_a_state_that_comes_back_asks_for_a_run_of_its_own(ended: Settings, watch: Watch, tmp_path: Path) -> None:
    def taken_in() -> str:
        assert "one more look" in watch.look()
        key = watch.look()
        standing.begin(ended, key)
        assert standing.end(ended, key) == 0
        assert "as the last run found them" in watch.look()
        return key

    arrive(ended, age=100)
    mounted = taken_in()
    ended.exports.rename(tmp_path / "unmounted")
    ended.exports.mkdir()
    away = taken_in()
    ended.exports.rmdir()
    (tmp_path / "unmounted").rename(ended.exports)
    back = taken_in()
    assert len({mounted, away, back}) == 3


def test_while_a_run_is_at_work_it_waits(ended: Settings, watch: Watch, instance: dg.DagsterInstance) -> None:
    @dg.op
    def step() -> None:
        """Stands for the whole way."""

    @dg.job
    def refresh() -> None:
        step()

    arrive(ended, age=100)
    watch.look()
    run = instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED)
    assert "the run that is at work" in watch.look()
    instance.report_run_failed(run)
    assert watch.look().startswith("run ")


def test_a_dead_run_is_not_waited_for(ended: Settings, watch: Watch, instance: dg.DagsterInstance) -> None:
    from tests.orchestration.test_instance import leave_at_work, number_of_a_process_that_ended

    arrive(ended, age=100)
    watch.look()
    leave_at_work(instance, number_of_a_process_that_ended(), {})
    assert watch.look().startswith("run ")


def test_it_watches_by_itself_where_the_daemon_runs(watch: Watch) -> None:
    assert watch.sensor.default_status is dg.DefaultSensorStatus.RUNNING
