"""The table that every reader fills: one row a record, as a spreadsheet shows it."""

from pathlib import Path

import duckdb
import pyarrow as pa

# fila: the record's number in its file, from 1. texto: the record word for word. celdas: its cells, NULL where
# SQL cuts them from the text (CSV).
SCHEMA = pa.schema([("fila", pa.int32()), ("texto", pa.string()), ("celdas", pa.list_(pa.string()))])

# What stands between the cells of a record that comes as cells (a workbook's), where they are joined to one text.
DELIMITER = "\t"

_MACROS = Path(__file__).with_name("records.sql")


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the empty tables `registros` and `lineas` and the macros that join lines and cut cells."""
    con.execute(
        "create or replace temp table registros (archivo_n integer, fila integer, texto varchar, celdas varchar[])"
    )
    con.execute("create or replace temp table lineas (fila integer, texto varchar)")
    con.execute(_MACROS.read_text("utf-8"))


def insert(con: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, number: int) -> int:
    """Appends a batch of SCHEMA as file `number`; returns its rows."""
    con.register("llegada", batch)
    con.execute("insert into registros select ?, fila, texto, celdas from llegada", [number])
    con.unregister("llegada")
    return int(batch.num_rows)
