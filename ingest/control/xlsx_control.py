"""The second reading of a workbook, by openpyxl; it comes first, because it holds no more than what cells hold.

The reader lays a sheet out as a full rectangle: one cell at its far end, or one long text that a million cells share,
would take all the memory there is. What has been gone through here is known to be small.
"""

import re
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from ingest.control import comparison
from ingest.control.comparison import Count
from ingest.reading import lines
from ingest.reading.headers import Header
from ingest.refusal import RefusedFile

# A year of spending has some 60,000 cells and 2 MiB of text.
MAX_CELLS = 2_000_000
MAX_TEXT = 32 << 20

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Sheet:
    """The sheet that holds the data: the first one that is not hidden.

    rows, width: up to the last filled row and column. left: columns before the first one with a cell, None without one.
    filled: the values by column (from 0) and row (from 1).
    never_calculated: row and column of the formulas that have no value. newer_error: the first cell with an error that
    the reader does not know, in words. others: further visible sheets with content.
    """

    name: str
    rows: int = 0
    width: int = 0
    left: int | None = None
    filled: dict[int, dict[int, object]] = field(default_factory=dict)
    never_calculated: list[tuple[int, int]] = field(default_factory=list)
    newer_error: str = ""
    others: list[str] = field(default_factory=list)

    def count(self, header: Header) -> Count:
        """Records of the sheet, and the sums of its columns of amounts below the header."""
        amounts = comparison.amounts(header.layout)
        return Count(self.rows, {name: self._sum(header.first_row, *at) for name, at in amounts.items()})

    def _sum(self, first_row: int, position: int, kind: str) -> int:
        values = (v for row, v in self.filled.get(position, {}).items() if row >= first_row)
        return sum(_amount(value, kind) or 0 for value in values)


def _amount(value: object, kind: str) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # To nine decimals: what a sum of binary fractions leaves behind that is no fraction.
        rounded = round(float(value), 9)
        whole = int(rounded) if rounded.is_integer() else None
        return whole if whole is not None and abs(whole) < 10 ** comparison.KINDS[kind] else None
    return comparison.read_amount(_trimmed(value), kind) if isinstance(value, str) else None


def _trimmed(text: str) -> str:
    return lines.blank(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text)).strip()


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """Openpyxl's parser of a sheet, which tells a formula without a value from an empty cell."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        """The cell as openpyxl gives it, with `never_calculated`."""
        cell: dict[str, Any] = super().parse_cell(element)
        cell["never_calculated"] = cell["value"] is None and element.find(FORMULA_TAG) is not None
        return cell


def survey(path: Path) -> Sheet:
    """The filled cells of the first visible sheet.

    Raises RefusedFile where every sheet is hidden, the sheet is larger than any export, or openpyxl cannot read it.
    """
    with warnings.catch_warnings():
        # Of parts that are of no interest here: print settings, validations, styles.
        warnings.simplefilter("ignore")
        try:
            return _survey(path)
        except RefusedFile:
            raise
        except Exception as error:  # A damaged part shows in openpyxl as nearly any exception.
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise RefusedFile(
                "unreadable", f"The workbook cannot be read ({what}). Open it and save it again as .xlsx."
            ) from error


def _survey(path: Path) -> Sheet:
    # As an open file: openpyxl judges a path by its extension, and what is archived has none.
    with path.open("rb") as file, zipfile.ZipFile(file) as package:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            visible = [s for s in book._sheets if isinstance(s, ReadOnlyWorksheet) and s.sheet_state == "visible"]
            if not visible:
                raise RefusedFile(
                    "unreadable", "Every sheet of the workbook is hidden. Show the one with the data and save it again."
                )
            sheet = _read(package, book, visible[0])
            if sheet.newer_error:
                raise RefusedFile(
                    "unreadable",
                    f"The sheet {sheet.name} has an error of newer spreadsheets, {sheet.newer_error}, which cannot be "
                    "read. Write there what it should say, or nothing, and save it again.",
                )
            sheet.others = [s.title for s in visible[1:] if _read(package, book, s).filled]
            return sheet
        finally:
            book.close()


def _read(package: zipfile.ZipFile, book: Any, worksheet: Any) -> Sheet:
    sheet = Sheet(worksheet.title)
    cells = text = 0
    with package.open(worksheet._worksheet_path) as source:
        parser = _Parser(
            source,
            worksheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for _, row in parser.parse():
            for cell in row:
                value = cell["value"]
                if value is not None:
                    column = cell["column"] - 1
                    sheet.left = column if sheet.left is None else min(sheet.left, column)
                if cell["never_calculated"]:
                    sheet.never_calculated.append((cell["row"], cell["column"] - 1))
                elif value is None or (isinstance(value, str) and not _trimmed(value)):
                    continue
                text += len(value) if isinstance(value, str) else 0
                sheet.rows = max(sheet.rows, cell["row"])
                sheet.width = max(sheet.width, cell["column"])
                column_cells = sheet.filled.setdefault(cell["column"] - 1, {})
                if cell["row"] in column_cells:
                    raise _twice(sheet, cell)
                if cell["data_type"] == "e" and value not in ERROR_CODES and not sheet.newer_error:
                    sheet.newer_error = f"{value} in {_place(cell)}"
                column_cells[cell["row"]] = value
                cells += 1
                _check_size(sheet, cells, text)
    return sheet


def _twice(sheet: Sheet, cell: dict[str, Any]) -> RefusedFile:
    """Of two values in one place a reader takes one, and the other, or a whole row of them, would be gone unseen."""
    return RefusedFile(
        "unreadable",
        f"The sheet {sheet.name} has the cell {_place(cell)} twice. Open it, see that no row is missing, and save it "
        "again.",
    )


def _place(cell: dict[str, Any]) -> str:
    return f"{get_column_letter(cell['column'])}{cell['row']}"


def _check_size(sheet: Sheet, cells: int, text: int) -> None:
    if max(sheet.rows * sheet.width, cells) > MAX_CELLS:
        raise RefusedFile(
            "unreadable",
            f"The sheet {sheet.name} reaches to row {sheet.rows} and column {sheet.width}, farther than any export. "
            "Delete the cells beside the table and save it again.",
        )
    if text > MAX_TEXT:
        raise RefusedFile(
            "unreadable", f"The sheet {sheet.name} holds more than {MAX_TEXT >> 20} MiB of text. Export it again."
        )
