"""Which days the rows of a published dataset tell of, where its grain says so."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from publish.catalog import Dataset
from publish.metadata.dcat import Period
from publish.rows import table


def periods(con: duckdb.DuckDBPyConnection, datasets: Iterable[Dataset], folder: Path) -> dict[str, Period]:
    """The period of each dataset whose grain has a year (`anio`), a month too (`mes`), or a month (`periodo`), by name.

    folder: where the datasets' Parquet files are. A dataset without rows, or with another grain, is not in the answer.
    """
    found = {dataset.name: _period(con, dataset, folder) for dataset in datasets}
    return {name: period for name, period in found.items() if period}


def _period(con: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path) -> Period | None:
    if "anio" in dataset.grain:
        first, last = ("mes", "mes") if "mes" in dataset.grain else ("1", "12")
        ends = f"min(anio * 100 + {first}), max(anio * 100 + {last})"
    elif "periodo" in dataset.grain:
        ends = "min(cast(replace(periodo, '-', '') as integer)), max(cast(replace(periodo, '-', '') as integer))"
    else:
        return None
    start, end = con.execute(f"select {ends} from {table(folder, dataset.name)}").fetchall()[0]
    if start is None:
        return None
    year, month = divmod(end, 100)
    return Period(date(start // 100, start % 100, 1), date(year, month, monthrange(year, month)[1]))
