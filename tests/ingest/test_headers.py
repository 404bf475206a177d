"""Which header is trusted. One that may have swallowed rows, or that can be read in two ways, refuses its file."""

from collections.abc import Callable, Sequence

import pytest

from ingest.contract import normalise
from tests.ingest.conftest import Ingest
from tests.ingest.tables import (
    CONTRACTS,
    CSV_EXPORTS,
    GOOD,
    PATHS,
    SPENDING_HEADER,
    csv_file,
    encoded,
    headers,
    lines_of,
    row,
    spending,
    workbook,
)

CORE, MILESTONES, SPENDING = PATHS["core_acuerdos"], PATHS["sagir_hitos"], PATHS["sagir_gasto"]
TITLES, *STEPS = lines_of("sagir_hitos", [row("sagir_hitos", i) for i in range(1, 9)])
OPEN = TITLES.replace("Responsable", '"Responsable')
CLOSES = STEPS[4].replace("Juan Carlos Peñaloza", '"J. P."')


def refused(ingest: Ingest, path: str, content: bytes | str) -> str:
    """The message of a file that is refused for its header."""
    bench = ingest({path: content})
    assert bench.refusal(path) == "header_unknown"
    message: str = bench.ledger()[path]["detalle"]
    assert "Peñaloza" not in message
    return message


SWALLOWED: dict[str, tuple[Sequence[str], int]] = {
    # The lines of the file, and the one where the quote opens that takes others in.
    "rows, by the header": ([OPEN, *STEPS[:4], CLOSES, *STEPS[5:]], 1),
    "a row, by the header": ([OPEN, f'"{STEPS[0]}', *STEPS[1:]], 1),
    "a row, by a name that is right": ([OPEN, '";1;2;3', *STEPS], 1),
    "rows, by a header below a banner": (["SAGIR", '"de\nenero"', OPEN, *STEPS[:4], CLOSES, *STEPS[5:]], 4),
    "the header and rows, by the banner": (["SAGIR", 'Reporte;"x', TITLES, *STEPS[:3], '";', TITLES, *STEPS[3:]], 2),
    "rows without a header, by the banner": (['Reporte;"x', *STEPS[:3], '";', TITLES, *STEPS[3:]], 1),
    "a line that may be one": (['Reporte;"x', 'de "enero";', TITLES, *STEPS], 1),
}


@pytest.mark.parametrize("what", SWALLOWED)
def test_a_quote_that_takes_other_lines_into_header_or_banner_is_told(ingest: Ingest, what: str) -> None:
    lines, opens = SWALLOWED[what]
    message = refused(ingest, MILESTONES, encoded("sagir_hitos", "\n".join(lines)))
    assert f"A quote that opens in line {opens} takes" in message


MIXED: dict[str, tuple[str, int]] = {
    # The file, and the line that goes on behind a carriage return.
    "rows behind the header": ("\r".join([TITLES, *STEPS[:5]]) + "\n" + STEPS[5], 1),
    "rows behind the header, then a whole line end": ("\r".join([TITLES, *STEPS[:5]]) + "\r\n" + STEPS[5], 1),
    "rows behind a header below a banner": ('SAGIR\n"de\nenero"\n' + "\r".join([TITLES, *STEPS]) + "\n" + STEPS[5], 4),
    "a row behind a banner": ("\n".join(['"SAGIR\nde";', f"enero\r{STEPS[0]}", TITLES, *STEPS]), 3),
}


@pytest.mark.parametrize("what", MIXED)
def test_rows_behind_a_carriage_return_are_no_part_of_the_header(ingest: Ingest, what: str) -> None:
    content, line = MIXED[what]
    bench = ingest({MILESTONES: encoded("sagir_hitos", content)})
    assert bench.refusal(MILESTONES) == "unreadable"
    message = bench.ledger()[MILESTONES]["detalle"]
    assert f"line {line} goes on behind a carriage return" in message
    assert "Peñaloza" not in message


def test_a_file_that_may_have_lost_rows_leaves_the_one_before_in_force(ingest: Ingest) -> None:
    bench = ingest({MILESTONES: encoded("sagir_hitos", "\n".join([TITLES, *STEPS]))})
    bench.add({MILESTONES: encoded("sagir_hitos", "\n".join([OPEN, *STEPS[:4], CLOSES, *STEPS[5:]]))})
    bench.run()
    assert [f.reading.aceptadas for f in bench.report.in_force()] == [len(STEPS)]


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_another_header_is_no_banner(ingest: Ingest, export: str) -> None:
    """Two exports one below the other, of which the first calls a column by another name."""
    (required,) = headers(export, [c.name for c in CONTRACTS[export].columns if c.need][-1:])
    first, second = (lines_of(export, [row(export, i) for i in numbers]) for numbers in ((1, 2, 3), (4, 5)))
    first[0] = first[0].replace(required, "Otro nombre")
    message = refused(ingest, PATHS[export], encoded(export, "\n".join(["Reporte", *first, *second])))
    assert "Line 2 stands above the header and is no banner" in message


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_row_is_no_banner(ingest: Ingest, export: str) -> None:
    header, *rows = lines_of(export, [row(export, i) for i in (1, 2, 3)])
    content = encoded(export, "\n".join(["Reporte", "", rows[0], header, *rows[1:]]))
    assert "Line 3 stands above the header and is no banner" in refused(ingest, PATHS[export], content)


@pytest.mark.parametrize(("name", "line"), [("Subtítulo", 2), ("Otra", 4)])
def test_rows_below_another_header_of_a_workbook_are_no_banner(ingest: Ingest, name: str, line: int) -> None:
    """The header is still like one where one name is another, and not where all are."""
    titles = [name if line == 4 or text == "Subt" else text for text in SPENDING_HEADER[0]]
    rows = [spending(f"4004813{i}-0", 1, 2) for i in range(3)]
    content = workbook(*rows, *SPENDING_HEADER, spending("40048139-0", 1), header=[titles, SPENDING_HEADER[1]])
    assert f"Line {line} stands above the header and is no banner" in refused(ingest, SPENDING, content)


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_second_header_with_its_columns_in_another_order_refuses_the_file(ingest: Ingest, export: str) -> None:
    names = list(GOOD[export])
    first, second = (csv_file(export, [row(export, i)], names=order) for i, order in ((1, names), (2, names[::-1])))
    assert "Row 3 is a second header" in refused(ingest, PATHS[export], first + second)


@pytest.mark.parametrize("spelled", [str.upper, str.lower, normalise], ids=["upper", "lower", "no accents"])
@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_a_second_header_in_other_letters_with_its_columns_in_another_order_refuses_the_file(
    ingest: Ingest, export: str, spelled: Callable[[str], str]
) -> None:
    header, other = lines_of(export, [row(export, 2)], list(GOOD[export])[::-1])
    second = encoded(export, "\n".join([spelled(header), other]))
    assert "Row 3 is a second header" in refused(ingest, PATHS[export], csv_file(export, [row(export, 1)]) + second)


def test_a_second_header_of_a_workbook_with_its_columns_in_another_order_refuses_it(ingest: Ingest) -> None:
    titles, pairs = SPENDING_HEADER
    swapped: list[list[object]] = [titles, [{"Proyectado": "Real", "Real": "Proyectado"}.get(str(t)) for t in pairs]]
    content = workbook(spending("40048130-0", 1, 2), *swapped, spending("40048131-0", 3, 4))
    assert "Row 5 is a second header" in refused(ingest, SPENDING, content)


@pytest.mark.parametrize("above", ["", "Consejo;;\n", ";" * 20_000 + "\n"])
def test_a_line_of_more_cells_than_a_spreadsheet_has_is_not_looked_into(ingest: Ingest, above: str) -> None:
    header, first = lines_of("core_acuerdos", [row("core_acuerdos", 1)])
    many = "" if len(above) > 10 else ";" * 20_000
    bench = ingest({CORE: f"{above}{header}{many}\n{first}"})
    assert bench.refusal(CORE) == "unreadable"
    assert f"Row {above.count('Consejo') + 1} has more than 16384 cells" in bench.ledger()[CORE]["detalle"]


@pytest.mark.parametrize("export", CSV_EXPORTS)
def test_the_same_header_again_is_a_row_that_is_rejected(ingest: Ingest, export: str) -> None:
    content = csv_file(export, [row(export, 1)]) + csv_file(export, [row(export, 2)])
    bench = ingest({PATHS[export]: content})
    assert [place for place, _, _ in bench.rejected(PATHS[export])] == [3]
    assert bench.counts(PATHS[export])[:3] == (3, 2, 1)


@pytest.mark.parametrize("again", ["Monto M$", "MATERIA", "n° acuerdo"])
def test_a_column_that_stands_twice_is_named(ingest: Ingest, again: str) -> None:
    header, first = lines_of("core_acuerdos", [row("core_acuerdos", 1)])
    message = refused(ingest, CORE, f"{header};{again}\n{first};5")
    assert f"The header has {again} more than once" in message


def test_an_amount_of_the_month_that_stands_twice_is_named(ingest: Ingest) -> None:
    header, first = lines_of("presupuesto_ejecucion", [row("presupuesto_ejecucion", 1)])
    content = encoded("presupuesto_ejecucion", f"{header};Ejecución acumulada al Enero\n{first};5")
    assert "Ejecución acumulada al Enero more than once" in refused(ingest, PATHS["presupuesto_ejecucion"], content)


def test_a_month_of_a_workbook_that_stands_twice_is_named(ingest: Ingest) -> None:
    header = [["ENERO" if text == "FEBRERO" else text for text in SPENDING_HEADER[0]], SPENDING_HEADER[1]]
    message = refused(ingest, SPENDING, workbook(spending("40048130-0", 1, 2, 3, 4), header=header))
    assert "ENERO / Proyectado, ENERO / Real more than once" in message


LONG = "\n".join(["Gobierno", "de Santiago; 20/06/2022", "1/2022"])
TRUSTED = {
    "a text of several lines above it": f'Reporte;"{LONG}";\n~',
    "its key alone above it": "1/2022\n1/2022;;;\n~",
    "a key in another column above it": "Acuerdo;1/2022;20/06/2022\n~",
    "names of some columns above it": "Fecha;Materia;Votos a Favor\n~",
    "a row that has no key above it": "Total;10;Ordinaria;20/06/2022;Aprueba;40048922-1;5;30;2;1;APROBADO\n~",
}


@pytest.mark.parametrize("what", TRUSTED)
def test_a_banner_is_no_fault_of_the_header(ingest: Ingest, what: str) -> None:
    bench = ingest({CORE: TRUSTED[what].replace("~", csv_file("core_acuerdos", [row("core_acuerdos", 1)]).decode())})
    assert bench.counts(CORE)[1:4] == (1, 0, 0)


@pytest.mark.parametrize("name", ['"Monto\nM$"', '"Monto\r\nM$"', "Monto  M$"])
def test_a_name_in_two_lines_is_that_name(ingest: Ingest, name: str) -> None:
    content = csv_file("core_acuerdos", [row("core_acuerdos", 1)]).decode().replace("Monto M$", name)
    assert ingest({CORE: content}).accepted("core_acuerdos")[0]["monto"] == 277688


def test_columns_that_nobody_knows_may_stand_twice(ingest: Ingest) -> None:
    header, first = lines_of("core_acuerdos", [row("core_acuerdos", 1)])
    bench = ingest({CORE: f"{header};Otra;;Otra;\n{first};1;2;3;\n"})
    assert bench.accepted("core_acuerdos")[0]["materia"] == GOOD["core_acuerdos"]["materia"]
    assert bench.ledger()[CORE]["detalle"] == "Columns that the contract does not know: Otra, Otra."


@pytest.mark.parametrize("name", ["fecha_pago", "cuenta_bancaria"])
def test_a_column_that_need_not_be_there_is_named_where_it_is_missing(ingest: Ingest, name: str) -> None:
    export = "dte_pagos"
    names = [n for n in GOOD[export] if n != name]
    bench = ingest({PATHS[export]: csv_file(export, [row(export)], names=names)})
    printed = CONTRACTS[export].column(name).header
    assert bench.counts(PATHS[export]) == (1, 1, 0, 0, 0)
    assert bench.ledger()[PATHS[export]]["detalle"] == f"Columns of the contract that it lacks: {printed}."


def test_a_month_that_a_workbook_lacks_is_named(ingest: Ingest) -> None:
    header = [[*titles[:-2]] for titles in SPENDING_HEADER]
    bench = ingest({SPENDING: workbook(spending("40048130-0", 1, 2)[:-2], header=header)})
    names = "DICIEMBRE / Proyectado, DICIEMBRE / Real"
    assert bench.ledger()[SPENDING]["detalle"] == f"Columns of the contract that it lacks: {names}."
