"""The internal area and the releases are never written by two runs at once."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.instance import MINE
from orchestration.machine.turn import TurnTakenError, take
from orchestration.resources import turn_resource
from orchestration.settings import Settings
from tests.orchestration.places import settings_below

HOLD = """
import sys, time
from datetime import timedelta
from pathlib import Path
from orchestration.machine.turn import take
with take(Path(sys.argv[1]), "bodega run", timedelta(0)):
    print("held", flush=True)
    time.sleep(60)
"""
NOW = timedelta(0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_below(tmp_path)
    settings.internal.mkdir()
    return settings


def hold_elsewhere(lock: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def job(settings: Settings, done: list[str]) -> dg.JobDefinition:
    """A job of one step that needs the turn."""

    @dg.op(required_resource_keys={"turn"})
    def step() -> None:
        done.append(settings.lock.read_text("utf-8"))

    @dg.job(resource_defs={"turn": turn_resource(settings)}, executor_def=dg.in_process_executor)
    def tiny() -> None:
        step()

    return tiny


def test_a_second_one_leaves_at_once_and_says_who_is_at_work(settings: Settings) -> None:
    with hold_elsewhere(settings.lock) as holder:
        with (
            pytest.raises(TurnTakenError, match=rf"Another run is at work \(bodega run, process {holder.pid}, since "),
            take(settings.lock, "the second", NOW),
        ):
            pass
        holder.kill()


def test_one_that_was_killed_gives_the_turn_back_and_the_next_is_told(settings: Settings) -> None:
    with hold_elsewhere(settings.lock) as holder:
        holder.kill()
    with take(settings.lock, "the next", NOW) as was_killed:
        assert was_killed
    with take(settings.lock, "the one after", NOW) as was_killed:
        assert not was_killed


def test_one_that_fails_is_none_that_was_killed(settings: Settings) -> None:
    with pytest.raises(KeyError), take(settings.lock, "the first", NOW):
        raise KeyError
    with take(settings.lock, "the next", NOW) as was_killed:
        assert not was_killed


def test_whoever_waits_says_so_every_so_often_and_goes_on(settings: Settings) -> None:
    said: list[str] = []
    with hold_elsewhere(settings.lock) as holder:
        threading.Timer(1, holder.kill).start()
        with take(settings.lock, "the second", timedelta(seconds=30), said.append, every=timedelta(seconds=0.3)):
            assert len(said) >= 2
    assert all(f"process {holder.pid}" in sentence and "waiting" in sentence for sentence in said)


def test_a_run_of_dagster_waits_for_the_one_at_work_and_then_does_its_work(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    done: list[str] = []
    with hold_elsewhere(settings.lock) as holder:
        threading.Timer(1, holder.kill).start()
        began = time.monotonic()
        result = job(settings, done).execute_in_process(instance=instance)
        assert time.monotonic() - began > 0.9
    assert result.success
    assert result.run_id in done[0]
    assert settings.lock.read_text("utf-8") == ""


def test_a_run_of_dagster_that_waits_in_vain_fails_with_a_sentence(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    done: list[str] = []
    with hold_elsewhere(settings.lock) as holder:
        impatient = replace(settings, wait=timedelta(seconds=0.2))
        result = job(impatient, done).execute_in_process(instance=instance, raise_on_error=False)
        holder.kill()
    assert not result.success
    assert done == []
    said = [log.user_message for log in instance.all_logs(result.run_id)] + [
        str(log.dagster_event.event_specific_data) for log in instance.all_logs(result.run_id) if log.dagster_event
    ]
    assert any("Another run is at work (bodega run" in each for each in said)


def test_whoever_gets_the_turn_ends_the_dead_runs_and_not_its_own(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    done: list[str] = []
    tiny = job(settings, done)
    dead = instance.create_run_for_job(tiny, tags=MINE, status=dg.DagsterRunStatus.STARTED)
    result = tiny.execute_in_process(instance=instance, tags=MINE)
    assert result.success
    after = instance.get_run_by_id(dead.run_id)
    assert after
    assert after.status is dg.DagsterRunStatus.FAILURE
