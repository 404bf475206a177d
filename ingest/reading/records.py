"""The table that every reader fills: one row a record, as a spreadsheet shows it.

What a file of many GB gives would fill memory and, spilled, the disk. So the records of a large file, and what they are
typed to, lie in compressed Parquet files of few MB, its parts, below DuckDB's folder for temporary files. What carries
long texts goes part by part, so that memory does not depend on the file, however long its records are.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.naming import named

# fila: the record's number in its file, from 1. texto: the record word for word. celdas: its cells, NULL where
# SQL cuts them from the text (CSV).
SCHEMA = pa.schema([("fila", pa.int32()), ("texto", pa.string()), ("celdas", pa.list_(pa.string()))])

PART_BYTES = 32 << 20

_MACROS = Path(__file__).with_name("records.sql")
_SPILLED = pa.schema([("archivo_n", pa.int32()), *SCHEMA, ("huella", pa.string())])
# The part that stays in memory, which is the only one but for large files. The others are named as -0-0.
_IN_MEMORY = ""


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the empty tables `registros` and `lineas` and the macros that join lines and cut cells.

    Of `registros`, huella is equal where two records of a file are the same word for word: the text, or its digest.
    """
    clear(con)
    con.execute("create or replace temp table lineas (fila integer, texto varchar)")
    con.execute(_MACROS.read_text("utf-8"))


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Empties `registros`, and takes from the disk what was spilled."""
    for name in ("registros", "leidas"):
        for part in _parts(con, name):
            _path(con, name, part).unlink(missing_ok=True)
    con.execute(
        "create or replace temp table registros_en_memoria "
        "(archivo_n integer, fila integer, texto varchar, celdas varchar[])"
    )
    _show(con, "registros", [_IN_MEMORY])


def insert(con: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, number: int) -> int:
    """Appends a batch of SCHEMA as file `number`; returns its rows."""
    con.register("llegada", batch)
    con.execute("insert into registros_en_memoria select ?, fila, texto, celdas from llegada", [number])
    con.unregister("llegada")
    return int(batch.num_rows)


def spill(con: duckdb.DuckDBPyConnection, batches: Iterable[pa.RecordBatch], number: int) -> int:
    """Writes the records of a large file to Parquet files in place of memory; returns its rows.

    batches: of SCHEMA, each of a few MB.
    """
    rows = 0
    arriving = iter(batches)
    for n in itertools.count():
        first = next(arriving, None)
        if first is None:
            break
        path = _path(con, "registros", f"-{number}-{n}")
        with named(path), pq.ParquetWriter(path, _SPILLED, compression="zstd", use_dictionary=False) as writer:
            written = 0
            for batch in itertools.chain([first], arriving):
                writer.write_batch(_spilled(batch, number))
                rows += batch.num_rows
                written += batch.nbytes
                if written >= PART_BYTES:
                    break
    _show(con, "registros", _parts(con, "registros"))
    return rows


def _spilled(batch: pa.RecordBatch, number: int) -> pa.RecordBatch:
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in batch["texto"].to_pylist()]
    numbers = pa.repeat(pa.scalar(number, pa.int32()), batch.num_rows)
    return pa.RecordBatch.from_arrays([numbers, *batch.columns, pa.array(digests, pa.string())], schema=_SPILLED)


def remove(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Takes the records of file `number` out again."""
    con.execute("delete from registros_en_memoria where archivo_n = ?", [number])
    for part in _parts(con, "registros"):
        if part.startswith(f"-{number}-"):
            _path(con, "registros", part).unlink()
    _show(con, "registros", _parts(con, "registros"))


def keep_typed(con: duckdb.DuckDBPyConnection, query: str) -> None:
    """Makes the rows of a query over `registros` the table `leidas`; what is typed lies where its records do."""
    for part in each_part(con, ["registros"]):
        if part == _IN_MEMORY:
            con.execute(f"create or replace temp table leidas_en_memoria as {query}")
        else:
            con.execute(f"copy ({query}) to '{_path(con, 'leidas', part)}' (format parquet, compression zstd)")
    _show(con, "leidas", _parts(con, "registros"))


def each_part(con: duckdb.DuckDBPyConnection, names: Iterable[str] = ("registros", "leidas")) -> Iterator[str]:
    """Shows one part after the other as the tables of these names, then all of them again; yields the part's name."""
    parts = _parts(con, "registros")
    try:
        for part in parts:
            for name in names:
                _show(con, name, [part])
            yield part
    finally:
        for name in names:
            _show(con, name, parts)


def _parts(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The parts of a table in their order, that in memory first."""
    found = [p.stem.removeprefix(name) for p in _folder(con).glob(f"{name}-*.parquet")]
    return [_IN_MEMORY, *sorted(found, key=lambda part: [int(n) for n in part.split("-")[1:]])]


def _show(con: duckdb.DuckDBPyConnection, name: str, parts: Iterable[str]) -> None:
    digest = ", texto as huella" if name == "registros" else ""
    sources = [
        f"select *{digest} from {name}_en_memoria"
        if part == _IN_MEMORY
        else f"from read_parquet('{_path(con, name, part)}')"
        for part in parts
    ]
    con.execute(f"create or replace temp view {name} as {' union all '.join(sources)}")


def _path(con: duckdb.DuckDBPyConnection, name: str, part: str) -> Path:
    return _folder(con) / f"{name}{part}.parquet"


def _folder(con: duckdb.DuckDBPyConnection) -> Path:
    return Path(con.execute("select current_setting('temp_directory')").fetchall()[0][0])
