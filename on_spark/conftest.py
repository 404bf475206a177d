"""The same exports through the whole job on both engines, and the servers of Spark that one of them needs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.world.exports import generate
from on_spark import servers
from tests.conftest import SAMPLES, World, run_job

DOCUMENTS = int(os.environ.get("DOCUMENTS") or 0)
PATIENCE_SECONDS = 3600


@pytest.fixture(scope="session", autouse=True)
def java() -> None:
    if not servers.has_java():
        pytest.exit(servers.NO_JAVA, returncode=1)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded samples, or those of a made-up institution with so many DOCUMENTS."""
    if not DOCUMENTS:
        return SAMPLES
    folder = tmp_path_factory.mktemp("exports")
    generate(DOCUMENTS, folder)
    return folder


@pytest.fixture(scope="session")
def duckdb_world(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The exports, once through the whole job with the models built by DuckDB."""
    return run_job(exports, tmp_path_factory.mktemp("on_duckdb") / "world", timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Connect server of Spark on this machine alone."""
    with servers.connect_server(tmp_path_factory.mktemp("spark")) as address:
        yield address


@pytest.fixture(scope="session")
def spark_world(exports: Path, remote: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The exports, once through the whole job with the models built on Spark."""
    base = tmp_path_factory.mktemp("on_spark") / "world"
    with pytest.MonkeyPatch.context() as patched:
        for name, value in on_spark(remote).items():
            patched.setenv(name, value)
        return run_job(exports, base, timeout=PATIENCE_SECONDS)


def on_spark(remote: str, **others: str) -> dict[str, str]:
    """The settings by which the models are built by the server at `remote`."""
    return {"DBT_TARGET": "spark", "SPARK_REMOTE": remote} | others


def environment(world: World, remote: str, tables: Path, warehouse: Path) -> dict[str, str]:
    """What dbt needs to build on Spark, by hand, over the raw rows of a world."""
    return os.environ | on_spark(
        remote,
        RAW_DIR=str(world.base / "internal" / "raw"),
        SPARK_TABLES_DIR=str(tables),
        WAREHOUSE_PATH=str(warehouse),
    )
