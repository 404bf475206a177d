"""A run that was killed is not waited for: neither by people nor by the next run."""

import os
import subprocess
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from orchestration.instance import MINE, end_dead_runs


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        instance.event_log_storage.set_concurrency_slots("bodega", 1)
        yield instance


@dg.job
def refresh() -> None:
    """Stands for the main job."""


def leave_at_work(instance: dg.DagsterInstance, pid: int | None, tags: dict[str, str]) -> str:
    """A run that has started, said the number of its process, and taken the one slot of the pool."""
    run = instance.create_run_for_job(refresh, tags=tags, status=dg.DagsterRunStatus.STARTED)
    if pid:
        instance.report_engine_event("at work", run, EngineEventData.in_process(pid))
    instance.event_log_storage.claim_concurrency_slot("bodega", run.run_id, "models")
    return run.run_id


def outcome(instance: dg.DagsterInstance, run_id: str) -> tuple[str, set[str]]:
    """The status of the run, and the runs that hold the pool."""
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status.value, instance.event_log_storage.get_concurrency_info("bodega").active_run_ids


def number_of_a_process_that_ended() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def test_a_run_of_the_command_is_dead_once_its_lock_is_free(instance: dg.DagsterInstance) -> None:
    run = leave_at_work(instance, os.getpid(), MINE)
    end_dead_runs(instance)
    assert outcome(instance, run) == ("FAILURE", set())


def test_a_run_from_the_pages_is_dead_once_its_process_is(instance: dg.DagsterInstance) -> None:
    run = leave_at_work(instance, number_of_a_process_that_ended(), {})
    end_dead_runs(instance)
    assert outcome(instance, run) == ("FAILURE", set())


@pytest.mark.parametrize("pid", [os.getppid(), None], ids=["at work", "about to begin"])
def test_a_run_from_the_pages_that_is_alive_is_left_alone(instance: dg.DagsterInstance, pid: int | None) -> None:
    run = leave_at_work(instance, pid, {})
    end_dead_runs(instance)
    assert outcome(instance, run) == ("STARTED", {run})
