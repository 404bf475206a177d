"""A run that was killed is not waited for: neither by people nor by the next run."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import time_machine
from dagster._core.events import EngineEventData

from orchestration.instance import MINE, end_dead_runs
from tests.conftest import PROJECT


@dg.job
def refresh() -> None:
    """Stands for the main job."""


def leave_at_work(instance: dg.DagsterInstance, pid: int | None, tags: dict[str, str], age: float = 0) -> str:
    """A run that has started and said the number of its process. age: how many seconds ago."""
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=age)):
        run = instance.create_run_for_job(refresh, tags=tags, status=dg.DagsterRunStatus.STARTED)
        if pid:
            instance.report_engine_event("at work", run, EngineEventData.in_process(pid))
    return run.run_id


def outcome(instance: dg.DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status.value


def number_of_a_process_that_ended() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def test_a_run_of_the_command_is_dead_once_its_lock_is_free(instance: dg.DagsterInstance) -> None:
    run = leave_at_work(instance, os.getpid(), MINE)
    end_dead_runs(instance, alone=True)
    assert outcome(instance, run) == "FAILURE"


def test_a_run_of_the_command_may_be_alive_where_nobody_holds_the_lock(instance: dg.DagsterInstance) -> None:
    run = leave_at_work(instance, os.getpid(), MINE)
    end_dead_runs(instance)
    assert outcome(instance, run) == "STARTED"


@pytest.mark.parametrize("tags", [MINE, {}], ids=["of the command", "from the pages"])
def test_a_run_is_dead_once_its_process_is(instance: dg.DagsterInstance, tags: dict[str, str]) -> None:
    run = leave_at_work(instance, number_of_a_process_that_ended(), tags)
    end_dead_runs(instance)
    assert outcome(instance, run) == "FAILURE"


@pytest.mark.parametrize("tags", [MINE, {}], ids=["of the command", "from the pages"])
def test_a_run_is_dead_although_the_number_of_its_process_is_used_again(
    instance: dg.DagsterInstance, unrelated: int, tags: dict[str, str]
) -> None:
    run = leave_at_work(instance, unrelated, tags, age=60)
    end_dead_runs(instance)
    assert outcome(instance, run) == "FAILURE"


def test_a_run_that_names_its_process_as_soon_as_that_begins_is_alive(
    instance: dg.DagsterInstance, unrelated: int
) -> None:
    run = leave_at_work(instance, unrelated, {})
    end_dead_runs(instance)
    assert outcome(instance, run) == "STARTED"


def test_a_run_is_dead_where_another_user_has_the_number_of_its_process(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The services do not even see that process; to root, who may run the tests, nothing is refused."""

    def refused(number: int, signal: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    run = leave_at_work(instance, os.getpid(), {})
    monkeypatch.setattr(os, "kill", refused)
    end_dead_runs(instance)
    assert outcome(instance, run) == "FAILURE"


def test_whoever_calls_is_not_dead(instance: dg.DagsterInstance) -> None:
    run = leave_at_work(instance, os.getpid(), MINE)
    end_dead_runs(instance, alone=True, own=run)
    assert outcome(instance, run) == "STARTED"


@pytest.mark.parametrize("pid", [os.getppid(), None], ids=["at work", "about to begin"])
def test_a_run_from_the_pages_that_is_alive_is_left_alone(instance: dg.DagsterInstance, pid: int | None) -> None:
    run = leave_at_work(instance, pid, {})
    end_dead_runs(instance, alone=True)
    assert outcome(instance, run) == "STARTED"


def test_processes_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    program = "from orchestration.instance import open_instance; open_instance().dispose()"
    home = os.environ | {"DAGSTER_HOME": str(tmp_path)}
    started = [subprocess.Popen([sys.executable, "-c", program], env=home, cwd=PROJECT) for _ in range(4)]
    assert [process.wait(120) for process in started] == [0, 0, 0, 0]
