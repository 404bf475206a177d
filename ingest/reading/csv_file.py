"""Reads a CSV file into records, by its lines. See lines.py and records.sql for why."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from ingest.cells import Layout, cells_of
from ingest.contract import Contract
from ingest.reading import lines
from ingest.reading.headers import Header
from ingest.reading.records import insert, remove
from ingest.refusal import RefusedFile

# A quote that swallows more lines than this is a fault of the file, not a text with line breaks.
MAX_RECORD_LINES = 1000
# By which it is told how a file ends its rows.
_FIRST_ROWS = 100


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int, contract: Contract) -> bool:
    """Puts the file's records into the table `registros` (archivo_n, fila, texto).

    number: the file's number in the batch. Returns whether the file has bytes that are no text. Raises RefusedFile
    where a quote is never closed.
    """
    source = lines.Lines(path, contract.format.encoding)
    for batch in source:
        insert(con, batch, number)
    if contract.format.quote:
        _join_quoted_lines(con, number, contract.format.delimiter)
    return source.marked


def check_line_ends(path: Path, last: int) -> None:
    """Raises RefusedFile where a carriage return alone stands within one of the lines down to `last`, the header's.

    In a row it is a blank. There it ends a line, as it does wherever a file has nothing else, and the rows behind it
    would be taken for banner or header.
    """
    with path.open("rb") as file:
        if lines.line_end(file) != b"\n":
            return
        for number, line in enumerate(islice(file, last), 1):
            if b"\r" in line.strip(b"\r\n"):
                raise RefusedFile(
                    "unreadable",
                    f"Line ends are mixed: line {number} goes on behind a carriage return that is followed by no line "
                    "feed. Export the file again with one kind of line end.",
                )


def with_row_end(con: duckdb.DuckDBPyConnection, number: int, header: Header) -> Layout:
    """The layout of file `number`, with how its rows end: as the contract says, unless most of the first do otherwise.

    A table that a spreadsheet wrote again has lost the delimiters at its rows' ends. Where they are there, a row that
    has as many cells as the header lacks one, and its amounts stand in each other's places.
    """
    layout = header.layout
    if not layout.contract.format.trailing_delimiter:
        return layout
    with_it, without = con.execute(
        f"""select count(*) filter (where len(celdas) = $width + 1 and trim(celdas[-1]) = ''),
            count(*) filter (where len(celdas) = $width)
        from (select {cells_of(layout.contract)} as celdas from (
            select * from registros where archivo_n = $number and fila >= $first order by fila limit {_FIRST_ROWS}
        ))""",
        {"width": layout.width, "number": number, "first": header.first_row},
    ).fetchall()[0]
    return replace(layout, trailing=with_it >= without)


def _join_quoted_lines(con: duckdb.DuckDBPyConnection, number: int, delimiter: str) -> None:
    """Joins the lines that belong to one record, where any does."""
    open_lines = con.execute(
        "select count(*) from registros where archivo_n = ? and contains(texto, '\"') and abre_comillas(texto, ?)",
        [number, delimiter],
    ).fetchall()[0][0]
    if not open_lines:
        return
    con.execute(
        "create or replace temp table lineas as select fila, texto from registros where archivo_n = ?", [number]
    )
    con.execute("create or replace temp table unidas as select * from registros_de_lineas(?)", [delimiter])
    _check_quotes(con)
    remove(con, number)
    con.execute("insert into registros_en_memoria select ?, fila, texto, null from unidas order by fila", [number])


def _check_quotes(con: duckdb.DuckDBPyConnection) -> None:
    unclosed = con.execute(
        "select primera_linea from unidas where queda_abierto = 1 and fila = (select max(fila) from unidas)"
    ).fetchall()
    if unclosed:
        raise RefusedFile(
            "truncated",
            f"The file ends inside quotes that open in line {unclosed[0][0]}. Close them, or export the file again.",
        )
    longest, line = con.execute("select lineas, primera_linea from unidas order by lineas desc limit 1").fetchall()[0]
    if longest > MAX_RECORD_LINES:
        raise RefusedFile(
            "unreadable",
            f"The quote that opens in line {line} swallows {longest} lines. Close it, or export the file again.",
        )
