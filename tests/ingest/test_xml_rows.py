"""What becomes of each electronic tax document."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import PATHS, document, dte, dte_set

EXPORT = "dte_xml"
PATH = PATHS[EXPORT]

ITEM = (
    "<Detalle><NroLinDet>{n}</NroLinDet><NmbItem>{name}</NmbItem><QtyItem>2</QtyItem><PrcItem>500</PrcItem>"
    "<MontoItem>1000</MontoItem></Detalle>"
)


def folios(bench: Bench) -> list[int]:
    return [r["folio"] for r in bench.accepted(EXPORT)]


def test_a_lone_document_without_namespace_is_read(ingest: Ingest) -> None:
    extra = ITEM.format(n=1, name="Áridos &amp; arena") + ITEM.format(n=2, name="Flete")
    bench = ingest({PATH: dte(document(635, expires="2024-03-01", extra=extra))})
    (row,) = bench.accepted(EXPORT)
    assert json.loads(row.pop("detalle")) == [
        {"NmbItem": name, "QtyItem": "2", "PrcItem": "500", "MontoItem": "1000"} for name in ("Áridos & arena", "Flete")
    ]
    assert row == {
        "_fila": 1,
        "tipo_documento": "33",
        "folio": 635,
        "fecha_emision": date(2024, 2, 1),
        "fecha_vencimiento": date(2024, 3, 1),
        "rut_proveedor": "76163209-4",
        "razon_social": "Andes 7 Ltda.",
        "rut_receptor": "61923200-3",
        "monto_neto": 1000000,
        "monto_exento": 0,
        "monto_iva": 190000,
        "monto_total": 1190000,
        "orden_compra": None,
    }
    assert bench.counts(PATH) == (1, 1, 0, 0, 0)


def test_the_documents_of_a_set_are_its_rows(ingest: Ingest) -> None:
    bench = ingest({PATH: dte_set(document(1), document(2), document(3))})
    assert [(r["_fila"], r["folio"]) for r in bench.accepted(EXPORT)] == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize("encoding", ["windows-1252", "ISO-8859-1", "UTF-8", "utf8"])
def test_a_document_is_read_in_the_encoding_that_it_declares(ingest: Ingest, encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?>\n' + dte(document(name="Ñuñoa S.A."))
    bench = ingest({PATH: content.encode(encoding)})
    assert bench.accepted(EXPORT)[0]["razon_social"] == "Ñuñoa S.A."


def test_a_windows_1252_dash_is_read(ingest: Ingest) -> None:
    content = '<?xml version="1.0" encoding="windows-1252"?>' + dte(document(name="Andes \u2013 Obras"))
    assert ingest({PATH: content.encode("windows-1252")}).accepted(EXPORT)[0]["razon_social"] == "Andes \u2013 Obras"


@pytest.mark.parametrize("prefix", ["\ufeff", "\n", "<!-- un comentario -->", "<?xml-stylesheet href='a'?>"])
def test_what_stands_before_the_document_does_not_matter(ingest: Ingest, prefix: str) -> None:
    assert folios(ingest({PATH: prefix + dte(document(7))})) == [7]


def test_a_prefixed_namespace_is_read(ingest: Ingest) -> None:
    content = dte_set(document(7)).replace("xmlns=", "xmlns:sii=").replace("</", "</sii:")
    content = content.replace("<", "<sii:").replace("<sii:/sii:", "</sii:").replace("<sii:?xml", "<?xml")
    assert folios(ingest({PATH: content})) == [7]


@pytest.mark.parametrize("space", ["www.sii.cl/SiiDte", "SiiDte"])
def test_a_namespace_that_is_no_address_is_read(ingest: Ingest, space: str) -> None:
    bench = ingest({PATH: dte_set(document(7), document(7), document(8)).replace("http://www.sii.cl/SiiDte", space)})
    assert folios(bench) == [7, 8]
    assert bench.counts(PATH) == (3, 2, 0, 1, 0)


def test_the_purchase_order_is_the_reference_801(ingest: Ingest) -> None:
    references = "".join(
        f"<Referencia><TpoDocRef>{kind}</TpoDocRef><FolioRef>{folio}</FolioRef></Referencia>"
        for kind, folio in (("HES", "1"), (" 801\n", " 5482-1-SE23 "), ("801", "5482-2-SE23"))
    )
    bench = ingest({PATH: dte(document(extra=references))})
    assert bench.accepted(EXPORT)[0]["orden_compra"] == "5482-1-SE23"


def references(*orders: str) -> str:
    return "".join(
        f"<Referencia><TpoDocRef>801</TpoDocRef><FolioRef>{order}</FolioRef></Referencia>" for order in orders
    )


def test_of_several_purchase_orders_the_first_counts_and_the_others_are_told(ingest: Ingest) -> None:
    first, *others = "5482-1-SE23", "5482-2-SE23", "5482-3-SE23"
    contents = [
        document(1, extra=references(first, *others)),
        document(2, extra=references(first, first)),
        document(3, extra=references("", first)),
    ]
    bench = ingest({PATH: dte_set(*contents)})
    assert [r["orden_compra"] for r in bench.accepted(EXPORT)] == [first] * 3
    assert bench.observed(PATH) == [(1, "orden_compra", "column_count")]
    (cell,) = bench.table("select celda from '{raw}/observaciones/*.parquet'")
    assert cell["celda"].split("\n") == others


@pytest.mark.parametrize("tag", ["TipoDTE", "Folio", "RUTEmisor", "MntTotal", "Totales", "Encabezado"])
def test_a_document_that_says_two_things_of_one_is_rejected(ingest: Ingest, tag: str) -> None:
    whole = re.compile(f"<{tag}>.*</{tag}>")
    other = whole.search(document(8, issuer="77627346-5", kind="61", total="5"))
    assert other
    contents = [document(1), whole.sub(lambda found: found[0] + other[0], document(2)), document(3)]
    again = whole.sub(lambda found: found[0] * 2, document(4))
    bench = ingest({PATH: dte_set(*contents, again)})
    assert bench.rejected(PATH) == [(2, None, "column_count")]
    assert folios(bench) == [1, 3, 4]


def test_every_document_has_exactly_one_fate(ingest: Ingest) -> None:
    contents = [
        document(1),
        document(2, issuer="76163209-5"),
        document(3, total="mil"),
        document(4, total=""),
        document(5, date="2024-02-30"),
        document(6, kind="99"),
        document(7).replace("<Folio>7</Folio>", "<Folio>siete</Folio>"),
        document(8, name=""),
        document(9).replace("61923200-3", "61923200-K"),
        document(1),
        document(10, name="Uno"),
        document(10, name="Otro"),
        document(11).replace("<MntTotal>1190000</MntTotal>", ""),
        document(12, expires="pronto"),
        document(13, name="#N/A"),
        "",
        document(14),
    ]
    bench = ingest({PATH: dte_set(*contents)})
    assert bench.rejected(PATH) == [
        (2, "rut_proveedor", "rut_invalid"),
        (3, "monto_total", "amount_unreadable"),
        (4, "monto_total", "required_missing"),
        (5, "fecha_emision", "date_unreadable"),
        (6, "tipo_documento", "value_not_in_list"),
        (7, "folio", "code_unreadable"),
        (8, "razon_social", "required_missing"),
        (9, "rut_receptor", "rut_invalid"),
        (11, None, "key_conflict"),
        (12, None, "key_conflict"),
        (13, "monto_total", "required_missing"),
        (15, "razon_social", "value_not_in_list"),
        (16, "tipo_documento", "required_missing"),
    ]
    assert bench.observed(PATH) == [(14, "fecha_vencimiento", "date_unreadable")]
    assert folios(bench) == [1, 12, 14]
    assert bench.counts(PATH) == (17, 3, 13, 1, 0)


def test_a_dte_with_two_documents_is_rejected_and_neither_is_lost_unseen(ingest: Ingest) -> None:
    seal = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>x</SignatureValue></Signature>'
    bench = ingest({PATH: dte_set(document(1) + seal, document(2) + document(3) + seal, document(4) + "<!-- 5 -->")})
    assert bench.rejected(PATH) == [(2, None, "column_count")]
    assert folios(bench) == [1, 4]


def test_of_several_reasons_the_first_in_the_contracts_order_is_given(ingest: Ingest) -> None:
    bench = ingest({PATH: dte(document(1, issuer="1-1", date="ayer", total=""))})
    assert bench.rejected(PATH) == [(1, "fecha_emision", "date_unreadable")]


def test_the_same_folio_of_another_supplier_or_type_is_no_conflict(ingest: Ingest) -> None:
    contents = [document(1), document(1, issuer="77627346-5"), document(1, kind="61")]
    assert folios(ingest({PATH: dte_set(*contents)})) == [1, 1, 1]


def test_a_set_larger_than_a_batch_loses_no_document(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.xml_file._BATCH", 3)
    bench = ingest({PATH: dte_set(*map(document, range(1, 9)), document(1))})
    assert folios(bench) == list(range(1, 9))
    assert bench.counts(PATH) == (9, 8, 0, 1, 0)


def test_what_is_never_kept_is_in_no_column(ingest: Ingest) -> None:
    bench = ingest({PATH: dte(document())})
    assert "Peñaloza" not in str(bench.accepted(EXPORT))


def test_a_set_too_large_for_memory_gives_what_it_gives_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = document(12, expires="pronto")
    conflict = [document(10, name=name) for name in ("Uno", "Otro")]
    contents = [document(1), document(2, total="mil"), document(3), document(1), odd, *conflict, "", document(4)]
    files = {PATH: dte_set(*contents), "dte/otro.xml": dte_set(document(1), document(2, issuer="1-1"), document(3))}
    corrected = """celdas:
- {export: dte_xml, columna: monto_total, donde: {archivo: dte/documento.xml, fila: "3"}, dice: "1190000",
   debe_decir: "1190001", motivo: Según el papel, autor: Analista de datos, fecha: 2026-11-20}"""
    found = []
    for spilled in (False, True):
        folder = tmp_path / str(spilled)
        folder.mkdir()
        with monkeypatch.context() as patch:
            patch.setattr("ingest.reading.xml_file._BATCH", 2)
            if spilled:
                patch.setattr("ingest.reading.xml_file.SPILLED_BYTES", 2000)
                patch.setattr("ingest.reading.records.PART_BYTES", 1)
                patch.setattr("ingest.desk.SLICE_BYTES", 1)
            bench = Bench(folder)
            bench.correct(corrected)
            bench.add(files)
            bench.run()
        parts = len(list((bench.raw / EXPORT).glob(f"{EXPORT}-*.parquet")))
        # Five of the large file, and one of the other, which stays in memory.
        assert parts == (6 if spilled else 1)
        ledger = [(path, bench.counts(path), bench.rejected(path), bench.observed(path)) for path in files]
        rows = bench.accepted(EXPORT), bench.reserved(), bench.table("select * from '{raw}/correcciones/*.parquet'")
        found.append((ledger, rows, (bench.desk / f"{EXPORT}.csv").read_bytes()))
        assert not (bench.raw / ".tmp").exists()
    assert found[0] == found[1]
    assert found[0][0][0][1] == (9, 4, 4, 1, 0)
