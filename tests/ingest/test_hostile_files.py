"""Files that are made, or happen, to break a reader: the run goes on in bounded memory, the message says what to do.

What needs measuring runs in a process of its own; a crash of native code would show there, too.
"""

import io
import os
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.measured import Measured, run
from tests.ingest.tables import (
    PATHS,
    SPENDING_HEADER,
    csv_file,
    document,
    dte,
    dte_set,
    line,
    row,
    spending,
    workbook,
)

CORE, XLSX, XML = PATHS["core_acuerdos"], PATHS["sagir_gasto"], PATHS["dte_xml"]
MEMORY = 900  # MiB; an empty run takes 200
WORKBOOK = workbook(spending("40048130-0", 1, 2))
SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"

Change = Callable[[bytes], bytes]


def repacked(changes: Mapping[str, Change], more: Mapping[str, bytes] | None = None) -> bytes:
    """The workbook with some of its parts changed, and others beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, changes.get(name, bytes)(source.read(name)))
        for name, content in (more or {}).items():
            target.writestr(name, content)
    return out.getvalue()


def before(tag: bytes, more: bytes) -> Change:
    return lambda content: content.replace(tag, more + tag)


def with_rows(*cells: bytes) -> bytes:
    rows = b"".join(b"<row>" + c + b"</row>" for c in cells)
    return repacked({SHEET: before(b"</sheetData>", rows)})


def lying_about_sizes(package: bytes, name: str, claims_checksum: bool) -> bytes:
    """The package with a part that says it unpacks to 10 bytes, and has the checksum of these 10 where it is to lie."""
    data = bytearray(package)
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        part = source.getinfo(name)
        checksum = zlib.crc32(source.read(name)[:10]) if claims_checksum else part.CRC
    central = data.rindex(name.encode())
    struct.pack_into("<I", data, central - 46 + 16, checksum)
    struct.pack_into("<I", data, central - 46 + 24, 10)
    struct.pack_into("<I", data, part.header_offset + 14, checksum)
    struct.pack_into("<I", data, part.header_offset + 22, 10)
    return bytes(data)


def books(*sheets: tuple[str, str, list[list[object]]]) -> bytes:
    """A workbook of sheets: title, state, rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, state, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    book.active = next((i for i, (_, state, _) in enumerate(sheets) if state == "visible"), 0)
    book.save(out)
    return out.getvalue()


DATA: list[list[object]] = [*SPENDING_HEADER, spending("40048130-0", 7)]
NOISE: list[list[object]] = [["clave"], ["40048139-0"]]


# Workbooks: which sheet, which cells.


def values(bench: Bench) -> list[int | None]:
    return [r["gasto_proyectado"] for r in bench.accepted("sagir_gasto") if r["mes"] == 1]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_in_front_is_no_data(ingest: Ingest, state: str) -> None:
    bench = ingest({XLSX: books(("Oculta", state, NOISE), ("Datos", "visible", DATA))})
    assert values(bench) == [7]
    assert bench.ledger()[XLSX]["detalle"] is None


def test_a_workbook_of_hidden_sheets_is_refused_with_the_remedy(ingest: Ingest) -> None:
    content = books(("Datos", "visible", DATA))
    hidden = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(hidden, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'state="visible"', b'state="hidden"'))
    bench = ingest({XLSX: hidden.getvalue()})
    assert bench.refusal(XLSX) == "unreadable"
    assert "Show the one with the data" in bench.ledger()[XLSX]["detalle"]


def test_a_second_visible_sheet_with_content_is_named(ingest: Ingest) -> None:
    sheets = [("Datos", "visible", DATA), ("Fondo", "visible", NOISE), ("Vacía", "visible", [])]
    bench = ingest({XLSX: books(*sheets, ("Claves", "hidden", NOISE))})
    assert values(bench) == [7]
    assert bench.ledger()[XLSX]["detalle"] == "Sheets that are not read: Fondo."


def formula(value: bytes) -> bytes:
    """The workbook with a formula for its first amount, and this for its value."""
    cell = b'<c r="E4"><f>1+1</f>' + value + b"</c>"
    return repacked({SHEET: lambda content: re.sub(rb'<c r="E4"[^>]*><v>1</v></c>', cell, content)})


def test_a_formula_is_read_as_its_value(ingest: Ingest) -> None:
    assert values(ingest({XLSX: formula(b"<v>2</v>")})) == [2]


@pytest.mark.parametrize("value", [b"", b"<v/>", b"<v></v>"])
def test_a_formula_that_was_never_calculated_is_unreadable_and_never_empty(ingest: Ingest, value: bytes) -> None:
    bench = ingest({XLSX: formula(value)})
    assert values(bench) == [None]
    assert bench.observed(XLSX) == [(4, "gasto_proyectado_1", "amount_unreadable")]


def test_a_row_of_formulas_that_were_never_calculated_is_a_row(ingest: Ingest) -> None:
    bench = ingest({XLSX: workbook(spending("40048130-0", 1), ["=A4", *["=B4"] * 30])})
    assert bench.counts(XLSX) == (3, 1, 1, 0, 1)
    assert bench.rejected(XLSX) == [(5, None, "column_count")]


def test_merged_cells_of_data_hold_their_value_once(ingest: Ingest) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(spending("40048130-0", 5), spending("40048131-0", 6))))
    book.worksheets[0].merge_cells("E4:E5")
    out = io.BytesIO()
    book.save(out)
    bench = ingest({XLSX: out.getvalue()})
    assert values(bench) == [5, None]


def test_links_to_other_workbooks_are_not_followed(ingest: Ingest, tmp_path: Path) -> None:
    pipe = tmp_path / "otro.xlsx"
    os.mkfifo(pipe)  # Whoever reads it waits for ever.
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        f'Target="file://{pipe}" TargetMode="External"/></Relationships>'
    )
    content = repacked(
        {SHEET: lambda c: re.sub(rb'(<c r="E4"[^>]*>)<v>1</v>', rb"\1<f>[1]Hoja!A1</f><v>3</v>", c)},
        {
            "xl/externalLinks/_rels/externalLink1.xml.rels": link.encode(),
            "xl/worksheets/_rels/sheet1.xml.rels": link.encode(),
        },
    )
    assert values(ingest({XLSX: content})) == [3]


def doubled(name: str) -> bytes:
    """The workbook with one of its parts in it twice, the second time with another amount."""
    out = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(out, "a") as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package.writestr(name, package.read(name).replace(b"<v>1</v>", b"<v>9</v>"))
    return out.getvalue()


SECOND_ROW = b'<row r="4"><c r="A4" t="inlineStr"><is><t>40048131-0</t></is></c></row>'
TWICE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a row": (lambda: repacked({SHEET: before(b"</sheetData>", SECOND_ROW)}), "the cell A4 twice"),
    "a cell": (
        lambda: repacked({SHEET: lambda c: re.sub(rb'<c r="E4"[^>]*><v>1</v></c>', rb"\g<0>\g<0>", c)}),
        "the cell E4 twice",
    ),
    "a part": (lambda: doubled(SHEET), f"{SHEET} twice"),
}


@pytest.mark.parametrize("what", TWICE)
def test_what_stands_twice_in_one_place_of_a_workbook_refuses_it(ingest: Ingest, what: str) -> None:
    build, told = TWICE[what]
    bench = ingest({XLSX: build()})
    assert bench.refusal(XLSX) == "unreadable"
    assert told in bench.ledger()[XLSX]["detalle"]
    assert "save it again" in bench.ledger()[XLSX]["detalle"]


def error_at_e4(error: bytes) -> Change:
    return lambda c: re.sub(rb'<c r="E4"[^>]*><v>1</v></c>', rb'<c r="E4" t="e"><v>%s</v></c>' % error, c)


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#GETTING_DATA"])
def test_an_error_that_only_newer_spreadsheets_know_is_refused_with_its_cell(ingest: Ingest, error: str) -> None:
    bench = ingest({XLSX: repacked({SHEET: error_at_e4(error.encode())})})
    assert bench.refusal(XLSX) == "unreadable"
    assert bench.ledger()[XLSX]["detalle"] == (
        f"The sheet Sheet has an error of newer spreadsheets, {error} in E4, which cannot be read. Write there what it "
        "should say, or nothing, and save it again."
    )


def test_an_error_that_every_spreadsheet_knows_is_an_unreadable_cell(ingest: Ingest) -> None:
    errors = [b"#NULL!", b"#DIV/0!", b"#VALUE!", b"#REF!", b"#NAME?", b"#NUM!", b"#N/A"]
    files = {numbered(XLSX, i): repacked({SHEET: error_at_e4(error)}) for i, error in enumerate(errors)}
    bench = ingest(files)
    for path in files:
        assert bench.refusal(path) is None
        assert bench.observed(path) == [(4, "gasto_proyectado_1", "amount_unreadable")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((1e11, 10**11), (123456789012, 123456789012), (1e12, None), (1e15, None), (123456789012345678, None)),
        *((1e20, None), (True, None), ("5_x000D_", 5)),
    ],
)
def test_odd_values_of_cells_are_no_disagreement(ingest: Ingest, value: object, expected: int | None) -> None:
    bench = ingest({XLSX: workbook(spending("40048130-0", value))})
    assert bench.refusal(XLSX) is None
    (found,) = values(bench)
    assert found == expected


ENTITIES = b"<!DOCTYPE a [<!ENTITY a0 'ja'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10)
)


def zeros(megabytes: int) -> bytes:
    out = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("xl/media/zeros.bin", bytes(megabytes << 20))
    return out.getvalue()


def one_text_in_every_cell() -> bytes:
    """Cells that share a text of 30 KB: in the file it stands once."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    declared = f'<Override PartName="/{STRINGS}" ContentType="{kind}"/>'.encode()
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = b'<row><c t="s"><v>0</v></c></row>' * 5_000
    return repacked(
        {"[Content_Types].xml": before(b"</Types>", declared), SHEET: before(b"</sheetData>", cells)},
        {STRINGS: b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (main, b"x" * 30_000)},
    )


def far(cell: str) -> bytes:
    number = re.sub("[A-Z]", "", cell)
    return repacked({SHEET: before(b"</sheetData>", f'<row r="{number}"><c r="{cell}"><v>1</v></c></row>'.encode())})


# What it is, and what the message tells to do about it; nothing where it does no harm.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a gigabyte of zeros": (lambda: zeros(1 << 10), "Copy its values to a new workbook"),
    "an archive in it": (lambda: repacked({}, {"xl/a.zip": zeros(64)}), ""),
    "styles without end": (
        lambda: repacked({STYLES: before(b"</cellXfs>", b"<xf/>" * 500_000)}),
        "without formats",
    ),
    "a size that it does not have": (
        lambda: lying_about_sizes(zeros(256), "xl/media/zeros.bin", False),
        "Copy its values to a new workbook",
    ),
    "a size and a checksum that it does not have": (
        lambda: lying_about_sizes(repacked({SHEET: before(b"</sheetData>", b" " * (1 << 28))}), SHEET, True),
        "Copy its values to a new workbook",
    ),
    "a cell at the far end": (lambda: far("XFD1048576"), "Delete the cells beside the table"),
    "a row beyond any": (lambda: far("A4000000000"), "Delete the cells beside the table"),
    "a column beyond any": (lambda: far("ZZZZZZZZ9"), "save it again"),
    "one long text in every cell": (one_text_in_every_cell, "MiB of text"),
    "empty cells without end": (lambda: with_rows(b"<c/>" * 1_800_000), ""),
    "entities that multiply": (
        lambda: repacked({SHEET: lambda c: ENTITIES + before(b"</sheetData>", b"<row><c><v>&a9;</v></c></row>")(c)}),
        "save it again",
    ),
}


def numbered(path: str, number: int) -> str:
    return path.replace("2025", str(1930 + number))


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Every bomb in one run, with a good workbook behind them."""
    files = {numbered(XLSX, i): build() for i, (build, _) in enumerate(BOMBS.values())}
    return run(tmp_path_factory.mktemp("bombs"), {**files, numbered(XLSX, 60): WORKBOOK})


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_and_told_apart(bombs: Measured, what: str) -> None:
    entry = bombs.ledger[numbered(XLSX, list(BOMBS).index(what))]
    remedy = BOMBS[what][1]
    if remedy:
        assert entry["motivo"] == "unreadable"
        assert remedy in entry["detalle"]
    else:
        assert entry["aceptadas"] == 1


def test_bombs_take_neither_memory_nor_time_nor_the_next_file(bombs: Measured) -> None:
    assert bombs.memory < MEMORY + 300  # openpyxl holds a row of 1,8 million empty cells
    assert bombs.seconds < 60
    assert bombs.ledger[numbered(XLSX, 60)]["aceptadas"] == 1


# Text files.

GOOD = line("core_acuerdos", list(row("core_acuerdos").values()))


def one_row(**cells: str) -> bytes:
    return csv_file("core_acuerdos", [row("core_acuerdos", **cells)])


TEXTS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "a quote that is never closed": (
        lambda: csv_file("core_acuerdos", [row("core_acuerdos"), '2/2022;"', *[GOOD] * 100_000]),
        "ends inside quotes that open in line 3",
    ),
    "nothing but NUL": (lambda: b"\0" * (80 << 20), "A line is longer than 64 MiB"),
    "nothing but line ends": (lambda: b"\n" * (20 << 20), "no content"),
    "a NUL in each row": (lambda: csv_file("core_acuerdos", [f"{i}/2022;\0;x" for i in range(50_000)]), None),
    "lone carriage returns": (lambda: csv_file("core_acuerdos", ["\r".join([GOOD] * 3)] * 10_000), None),
    "a mark in each cell": (lambda: csv_file("core_acuerdos", [GOOD.replace(";", ";\ufeff")]), None),
    "a cell of ten megabytes": (lambda: one_row(materia="x y " * (10 << 18)), None),
    "an amount of ten megabytes": (lambda: one_row(monto="$" + " " * (10 << 20) + "5"), None),
    "two thousand columns": (
        lambda: csv_file("core_acuerdos", [GOOD + ";1" * 2000] * 500).replace(
            b"\n", "".join(f";Columna {i}" for i in range(2000)).encode() + b"\n", 1
        ),
        None,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    files = {numbered(CORE, i): build() for i, (build, _) in enumerate(TEXTS.values())}
    return run(tmp_path_factory.mktemp("texts"), files)


@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_text_is_read_or_told_apart(texts: Measured, what: str) -> None:
    entry = texts.ledger[numbered(CORE, list(TEXTS).index(what))]
    expected = TEXTS[what][1]
    if expected:
        assert expected in entry["detalle"]
    else:
        assert entry["motivo"] is None
        assert entry["filas"] == TEXTS[what][0]().count(b"\n") - 1


def test_hostile_texts_take_neither_memory_nor_time(texts: Measured) -> None:
    assert texts.memory < MEMORY
    assert texts.seconds < 60


# XML.


def stream(path: Path, pieces: tuple[str, str, str], megabytes: int) -> None:
    """A file of a head, a piece over and over, and a tail."""
    head, piece, tail = (p.encode() for p in pieces)
    block = piece * max(1, (1 << 20) // len(piece))
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(head)
        for _ in range((megabytes << 20) // len(block)):
            file.write(block)
        file.write(tail)


HEAD, _, TAIL = dte_set("@").partition(dte("@"))
ITEM = "<Detalle><NmbItem>Áridos y arena de río para la obra</NmbItem><MontoItem>1000</MontoItem></Detalle>"


def measured_stream(folder: Path, pieces: tuple[str, str, str], megabytes: int) -> Measured:
    stream(folder / "exports" / XML, pieces, megabytes)
    return run(folder, timeout=180)


def many_documents(megabytes: int) -> tuple[tuple[str, str, str], int]:
    """Documents with ten times as much junk behind each, all of them the same one."""
    return (HEAD, dte(document(1, extra=ITEM * 300)) + "<Otro><A/></Otro>" * 25_000, TAIL), megabytes


@pytest.mark.slow
def test_memory_does_not_grow_with_the_size_of_an_xml(tmp_path: Path) -> None:
    small, large = (measured_stream(tmp_path / str(mb), *many_documents(mb)) for mb in (30, 300))
    assert large.ledger[XML]["filas"] > 9 * small.ledger[XML]["filas"] > 0
    assert large.ledger[XML]["aceptadas"] == 1
    assert large.memory < small.memory + 400
    assert large.memory < MEMORY + 400


def all_different(folder: Path, megabytes: int, lines: int, **more: str) -> Measured:
    """A set of documents of so many lines each."""
    path = folder / "exports" / XML
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        folio = 0
        while file.tell() < megabytes << 20:
            folio += 1
            file.write(
                dte(document(folio, extra="".join(ITEM.replace("1000", str(folio + n)) for n in range(lines)), **more))
            )
        file.write(TAIL)
    found = run(folder, timeout=180)
    assert found.ledger[XML]["filas"] == folio
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "more"), [(40, {}), (40, {"total": "mil"}), (100_000, {})], ids=["accepted", "rejected", "long"]
)
def test_memory_does_not_grow_with_the_documents_of_a_set(tmp_path: Path, lines: int, more: dict[str, str]) -> None:
    small, large = (all_different(tmp_path / str(mb), mb, lines, **more) for mb in (20, 80))
    assert large.memory < small.memory + 150
    assert large.memory < MEMORY


@pytest.mark.parametrize(
    ("what", "pieces"),
    [
        ("no documents at all", (HEAD, "<Otro><A/></Otro>", TAIL)),
        ("a document that never ends", (HEAD + "<DTE><Documento>", ITEM, "</Documento></DTE>" + TAIL)),
        ("a document that never closes", (HEAD + "<DTE>", ITEM, "")),
        ("comments before the root", ("", "<!-- nada -->", dte(document(1)))),
        ("a comment that never ends", (HEAD + "<!--", "nada ", "-->" + TAIL)),
        ("a cell that never ends", (HEAD + "<DTE><Documento>", "nada ", "</Documento></DTE>" + TAIL)),
        ("elements within elements", (HEAD, "<a>", "")),
        ("a document type that never ends", ("<!DOCTYPE DTE [", "<!ENTITY a 'b'>", "]>" + dte(document(1)))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_xml_that_gives_no_document_is_given_up_early(
    tmp_path: Path, what: str, pieces: tuple[str, str, str]
) -> None:
    found = measured_stream(tmp_path, pieces, 100)
    assert found.ledger[XML]["motivo"] in ("unreadable", "truncated"), what
    assert found.memory < MEMORY
    assert found.seconds < 20


@pytest.mark.parametrize("odd", ["a b" * 4_000_000, "<a>" * 300 + "</a>" * 300], ids=["long", "deep"])
def test_a_cell_that_no_document_has_is_told_with_its_line(ingest: Ingest, odd: str) -> None:
    bench = ingest({XML: dte_set(document(1), "\n" + document(2, name=odd), document(3))})
    assert bench.refusal(XML) == "unreadable"
    assert " in line 3 " in bench.ledger()[XML]["detalle"]


def test_junk_between_documents_is_thrown_away(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.xml_file._CHUNK_BYTES", 100)
    junk = "<Otro><DTEX>nada</DTEX></Otro>texto" * 20
    bench = ingest({XML: dte_set(document(1), document(2), document(3)).replace("<DTE", junk + "<DTE")})
    assert [r["folio"] for r in bench.accepted("dte_xml")] == [1, 2, 3]


def test_no_parameter_entity_is_read(ingest: Ingest, tmp_path: Path) -> None:
    pipe = tmp_path / "externa.dtd"
    os.mkfifo(pipe)  # Whoever reads it waits for ever.
    types = (
        f'<!DOCTYPE DTE SYSTEM "file://{pipe}" [<!ENTITY % e SYSTEM "file://{pipe}"> %e; <!ENTITY a SYSTEM "{pipe}">]>'
    )
    bench = ingest({XML: types + dte(document(name="&a;"))})
    assert bench.refusal(XML) == "unreadable"
