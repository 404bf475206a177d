"""Small answers out of the Parquet files of a release, ready for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from publish import sql

# How a moment in UTC is written in JSON.
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def table(folder: Path, dataset: str) -> str:
    """SQL for the rows of a dataset as the release's folder holds it."""
    return sql.parquet(folder / f"{dataset}.parquet")


def rows(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    found = con.execute(query, list(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
