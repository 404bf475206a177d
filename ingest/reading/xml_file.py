"""Reads SII's electronic tax documents (DTE v1.0), alone or in sets, into records."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, cast

import duckdb
import pyarrow as pa
from lxml import etree

from ingest.contract import Column, Contract
from ingest.reading.lines import blank
from ingest.reading.records import SCHEMA, insert, spill
from ingest.refusal import RefusedFile

ROOTS = ("DTE", "EnvioDTE")
# What may stand beside the body of a DTE.
_SEAL = "Signature"
_ROOT_OPENED = re.compile(rb"<((?:[\w.-]+:)?(?:DTE|EnvioDTE))[\s/>]")
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_ENDS_BYTES = 4096
_ITEM = ("NmbItem", "QtyItem", "PrcItem", "MontoItem")
_JSON = json.JSONEncoder(ensure_ascii=False)
# A cell of the part that another of its cells chooses; the standard path would not trim that one.
_CHOSEN = re.compile(r"(?P<part>\w+)\[(?P<name>\w+)='(?P<value>\w+)'\]/(?P<cell>\w+)")
_BATCH = 5000
_BATCH_CHARACTERS = 8 << 20
_CHUNK_BYTES = 256 << 10
# SII takes documents of a few hundred KB at most.
MAX_DOCUMENT_BYTES = 16 << 20
# Records take some four times their file in memory.
SPILLED_BYTES = 16 << 20


def load(con: duckdb.DuckDBPyConnection, path: Path, number: int, contract: Contract) -> None:
    """Puts each DTE into `registros`; fila is its position in the file, celdas follow the contract's columns.

    Raises RefusedFile where the document is cut, malformed, declares a DOCTYPE, is no DTE, or holds none.
    """
    batches = _batches(path, contract)
    try:
        if path.stat().st_size > SPILLED_BYTES:
            documents = spill(con, batches, number)
        else:
            documents = sum(insert(con, batch, number) for batch in batches)
    except etree.XMLSyntaxError as error:
        raise _refusal(path, error) from error
    if not documents:
        raise RefusedFile("empty", "The set holds no DTE. Ask for it again.")


def declared_encoding(path: Path) -> str:
    """The encoding that the document says it is in; UTF-8 where it says nothing."""
    with path.open("rb") as file:
        declared = _DECLARED.search(file.read(_ENDS_BYTES))
    name = declared[1].decode().upper() if declared else "UTF-8"
    return "UTF-8" if name == "UTF8" else name


def _refusal(path: Path, error: etree.XMLSyntaxError) -> RefusedFile:
    # The stubs of lxml leave its code out.
    if vars(error)["code"] == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return RefusedFile(
            "unreadable",
            f"The XML holds in line {error.lineno} a cell of more than 10 MB, or more than 255 elements within one "
            "another, which no DTE does. Ask the issuer for it without that document.",
        )
    with path.open("rb") as file:
        root = _ROOT_OPENED.search(file.read(_ENDS_BYTES))
        file.seek(max(0, path.stat().st_size - _ENDS_BYTES))
        tail = file.read()
    if not root or not re.search(rb"</" + re.escape(root[1]) + rb"\s*>", tail):
        return RefusedFile("truncated", f"The XML ends before it is complete ({error.msg}). Ask for it again.")
    return RefusedFile("unreadable", f"The XML is malformed ({error.msg}). Ask the issuer for it again.")


def _documents(path: Path) -> Iterator[etree._Element]:
    """Each DTE element in turn; entities are not expanded and nothing outside the file is read.

    What is no DTE is thrown away chunk by chunk, so that memory depends on the largest document and not on the file.
    """
    _find_root(path)
    parser = _parser(("start", "end"), [f"{{*}}{name}" for name in ROOTS])
    since_document = 0
    tree: etree._Element | None = None
    for chunk in _chunks(path):
        parser.feed(chunk)
        since_document += len(chunk)
        for event, element in _elements(parser):
            tree = element if tree is None else tree
            if event == "end" and _name(element) == "DTE":
                yield element
                element.clear()
                since_document = 0
        _check_length(since_document)
        if tree is not None:
            _forget(tree)
    parser.close()


def _parser(events: Sequence[Literal["start", "end"]], tags: Sequence[str] | None) -> etree.XMLPullParser:
    """A parser that expands no entity and reads nothing outside the file, and drops what is no element."""
    return etree.XMLPullParser(
        events,
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _elements(parser: etree.XMLPullParser) -> Iterator[tuple[str, etree._Element]]:
    for event, element in parser.read_events():
        yield event, cast("etree._Element", element)


def _find_root(path: Path) -> None:
    """Raises RefusedFile where the outermost element is none of ROOTS, or never comes."""
    parser = _parser(("start",), None)
    read = 0
    for chunk in _chunks(path):
        parser.feed(chunk)
        for _, element in _elements(parser):
            _check_root(element)
            return
        read += len(chunk)
        _check_length(read)
    parser.close()


def _check_length(without_document: int) -> None:
    if without_document > MAX_DOCUMENT_BYTES:
        raise RefusedFile(
            "unreadable",
            f"The XML goes on for {without_document >> 20} MiB without a complete DTE, which no set of documents does. "
            "Ask for it again.",
        )


def _name(element: etree._Element) -> str:
    """The name without its namespace; a prefix that is declared nowhere stays, and lxml refuses the file at its end."""
    return str(element.tag).rpartition("}")[2]


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _forget(element: etree._Element) -> None:
    """Removes what is complete before the DTE that is open, if any: all but the last child on each level above it."""
    while len(element) and _name(element) != "DTE":
        del element[:-1]
        element = element[0]


def _check_root(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise RefusedFile("unreadable", "The XML declares a DOCTYPE, which no DTE has. Ask the issuer for it again.")
    name = _name(element)
    if name not in ROOTS:
        raise RefusedFile("not_a_table", f"The XML is a <{name}>, neither DTE nor EnvioDTE. Ask for it again.")


def _batches(path: Path, contract: Contract) -> Iterator[pa.RecordBatch]:
    rows: list[tuple[int, str, list[str | None]]] = []
    characters = 0
    cells = _Cells(contract)
    for position, document in enumerate(_documents(path), 1):
        text = etree.tostring(document, encoding="unicode", with_tail=False)
        rows.append((position, text, cells.of(document)))
        characters += len(text)
        if len(rows) == _BATCH or characters > _BATCH_CHARACTERS:
            yield _batch(rows)
            rows, characters = [], 0
    if rows:
        yield _batch(rows)


def _batch(rows: list[tuple[int, str, list[str | None]]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


class _Cells:
    """Finds the cells of a contract in a document, whose elements may be in one namespace, in several or in none."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._paths: dict[str, list[_Path]] = {}

    def of(self, document: etree._Element) -> list[str | None]:
        """The cells in the order of the contract's columns, None where the document has none.

        Behind them what must not be lost unseen: the name of each further body, as a DTE has one, and what else the
        document says in place of a cell.
        """
        body = document.find("*")
        if body is None:
            return [None] * len(self._contract.columns)
        others = [name for part in document.iterchildren("*") if part is not body and (name := _name(part)) != _SEAL]
        space = str(body.tag).rpartition("}")[0] + "}"
        if _has_other(body, space=space[1:-1]):
            _strip_namespaces(body)
            space = "}"
        paths = self._paths.get(space)
        if paths is None:
            prefix = space if len(space) > 1 else ""
            paths = self._paths[space] = [_Path(column, prefix) for column in self._contract.columns]
        cells: list[str | None] = []
        for path in paths:
            texts = path.read(body)
            cells += texts[:1] or [None]
            others += texts[1:]
        return cells + others


# Whether an element of a document is in another namespace than its body; asked in one step, as few are.
_has_other = etree.XPath("boolean(descendant::*[namespace-uri() != $space])")


def _strip_namespaces(body: etree._Element) -> None:
    for element in body.iter(etree.Element):
        if "}" in str(element.tag):
            element.tag = _name(element)


class _Path:
    """The way from a document's body to the cell of a column. prefix: of the names on it, as {namespace} or empty."""

    def __init__(self, column: Column, prefix: str) -> None:
        chosen = _CHOSEN.fullmatch(column.header)
        if column.type == "lines":
            self.read = partial(_lines, path=prefix + column.header, names={prefix + name: name for name in _ITEM})
        elif chosen:
            part, name, cell = (prefix + chosen[step] for step in ("part", "name", "cell"))
            self.read = partial(_chosen, part=part, name=name, cell=cell, value=chosen["value"])
        else:
            self.read = partial(_texts, path="/".join(prefix + step for step in column.header.split("/")))


def _chosen(body: etree._Element, part: str, name: str, cell: str, value: str) -> list[str]:
    """What the chosen parts say, each in a line of one cell: a document may name several (Column.several)."""
    chosen = [element for element in body.findall(part) if value in _texts(element, name)]
    named = dict.fromkeys(" ".join(text.split()) for element in chosen for text in _texts(element, cell))
    return ["\n".join(filter(None, named))]


def _texts(element: etree._Element, path: str) -> list[str]:
    """What the document says there: one text, or several that differ."""
    found = [_text(cell) for cell in element.findall(path)]
    return found if len(found) < 2 else list(dict.fromkeys(found))


def _text(cell: etree._Element) -> str:
    """The text of a cell and of whatever stands in it, so that no digit of an amount stays behind."""
    text = "".join(map(str, cell.itertext())) if len(cell) else cell.text or ""
    # Nothing that blank() changes is printable, and few texts have any of it.
    return (text if text.isprintable() else blank(text)).strip()


def _lines(body: etree._Element, path: str, names: Mapping[str, str]) -> list[str]:
    items = []
    for line in body.findall(path):
        item: dict[str, str | None] = dict.fromkeys(_ITEM)
        for cell in line:
            name = names.get(cell.tag)
            if name and item[name] is None:
                item[name] = cell.text or ""
        items.append(item)
    return [_JSON.encode(items)] if items else []
