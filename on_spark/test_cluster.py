"""A cluster that loses a worker in the middle of the models: they are built all the same, and are the same."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from on_spark.conftest import environment
from on_spark.servers import Cluster, Server, cluster
from on_spark.warehouses import differences
from orchestration import dbt_command
from orchestration.dbt_command import DBT, DBT_PROJECT, WITHOUT_TESTS
from orchestration.spark import FROM_SPARK, TARGET
from tests.conftest import World

pytestmark = pytest.mark.slow

# Of some eighty: past the first, far from the last.
BUILT_BEFORE_THE_LOSS = 25


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path / "cluster") as running:
        yield running


def test_the_models_are_built_and_equal_though_a_worker_dies(
    duckdb_world: World, machines: Cluster, tmp_path: Path
) -> None:
    warehouse = tmp_path / "bodega.duckdb"
    places = environment(duckdb_world, machines.remote, tmp_path / "tables", warehouse)
    command = [str(DBT), "--no-use-colors", "build", "--target", TARGET, *WITHOUT_TESTS]
    folders = ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "dbt")]
    said = []
    with subprocess.Popen(
        [*command, *folders], cwd=DBT_PROJECT, env=places, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as building:
        assert building.stdout
        for line in building.stdout:
            said.append(line)
            if _built(said) == BUILT_BEFORE_THE_LOSS and machines.workers[0].process.poll() is None:
                assert _has_executor(machines.workers[0]), "no loss: nothing ran on this worker"
                machines.workers[0].kill()
    assert building.returncode == 0, "".join(said)
    assert machines.workers[0].process.poll() is not None, "the models were built before the worker could be killed"

    dbt_command.build(FROM_SPARK, tmp_path / "read", places=places)
    assert differences(duckdb_world.base / "internal" / "bodega.duckdb", warehouse) == []


def _built(said: list[str]) -> int:
    return sum(" OK created sql " in line for line in said)


def _has_executor(worker: Server) -> bool:
    return any(worker.log.with_suffix("").glob("app-*/*/stderr"))
