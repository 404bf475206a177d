"""What becomes of each line of the spending workbook."""

import io
from collections.abc import Sequence

import openpyxl
import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import MONTHS, PATHS, SPENDING_HEADER, spending, workbook

EXPORT = "sagir_gasto"
PATH = PATHS[EXPORT]


def amounts(bench: Bench) -> dict[tuple[str, int], tuple[int | None, int | None]]:
    """Projected and real by initiative and month, without the empty months."""
    return {
        (r["codigo_iniciativa"], r["mes"]): (r["gasto_proyectado"], r["gasto_real"])
        for r in bench.accepted(EXPORT)
        if (r["gasto_proyectado"], r["gasto_real"]) != (None, None)
    }


def test_a_line_becomes_twelve_months(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("40048130-0", *range(24)))})
    assert bench.accepted(EXPORT) == [
        {
            "_fila": 4,
            "codigo_iniciativa": "40048130-0",
            "subtitulo": "31",
            "item": "02",
            "asignacion": "004",
            "mes": month,
            "gasto_proyectado": 2 * month - 2,
            "gasto_real": 2 * month - 1,
        }
        for month in range(1, 13)
    ]
    assert bench.counts(PATH) == (2, 1, 0, 0, 1)


def test_months_belong_to_their_merged_names_in_any_order(ingest: Ingest) -> None:
    header: list[list[str | None]] = [
        ["Diciembre", None, "ASIG", "codigo bip", "febrero ", None, "Item", "Subt"],
        ["real", "PROYECTADO", None, None, "Proyectado", "Real", None, None],
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in [*header, [1, 2, 4, "40048130-0", 3, 4, 2, 31]]:
        sheet.append(cells)
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("E1:F1")
    out = io.BytesIO()
    book.save(out)
    bench = ingest({PATH: out.getvalue()})
    assert amounts(bench) == {("40048130-0", 12): (2, 1), ("40048130-0", 2): (3, 4)}
    assert {r["asignacion"] for r in bench.accepted(EXPORT)} == {"004"}


def test_the_table_may_begin_in_another_column_than_the_first(ingest: Ingest) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(spending("40048130-0", 7, "=1+1", 9, 10))))
    sheet = book.active
    assert sheet is not None
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    sheet.insert_cols(1, 2)
    out = io.BytesIO()
    book.save(out)
    bench = ingest({PATH: out.getvalue()})
    assert amounts(bench) == {("40048130-0", 1): (7, None), ("40048130-0", 2): (9, 10)}
    assert len(bench.observed(PATH)) == 1


def test_numbers_may_be_numbers_or_text(ingest: Ingest) -> None:
    cells = [1234, 1234.0, "1234", "1.234", "$ 1.395.820", "M$1.007", "$121,551.00", "(50)", " $ - ", "-", 0, -5, 1e6]
    bench = ingest({PATH: workbook(spending("40048130-0", *cells))})
    read = [v for r in bench.accepted(EXPORT) for v in (r["gasto_proyectado"], r["gasto_real"])]
    assert read[:13] == [1234, 1234, 1234, 1234, 1395820, 1007, 121551, -50, 0, None, 0, -5, 1000000]
    assert bench.observed(PATH) == []


def test_a_number_with_decimals_is_no_whole_amount(ingest: Ingest) -> None:
    """234.567 as a number is no 234567, though as a text it is; one rounded by its binary form is whole."""
    bench = ingest({PATH: workbook(spending("40048130-0", 234.567, "234.567", 234.5, -1.001, 1395820.0000000002))})
    read = [v for r in bench.accepted(EXPORT) for v in (r["gasto_proyectado"], r["gasto_real"])]
    assert read[:5] == [None, 234567, None, None, 1395820]
    assert bench.observed(PATH) == [
        (4, "gasto_proyectado_1", "amount_unreadable"),
        (4, "gasto_proyectado_2", "amount_unreadable"),
        (4, "gasto_real_2", "amount_unreadable"),
    ]


def test_a_spreadsheet_error_is_unreadable_and_never_empty(ingest: Ingest) -> None:
    errors = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"]
    rows = [spending(f"4004813{i}-0", 1, error) for i, error in enumerate(errors)]  # 4 to 8
    rows += [spending("40048140-0", budget=("#REF!", 2, 4)), spending("#REF!", 1)]  # 9, 10
    bench = ingest({PATH: workbook(*rows, spending("40048141-0", budget=(31, 2, "#REF!")))})
    assert bench.rejected(PATH) == [(9, "subtitulo", "code_unreadable"), (10, "codigo_iniciativa", "code_unreadable")]
    observed = [(fila, "gasto_real_1", "amount_unreadable") for fila in range(4, 9)]
    assert bench.observed(PATH) == [*observed, (11, "asignacion", "code_unreadable")]
    cells = bench.table("select celda from '{raw}/observaciones/*.parquet' order by _fila")
    assert [c["celda"] for c in cells] == [*errors, "#REF!"]


def test_codes_get_their_leading_zeros_back(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("40048130-0", budget=(5, 1, 3)), spending(40048131, budget=(31, 2, None)))})
    assert [(r["codigo_iniciativa"], r["subtitulo"], r["item"], r["asignacion"]) for r in bench.accepted(EXPORT)] == [
        *[("40048130-0", "05", "01", "003")] * 12,
        *[("40048131-0", "31", "02", None)] * 12,
    ]


def test_every_line_has_exactly_one_fate(ingest: Ingest) -> None:
    rows: list[Sequence[object]] = [
        spending("40048130-0", 1, 2),  # 5
        spending("40048131-0", 1, 2),  # 6
        spending("40048131-0", 1, 3),  # 7: the initiative of line 6
        spending("40048130-0", 1, 2),  # 8: line 5 again
        spending("S/N", 5),  # 9
        spending("4004813", 5),  # 10
        spending("40048132-0", budget=("", 2, 4)),  # 11
        spending("40048133-0", budget=(31, "dos", 4)),  # 12
        [*spending("40048134-0", 1), "de más"],  # 13
        spending("40048131-0", "mil", 2),  # 14: its bad cell is only observed, so it conflicts too
        [None],  # 15
        spending("TOTAL", 9, 9),  # 16
        [None, "Subtotal", None, None, 9],  # 17
        ["Importante: cifras preliminares"],  # 18
        spending("40048135-0", 1),  # 19
    ]
    bench = ingest({PATH: workbook(*rows, banner=2)})
    assert bench.rejected(PATH) == [
        (6, None, "key_conflict"),
        (7, None, "key_conflict"),
        (9, "codigo_iniciativa", "required_missing"),
        (10, "codigo_iniciativa", "code_unreadable"),
        (11, "subtitulo", "required_missing"),
        (12, "item", "code_unreadable"),
        (13, None, "column_count"),
        (14, None, "key_conflict"),
    ]
    assert {r["_fila"] for r in bench.accepted(EXPORT)} == {5, 19}
    assert bench.observed(PATH) == []
    # 17 rows beside the header's two: two of banner, a blank one, two of totals and a note are ignored.
    assert bench.counts(PATH) == (17, 2, 8, 1, 6)


@pytest.mark.parametrize("rows", [1, 6])
def test_the_two_rows_of_the_header_are_found_below_the_banner(ingest: Ingest, rows: int) -> None:
    bench = ingest({PATH: workbook(spending("40048130-0", 1), banner=rows)})
    assert bench.counts(PATH) == (rows + 1, 1, 0, 0, rows)
    assert bench.accepted(EXPORT)[0]["_fila"] == rows + 3


def test_blank_rows_above_the_table_keep_the_row_numbers(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("mala", 1), header=[[None], [None], *SPENDING_HEADER], banner=0)})
    assert bench.rejected(PATH) == [(5, "codigo_iniciativa", "code_unreadable")]
    assert bench.counts(PATH) == (3, 0, 1, 0, 2)


def test_only_the_first_sheet_is_read(ingest: Ingest) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(spending("40048130-0", 1))))
    book.create_sheet("Otra").append(spending("40048131-0", 1))
    out = io.BytesIO()
    book.save(out)
    assert amounts(ingest({PATH: out.getvalue()})) == {("40048130-0", 1): (1, None)}


def test_an_unknown_column_is_named_in_the_ledger(ingest: Ingest) -> None:
    header = [[*SPENDING_HEADER[0], "Comentario"], SPENDING_HEADER[1]]
    bench = ingest({PATH: workbook([*spending("40048130-0", 1), "algo"], header=header)})
    assert bench.ledger()[PATH]["detalle"] == "Columns that the contract does not know: Comentario."
    assert amounts(bench) == {("40048130-0", 1): (1, None)}


def test_line_breaks_and_odd_blanks_in_a_cell_are_trimmed(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("\u00a040048130-0 \n", "\t$ 1.234\n"))})
    assert amounts(bench) == {("40048130-0", 1): (1234, None)}


def test_the_same_line_in_text_and_in_numbers_is_the_same_line(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("40048130-0", 1234), spending("40048130-0", "1234"))})
    assert bench.counts(PATH) == (3, 1, 0, 1, 1)


def test_every_month_of_the_year_is_known(ingest: Ingest) -> None:
    bench = ingest({PATH: workbook(spending("40048130-0", *range(24)))})
    assert len(MONTHS) == len({r["mes"] for r in bench.accepted(EXPORT)}) == 12


def test_the_fixed_columns_may_stand_in_the_second_header_row(ingest: Ingest) -> None:
    header = [[None] * 4 + SPENDING_HEADER[0][4:], SPENDING_HEADER[0][:4] + SPENDING_HEADER[1][4:]]
    assert amounts(ingest({PATH: workbook(spending("40048130-0", 1), header=header)})) == {("40048130-0", 1): (1, None)}
