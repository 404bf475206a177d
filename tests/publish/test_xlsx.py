"""The workbook: what a person sees is what the release says, and nothing in it runs."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from publish.forms import xlsx
from tests.publish.tables import FACTS, PAGOS, parquet


@pytest.fixture
def book(tmp_path: Path) -> Any:
    path = tmp_path / "pagos.xlsx"
    assert xlsx.write(PAGOS, parquet(tmp_path), path, FACTS) is None
    return openpyxl.load_workbook(path)


def _column(book: Any, number: int) -> list[Any]:
    return [row[number].value for row in book["Datos"].iter_rows(min_row=2)]


def test_headers_are_spanish_with_units_and_the_dictionary_maps_them_to_the_technical_names(book: Any) -> None:
    assert book.sheetnames == ["Datos", "Diccionario", "Léame"]
    head = [cell.value for cell in book["Datos"][1]]
    assert head[:5] == ["Código", "Materia", "Año", "Monto total (CLP)", "Porcentaje ejecución (%)"]
    names = {row[0].value: row[1].value for row in book["Diccionario"].iter_rows(min_row=2)}
    assert names["Monto total (CLP)"] == "monto_total"
    assert list(names) == head


def test_texts_stay_texts_whatever_they_look_like(book: Any) -> None:
    assert _column(book, 0) == ["03", "0004", "1e5", "=A1"]
    assert _column(book, 1) == ["=1+1", "https://ejemplo.cl", 'ñandú "3" <b>&amp;', None]
    cells = [cell for row in book["Datos"].iter_rows(min_row=2) for cell in row[:2] if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_no_sheet_holds_a_formula_or_a_link(tmp_path: Path) -> None:
    xlsx.write(PAGOS, parquet(tmp_path), tmp_path / "pagos.xlsx", FACTS)
    with zipfile.ZipFile(tmp_path / "pagos.xlsx") as archive:
        sheets = b"".join(archive.read(name) for name in archive.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets


def test_numbers_dates_and_truths_keep_their_type_and_show_as_in_chile(book: Any) -> None:
    first = book["Datos"][2]
    assert [cell.value for cell in first[2:]] == [
        *(2024, 1234567, 88.68, -33.4378),
        *(datetime(2024, 12, 31), datetime(2024, 12, 31, 23, 59, 58), True),
    ]
    assert [cell.number_format for cell in first[2:8]] == [
        *("0", "#,##0", '#,##0.00" %"', "#,##0.000000"),
        *("dd-mm-yyyy", "dd-mm-yyyy hh:mm:ss"),
    ]


def test_what_excel_would_change_is_a_text(book: Any) -> None:
    assert _column(book, 3)[2] == "9007199254740993"
    assert _column(book, 4)[3] == "1234567890123456.78"
    assert _column(book, 6) == [datetime(2024, 12, 31), "31-12-1899", None, datetime(1900, 3, 1)]
    assert _column(book, 7)[1] == "01-01-1850 12:00:00"


def test_null_is_an_empty_cell(book: Any) -> None:
    assert _column(book, 3)[3] is None
    assert _column(book, 8) == [True, False, None, None]


def test_header_is_frozen_and_every_row_can_be_filtered(book: Any) -> None:
    assert book["Datos"].freeze_panes == "A2"
    assert book["Datos"].auto_filter.ref == "A1:I5"


def test_notes_say_licence_date_and_how_to_cite(book: Any) -> None:
    notes = {row[0].value: row[1].value for row in book["Léame"].iter_rows()}
    assert notes["Fecha de corte"].startswith("31-01-2025")
    assert "CC BY 4.0" in notes["Licencia"]
    assert "/latest/pagos.csv" in notes["Cómo citar"]
    assert "jurídica" in notes["Datos personales"]


def test_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    source = parquet(tmp_path)
    written = []
    for name in ("uno.xlsx", "dos.xlsx"):
        xlsx.write(PAGOS, source, tmp_path / name, FACTS)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_above_the_limit_a_note_says_so_and_there_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "pagos.xlsx"
    note = xlsx.write(PAGOS, parquet(tmp_path), path, FACTS, max_rows=3)
    assert note is not None
    assert "pagos" in note
    assert "4 filas" in note
    assert not path.exists()


def test_no_setting_raises_the_limit_above_what_excel_opens() -> None:
    assert "1.048.575" in xlsx.refusal(PAGOS, 2_000_000, 5_000_000)


def test_a_text_longer_than_a_cell_is_cut_where_all_can_see_it(tmp_path: Path) -> None:
    path = tmp_path / "pagos.xlsx"
    xlsx.write(PAGOS, parquet(tmp_path, rows=f"('1', '{'x' * 40_000}', 1, 1, 1, 1, null, null, null)"), path, FACTS)
    book = openpyxl.load_workbook(path)
    text = book["Datos"]["B2"].value
    assert len(text) == xlsx.EXCEL_TEXT
    assert text.endswith(xlsx.CUT)
    assert "Textos cortados" in {row[0].value for row in book["Léame"].iter_rows()}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("😀" * 16_383, "😀" * 16_383),
        ("😀" * 16_384, "😀" * ((xlsx.EXCEL_TEXT - len(xlsx.CUT)) // 2) + xlsx.CUT),
        ("<r>Obras & <b></r>", "<r>Obras & <b></r>"),
    ],
    ids=["as long as a cell", "longer", "spelled as rich text"],
)
def test_a_text_that_the_writer_would_cut_or_take_for_its_own_is_there(tmp_path: Path, text: str, kept: str) -> None:
    path = tmp_path / "pagos.xlsx"
    xlsx.write(PAGOS, parquet(tmp_path, rows=f"('1', '{text}', 1, 1, 1, 1, null, null, null)"), path, FACTS)
    assert openpyxl.load_workbook(path)["Datos"]["B2"].value == kept
