"""Reads the first sheet of a workbook into records, every cell as text."""

import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.cells import CELLS_DELIMITER
from ingest.control import xlsx_control
from ingest.control.xlsx_control import Sheet
from ingest.reading.lines import UNSEEN
from ingest.reading.records import SCHEMA, insert
from ingest.refusal import RefusedFile

# The workbook of a year unpacks to 0.2 MiB, its styles to a hundredth of that. What unpacks to these limits and is made
# of nothing but empty cells, or of styles, takes openpyxl a hundred times as much.
MAX_UNPACKED_BYTES = 8 << 20
MAX_STYLES_BYTES = 2 << 20
# What stands for a formula that was never calculated: no type accepts it, and it is not empty.
NEVER_CALCULATED = "#FORMULA!"

_ERRORS = {"NA": "#N/A", "Ref": "#REF!", "Value": "#VALUE!", "Div0": "#DIV/0!", "Name": "#NAME?"}
_CHUNK_BYTES = 1 << 20
_LIKE_THOUSANDS = r"^-?[0-9]{1,3}\.[0-9]{3}$"


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int) -> Sheet:
    """Puts the rows of the first visible sheet into `registros` (archivo_n, fila, texto, celdas); blank rows are rows.

    Returns what the second reading found in it, which comes first (see xlsx_control). Raises RefusedFile where the
    workbook is cut, is none, is larger than any export, or has no visible sheet.
    """
    _check_package(path)
    sheet = xlsx_control.survey(path)
    if not sheet.rows:
        raise RefusedFile("empty", f"The sheet {sheet.name} of the workbook is empty. Export it again.")
    try:
        cells, errors = _read(path, sheet, "string")
        by_column = _with_errors(pa.concat_arrays(cells.columns), errors, cells.num_rows)
        by_column = _with_fractions(by_column, path, sheet)
    except (fastexcel.FastExcelError, OSError) as error:
        raise RefusedFile("unreadable", f"The workbook cannot be read ({error}). Save it again as .xlsx.") from error
    seen = pc.replace_substring_regex(by_column, rf"[{UNSEEN}]", "")
    flat = pc.utf8_trim_whitespace(pc.replace_substring_regex(seen, r"[\t\r\x{A0}]", " "))
    table = np.array(flat.to_numpy(zero_copy_only=False)).reshape(cells.num_columns, cells.num_rows)
    # The reader begins with the first column that holds anything.
    table = np.vstack([np.full((sheet.left or 0, cells.num_rows), None, dtype=object), table])
    for row, column in sheet.never_calculated:
        table = _reaching(table, row, column + 1)
        table[column, row - 1] = NEVER_CALCULATED
    rows = _rows(table)
    flat = pa.array(table[:, :rows].T.ravel(), pa.string())
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * len(table))
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, pc.fill_null(flat, "")), CELLS_DELIMITER)
    numbers = pa.array(np.arange(1, rows + 1, dtype=np.int32))
    rows_of_cells = pa.ListArray.from_arrays(offsets, flat)
    insert(con, pa.RecordBatch.from_arrays([numbers, texts, rows_of_cells], schema=SCHEMA), number)
    return sheet


def _reaching(table: np.ndarray, rows: int, width: int) -> np.ndarray:
    """The table of cells, column by column, made to reach to a row and a column."""
    if table.shape[0] >= width and table.shape[1] >= rows:
        return table
    larger = np.full((max(width, table.shape[0]), max(rows, table.shape[1])), None, dtype=object)
    larger[: table.shape[0], : table.shape[1]] = table
    return larger


def _rows(table: np.ndarray) -> int:
    """Rows up to the last one with a filled cell."""
    filled = np.flatnonzero(np.any(table.astype(bool), axis=0))
    return int(filled[-1]) + 1 if len(filled) else 0


def _read(
    path: Path, sheet: Sheet, kind: Literal["string", "int"]
) -> tuple[pa.RecordBatch, Iterable[fastexcel.CellError]]:
    loaded = fastexcel.read_excel(path).load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes=kind)
    cells, errors = loaded.to_arrow_with_errors()
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


def _with_fractions(by_column: pa.Array, path: Path, sheet: Sheet) -> pa.Array:
    """The cells with a zero more after the real number 234.567, which as text would be 234567.

    Read as integers, real numbers lose their decimals, and a text with a point is none.
    """
    doubtful = pc.match_substring_regex(by_column, _LIKE_THOUSANDS)
    if not pc.any(doubtful).as_py():
        return by_column
    numbers = pa.concat_arrays(_read(path, sheet, "int")[0].columns)
    real = pc.and_(pc.fill_null(doubtful, False), pc.is_valid(numbers))
    return pc.if_else(real, pc.binary_join_element_wise(by_column, "0", ""), by_column)


def _check_package(path: Path) -> None:
    """Raises RefusedFile where a part is there twice, or they unpack to more than they may, whatever they claim."""
    if not zipfile.is_zipfile(path):
        raise RefusedFile("truncated", "The workbook ends before it is complete. Export it again.")
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as file:
            unpacked = 0
            for name, times in Counter(package.namelist()).items():
                if times > 1:
                    raise RefusedFile("unreadable", f"The workbook has {name} twice. Open it and save it again.")
            for part in package.infolist():
                left = min(MAX_UNPACKED_BYTES - unpacked, _limit(part.filename))
                unpacked += _unpacked_size(file, part, left)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, zlib.error, struct.error) as error:
        raise RefusedFile("unreadable", f"The workbook is damaged ({error}). Export it again.") from error


def _limit(name: str) -> int:
    return MAX_STYLES_BYTES if name.lower().endswith("styles.xml") else MAX_UNPACKED_BYTES


def _unpacked_size(file: BinaryIO, part: zipfile.ZipInfo, limit: int) -> int:
    """What a part of the package really unpacks to. Raises RefusedFile above limit bytes."""
    file.seek(part.header_offset + 26)
    name, extra = struct.unpack("<HH", file.read(4))
    file.seek(name + extra, os.SEEK_CUR)
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"compression {part.compress_type}")
    size, packed = part.file_size if part.file_size > limit else 0, part.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while packed > 0 and size <= limit and (chunk := file.read(min(packed, _CHUNK_BYTES))):
        packed -= len(chunk)
        while chunk and size <= limit:
            size += len(inflate.decompress(chunk, _CHUNK_BYTES) if inflate else chunk)
            chunk = inflate.unconsumed_tail if inflate else b""
    if size > limit:
        raise RefusedFile(
            "unreadable",
            f"The workbook unpacks to more than any export ({part.filename} alone or with what stands before it: "
            f"above {limit >> 20} MiB). Copy its values to a new workbook without formats and save that.",
        )
    return size
