"""A tiny warehouse on which every check holds."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bodega") / "bodega.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(Path(__file__).with_name("warehouse.sql").read_text(encoding="utf-8"))
    return path


@pytest.fixture(scope="session")
def _shared_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(Path(__file__).with_name("warehouse.sql").read_text(encoding="utf-8"))
        yield connection


@pytest.fixture
def spoiled(_shared_connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same warehouse, to be spoiled within one test."""
    _shared_connection.begin()
    yield _shared_connection
    _shared_connection.rollback()
