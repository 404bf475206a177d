"""Answers out of the files of a release: small ones ready for JSON, and whether two hold the same."""

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


def same(con: duckdb.DuckDBPyConnection, one: str, other: str, cells: Sequence[str]) -> bool:
    """Whether two relations hold the same cells in as many rows, in whatever order.

    one, other: as they stand behind FROM. cells: expressions of the columns that count. Told by sums of hashes of rows,
    which need no memory for the rows themselves.
    """
    # Nothing can be hashed of no cells.
    hashed = f"hash({', '.join(['true', *cells])})"
    left, right = (f"(select (count(*), sum({hashed})) from {relation})" for relation in (one, other))
    return bool(con.execute(f"select {left} is not distinct from {right}").fetchall()[0][0])
