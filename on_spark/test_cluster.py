"""A cluster that loses a worker in the middle of the whole job: it ends all the same, and the warehouse is the same."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from on_spark.conftest import PATIENCE_SECONDS, on_spark
from on_spark.servers import Cluster, Server, cluster
from on_spark.warehouses import differences
from tests.conftest import World, places

pytestmark = pytest.mark.slow

# Of some eighty: past the first, far from the last.
BUILT_BEFORE_THE_LOSS = 25


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path / "cluster") as running:
        yield running


def test_the_job_ends_well_and_equal_though_a_worker_dies(
    duckdb_world: World, machines: Cluster, tmp_path: Path
) -> None:
    base = tmp_path / "world"
    tables = base / "internal" / "spark"
    victim = machines.workers[0]
    log = tmp_path / "job.log"
    with log.open("wb") as said:
        job = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "run"],
            env=places(duckdb_world.exports, base) | on_spark(machines.remote),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    with job:
        while job.poll() is None and _built(tables) < BUILT_BEFORE_THE_LOSS:
            time.sleep(0.1)
        assert job.poll() is None, log.read_text("utf-8")
        assert _has_executor(victim), "no loss: nothing ran on this worker"
        victim.kill()
        assert _built(tables) < 2 * BUILT_BEFORE_THE_LOSS, "the models were nearly built: it was no loss in the middle"
        status = job.wait(PATIENCE_SECONDS)
    assert status == 0, log.read_text("utf-8")
    warehouses = [world / "internal" / "bodega.duckdb" for world in (duckdb_world.base, base)]
    assert differences(*warehouses) == []


def _built(tables: Path) -> int:
    """How many tables the cluster has finished."""
    return sum(1 for _ in tables.glob("*/*/_SUCCESS"))


def _has_executor(worker: Server) -> bool:
    return any(worker.log.with_suffix("").glob("app-*/*/stderr"))
