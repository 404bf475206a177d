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


def types(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """The type of each column of a relation, which is as it stands behind FROM."""
    return {row[0]: row[1] for row in con.execute(f"describe from {relation}").fetchall()}


def fingerprint(relation: str, cells: Sequence[str]) -> str:
    """SQL for a value that is the same for two relations with the same rows of these cells, in any order.

    relation: as it stands behind FROM. cells: expressions of the columns that count, of the same types on both sides.
    It is the number of rows and the sum of their hashes, so that no rows are kept in memory.
    """
    # Nothing can be hashed of no cells.
    return f"(select (count(*), sum(hash({', '.join(['true', *cells])}))) from {relation})"


def same(con: duckdb.DuckDBPyConnection, one: str, other: str, cells: Sequence[str]) -> bool:
    """Whether two relations have the same fingerprint of these cells."""
    # One after the other, so that memory holds what is read of one of them.
    first, second = (con.execute(f"select {fingerprint(each, cells)}").fetchall() for each in (one, other))
    return first == second
