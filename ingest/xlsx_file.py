"""Reads the first sheet of a workbook into records, every cell as text."""

import zipfile
from pathlib import Path

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


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int) -> None:
    """Puts the sheet's rows into `registros` (archivo_n, fila, texto, celdas); blank rows are rows.

    Raises RefusedFile where the workbook is cut, is none, or unpacks to more than MAX_UNPACKED_BYTES.
    """
    _check_package(path)
    try:
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    except (fastexcel.FastExcelError, OSError) as error:
        raise RefusedFile("unreadable", f"The workbook cannot be read ({error}). Save it again as .xlsx.") from error
    if not sheet.width:
        raise RefusedFile("empty", "The first sheet of the workbook is empty. Export it again.")
    cells = sheet.to_arrow()
    width, rows = cells.num_columns, cells.num_rows
    by_row = pa.array(np.arange(rows * width).reshape(width, rows).T.ravel())
    flat = pc.take(pa.concat_arrays([pc.cast(column, pa.string()) for column in cells.columns]), by_row)
    flat = pc.utf8_trim_whitespace(pc.replace_substring_regex(flat, r"[\t\r\x{A0}\x{FEFF}\x{200B}]", " "))
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * width)
    rows_of_cells = pa.ListArray.from_arrays(offsets, flat)
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, pc.fill_null(flat, "")), DELIMITER)
    numbers = pa.array(np.arange(1, rows + 1, dtype=np.int32))
    insert(con, pa.RecordBatch.from_arrays([numbers, texts, rows_of_cells], schema=SCHEMA), number)


def _check_package(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise RefusedFile("truncated", "The workbook ends before it is complete. Export it again.")
    with zipfile.ZipFile(path) as package:
        unpacked = sum(entry.file_size for entry in package.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise RefusedFile(
            "unreadable",
            f"The workbook unpacks to {unpacked >> 20} MiB, more than any export has. Save it again without formats.",
        )
