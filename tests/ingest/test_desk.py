"""The correction desk: what the person who mends a source gets."""

import csv
import stat

import pytest

from ingest import contract, desk
from ingest.cells import reason
from ingest.rows import fates
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CSV_EXPORTS, PATHS, csv_file, document, dte, row, spending, workbook

CORE = PATHS["core_acuerdos"]
NEWER = "core/acuerdos_20260131.csv"


def sheet(bench: Bench, export: str) -> list[dict[str, str]]:
    """The desk's table as a spreadsheet in Chile opens it."""
    with (bench.desk / f"{export}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_each_rejected_row_is_there_with_its_place_its_reason_its_remedy_and_its_cells(ingest: Ingest) -> None:
    spoiled = row("core_acuerdos", 2, fecha="31-02-2022")
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1), spoiled])})
    (line,) = sheet(bench, "core_acuerdos")
    assert (line["archivo"], line["fila"], line["motivo"]) == (CORE, "3", "date_unreadable")
    assert (line["columna"], line["encabezado"]) == ("fecha", "Fecha")
    assert line["celda"] == "31-02-2022"
    assert line["qué hacer"] == desk.REMEDIES["date_unreadable"]
    c = contract.load()["core_acuerdos"]
    assert [line[header] for header in c.headers()] == [spoiled[x.name].strip() for x in c.columns]
    assert line["registro completo"].startswith(spoiled[c.columns[0].name])


@pytest.mark.parametrize(
    ("export", "column", "cell", "told"),
    [
        ("core_acuerdos", "resultado", "PENDIENTE", "elija entre APROBADO, RECHAZADO."),
        ("core_acuerdos", "materia", b"\xff", "con la codificación acordada, UTF-8."),
        ("sgd_documentos", "fecha_creacion", "2024-13-01", "escríbala como día-mes-año."),
        ("sisrec_rendiciones", "periodo", "2024-13", "escríbalo como año-mes (2024-12)."),
    ],
)
def test_what_to_do_names_what_the_column_takes(
    ingest: Ingest, export: str, column: str, cell: str | bytes, told: str
) -> None:
    spoiled = csv_file(export, [row(export, 1), row(export, 2, **{column: "@@"})])
    bench = ingest({PATHS[export]: spoiled.replace(b"@@", cell if isinstance(cell, bytes) else cell.encode())})
    (line,) = sheet(bench, export)
    assert line["qué hacer"].endswith(told)


def test_a_row_with_too_many_cells_is_there_word_for_word(ingest: Ingest) -> None:
    good = csv_file("core_acuerdos", [row("core_acuerdos", 1)])
    bench = ingest({CORE: good + b'1;2;"tres; y\nmedio";4;5;6;7;8;9;10;11;12;13;14;15\n'})
    (line,) = sheet(bench, "core_acuerdos")
    assert (line["fila"], line["columna"], line["encabezado"], line["motivo"]) == ("3", "", "", "column_count")
    assert line["registro completo"] == '1;2;"tres; y\nmedio";4;5;6;7;8;9;10;11;12;13;14;15'


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+CMD|' /C calc'!A0", "-1+2", "@SUM(1)", "'=1+1", "''-x", "--1", "-1.500,", "=", "-$ 1 500", "-2=3"],
)
def test_no_cell_is_a_formula_to_a_spreadsheet(ingest: Ingest, cell: str) -> None:
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha=cell)])})
    (line,) = sheet(bench, "core_acuerdos")
    assert (line["celda"], line["Fecha"]) == (f"'{cell}", f"'{cell}")


@pytest.mark.parametrize("cell", ["-1500", "-1.500,00", "+56", "-$ 1.500", "- 7", "-", "'", "'x", "a=b", "31-02-2022"])
def test_what_is_no_formula_stays_as_it_is(ingest: Ingest, cell: str) -> None:
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha="x", materia=cell)])})
    (line,) = sheet(bench, "core_acuerdos")
    assert line["Materia"] == cell


def test_a_whole_record_is_no_formula_either(ingest: Ingest) -> None:
    spoiled = row("core_acuerdos", 1, acuerdo="=HYPERLINK(1)")
    bench = ingest({CORE: csv_file("core_acuerdos", [spoiled])})
    (line,) = sheet(bench, "core_acuerdos")
    assert line["registro completo"].startswith("'=HYPERLINK(1)")


def test_an_unreadable_cell_of_an_accepted_row_is_there_with_its_month(ingest: Ingest) -> None:
    path = PATHS["sagir_gasto"]
    bench = ingest({path: workbook(spending("40048130-0", 1, 2, 3, 4, "mil", "+x"), spending("#REF!", 5))})
    lines = sheet(bench, "sagir_gasto")
    places = ("fila", "destino de la fila", "columna", "encabezado", "motivo", "celda")
    assert [tuple(line[name] for name in places) for line in lines] == [
        ("4", "aceptada sin esta celda", "gasto_proyectado_3", "MARZO / Proyectado", "amount_unreadable", "mil"),
        ("4", "aceptada sin esta celda", "gasto_real_3", "MARZO / Real", "amount_unreadable", "'+x"),
        ("5", "rechazada", "codigo_iniciativa", "Código BIP", "code_unreadable", "#REF!"),
    ]
    assert lines[0]["qué hacer"] == desk.REMEDIES["amount_unreadable"]
    assert lines[0]["registro completo"] == "" != lines[2]["registro completo"]


def test_what_the_desk_calls_a_column_is_what_corrections_call_it(ingest: Ingest) -> None:
    path = PATHS["sagir_gasto"]
    bench = ingest({path: workbook(spending("40048130-0", 1, 2, 3, 4, "mil", 6))})
    (line,) = sheet(bench, "sagir_gasto")
    bench.correct(
        f"celdas: [{{export: sagir_gasto, donde: {{archivo: {path}, fila: {line['fila']}}}, "
        f"columna: {line['columna']}, dice: {line['celda']}, debe_decir: '1000', "
        "motivo: El informe dice mil, autor: Analista de datos, fecha: 2026-11-20}]"
    )
    bench.run()
    assert (bench.observed(path), list(bench.desk.iterdir())) == ([], [])


def test_the_newest_file_comes_first(ingest: Ingest) -> None:
    bad = csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha="x")])
    bench = ingest({CORE: bad, NEWER: bad + b"\n"})
    assert [line["archivo"] for line in sheet(bench, "core_acuerdos")] == [NEWER, CORE]


def test_the_table_goes_once_nothing_is_rejected(ingest: Ingest) -> None:
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha="x")])})
    assert (bench.desk / "core_acuerdos.csv").exists()
    bench.add({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1)])})
    bench.run()
    assert list(bench.desk.iterdir()) == []


def test_every_export_in_every_format_has_its_desk(ingest: Ingest) -> None:
    spoiled: dict[str, bytes | str] = {PATHS[e]: csv_file(e, [dict.fromkeys(row(e), "#REF!")]) for e in CSV_EXPORTS}
    spoiled[PATHS["sagir_gasto"]] = workbook(spending("#REF!", 1, 2))
    spoiled[PATHS["dte_xml"]] = dte(document(issuer="1-1"))
    bench = ingest(spoiled)
    for export, path in PATHS.items():
        lines = sheet(bench, export)
        assert [line["archivo"] for line in lines] == [path]
        assert bench.rejected(path)[0][2] == lines[0]["motivo"]


def test_every_reason_has_its_remedy() -> None:
    reasons = {reason(column) for c in contract.load().values() for column in c.columns}
    assert desk.REMEDIES.keys() == reasons | set(fates.ROW_REASONS.values()) | {"required_missing"}


def test_the_desk_is_readable_by_its_owner_alone(ingest: Ingest) -> None:
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha="x")])})
    assert stat.S_IMODE(bench.desk.stat().st_mode) == 0o700


def test_what_a_killed_run_left_half_written_goes_once_there_is_nothing_to_mend(ingest: Ingest) -> None:
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, fecha="x")])})
    (bench.desk / "core_acuerdos.partial").write_bytes(b"half of a row with its cells")
    bench.add({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1)])})
    bench.run()
    assert [*bench.desk.iterdir()] == []
