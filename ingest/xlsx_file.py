"""Reads the first sheet of a workbook into records, every cell as text."""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import duckdb
import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.records import SCHEMA, insert
from ingest.refusal import RefusedFile

# A workbook of a whole year of initiatives is below 1 MiB unpacked 10 times over; a bomb is not.
MAX_UNPACKED_BYTES = 1 << 30
# Cells are joined to one text with this delimiter, as a CSV would have them.
DELIMITER = "\t"

_ERRORS = {"NA": "#N/A", "Ref": "#REF!", "Value": "#VALUE!", "Div0": "#DIV/0!", "Name": "#NAME?"}
_LIKE_THOUSANDS = r"^-?[0-9]{1,3}\.[0-9]{3}$"


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int) -> None:
    """Puts the sheet's rows into `registros` (archivo_n, fila, texto, celdas); blank rows are rows.

    Raises RefusedFile where the workbook is cut, is none, or unpacks to more than MAX_UNPACKED_BYTES.
    """
    _check_package(path)
    try:
        cells, errors = _read(path, "string")
        if not cells.num_columns:
            raise RefusedFile("empty", "The first sheet of the workbook is empty. Export it again.")
        by_column = _with_errors(pa.concat_arrays(cells.columns), errors, cells.num_rows)
        by_column = _with_fractions(by_column, path)
    except (fastexcel.FastExcelError, OSError) as error:
        raise RefusedFile("unreadable", f"The workbook cannot be read ({error}). Save it again as .xlsx.") from error
    width, rows = cells.num_columns, cells.num_rows
    by_row = pa.array(np.arange(rows * width).reshape(width, rows).T.ravel())
    flat = pc.take(by_column, by_row)
    flat = pc.utf8_trim_whitespace(pc.replace_substring_regex(flat, r"[\t\r\x{A0}\x{FEFF}\x{200B}]", " "))
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * width)
    rows_of_cells = pa.ListArray.from_arrays(offsets, flat)
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, pc.fill_null(flat, "")), DELIMITER)
    numbers = pa.array(np.arange(1, rows + 1, dtype=np.int32))
    insert(con, pa.RecordBatch.from_arrays([numbers, texts, rows_of_cells], schema=SCHEMA), number)


def _read(path: Path, kind: Literal["string", "int"]) -> tuple[pa.RecordBatch, Iterable[fastexcel.CellError]]:
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, skip_rows=0, dtypes=kind)
    cells, errors = sheet.to_arrow_with_errors()
    return cells, errors.errors if errors else ()


def _with_errors(by_column: pa.Array, errors: Iterable[fastexcel.CellError], rows: int) -> pa.Array:
    """The cells with the spreadsheet errors, which the reader gives as empty, by their names."""
    found = {}
    for error in errors:
        row, column = error.position
        kind = re.search(r"Error\((\w+)\)", error.detail)
        found[column * rows + row] = _ERRORS.get(kind[1], f"#{kind[1].upper()}!") if kind else "#VALUE!"
    if not found:
        return by_column
    mask = np.zeros(len(by_column), dtype=bool)
    places = sorted(found)
    mask[places] = True
    return pc.replace_with_mask(by_column, mask, pa.array([found[place] for place in places], pa.string()))


def _with_fractions(by_column: pa.Array, path: Path) -> pa.Array:
    """The cells with a zero more after the real number 234.567, which as text would be 234567.

    Read as integers, real numbers lose their decimals, and a text with a point is none.
    """
    doubtful = pc.match_substring_regex(by_column, _LIKE_THOUSANDS)
    if not pc.any(doubtful).as_py():
        return by_column
    numbers = pa.concat_arrays(_read(path, "int")[0].columns)
    real = pc.and_(pc.fill_null(doubtful, False), pc.is_valid(numbers))
    return pc.if_else(real, pc.binary_join_element_wise(by_column, "0", ""), by_column)


def _check_package(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise RefusedFile("truncated", "The workbook ends before it is complete. Export it again.")
    try:
        with zipfile.ZipFile(path) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise RefusedFile("unreadable", f"The workbook is damaged ({error}). Export it again.") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise RefusedFile(
            "unreadable",
            f"The workbook unpacks to {unpacked >> 20} MiB, more than any export has. Save it again without formats.",
        )
