"""Reads SII's electronic tax documents (DTE v1.0), alone or in sets, into records."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from lxml import etree

from ingest.contract import Contract
from ingest.lines import blank
from ingest.records import SCHEMA, insert
from ingest.refusal import RefusedFile

ROOTS = ("DTE", "EnvioDTE")
_ROOT_OPENED = re.compile(rb"<((?:[\w.-]+:)?(?:DTE|EnvioDTE))[\s/>]")
_ENDS_BYTES = 4096
_ITEM = ("NmbItem", "QtyItem", "PrcItem", "MontoItem")
_BATCH = 5000


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int, contract: Contract) -> None:
    """Puts each DTE into `registros`; fila is its position in the file, celdas follow the contract's columns.

    Raises RefusedFile where the document is cut, malformed, declares a DOCTYPE, is no DTE, or holds none.
    """
    documents = 0
    try:
        for batch in _batches(path, contract):
            documents += insert(con, batch, number)
    except etree.XMLSyntaxError as error:
        raise _refusal(path, error) from error
    if not documents:
        raise RefusedFile("empty", "The set holds no DTE. Ask for it again.")


def _refusal(path: Path, error: etree.XMLSyntaxError) -> RefusedFile:
    with path.open("rb") as file:
        root = _ROOT_OPENED.search(file.read(_ENDS_BYTES))
        file.seek(max(0, path.stat().st_size - _ENDS_BYTES))
        tail = file.read()
    if not root or not re.search(rb"</" + re.escape(root[1]) + rb"\s*>", tail):
        return RefusedFile("truncated", f"The XML ends before it is complete ({error.msg}). Ask for it again.")
    return RefusedFile("unreadable", f"The XML is malformed ({error.msg}). Ask the issuer for it again.")


def _documents(path: Path) -> Iterator[etree._Element]:
    """Each DTE element in turn; entities are not expanded and nothing outside the file is read."""
    context = etree.iterparse(
        str(path), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    root = True
    for event, element in context:
        if root:
            _check_root(element)
            root = False
        if event == "end" and etree.QName(element).localname == "DTE":
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]


def _check_root(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise RefusedFile("unreadable", "The XML declares a DOCTYPE, which no DTE has. Ask the issuer for it again.")
    name = etree.QName(element).localname
    if name not in ROOTS:
        raise RefusedFile("not_a_table", f"The XML is a <{name}>, neither DTE nor EnvioDTE. Ask for it again.")


def _batches(path: Path, contract: Contract) -> Iterator[pa.RecordBatch]:
    rows: list[tuple[int, str, list[str | None]]] = []
    for position, document in enumerate(_documents(path), 1):
        text = etree.tostring(document, method="c14n", with_tail=False).decode()
        rows.append((position, text, _cells(document, contract)))
        if len(rows) == _BATCH:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def _batch(rows: list[tuple[int, str, list[str | None]]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def _cells(document: etree._Element, contract: Contract) -> list[str | None]:
    for element in document.iter(etree.Element):
        element.tag = etree.QName(element).localname
    body = document.find("*")
    if body is None:
        return [None] * len(contract.columns)
    return [
        _lines(body, column.header) if column.type == "lines" else _text(body, column.header)
        for column in contract.columns
    ]


def _text(body: etree._Element, header: str) -> str | None:
    text = body.findtext(header)
    return text and blank(text).strip()


def _lines(body: etree._Element, header: str) -> str | None:
    items = [{name: line.findtext(name) for name in _ITEM} for line in body.findall(header)]
    return json.dumps(items, ensure_ascii=False) if items else None
