"""Files whose bytes are odd: nothing is lost, and only the row that has the fault pays for it."""

from typing import Any

import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import (
    CONTRACTS,
    GOOD,
    PATHS,
    csv_file,
    document,
    dte,
    encoded,
    headers,
    line,
    lines_of,
    row,
    spending,
    workbook,
)

CORE = PATHS["core_acuerdos"]

ROWS = [row("core_acuerdos", i) for i in (1, 2, 3)]
RECORDS = lines_of("core_acuerdos", ROWS)


def with_byte(export: str, byte: bytes) -> bytes:
    """Three good rows, the second with a byte inside its first text."""
    text = next(c.name for c in CONTRACTS[export].columns if c.type == "text")
    rows = [row(export, 1), row(export, 2, **{text: "antes ~ después"}), row(export, 3)]
    return csv_file(export, rows).replace(b"~", byte)


def agreements(bench: Bench) -> list[str]:
    return [r["acuerdo"] for r in bench.accepted("core_acuerdos")]


NO_TEXT = [
    ("core_acuerdos", b"\xff"),
    ("core_acuerdos", b"\xc3"),
    ("core_acuerdos", b"\xed\xa0\x80"),
    ("core_acuerdos", b"\x00"),
    ("core_acuerdos", b"\x1a"),
    ("sagir_iniciativas", b"\x81"),
    ("sagir_iniciativas", b"\x9d"),
    ("sagir_iniciativas", b"\x00"),
    ("dte_pagos", b"\x93"),
    ("dte_pagos", b"\x80"),
    ("dte_pagos", b"\x85"),
    ("dte_pagos", b"\x00"),
    ("dte_pagos", b"\x0b"),
    ("dte_pagos", b"\xc3\xb1"),
    ("sagir_iniciativas", b"\xc3\x91"),
]
TEXT = [
    ("sagir_iniciativas", b"\x93", "“"),
    ("sagir_iniciativas", b"\x80", "€"),
    ("sagir_iniciativas", b"\xd1", "Ñ"),
    ("dte_pagos", b"\xd1", "Ñ"),
    ("dte_pagos", b"\xc3O", "ÃO"),
    ("core_acuerdos", b"\xc3\x91", "Ñ"),
    ("core_acuerdos", b"N\xcc\x83", "N\u0303"),
    ("core_acuerdos", b"\xf0\x9f\x8c\xb3", "🌳"),
]


def place(export: str, byte: bytes) -> str:
    """A path of its own for each byte of an export."""
    number = [(e, b) for e, b, *_ in [*NO_TEXT, *TEXT]].index((export, byte))
    return PATHS[export].replace("20250131", f"202501{number + 1:02d}")


@pytest.fixture(scope="module")
def bench_of_bytes(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    pairs = [*NO_TEXT, *((export, byte) for export, byte, _ in TEXT)]
    files = {place(export, byte): with_byte(export, byte) for export, byte in pairs}
    return Bench(tmp_path_factory.mktemp("bytes"), files)


def rows_of(bench: Bench, export: str, path: str) -> list[dict[str, Any]]:
    return bench.table(
        f"""select t.* from '{{raw}}/{export}/*.parquet' as t
        inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256 where archivo = '{path}' order by _fila"""
    )


@pytest.mark.parametrize(("export", "byte"), NO_TEXT)
def test_a_byte_that_is_no_text_rejects_its_row_alone(bench_of_bytes: Bench, export: str, byte: bytes) -> None:
    path = place(export, byte)
    assert bench_of_bytes.rejected(path) == [(3, None, "bytes_unreadable")]
    assert [r["_fila"] for r in rows_of(bench_of_bytes, export, path)] == [2, 4]


@pytest.mark.parametrize(("export", "byte", "text"), TEXT)
def test_a_byte_that_is_text_is_read(bench_of_bytes: Bench, export: str, byte: bytes, text: str) -> None:
    name = next(c.name for c in CONTRACTS[export].columns if c.type == "text")
    assert rows_of(bench_of_bytes, export, place(export, byte))[1][name] == f"antes {text} después"


def test_of_rows_in_two_encodings_those_in_the_agreed_one_are_read(ingest: Ingest) -> None:
    header, *orders = lines_of("sga_ordenes_compra", [row("sga_ordenes_compra", i) for i in (1, 2, 3)])
    lines = [header.encode(), orders[0].encode(), orders[1].encode("latin-1"), orders[2].encode()]
    path = PATHS["sga_ordenes_compra"]
    bench = ingest({path: b"\n".join(lines)})
    assert bench.rejected(path) == [(2, None, "bytes_unreadable"), (4, None, "bytes_unreadable")]
    assert [r["razon_social"] for r in bench.accepted("sga_ordenes_compra")] == ["Servicios Peñaflor Ltda."]


def test_a_byte_that_is_no_text_outside_the_data_does_no_harm(ingest: Ingest) -> None:
    content = b"banner \xff\n" + csv_file("core_acuerdos", [*ROWS, "Nota: \xff"]).replace("\xff".encode(), b"\xff")
    bench = ingest({CORE: content})
    assert bench.counts(CORE) == (5, 3, 0, 0, 2)


def test_rows_with_different_unreadable_bytes_are_no_duplicates(ingest: Ingest) -> None:
    one = line("core_acuerdos", list(row("core_acuerdos", materia="~").values())).encode()
    content = (
        encoded("core_acuerdos", RECORDS[0]) + b"\n" + b"\n".join(one.replace(b"~", b) for b in (b"\xff", b"\xfe"))
    )
    assert ingest({CORE: content}).counts(CORE) == (2, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("end", "last"), [("\n", ""), ("\n", "\n"), ("\r\n", ""), ("\r\n", "\r\n"), ("\r", ""), ("\r", "\r")]
)
def test_every_line_end_is_one(ingest: Ingest, end: str, last: str) -> None:
    bench = ingest({CORE: end.join(RECORDS) + last})
    assert agreements(bench) == ["1/2022", "2/2022", "3/2022"]
    assert bench.counts(CORE) == (3, 3, 0, 0, 0)


def test_a_lone_carriage_return_is_a_blank(ingest: Ingest) -> None:
    rows = [row("core_acuerdos", 1, materia="a\rb"), row("core_acuerdos", 2, acuerdo="2/2022\r")]
    content = "\n".join(lines_of("core_acuerdos", rows)).replace('"', "")
    bench = ingest({CORE: content})
    assert [r["materia"] for r in bench.accepted("core_acuerdos")] == ["a b", GOOD["core_acuerdos"]["materia"]]


def test_mixed_line_ends_lose_nothing(ingest: Ingest) -> None:
    bench = ingest({CORE: RECORDS[0] + "\r\n" + RECORDS[1] + "\n" + RECORDS[2] + "\r\r\n" + RECORDS[3]})
    assert agreements(bench) == ["1/2022", "2/2022", "3/2022"]


@pytest.mark.parametrize("end", ["\r\r\n", "\n\r", "\r\n\r", "\r\n\r\r\n"])
def test_carriage_returns_beside_a_line_feed_part_nothing_else(ingest: Ingest, end: str) -> None:
    assert agreements(ingest({CORE: end.join(["Consejo", *RECORDS])})) == ["1/2022", "2/2022", "3/2022"]


def test_a_line_end_inside_quotes_is_the_same_in_both_kinds(ingest: Ingest) -> None:
    text = "\r\n".join(lines_of("core_acuerdos", [row("core_acuerdos", materia="uno\ndos")])).replace(
        "uno\n", "uno\r\n"
    )
    assert ingest({CORE: text}).accepted("core_acuerdos")[0]["materia"] == "uno dos"


@pytest.mark.parametrize(
    ("export", "cells"),
    [
        ("core_acuerdos", {}),
        ("sagir_hitos", {}),
        ("sgd_documentos", {}),
        # Without a letter that the two encodings write in two ways.
        ("sga_ordenes_compra", {"razon_social": "Andes"}),
    ],
)
def test_a_byte_order_mark_at_the_start_is_no_text(ingest: Ingest, export: str, cells: dict[str, str]) -> None:
    bench = ingest({PATHS[export]: b"\xef\xbb\xbf" + csv_file(export, [row(export, **cells)])})
    assert bench.counts(PATHS[export]) == (1, 1, 0, 0, 0)


def test_a_byte_order_mark_in_the_middle_is_nothing(ingest: Ingest) -> None:
    rows = [row("core_acuerdos", 1, acuerdo="\ufeff1/2022"), row("core_acuerdos", 2, materia="a\ufeff")]
    bench = ingest({CORE: "\ufeffbanner\n\ufeff" + csv_file("core_acuerdos", rows).decode()})
    assert agreements(bench) == ["1/2022", "2/2022"]
    assert bench.accepted("core_acuerdos")[1]["materia"] == "a"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff"])
@pytest.mark.parametrize("chunk", [1, 3, 4 << 20])
def test_what_shows_as_nothing_splits_no_name_and_no_amount(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, unseen: str, chunk: int
) -> None:
    """Else a name with one inside would be another name to the privacy scan."""
    monkeypatch.setattr("ingest.reading.lines.CHUNK_BYTES", chunk)
    name, amount = f"An{unseen}a S{unseen}oto", f"1{unseen}.2{unseen}34"
    bench = ingest(
        {
            CORE: csv_file("core_acuerdos", [row("core_acuerdos", materia=f"{name}; y más", monto=amount)]),
            PATHS["sisrec_rendiciones"]: csv_file("sisrec_rendiciones", [row("sisrec_rendiciones", encargado=name)]),
            PATHS["sagir_gasto"]: workbook(spending("40048130-0", None, amount)),
            PATHS["dte_xml"]: dte(document(total=amount).replace("Juan Carlos Peñaloza", name)),
        }
    )
    (agreement,) = bench.accepted("core_acuerdos")
    assert (agreement["materia"], agreement["monto"]) == ("Ana Soto; y más", 1234)
    assert {value for kind, value in bench.reserved() if kind == "nombre"} == {"Ana Soto"}
    assert {r["gasto_real"] for r in bench.accepted("sagir_gasto")} >= {1234}
    assert [r["monto_total"] for r in bench.accepted("dte_xml")] == [1234]


def test_odd_blanks_are_trimmed(ingest: Ingest) -> None:
    rows = [row("core_acuerdos", acuerdo="\u00a01/2022\u200b", materia="\t\u00a0x\t", monto="\u00a0$\u00a01.234\u00a0")]
    bench = ingest({CORE: csv_file("core_acuerdos", rows)})
    (accepted,) = bench.accepted("core_acuerdos")
    assert (accepted["acuerdo"], accepted["materia"], accepted["monto"]) == ("1/2022", "x", 1234)


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_where_the_reader_cuts_its_chunks_does_not_matter(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("ingest.reading.lines.CHUNK_BYTES", chunk)
    rows = [row("core_acuerdos", i, materia=f"Ñandú “{i}”\ny más") for i in range(1, 20)]
    bench = ingest({CORE: csv_file("core_acuerdos", rows).replace(b"\n", b"\r\n")})
    assert bench.counts(CORE) == (19, 19, 0, 0, 0)
    assert [r["materia"] for r in bench.accepted("core_acuerdos")] == [f"Ñandú “{i}” y más" for i in range(1, 20)]


def test_two_thousand_columns_are_read(ingest: Ingest) -> None:
    more = [f"Columna {i}" for i in range(2000)]
    records = [line("core_acuerdos", [*headers("core_acuerdos"), *more])]
    records += [line("core_acuerdos", [*r.values(), *more]) for r in ROWS]
    bench = ingest({CORE: "\n".join([*records, line("core_acuerdos", [*ROWS[0].values(), *more, "de más"])])})
    assert agreements(bench) == ["1/2022", "2/2022", "3/2022"]
    assert bench.rejected(CORE) == [(5, None, "column_count")]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_cell_of_two_megabytes_is_read(ingest: Ingest, quoted: bool) -> None:
    long = "palabra " * 250_000
    rows = [row("core_acuerdos", 1, materia=long + ('; y "más"' if quoted else "")), row("core_acuerdos", 2)]
    bench = ingest({CORE: csv_file("core_acuerdos", rows)})
    assert [len(r["materia"]) for r in bench.accepted("core_acuerdos")] == [
        len(long) + 9 if quoted else len(long) - 1,
        len(GOOD["core_acuerdos"]["materia"]),
    ]


def test_a_line_longer_than_a_chunk_is_one_line(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.lines.CHUNK_BYTES", 100)
    bench = ingest({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1, materia="x" * 10_000), ROWS[1]])})
    assert agreements(bench) == ["1/2022", "2/2022"]
