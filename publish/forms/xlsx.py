"""A dataset as a workbook, for whoever opens it in a spreadsheet.

XlsxWriter writes it: kept since 2013, one row at a time in constant memory, and its properties can be fixed, so that
the same rows give the same bytes. Measured on 20 columns, seconds of processor: 100.000 rows 11 and 1.000.000 rows 112
(253 MB of memory). For 100.000 rows PyExcelerate takes 11, with all of them in memory; polars 14, since it calls
XlsxWriter; rustpy-xlsxwriter 2, but its files bear the time of the clock, and one person keeps it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from publish import pages, sql, texts
from publish.catalog import Column, Dataset
from publish.labels import label
from publish.metadata.dictionary import Facts, plain_type, privacy_note, scale
from publish.policy import MOST_WORKBOOK_ROWS, WORKBOOK_ROWS
from publish.rows import same
from publish.sql import quoted

# Source: Excel specifications and limits. It counts UTF-16, where what is beyond the first 65,536 characters is two.
EXCEL_TEXT = 32_767

CUT = "… [texto cortado: está completo en el archivo CSV]"
_ROOM = EXCEL_TEXT - len(CUT)

# Excel counts days from here; before March 1900 its calendar has a day that never was, and dates stay texts.
_EPOCH_DAYS = 25_569
_FIRST_DAY = 61
_DAY = 86_400_000_000

_OLD_DAY, _OLD_MOMENT = "%d-%m-%Y", "%d-%m-%Y %H:%M:%S"

# XML has no such characters: XlsxWriter spells them out, and what reads the workbook leaves them so.
_NO_CHARACTERS = (0xFFFE, 0xFFFF)

# Excel keeps 15 digits of a number.
_EXACT = 10**15

_DATA = "Datos"
_PLAIN_NUMBERS = ("año", "mes", "número", "número de fila")
_BATCH = 8_192

_Put = Callable[[Worksheet, int, int, Any, Format], None]


@dataclass(frozen=True)
class _Cells:
    """How the cells of a column are written: format, width in characters, and the values of a part of the file."""

    format: str
    width: int
    put: _Put
    values: Callable[[pa.Array], list[Any]]


def write(dataset: Dataset, parquet: Path, path: Path, facts: Facts, max_rows: int = WORKBOOK_ROWS) -> str | None:
    """Writes the published Parquet file as a workbook: sheets «Datos», «Diccionario» and «Léame».

    Texts are texts, never formulas nor links; NULL is an empty cell; a number of more than 15 digits, which Excel would
    round, is a text. max_rows: above it, or above what Excel opens, no workbook is written.
    Returns None, or, where there is no workbook, the Spanish note that says why.
    """
    with pq.ParquetFile(parquet) as file:
        rows = file.metadata.num_rows
        if rows > min(max_rows, MOST_WORKBOOK_ROWS):
            return refusal(dataset, rows, max_rows)
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        book.set_properties({"title": dataset.title, "created": datetime.combine(facts.cut_off, datetime.min.time())})
        cut = _write_data(book, dataset, file)
    _write_dictionary(book, dataset)
    _write_notes(book, dataset, facts, rows, cut)
    book.close()
    return None


def holds(con: duckdb.DuckDBPyConnection, dataset: Dataset, parquet: Path, path: Path) -> bool:
    """Whether a workbook's sheet of data, read back by another library, has the rows of the published Parquet file."""
    try:
        sheet = fastexcel.read_excel(path).load_sheet(_DATA, header_row=None, dtypes="string").to_arrow()
    except fastexcel.FastExcelError:
        return False
    if sheet.num_columns != len(dataset.columns):
        return False
    con.register("hoja", sheet.rename_columns([column.name for column in dataset.columns]).slice(1))
    read, kept = (
        ", ".join(f"{cell(column)} as {quoted(column.name)}" for column in dataset.columns)
        for cell in (_read_back, _as_kept)
    )
    cells = [quoted(column.name) for column in dataset.columns]
    try:
        return same(con, f"(select {read} from hoja)", f"(select {kept} from {sql.parquet(parquet)})", cells)
    finally:
        con.unregister("hoja")


def _read_back(column: Column) -> str:
    """SQL of a cell as its column's type: what cannot be read so is NULL, and differs from what was published."""
    cell = quoted(column.name)
    if column.type == "VARCHAR":
        return f"nullif({cell}, '')"
    if column.type in ("DATE", "TIMESTAMP"):
        moment = f"coalesce(try_strptime({cell}, ['{_OLD_MOMENT}', '{_OLD_DAY}']), try_cast({cell} as timestamp))"
        return f"cast({_whole_second(moment)} as {column.type})"
    return f"try_cast({cell} as {column.type})"


def _as_kept(column: Column) -> str:
    """SQL of a published value as a workbook can keep it."""
    value = quoted(column.name)
    if column.type == "VARCHAR":
        doubles = f"length(regexp_replace({value}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g'))"
        room = f"case when {doubles} > 0 then {_ROOM // 2} else {_ROOM} end"
        # Few are so long that what fits has to be counted.
        is_long = f"strlen({value}) > {EXCEL_TEXT} and length({value}) + {doubles} > {EXCEL_TEXT}"
        kept = f"case when {is_long} then left({value}, {room}) || {sql.text(CUT)} else {value} end"
        for code in _NO_CHARACTERS:
            kept = f"replace({kept}, chr({code}), '_x{code:04X}_')"
        return f"nullif({kept}, '')"
    return _whole_second(value) if column.type == "TIMESTAMP" else value


def _whole_second(moment: str) -> str:
    """SQL of a moment without what the fraction of a day rounds away."""
    return f"date_trunc('second', {moment} + interval 500 millisecond)"


def refusal(dataset: Dataset, rows: int, max_rows: int) -> str:
    """Why a dataset of so many rows has no workbook, and what to use."""
    limit = pages.number(min(max_rows, MOST_WORKBOOK_ROWS))
    return (
        f"{dataset.name} no viene en planilla (.xlsx): tiene {pages.number(rows)} filas y el máximo de una planilla "
        f"aquí es de {limit}. Use el archivo CSV o Parquet, que traen todas."
    )


def left_out(dataset: Dataset) -> str:
    """What is said of a dataset whose workbook did not hold its rows, and what to use."""
    return (
        f"{dataset.name} no viene en planilla (.xlsx): la que se escribió no traía los mismos datos. "
        "Use el archivo CSV o Parquet."
    )


def _write_data(book: Workbook, dataset: Dataset, file: pq.ParquetFile) -> int:
    """Writes the rows; returns how many texts were longer than a cell holds."""
    sheet = book.add_worksheet(_DATA)
    kinds = [_cells(column) for column in dataset.columns]
    formats = [book.add_format({"num_format": kind.format}) for kind in kinds]
    _head(book, sheet, [label(column) for column in dataset.columns], [kind.width for kind in kinds])
    names = [column.name for column in dataset.columns]
    cut = row = 0
    for batch in file.iter_batches(_BATCH, columns=names):
        columns = [kind.values(batch.column(name)) for kind, name in zip(kinds, names, strict=True)]
        for row, cells in enumerate(zip(*columns, strict=True), row + 1):  # noqa: B020 - goes on from the batch before
            for number, value in enumerate(cells):
                if value is None:
                    continue
                if isinstance(value, str):
                    text = _fitting(value)
                    cut += text is not value
                    _put_text(sheet, row, number, text, formats[number])
                else:
                    kinds[number].put(sheet, row, number, value, formats[number])
    sheet.autofilter(0, 0, row, len(names) - 1)
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, row, len(names) - 1)})
    return cut


def _head(book: Workbook, sheet: Worksheet, titles: list[str], widths: list[int]) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for number, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, title, bold)


def _fitting(text: str) -> str:
    """A text that a cell holds: itself, or its beginning and that it is cut."""
    if len(text) <= EXCEL_TEXT // 2:
        return text
    doubles = sum(each > "\uffff" for each in text)
    if len(text) + doubles <= EXCEL_TEXT:
        return text
    return text[: _ROOM // 2 if doubles else _ROOM] + CUT


def _put_text(sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
    if text.startswith("<r>") and text.endswith("</r>"):
        # Written as it is, XlsxWriter takes it for XML of its own, and the text is lost or the workbook broken.
        sheet.write_rich_string(row, column, text[:1], form, text[1:])
    else:
        sheet.write_string(row, column, text)


def _number(sheet: Worksheet, row: int, column: int, value: Any, form: Format) -> None:
    sheet.write_number(row, column, value, form)


def _boolean(sheet: Worksheet, row: int, column: int, value: Any, form: Format) -> None:
    sheet.write_boolean(row, column, value, form)


def _cells(column: Column) -> _Cells:
    width = min(max(12, len(label(column)) + 3), 24)
    if column.type == "VARCHAR":
        long = column.free_text or column.unit in ("texto", "códigos")
        return _Cells("General", 40 if long else width, _number, pa.Array.to_pylist)
    if column.type == "BOOLEAN":
        return _Cells("General", width, _boolean, pa.Array.to_pylist)
    if column.type == "DATE":
        return _Cells("dd-mm-yyyy", 12, _number, _days)
    if column.type == "TIMESTAMP":
        return _Cells("dd-mm-yyyy hh:mm:ss", 20, _number, _moments)
    if column.type.startswith("DECIMAL"):
        decimals = "#,##0." + "0" * scale(column.type)
        return _Cells(decimals + '" %"' if column.unit == "%" else decimals, width, _number, _exact)
    return _Cells("0" if column.unit in _PLAIN_NUMBERS else "#,##0", width, _number, _exact)


def _exact(values: pa.Array) -> list[Any]:
    """Numbers, and as texts those that have more digits than Excel keeps."""
    return [None if value is None else _kept(value) for value in values.to_pylist()]


def _kept(value: int | Decimal) -> int | float | str:
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    return float(value) if len(value.as_tuple().digits) <= 15 else str(value)


def _days(values: pa.Array) -> list[Any]:
    """Dates as Excel counts them, and as texts those before its calendar is right."""
    serials = pc.add(values.cast(pa.date32()).cast(pa.int32()), _EPOCH_DAYS).to_pylist()
    if any(serial is not None and serial < _FIRST_DAY for serial in serials):
        return list(_with_old(values, serials, _OLD_DAY))
    return list(serials)


def _moments(values: pa.Array) -> list[Any]:
    """Moments as days and their fraction."""
    micros = values.cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    serials = [None if each is None else _EPOCH_DAYS + each / _DAY for each in micros]
    if any(serial is not None and serial < _FIRST_DAY for serial in serials):
        return list(_with_old(values, serials, _OLD_MOMENT))
    return serials


def _with_old(values: pa.Array, serials: list[Any], written: str) -> Iterator[Any]:
    for value, serial in zip(values.to_pylist(), serials, strict=True):
        yield value.strftime(written) if serial is not None and serial < _FIRST_DAY else serial


def _write_dictionary(book: Workbook, dataset: Dataset) -> None:
    sheet = book.add_worksheet("Diccionario")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    titles = ["Columna en «Datos»", "Nombre técnico (CSV, Parquet)", "Descripción", "Unidad", "Tipo", "Valores"]
    _head(book, sheet, titles, [32, 30, 80, 20, 24, 50])
    for row, column in enumerate(dataset.columns, 1):
        values = "\n".join(f"{code}: {meaning}" for code, meaning in column.meanings)
        cells = [label(column), column.name, column.description, column.unit, plain_type(column.type), values]
        for number, value in enumerate(cells):
            sheet.write_string(row, number, value, wrapped)
    sheet.autofilter(0, 0, len(dataset.columns), len(titles) - 1)


def _write_notes(book: Workbook, dataset: Dataset, facts: Facts, rows: int, cut: int) -> None:
    sheet = book.add_worksheet("Léame")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 100)
    for row, (name, value) in enumerate(_notes(dataset, facts, rows, cut)):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value, wrapped)


def _notes(dataset: Dataset, facts: Facts, rows: int, cut: int) -> Iterator[tuple[str, str]]:
    yield "Título", dataset.title
    yield "Descripción", dataset.description
    yield "Fecha de corte", f"{facts.day} (hasta esa fecha llegan los datos)"
    if facts.carried:
        yield "Versión anterior", f"De la fecha de corte {pages.day(facts.carried.since)}. {facts.carried.reason}"
    yield "Filas", pages.number(rows)
    yield "Publica", facts.publisher.name
    yield "Licencia", f"Creative Commons Atribución 4.0 Internacional (CC BY 4.0): {texts.LICENCE_URL}"
    yield "Cómo citar", facts.citation(dataset)
    yield "Datos personales", privacy_note()
    yield "Celdas vacías", "Una celda vacía es un dato que no se conoce, nunca un cero."
    if cut:
        yield "Textos cortados", f"{cut} textos no caben en una celda; están completos en el archivo CSV."
    yield "Para programas", "Use el archivo CSV o Parquet: tienen los mismos datos, con los nombres técnicos."
