"""Runs as people and services start them: with nothing new, two at once, and one that was killed."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import SAMPLES, World, places, run_job

pytestmark = pytest.mark.slow


def test_with_nothing_new_a_run_ends_in_seconds_and_says_that_it_looked(sample_world: World) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    releases = sorted(sample_world.releases.iterdir())
    again = run_job(sample_world.exports, sample_world.base)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert again.code == 0, again.output
    words = " ".join(again.output.split())
    assert f"looked at 138 files; release {sample_world.release.name} stays in force" in words
    assert "ingest:" not in words
    assert sorted(sample_world.releases.iterdir()) == releases
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_a_second_run_at_once_leaves_with_a_sentence_and_a_killed_one_is_no_obstacle(
    sample_world: World, tmp_path: Path
) -> None:
    base = tmp_path / "world"
    lock = base / "internal" / "run.lock"
    first = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run"],
        env=places(SAMPLES, base),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 300
        while not (lock.exists() and lock.read_text("utf-8")) and time.monotonic() < deadline:
            time.sleep(0.05)
        second = run_job(SAMPLES, base)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert second.code == 3
    assert f"Another run is at work (bodega run, process {first.pid}, since " in " ".join(second.output.split())
    assert json.loads(lock.read_text("utf-8"))["pid"] == first.pid


def test_after_a_run_that_was_killed_the_next_one_does_not_just_look(sample_world: World, tmp_path: Path) -> None:
    """Even where it was killed after all was done: what it left shown as at work is swept."""
    lock = sample_world.base / "internal" / "run.lock"
    assert lock.read_text("utf-8") == ""
    # As a killed one leaves it.
    lock.write_text(json.dumps({"run": "bodega run", "pid": 1, "since": "2026-01-01 02:00:00"}), "utf-8")
    standing = sample_world.base / "internal" / "standing.json"
    kept = standing.with_suffix(".kept")
    # With its rights, which others look at.
    shutil.copy2(standing, kept)
    with contextlib.ExitStack() as after:
        after.callback(kept.replace, standing)
        code = "from orchestration import cli; cli.run._run = lambda *_: 7; cli.app(['run'])"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=places(SAMPLES, sample_world.base),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 7, done.stdout + done.stderr
    assert "there is no earlier run" in done.stdout


def test_every_step_that_writes_needs_the_turn(sample_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.jobs import build_defs
    from orchestration.settings import Settings

    for name, value in places(SAMPLES, sample_world.base).items():
        monkeypatch.setenv(name, value)
    for name in ("RAW_DIR", "PORTAL_DIR", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    definitions = build_defs(Settings.from_environment())
    bodies = [a for a in definitions.assets or [] if isinstance(a, dg.AssetsDefinition) and a.is_executable]
    assert len(bodies) >= 6
    assert [a.op.name for a in bodies if "turn" not in a.required_resource_keys] == []


@pytest.mark.parametrize(("workers", "begins_with"), [("1", "refresh"), ("2", "read_ahead")])
def test_with_several_workers_schedule_and_sensor_begin_with_them(
    sample_world: World, monkeypatch: pytest.MonkeyPatch, workers: str, begins_with: str
) -> None:
    from orchestration.jobs import build_defs
    from orchestration.settings import Settings

    for name, value in places(SAMPLES, sample_world.base).items():
        monkeypatch.setenv(name, value)
    for name in ("RAW_DIR", "PORTAL_DIR", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("INGEST_WORKERS", workers)
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "800MB")
    defs = build_defs(Settings.from_environment())
    repository = defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs()}
    after = {sensor.name for sensor in repository.sensor_defs if "refresh" in {t.job_name for t in sensor.targets}}
    assert ("read_ahead" in jobs) == (begins_with == "read_ahead")
    assert repository.get_schedule_def("nightly").job_name == begins_with
    assert repository.get_sensor_def("arrivals").job_name == begins_with
    endings = {"gather_after_success", "gather_after_failure", "gather_after_canceled"}
    assert after == ({"arrivals"} if workers == "1" else endings)
