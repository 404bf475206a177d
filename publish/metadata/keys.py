"""Whether the files of a release hold to the foreign keys of their datasets."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from publish import sql
from publish.catalog import Dataset, ForeignKey
from publish.rows import table

Broken = tuple[str, ForeignKey]


def broken_keys(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset], folder: Path) -> frozenset[Broken]:
    """The foreign keys, each with its dataset's name, that a row of the folder's Parquet files does not hold to.

    datasets: those of the release; a key to a dataset that is not among them is not looked at. A row with an empty cell
    in its key points nowhere, and breaks nothing.
    """
    present = {dataset.name: dataset for dataset in datasets}
    return frozenset(
        (dataset.name, key)
        for dataset in present.values()
        for key in dataset.foreign_keys
        if key.dataset in present
        and (not _has(present[key.dataset], key.other_columns) or _is_broken(con, dataset.name, key, folder))
    )


def _has(dataset: Dataset, columns: Iterable[str]) -> bool:
    """Whether the columns are there: a version may have been kept from before one of them came."""
    return {column.name for column in dataset.columns}.issuperset(columns)


def _is_broken(con: duckdb.DuckDBPyConnection, dataset: str, key: ForeignKey, folder: Path) -> bool:
    here, there = table(folder, dataset), table(folder, key.dataset)
    found = con.execute(sql.dangling(here, key.columns, there, key.other_columns)).fetchall()
    return bool(found[0][0])
