"""The table that every reader fills: one row a record, as a spreadsheet shows it.

What a file of many GB gives would fill memory and, spilled, the disk. So its records, and what they are typed to, lie
in compressed Parquet files below DuckDB's folder for temporary files, in groups of few bytes, however long a record
is: whatever goes through them holds no more than a few groups at a time.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# fila: the record's number in its file, from 1. texto: the record word for word. celdas: its cells, NULL where
# SQL cuts them from the text (CSV).
SCHEMA = pa.schema([("fila", pa.int32()), ("texto", pa.string()), ("celdas", pa.list_(pa.string()))])

# What stands between the cells of a record that comes as cells (a workbook's), where they are joined to one text.
DELIMITER = "\t"

# How a Parquet file is written while long records are spilled: its groups by bytes, because 100.000 rows, DuckDB's own
# measure, may be as many documents. That needs _SPILLING.
BY_BYTES = "row_group_size_bytes '16MB'"
# One thread keeps the rows in their order all the same, and holds one group where several would hold several.
_SPILLING = "set preserve_insertion_order = false; set threads = 1"
_NOT_SPILLING = "reset preserve_insertion_order; reset threads"

_MACROS = Path(__file__).with_name("records.sql")


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the empty tables `registros` and `lineas` and the macros that join lines and cut cells."""
    clear(con)
    con.execute(_MACROS.read_text("utf-8"))


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Empties `registros` and `lineas`, and takes from the disk what was spilled."""
    for path in _spilled(con):
        path.unlink()
    con.execute(_NOT_SPILLING)
    con.execute(
        "create or replace temp table registros_en_memoria "
        "(archivo_n integer, fila integer, texto varchar, celdas varchar[])"
    )
    con.execute("create or replace temp view registros as from registros_en_memoria")
    con.execute("create or replace temp table lineas (fila integer, texto varchar)")


def insert(con: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, number: int) -> int:
    """Appends a batch of SCHEMA as file `number`; returns its rows."""
    con.register("llegada", batch)
    con.execute("insert into registros_en_memoria select ?, fila, texto, celdas from llegada", [number])
    con.unregister("llegada")
    return int(batch.num_rows)


def remove(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Takes the records of file `number` out again."""
    con.execute("delete from registros_en_memoria where archivo_n = ?", [number])


def spill(con: duckdb.DuckDBPyConnection, batches: Iterable[pa.RecordBatch], number: int) -> int:
    """As insert, of all that a large file gives, which stays on the disk; returns its rows.

    Where `batches` raises, nothing of the file is kept. Each batch should hold a few MB.
    """
    path = _folder(con) / f"registros-{number}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=1, use_dictionary=False) as writer:
            for batch in batches:
                writer.write_batch(batch)
        rows = pq.read_metadata(path).num_rows
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    from_files = " union all ".join(
        f"select cast({p.stem.partition('-')[2]} as integer) as archivo_n, * from read_parquet('{p}')"
        for p in _spilled(con)
    )
    con.execute(f"create or replace temp view registros as from registros_en_memoria union all {from_files}")
    con.execute(_SPILLING)
    return int(rows)


def are_spilled(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether any of the records in `registros` stay on the disk."""
    return bool(_spilled(con))


def keep_typed(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Makes a query's rows the table `leidas`, which stays on the disk where the records do."""
    if are_spilled(con):
        path = _folder(con) / "leidas.parquet"
        con.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd, {BY_BYTES})")
        con.execute(f"create or replace temp view leidas as from read_parquet('{path}')")
    else:
        con.execute(f"create or replace temp table leidas_en_memoria as {query}")
        con.execute("create or replace temp view leidas as from leidas_en_memoria")


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder for what a run needs meanwhile: empty at first, whatever a run that was killed left there, then gone."""
    _clear(folder)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        _clear(folder)


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _folder(con: duckdb.DuckDBPyConnection) -> Path:
    return Path(con.execute("select current_setting('temp_directory')").fetchall()[0][0])


def _spilled(con: duckdb.DuckDBPyConnection) -> list[Path]:
    return sorted(_folder(con).glob("registros-*.parquet"))
