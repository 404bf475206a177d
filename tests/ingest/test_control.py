"""A reader that loses, doubles or changes anything is caught by a second reading; one that is right never is."""

import csv
import io
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import batch, engine
from ingest.cells import Layout
from ingest.control import comparison, csv_control, xml_control
from ingest.control.comparison import Count
from ingest.reading.headers import Header
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, PATHS, csv_file, document, dte, dte_set, row, spending, workbook

REGISTER, SPENDING, TAX = PATHS["dte_rcv_compra"], PATHS["sagir_gasto"], PATHS["dte_xml"]
ROWS = [row("dte_rcv_compra", i, monto_total=str(1000 + i), monto_neto="7") for i in range(1, 6)]
FILES: dict[str, bytes | str] = {
    REGISTER: csv_file("dte_rcv_compra", ROWS),
    SPENDING: workbook(*(spending(f"4004813{i}-0", 10 + i, 20 + i) for i in range(5))),
    TAX: dte_set(*(document(i, total=str(1000 + i)) for i in range(1, 6))),
}
READERS = {REGISTER: "ingest.reading.csv_file", SPENDING: "ingest.reading.xlsx_file", TAX: "ingest.reading.xml_file"}

Row = tuple[int, str, list[str | None] | None]
Fault = Callable[[list[Row]], list[Row]]


def swallow(rows: list[Row]) -> list[Row]:
    return rows[:-2] + rows[-1:]


def swallow_the_last(rows: list[Row]) -> list[Row]:
    return rows[:-1]


def double(rows: list[Row]) -> list[Row]:
    return [*rows, rows[-1]]


def _change(rows: list[Row], cells: Callable[[list[Any]], list[Any]]) -> list[Row]:
    number, text, values = rows[-1]
    if values is None:
        return [*rows[:-1], (number, ";".join(cells(text.split(";"))), None)]
    return [*rows[:-1], (number, text, cells(values))]


def shift_the_money(rows: list[Row]) -> list[Row]:
    """The last two columns with amounts, each in the other's place."""

    def swap(cells: list[Any]) -> list[Any]:
        a, b = _last_numbers(cells)
        cells[a], cells[b] = cells[b], cells[a]
        return cells

    return _change(rows, swap)


def drop_a_digit(rows: list[Row]) -> list[Row]:
    def drop(cells: list[Any]) -> list[Any]:
        _, last = _last_numbers(cells)
        cells[last] = cells[last][:-1]
        return cells

    return _change(rows, drop)


def _last_numbers(cells: list[Any]) -> tuple[int, int]:
    found = [i for i, cell in enumerate(cells) if cell and cell.isdigit()]
    return found[-2], found[-1]


def break_reader(monkeypatch: pytest.MonkeyPatch, reader: str, fault: Fault) -> None:
    """Makes a reader commit a fault between the file and the records."""
    from ingest.reading.records import SCHEMA, insert

    def faulty(con: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, number: int) -> int:
        rows = fault([(r["fila"], r["texto"], r["celdas"]) for r in batch.to_pylist()])
        columns = [pa.array(values, f.type) for values, f in zip(zip(*rows, strict=True), SCHEMA, strict=True)]
        return insert(con, pa.RecordBatch.from_arrays(columns, schema=SCHEMA), number)

    monkeypatch.setattr(f"{reader}.insert", faulty)


@pytest.mark.parametrize("fault", [swallow, swallow_the_last, double, shift_the_money, drop_a_digit])
@pytest.mark.parametrize("path", READERS)
def test_a_reader_at_fault_is_caught(ingest: Ingest, monkeypatch: pytest.MonkeyPatch, path: str, fault: Fault) -> None:
    break_reader(monkeypatch, READERS[path], fault)
    bench = ingest(FILES)
    refused = {p for p in FILES if bench.refusal(p)}
    assert refused == {path}
    assert bench.refusal(path) == "unreadable"
    detail = bench.ledger()[path]["detalle"]
    assert "Two independent readings of the file disagree" in detail
    assert "send it to the data team" in detail
    assert ("records against" in detail) == (fault in (swallow, swallow_the_last, double))
    assert ("adds up to" in detail) or fault in (swallow, swallow_the_last, double)
    export, sha256 = next(e for e, p in PATHS.items() if p == path), bench.ledger()[path]["sha256"]
    for table in (export, "filas_rechazadas", "llaves_rechazadas", "observaciones"):
        assert bench.table(f"select 1 from '{{raw}}/{table}/*.parquet' where _sha256 = '{sha256}'") == []


def test_without_a_fault_the_two_readings_agree(ingest: Ingest) -> None:
    bench = ingest(FILES)
    assert {bench.refusal(path) for path in FILES} == {None}


def test_a_row_that_no_fate_takes_is_caught(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.rows.fates.COUNT_FATES", "select archivo_n, 0, 0, 0, 1 from leidas group by archivo_n")
    bench = ingest(FILES)
    assert "records against" in bench.ledger()[REGISTER]["detalle"]


def test_a_file_of_a_faulty_reading_does_not_touch_its_neighbour(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = REGISTER.replace("202501", "202502")
    sums = batch._sums
    monkeypatch.setattr(batch, "_sums", lambda con, layout: {**sums(con, layout), 0: {"monto_total": 1}})
    bench = ingest({REGISTER: FILES[REGISTER], other: csv_file("dte_rcv_compra", ROWS[:3])})
    assert (bench.refusal(REGISTER), bench.refusal(other)) == ("unreadable", None)
    assert len(bench.accepted("dte_rcv_compra")) == 3


def test_corrected_amounts_are_no_disagreement(ingest: Ingest) -> None:
    bench = ingest(FILES)
    bench.correct(
        "celdas: [{export: dte_rcv_compra, donde: {rut_proveedor: 76163209-4, tipo_documento: '33', "
        "folio: '1'}, columna: monto_total, dice: '1001', "
        "debe_decir: '5', motivo: error de tipeo, autor: analista, fecha: 2025-02-01}]"
    )
    bench.run()
    assert bench.refusal(REGISTER) is None
    assert bench.accepted("dte_rcv_compra")[0]["monto_total"] == 5


# The contract's spelling of amounts is written twice, once for each reading.


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(engine._SPELLINGS.read_text("utf-8"))
        yield con


def spelled(con: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> list[tuple[str, int | None, int | None]]:
    """Each text trimmed as a cell is, with what the reader makes of it as pesos and as miles."""
    con.register("textos", pa.table({"x": pa.array(texts, pa.string())}))
    return con.execute("select x, leer_pesos(x), leer_miles(x) from textos").fetchall()


@pytest.mark.parametrize(("alphabet", "longest"), [("01.,$-( )M", 5), ("0.,$-", 7), ("1.,", 9), ("$-() 1", 6)], ids=str)
def test_both_readings_accept_the_same_amounts(con: duckdb.DuckDBPyConnection, alphabet: str, longest: int) -> None:
    """Every text there is of these characters."""
    texts = [
        text
        for size in range(1, longest + 1)
        for text in map("".join, itertools.product(alphabet, repeat=size))
        if text == text.strip()
    ]
    wrong = [
        text
        for text, pesos, miles in spelled(con, texts)
        if pesos != comparison.read_amount(text, "pesos") or miles != comparison.read_amount(text, "miles")
    ]
    assert wrong == []


@settings(max_examples=300)
@given(st.lists(st.text("0123456789.,$-() M\n", min_size=1, max_size=40), min_size=50, max_size=50))
def test_both_readings_accept_the_same_long_amounts(con: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    for text, pesos, miles in spelled(con, [t.strip(" \n") for t in texts]):
        assert (comparison.read_amount(text, "pesos"), comparison.read_amount(text, "miles")) == (pesos, miles)


def test_a_control_character_in_an_amount_is_no_blank(ingest: Ingest) -> None:
    bench = ingest({REGISTER: csv_file("dte_rcv_compra", ROWS).replace(b";1001", b";$\x0c1001")})
    assert bench.rejected(REGISTER) == [(2, None, "bytes_unreadable")]


LARGE = [
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("999999999999", "-1000000000000", "999999999999999", "$-1.000.000.000.000.000"),
]


@pytest.mark.parametrize("text", [*LARGE, "0" * 30 + "12", "9" * 5000, "1" + ".000" * 6, "$" + " " * 50 + "5"])
def test_both_readings_accept_the_same_large_amounts(con: duckdb.DuckDBPyConnection, text: str) -> None:
    ((_, pesos, miles),) = spelled(con, [text])
    assert (comparison.read_amount(text, "pesos"), comparison.read_amount(text, "miles")) == (pesos, miles)


@pytest.mark.parametrize("text", ["5" + " " * 3_000_000 + "x", "1" * 3_000_000, "$" * 3_000_000, "1.000" * 600_000])
def test_an_endless_cell_is_judged_at_once(text: str) -> None:
    assert comparison.read_amount(text, "miles") is None


# The control of CSV against the standard library alone, wherever quotes and line ends stand.


def _header(export: str, positions: dict[str, int], first_row: int) -> Header:
    c = CONTRACTS[export]
    spots = {column.name: {0: positions[column.name]} if column.name in positions else {} for column in c.columns}
    return Header(Layout.of(c, spots, 3), first_row, 1, [], None)


def _by_hand(content: str, first_row: int) -> Count:
    records = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    cells = [r[1].strip(" \n") for i, r in enumerate(records, 1) if i >= first_row and len(r) > 1]
    return Count(len(records), {"monto": sum(comparison.read_amount(c, "miles") or 0 for c in cells)})


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(["a", "12", "1.234", ";", ";", "\n", "\n", '"', '""', " ", "$ 7", "-"]), max_size=60),
    st.integers(1, 4),
    st.sampled_from([40, 64, 4 << 20]),
)
def test_the_control_of_csv_counts_as_the_csv_module(pieces: list[str], first_row: int, block: int) -> None:
    content = "".join(pieces)
    if list(csv.reader(io.StringIO(content + "\nfin", newline=""), delimiter=";"))[-1] != ["fin"]:
        return  # It ends inside quotes: the reader refuses it before.
    with tempfile.NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_control, "BLOCK_BYTES", block)
        file.write(content.encode())
        file.flush()
        found = csv_control.count(
            Path(file.name), CONTRACTS["core_acuerdos"].format, _header("core_acuerdos", {"monto": 1}, first_row)
        )
    assert found == _by_hand(content, first_row)


@pytest.mark.parametrize("export", [e for e, c in CONTRACTS.items() if c.format.type == "csv"])
def test_any_bytes_are_counted(ingest: Ingest, export: str) -> None:
    """Rows with every byte there is, in every encoding; the reader and the control agree on each file."""
    c = CONTRACTS[export]
    name = next(column.name for column in c.columns if column.type == "text")
    good = csv_file(export, [row(export, i, **{name: f"~{i}~"}) for i in range(1, 30)])
    pieces = good.split(b"~")
    data = [bytes([b]) for b in range(256) if bytes([b]) not in (b"\n", b'"', c.format.delimiter.encode())]
    content = pieces[0] + b"".join(data[i * 9 % len(data)] * 3 + p for i, p in enumerate(pieces[1:]))
    assert ingest({PATHS[export]: content}).refusal(PATHS[export]) is None


def test_rows_of_many_widths_are_all_counted(ingest: Ingest) -> None:
    rows: list[Any] = [row("core_acuerdos", i) for i in range(1, 9)]
    content = csv_file(
        "core_acuerdos", [*rows, "", ";;;", *(f"{i}/2023" + ";1.000" * i for i in range(1, 40)), '"x'][:-1]
    )
    bench = ingest({PATHS["core_acuerdos"]: content})
    assert bench.counts(PATHS["core_acuerdos"])[0] == 8 + 2 + 39


# The control of XML: by its bytes where they are plain, by expat where they are not.

OTHER_TOTALS = "<Totales><MntTotal>5</MntTotal></Totales>"
VARIANTS = {
    "plain": dte_set(document(1), document(2, total="2.000")),
    "a comment in an amount": dte_set(document(1), document(2, total="2<!-- x -->000")),
    "a comment that holds a document": dte_set(document(1)).replace("</SetDTE>", f"<!--{dte('')}--></SetDTE>"),
    "CDATA": dte_set(document(1), document(2, total="<![CDATA[2000]]>")),
    "a character by its number": dte_set(document(1), document(2, total="2&#48;00")),
    "a processing instruction": dte_set(document(1), document(2, total="2<?x y?>000")),
    "attributes": dte_set(document(1)).replace("<Totales>", '<Totales a="1>2">'),
    "two totals": dte_set(document(1)).replace("</Encabezado>", f"{OTHER_TOTALS}</Encabezado>"),
    "totals elsewhere": dte_set(document(1, extra=f"<Otro>{OTHER_TOTALS}</Otro>")),
    "no totals": dte_set(document(1), ""),
    "an amount twice": dte_set(document(1)).replace("<IVA>", "<IVA>3</IVA><IVA>"),
    "a prefix": dte_set(document(1)).replace("xmlns=", "xmlns:s=").replace("</", "</s:").replace("<", "<s:")
    .replace("<s:/s:", "</s:").replace("<s:?xml", "<?xml"),
    "blanks in the tags": dte_set(document(1), document(2)).replace("</DTE>", "</DTE >").replace("</IVA>", "</IVA\n>"),
    "an empty document": dte_set(document(1)).replace("</SetDTE>", "<DTE/></SetDTE>"),
    "text in UTF-16": dte_set(document(1)).replace("UTF-8", "UTF-16"),
    "a part within an amount": dte_set(document(1), document(2, total="20<b>0</b>0")),
}  # fmt: skip


WITHIN_AN_AMOUNT = (
    "a comment in an amount",
    "CDATA",
    "a character by its number",
    "a processing instruction",
    "a part within an amount",
)


@pytest.mark.parametrize("what", VARIANTS)
def test_no_right_document_is_a_disagreement(ingest: Ingest, what: str) -> None:
    text = VARIANTS[what]
    bench = ingest({TAX: text.encode("utf-16") if "UTF-16" in what else text.encode()})
    assert bench.refusal(TAX) is None
    if what in WITHIN_AN_AMOUNT:
        assert [r["monto_total"] for r in bench.accepted("dte_xml")] == [1190000, 2000]


@pytest.mark.parametrize("chunk", [7, 64, 1000])
def test_where_the_control_of_xml_cuts_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chunk: int
) -> None:
    monkeypatch.setattr(xml_control, "_CHUNK_BYTES", chunk)
    path = tmp_path / "set.xml"
    path.write_text(dte_set(*(document(i, total="1000") for i in range(1, 30))))
    c = CONTRACTS["dte_xml"]
    layout = Layout.of(c, {column.name: {0: i} for i, column in enumerate(c.columns)}, len(c.columns))
    sums = {"monto_total": 29_000, "monto_neto": 29_000_000, "monto_exento": 0, "monto_iva": 29 * 190_000}
    assert xml_control.difference(path, layout, Count(29, sums)) is None
    assert "29 against" not in (xml_control.difference(path, layout, Count(28, sums)) or "")
    assert "28 records against 29" in (xml_control.difference(path, layout, Count(28, sums)) or "")
