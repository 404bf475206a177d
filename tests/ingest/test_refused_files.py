"""Every reason to refuse a file whole. A refused file is in the ledger without counts, and gives no row."""

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CSV_EXPORTS, PATHS, csv_file, document, dte, dte_set, headers, line, row, spending
from tests.ingest.tables import workbook as spending_workbook

CSV, XLSX, XML = PATHS["core_acuerdos"], PATHS["sagir_gasto"], PATHS["dte_xml"]
BUDGET, ORDERS = PATHS["presupuesto_ejecucion"], PATHS["sga_ordenes_compra"]

HEADER = line("core_acuerdos", headers("core_acuerdos"))
GOOD = line("core_acuerdos", list(row("core_acuerdos").values()))
LOGIN = '<!DOCTYPE html>\n<html lang="es"><head><title>Inicio de sesión</title></head><body></body></html>'
WORKBOOK = spending_workbook(spending("40048130-0", 1, 2))
COMPARED = "ENERO;Ejecución Acumulada al DICIEMBRE".encode("latin-1")
TWO_MONTHS = csv_file("presupuesto_ejecucion", []).replace(b"ENERO", COMPARED)
DECLARED = '<?xml version="1.0" encoding="ISO-8859-1"?>'
# Its header has no accents, and is the same in both encodings.
IN_UTF_8 = csv_file("sga_ordenes_compra", [row("sga_ordenes_compra")]).decode("latin-1")


def empty_workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def damaged_workbook() -> bytes:
    """A workbook whose list of parts is damaged, though its end is there."""
    return WORKBOOK.replace(b"PK\x01\x02", b"PK\x09\x09")


def workbook_of_the_future() -> bytes:
    """A workbook whose first part asks for a version of ZIP that there is not."""
    place = WORKBOOK.index(b"PK\x01\x02") + 6
    return WORKBOOK[:place] + b"\xff" + WORKBOOK[place + 1 :]


def workbook_without_sheet_data() -> bytes:
    """A workbook whose first sheet is no XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<worksheet><row" if "worksheets/sheet" in name else source.read(name))
    return out.getvalue()


REFUSED: list[tuple[str, str, bytes | str, str]] = [
    # what, where, content, reason
    ("login page", CSV, LOGIN, "not_a_table"),
    ("login page after blanks", CSV, "\n" * 5000 + LOGIN, "not_a_table"),
    ("login page with BOM", CSV, "\ufeff" + LOGIN, "not_a_table"),
    ("piece of a page", CSV, "<head><script></script></head>", "not_a_table"),
    ("login page", XLSX, LOGIN, "not_a_table"),
    ("login page", XML, LOGIN, "not_a_table"),
    ("login page without doctype", XML, "<!-- x -->" + LOGIN.partition("\n")[2], "not_a_table"),
    ("PDF", CSV, b"%PDF-1.7\n\xe2\xe3", "not_a_table"),
    ("compressed", CSV, gzip.compress(f"{HEADER}\n{GOOD}".encode()), "not_a_table"),
    ("PDF", XLSX, b"%PDF-1.7\n\xe2\xe3", "not_a_table"),
    ("PDF", XML, b"%PDF-1.7\n\xe2\xe3", "not_a_table"),
    ("workbook", CSV, WORKBOOK, "not_a_table"),
    ("workbook", XML, WORKBOOK, "not_a_table"),
    ("old workbook", CSV, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_a_table"),
    ("old workbook", XLSX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_a_table"),
    ("XML", CSV, dte(document()), "not_a_table"),
    ("text", XLSX, HEADER, "not_a_table"),
    ("text", XML, "Su sesión ha expirado", "not_a_table"),
    ("another document", XML, '<?xml version="1.0"?><RecepcionDTE/>', "not_a_table"),
    ("soap fault", XML, "<Envelope><Body><Fault/></Body></Envelope>", "not_a_table"),
    ("another export", CSV, line("sagir_hitos", headers("sagir_hitos")) + "\n1;2;3\n", "header_unknown"),
    ("no header", CSV, f"{GOOD}\n{GOOD}\n", "header_unknown"),
    ("a required column is missing", CSV, f"{HEADER.replace('Resultado', 'Otro')}\n{GOOD}", "header_unknown"),
    ("another encoding", CSV, f"{HEADER}\n{GOOD}".encode("latin-1"), "header_unknown"),
    ("UTF-16", CSV, f"{HEADER}\n{GOOD}".encode("utf-16"), "header_unknown"),
    ("another delimiter", CSV, f"{HEADER}\n{GOOD}".replace(";", ","), "header_unknown"),
    ("tabs", CSV, f"{HEADER}\n{GOOD}".replace(";", "\t"), "header_unknown"),
    ("quoted lines", CSV, f'"{HEADER}"\n"{GOOD}"', "header_unknown"),
    ("a banner longer than any", CSV, "banner\n" * 100 + f"{HEADER}\n{GOOD}", "header_unknown"),
    ("no month column", BUDGET, csv_file("presupuesto_ejecucion", []).replace(b"ENERO", b"MES"), "header_unknown"),
    ("two months", BUDGET, TWO_MONTHS, "header_unknown"),
    ("one row of header", XLSX, spending_workbook(spending("1"), header=[["Código BIP"]]), "header_unknown"),
    ("no byte", CSV, b"", "empty"),
    ("no byte", XLSX, b"", "empty"),
    ("no byte", XML, b"", "empty"),
    ("BOM alone", CSV, b"\xef\xbb\xbf", "empty"),
    ("blanks alone", CSV, " \r\n\t\n" * 2000, "empty"),
    ("blanks alone", XML, " \r\n\t\n", "empty"),
    ("delimiters alone", CSV, ";;;;\n;;;;\n", "empty"),
    ("header alone", CSV, HEADER, "empty"),
    ("header and line end", CSV, HEADER + "\r\n", "empty"),
    ("header and blank rows", CSV, HEADER + '\n\n;;;;\n"";""\n', "empty"),
    ("header alone", XLSX, spending_workbook(), "empty"),
    ("nothing in the sheet", XLSX, empty_workbook(), "empty"),
    ("set without documents", XML, dte_set(), "empty"),
    ("ends inside quotes", CSV, f'{HEADER}\n{GOOD}\n2/2022;"', "truncated"),
    ("ends inside quotes of many lines", CSV, f'{HEADER}\n"{GOOD}\n{GOOD}\n', "truncated"),
    ("ends inside quotes in the header", CSV, HEADER.replace("Resultado", '"Resul'), "truncated"),
    ("cut in the middle", XLSX, WORKBOOK[: len(WORKBOOK) // 2], "truncated"),
    ("cut before its last byte", XLSX, WORKBOOK[:-23], "truncated"),
    ("cut in a document", XML, dte(document())[:-20], "truncated"),
    ("cut in its first tag", XML, '<?xml version="1.0"?>\n<DTE vers', "truncated"),
    ("cut after the declaration", XML, '<?xml version="1.0"?>\n', "truncated"),
    ("set cut in a document", XML, dte_set(document(1), document(2))[:-60], "truncated"),
    ("set cut between two documents", XML, dte_set(document(1)).partition("</SetDTE>")[0], "truncated"),
    ("tags that do not match", XML, dte(document()).replace("</Folio>", "</Fólio>"), "unreadable"),
    ("text after the end", XML, dte(document()) + "fin", "unreadable"),
    ("two documents without a set", XML, dte(document(1)) + dte(document(2)), "unreadable"),
    ("an ampersand", XML, dte(document(name="Obras & Servicios")), "unreadable"),
    ("an encoding that nobody knows", XML, '<?xml version="1.0" encoding="klingon"?>' + dte(document()), "unreadable"),
    ("a byte outside its encoding", XML, dte(document(name="Ñ")).encode("latin-1"), "unreadable"),
    ("a control character", XML, dte(document(name="a\x01b")), "unreadable"),
    ("a prefix that is not declared", XML, dte_set(document(1)).replace("DTE v", "a:DTE v"), "unreadable"),
    ("DOCTYPE", XML, "<!DOCTYPE DTE>" + dte(document()), "unreadable"),
    ("UTF-8 that declares another encoding", XML, DECLARED + dte(document(name="Peñaflor")), "unreadable"),
    ("UTF-8", ORDERS, IN_UTF_8, "unreadable"),
    ("UTF-8 with BOM", ORDERS, "\ufeff" + IN_UTF_8, "unreadable"),
    ("list of parts damaged", XLSX, damaged_workbook(), "unreadable"),
    ("ZIP of a version unknown", XLSX, workbook_of_the_future(), "unreadable"),
    ("sheet damaged", XLSX, workbook_without_sheet_data(), "unreadable"),
]  # fmt: skip


def place(number: int, path: str) -> str:
    """A path of its own for the number-th file, of the same export."""
    kinds = {
        CSV: "core/acuerdos_2{:03d}0101.csv",
        XLSX: "sagir/gasto_2{:03d}.xlsx",
        XML: "dte/{:03d}.xml",
        BUDGET: "presupuesto/ejecucion_2{:03d}_01_02.csv",
        ORDERS: "sga/ordenes_compra_2{:03d}_1.csv",
    }
    return kinds.get(path, path).format(number)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Every refused file in one run, each beside the others of its export."""
    files = {place(i, path): content for i, (_, path, content, _) in enumerate(REFUSED)}
    return Bench(tmp_path_factory.mktemp("refused"), files)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(i, reason) for i, (*_, reason) in enumerate(REFUSED)],
    ids=[f"{path.rpartition('.')[2]}: {what}" for what, path, *_ in REFUSED],
)
def test_a_file_is_refused_with_its_reason(bench: Bench, number: int, reason: str) -> None:
    assert bench.refusal(place(number, REFUSED[number][1])) == reason


def test_a_refused_file_gives_no_row(bench: Bench) -> None:
    for export in ("core_acuerdos", "sagir_gasto", "dte_xml", "presupuesto_ejecucion"):
        assert bench.accepted(export) == []
    assert bench.table("select * from '{raw}/filas_rechazadas/*.parquet'") == []
    assert bench.report.in_force() == []
    assert len(bench.report.files) == len(REFUSED)


def test_the_message_names_what_the_header_lacks(bench: Bench) -> None:
    number = [what for what, *_ in REFUSED].index("a required column is missing")
    assert "The header lacks Resultado." in bench.ledger()[place(number, CSV)]["detalle"]
    number = [what for what, *_ in REFUSED].index("no month column")
    assert "The header lacks Ejecución Acumulada al <month>." in bench.ledger()[place(number, BUDGET)]["detalle"]


@pytest.mark.parametrize(
    ("what", "path", "told"),
    [
        (
            "another delimiter",
            CSV,
            "Its cells are parted by commas, and not by semicolons as agreed. Export it again so.",
        ),
        ("tabs", CSV, "Its cells are parted by tabs, and not by semicolons as agreed. Export it again so."),
        (
            "quoted lines",
            CSV,
            "Each of its lines is quoted as a whole, and so is one cell. Export it again without that.",
        ),
        ("compressed", CSV, "The file is compressed (gzip), and text is expected. Export it again."),
        ("UTF-16", CSV, "The file is in UTF-16 and not in UTF-8. Export it again in UTF-8."),
        ("login page", CSV, "The file is a web page, and text is expected. Is the session over? Export it again."),
        ("workbook", CSV, "The file is a workbook, and text is expected. Export it again."),
        (
            "old workbook",
            XLSX,
            "The file is a workbook with a password, or one of the old kind (.xls), and a workbook is expected. "
            "Export it again.",
        ),
    ],
)
def test_the_message_names_what_the_file_is_instead(bench: Bench, what: str, path: str, told: str) -> None:
    number = [(each, kind) for each, kind, *_ in REFUSED].index((what, path))
    assert bench.ledger()[place(number, path)]["detalle"] == told


def test_the_message_names_the_line_where_the_quote_opens(bench: Bench) -> None:
    number = [what for what, *_ in REFUSED].index("ends inside quotes")
    assert "line 3" in bench.ledger()[place(number, CSV)]["detalle"]


@pytest.mark.parametrize("entity", ["SYSTEM 'file://{secret}'", "'{secret}'"])
def test_no_entity_is_read(ingest: Ingest, tmp_path: Path, entity: str) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text("76163209-4")
    doctype = f"<!DOCTYPE DTE [<!ENTITY e {entity.format(secret=secret)}>]>"
    bench = ingest({XML: doctype + dte(document(issuer="&e;", name="&e;"))})
    assert bench.refusal(XML) == "unreadable"
    assert bench.accepted("dte_xml") == []


def test_entities_that_multiply_are_not_expanded(ingest: Ingest) -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    bench = ingest({XML: f'<!DOCTYPE DTE [<!ENTITY e0 "ja">{entities}]>' + dte(document(name="&e9;"))})
    assert bench.refusal(XML) == "unreadable"


def test_a_workbook_that_unpacks_to_too_much_is_refused(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.xlsx_file.MAX_UNPACKED_BYTES", 10_000)
    bench = ingest({XLSX: WORKBOOK})
    assert bench.refusal(XLSX) == "unreadable"
    assert "unpacks to" in bench.ledger()[XLSX]["detalle"]


def test_a_quote_that_swallows_too_many_lines_is_refused(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.csv_file.MAX_RECORD_LINES", 5)
    rows = [line("core_acuerdos", list(row("core_acuerdos", i).values())) for i in range(1, 20)]
    opened = [r.replace("Aprueba", '"Aprueba') if i in {3, 12} else r for i, r in enumerate(rows)]
    # Two quotes within the bound close each other: the lines between them are one record, which none of them is.
    longest = [r.replace("Aprueba", '"Aprueba') if i in {3, 7} else r for i, r in enumerate(rows)]
    bench = ingest(
        {
            "core/acuerdos_20250101.csv": "\n".join([HEADER, *opened]),
            "core/acuerdos_20250102.csv": "\n".join([HEADER, *longest]),
        }
    )
    assert bench.refusal("core/acuerdos_20250101.csv") == "unreadable"
    assert "line 5" in bench.ledger()["core/acuerdos_20250101.csv"]["detalle"]
    assert bench.counts("core/acuerdos_20250102.csv") == (15, 14, 1, 0, 0)


def test_a_line_without_end_is_refused(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.lines.CHUNK_BYTES", 1000)
    monkeypatch.setattr("ingest.reading.lines.MAX_LINE_BYTES", 5000)
    bench = ingest({CSV: HEADER + "\n" + "x" * 10_000 + "\n" + GOOD})
    assert bench.refusal(CSV) == "unreadable"


def test_bad_cells_never_refuse_a_file(ingest: Ingest) -> None:
    bad = {e: row(e, 2) | dict.fromkeys(row(e), "\t#REF!") for e in CSV_EXPORTS}
    bench = ingest({PATHS[e]: csv_file(e, [row(e, 1), bad[e]]) for e in CSV_EXPORTS})
    assert {bench.refusal(PATHS[e]) for e in CSV_EXPORTS} == {None}
    assert {bench.counts(PATHS[e]) for e in CSV_EXPORTS} == {(2, 1, 1, 0, 0)}
