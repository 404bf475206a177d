"""How a release's files reach the disk: tables from the warehouse, texts, and nothing half written."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from publish import rows, sql
from publish.catalog import Dataset
from publish.errors import PublishError
from publish.sql import quoted

# A multiple of DuckDB's vectors of 2048 rows. One month of one programme (8.334 of 2.000.160 rows, 15 columns) costs a
# reader over the network 627 KB with it, 886 KB with 40.960 rows and 1.116 KB with 61.440.
ROW_GROUP_ROWS = 20_480

# Bloom filters are off: they find a value in unsorted columns, and DuckDB asks for the one of every row group of a
# sorted column too, each in a request of its own: 134 requests instead of 11.
PARQUET = f"format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, write_bloom_filter false"

# Where the caller says nothing else.
MEMORY_LIMIT = "600MB"
# Else the allocator keeps what the engine has freed, beside what the limit allows.
_GIVES_BACK: dict[str, str | bool | int | float | list[str]] = {
    "allocator_flush_threshold": "16MB",
    "allocator_bulk_deallocation_flush_threshold": "16MB",
}


def connect(warehouse: Path, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """Opens the warehouse for reading only. What does not fit in memory goes beside it: nobody screened it yet.

    memory_limit: as DuckDB writes sizes.
    """
    if not warehouse.is_file():
        raise PublishError(f"{warehouse} does not exist: build the warehouse first")
    spill = warehouse.with_name(f"{warehouse.name}.tmp")
    if spill.exists():
        shutil.rmtree(spill)
    try:
        return duckdb.connect(
            str(warehouse),
            read_only=True,
            config=_GIVES_BACK
            | {
                "autoinstall_known_extensions": False,
                "memory_limit": memory_limit,
                "temp_directory": str(spill),
            },
        )
    except duckdb.IOException as error:
        raise PublishError(f"{warehouse} cannot be opened ({error}): wait until no process writes it") from error


def check_columns(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Raises PublishError where the warehouse's table is not the one that the catalogue declares."""
    try:
        types = rows.types(con, dataset.relation)
    except duckdb.CatalogException as error:
        raise PublishError(f"{dataset.name}: the warehouse has no {dataset.relation}; run dbt again") from error
    for column in dataset.columns:
        if types.get(column.name) != column.type:
            raise PublishError(
                f"{dataset.name}.{column.name}: declared as {column.type}, and the warehouse has "
                f"{types.get(column.name, 'no such column')}; run dbt again"
            )


def write_table(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, replaced: Mapping[str, str], parquet: Path, csv: Path
) -> int:
    """Writes the dataset's declared columns, sorted, as Parquet and CSV; returns its rows.

    replaced: per column, the table (valor, reemplazo) of the values to be replaced. The same rows give the same
    bytes, whatever their order in the warehouse: the order is total, and one thread writes it.
    """
    selected = ", ".join(
        f"coalesce(c{n}.reemplazo, t.{name}) as {name}" if column.name in replaced else f"t.{name}"
        for n, column in enumerate(dataset.columns)
        for name in [quoted(column.name)]
    )
    joins = " ".join(
        f"left join {replaced[column.name]} as c{n} on c{n}.valor = t.{quoted(column.name)}"
        for n, column in enumerate(dataset.columns)
        if column.name in replaced
    )
    order = dict.fromkeys([*dataset.order, *(column.name for column in dataset.columns)])
    order_by = ", ".join(f"{quoted(name)} asc nulls last" for name in order)
    con.execute("set threads = 1")
    con.execute(
        f"create or replace temp table ordenada as "
        f"select * from (select {selected} from {dataset.relation} as t {joins}) order by {order_by}"
    )
    con.execute(f"copy temp.ordenada to {sql.text(parquet)} ({PARQUET})")
    con.execute(f"copy temp.ordenada to {sql.text(csv)} (format csv, header, delimiter ',')")
    count: int = con.execute("select count(*) from temp.ordenada").fetchall()[0][0]
    con.execute("drop table temp.ordenada")
    con.execute("reset threads")
    _check_rows(con, sql.parquet(parquet), count)
    return count


def _check_rows(con: duckdb.DuckDBPyConnection, table: str, expected: int) -> None:
    read = con.execute(f"select count(*) from {table}").fetchall()[0][0]
    if read != expected:
        raise PublishError(f"{table} holds {read} rows when read back, and {expected} were written")


def write_text(path: Path, text: str) -> None:
    """Writes the text as UTF-8 with line feeds."""
    path.write_bytes(text.encode("utf-8"))


def sync(path: Path) -> None:
    """Returns once the file, or the folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Replaces the file at once: whoever reads it, and all may, finds the old text or the new one, whole."""
    fresh = path.with_name(f".{path.name}.nuevo")
    write_text(fresh, text)
    fresh.chmod(0o644)
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


def replace_link(link: Path, target: str) -> None:
    """Makes the symbolic link point to the target, at once."""
    fresh = link.with_name(f".{link.name}.nuevo")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    sync(link.parent)
