"""Whether the forms of a dataset beside its Parquet file hold what that file holds, read back from the disk."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb

from publish.catalog import Dataset
from publish.forms import geography, xlsx, zips


def unlike(con: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path) -> Iterator[str]:
    """What is wrong with the workbook, the zip and the points of a dataset, where the folder has them; a sentence each.

    folder: of a release, with the dataset's Parquet file. A file that is not of its kind raises what its reader does.
    """
    parquet = folder / f"{dataset.name}.parquet"
    holds: dict[str, Callable[[Path], bool]] = {f"{dataset.name}.xlsx": partial(xlsx.holds, con, dataset, parquet)}
    if points := dataset.geography:
        holds[f"{points.name}.parquet"] = partial(geography.geoparquet_holds, con, points, parquet)
        holds[f"{points.name}.geojson"] = partial(geography.geojson_holds, con, points, parquet)
    for name, holds_the_rows in holds.items():
        if (folder / name).exists() and not holds_the_rows(folder / name):
            yield f"{name} does not hold the rows of {parquet.name}"
    archive = folder / f"{dataset.name}.zip"
    if archive.exists() and (other := zips.differing(archive, [parquet.name])):
        yield f"{archive.name} does not hold {other} as it is beside it"
