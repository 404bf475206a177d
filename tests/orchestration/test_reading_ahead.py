"""The job whose workers read ahead: real processes, and the main job after them whatever became of them."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from ingest import pipeline
from orchestration.assets.raw import places_of
from orchestration.instance import end_dead_runs
from orchestration.machine.turn import take
from orchestration.reading_ahead import READ_AHEAD, build_gathering, build_read_ahead, job_of_the_command
from orchestration.settings import Settings
from tests.conftest import SAMPLES
from tests.orchestration.places import nothing_set, settings_below
from tests.orchestration.test_instance import leave_at_work, number_of_a_process_that_ended, outcome

FILES = ["dte/rcv_compra_202411.csv", "dte/rcv_compra_202412.csv", "presupuesto/ejecucion_2024_12_01.csv"]
KILL_PATIENCE = 120


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of the environment, as each worker finds them."""
    nothing_set(monkeypatch)
    below = settings_below(tmp_path)
    for name, place in (
        ("EXPORTS_DIR", below.exports),
        ("CORRECTIONS_DIR", below.corrections),
        ("WAREHOUSE_PATH", below.warehouse),
        ("RELEASES_DIR", below.releases),
        ("DAGSTER_HOME", below.dagster_home),
    ):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("INGEST_WORKERS", "2")
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "800MB")
    for name in FILES:
        (below.exports / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, below.exports / name)
    below.raw.mkdir(parents=True)
    below.corrections.mkdir()
    below.dagster_home.mkdir()
    return Settings.from_environment(settle=0)


@pytest.fixture
def home(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Dagster's own storage where the workers look for it."""
    with dg.instance_for_test(temp_dir=str(settings.dagster_home)) as instance:
        yield instance


def read_ahead(instance: dg.DagsterInstance, worth: int = 0) -> bool:
    config = {"loggers": {"plain": {}}, "ops": {"deal_out": {"config": {"worth": worth}}}}
    return bool(dg.execute_job(dg.reconstructable(job_of_the_command), instance, run_config=config).success)


def gathered(settings: Settings) -> tuple[list[str], dict[str, bytes]]:
    """What the main job still had to read, and the raw layer that it leaves."""
    said: list[str] = []
    assert pipeline.run(places_of(settings), said.append).failures == {}
    return said, {str(p.relative_to(settings.raw)): p.read_bytes() for p in settings.raw.rglob("*.parquet")}


def alone(settings: Settings, tmp_path: Path) -> dict[str, bytes]:
    internal = tmp_path / "alone"
    return gathered(replace(settings, raw=internal / "raw", warehouse=internal / "bodega.duckdb"))[1]


def test_workers_read_and_the_main_job_finds_all_of_it_read(
    settings: Settings, home: dg.DagsterInstance, tmp_path: Path
) -> None:
    (tmp_path / "alone").mkdir()
    assert read_ahead(home)
    (run,) = home.get_runs()
    workers = {event.step_key for event in home.all_logs(run.run_id) if str(event.step_key).startswith("read_share")}
    assert workers == {"read_share[1]", "read_share[2]"}
    said, raw = gathered(settings)
    assert said == []
    assert raw == alone(settings, tmp_path)
    assert not settings.warehouse.exists()


def test_where_a_worker_is_killed_the_main_job_reads_the_rest(
    settings: Settings, home: dg.DagsterInstance, tmp_path: Path
) -> None:
    (tmp_path / "alone").mkdir()
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + KILL_PATIENCE
        while not killed and time.monotonic() < deadline:
            time.sleep(0.05)
            for run in home.get_runs():
                started = home.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_WORKER_STARTED)
                for event in [each.dagster_event for each in started if each.step_key == "read_share[1]"]:
                    assert event
                    killed.append(int(str(event.event_specific_data.metadata["pid"].value)))  # type: ignore[union-attr]
                    os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    success = read_ahead(home)
    killer.join()
    assert (success, len(killed)) == (False, 1)
    said, raw = gathered(settings)
    assert said
    assert raw == alone(settings, tmp_path)


def test_where_little_is_new_no_worker_starts(settings: Settings, home: dg.DagsterInstance) -> None:
    assert read_ahead(home, worth=10**9)
    (run,) = home.get_runs()
    assert not [event for event in home.all_logs(run.run_id) if str(event.step_key).startswith("read_share")]


def test_dealing_out_waits_for_the_run_that_has_the_turn(settings: Settings, home: dg.DagsterInstance) -> None:
    job = build_read_ahead(replace(settings, wait=settings.wait * 0))
    with take(settings.lock, "another", settings.wait):
        result = job.execute_in_process(instance=home, raise_on_error=False)
    assert not result.success
    assert not settings.archive.exists()


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
)
def test_the_main_job_is_asked_for_once_the_workers_are_done_however_that_ended(
    settings: Settings, home: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    job = build_read_ahead(settings, has_turn=True)
    refresh = dg.define_asset_job("refresh")
    (sensor,) = [each for each in build_gathering(job, refresh) if each.name == f"gather_after_{status.value.lower()}"]
    run = home.create_run_for_job(job, status=status)
    event = dg.DagsterEvent(f"PIPELINE_{status.value}", job_name=READ_AHEAD, message="ended")
    context = dg.build_run_status_sensor_context(sensor.name, event, home, run)
    asked = sensor(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.run_key == f"gathers {run.run_id}"
    assert [target.job_name for target in sensor.targets] == ["refresh"]
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


@pytest.mark.parametrize(
    ("workers", "on_cluster", "limit", "memory"),
    [
        (1, False, "800MB", "800000KB"),
        (2, False, "800MB", "400000KB"),
        (4, False, "2 GiB", "536870KB"),
        (4, False, "1.6gb", "400000KB"),
        (4, True, "800MB", "800MB"),
    ],
)
def test_the_workers_of_one_machine_divide_its_memory_and_those_of_a_cluster_do_not(
    settings: Settings, workers: int, on_cluster: bool, limit: str, memory: str
) -> None:
    of_each = replace(settings, workers=workers, on_cluster=on_cluster, memory_limit=limit)
    assert of_each.worker_memory == memory
    assert (of_each.worker_threads is None) == on_cluster
    assert (of_each.worker_threads or 1) * workers <= max(os.cpu_count() or 1, workers)


def test_runs_of_a_cluster_are_not_taken_for_dead(tmp_path: Path) -> None:
    """Their processes have numbers of other machines."""
    cluster = tmp_path / "kubeconfig"
    cluster.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nusers: [{name: u, user: {}}]\n"
        "clusters: [{name: k, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
    )
    launcher = {
        "module": "dagster_k8s",
        "class": "K8sRunLauncher",
        "config": {
            "service_account_name": "dagster",
            "instance_config_map": "dagster-instance",
            "load_incluster_config": False,
            "kubeconfig_file": str(cluster),
        },
    }
    with dg.instance_for_test(overrides={"run_launcher": launcher}) as instance:
        run = leave_at_work(instance, number_of_a_process_that_ended(), {})
        end_dead_runs(instance)
        assert outcome(instance, run) == "STARTED"
