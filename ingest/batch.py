"""Files of an export that are read together: loaded, typed, each row given its fate and written to the raw layer."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import contract
from ingest.arriving.arrivals import Arrival
from ingest.cells import Layout
from ingest.contract import LACKING, OPEN_END, Contract
from ingest.control import comparison, csv_control, xml_control
from ingest.control.comparison import Count
from ingest.control.xlsx_control import Sheet
from ingest.failure import at_work_on
from ingest.raw.store import Reading, Store
from ingest.reading import csv_file, lines, records, xlsx_file, xml_file
from ingest.reading.headers import Header, find
from ingest.refusal import RefusedFile
from ingest.rows import fates, reserved
from ingest.rows.corrections import CellCorrection

BATCH_BYTES = 64 << 20

_ROOM = Path(__file__).parent
_STEPS = [_ROOM / "reading", _ROOM / "control", _ROOM / "rows"]
# What decides, beside the contract, how a file is read.
_RULES = [
    *(_ROOM / name for name in ("batch.py", "cells.py", "contract.py", "engine.py", "geography.py")),
    *(rule for step in _STEPS for rule in sorted(step.iterdir()) if rule.suffix in (".py", ".sql")),
]

# What a file is, by its first bytes; what has none of these signs is text.
_SIGNS = {
    "a web page": (b"<!doctype html", b"<html"),
    "an XML document": (b"<", codecs.BOM_UTF16_LE + b"<", codecs.BOM_UTF16_BE + b"\0<"),
    "a PDF": (b"%pdf",),
    "a workbook": (b"pk\x03\x04",),
    "compressed (gzip)": (b"\x1f\x8b",),
    "a workbook with a password, or one of the old kind (.xls)": (b"\xd0\xcf\x11\xe0",),
}
_EXPECTED = {"csv": "text", "xlsx": "a workbook", "xml": "an XML document"}
_HINTS = {"a web page": " Is the session over?"}


@dataclass(frozen=True)
class _Member:
    """A file of a batch whose header is found. number: in the batch. sheet: what xlsx_control found in a workbook."""

    number: int
    arrival: Arrival
    header: Header
    sheet: Sheet | None


@dataclass(frozen=True)
class Rules:
    """How the files of an export are read: its contract, the corrections of its cells, the words that are no names.

    named: of each file that corrections name, its name and the sha256 of its content.
    """

    contract: Contract
    corrections: tuple[CellCorrection, ...]
    listed: tuple[str, ...]
    named: tuple[tuple[str, str], ...] = ()

    def naming(self, files: Iterable[Arrival]) -> "Rules":
        """These rules, with `named` filled in from files. Where two have one name, the later of them counts."""
        contents = {a.path: a.sha256 for a in files}
        names = sorted({c.donde["archivo"] for c in self.corrections if "archivo" in c.donde})
        return replace(self, named=tuple((name, contents[name]) for name in names if name in contents))

    @cached_property
    def fingerprint(self) -> str:
        """What a reading depends on beside the file's bytes."""
        said = "".join([*(c.model_dump_json() for c in self.corrections), *map(" ".join, self.named)]).encode()
        words = "\n".join(self.listed if self.contract.holds_names else ()).encode()
        return contract.fingerprint(self.contract, said, words, *(rule.read_bytes() for rule in _RULES))


def batches(found: list[Arrival]) -> Iterator[list[Arrival]]:
    """Files in groups of at most BATCH_BYTES, a larger file alone: small ones share the cost of a statement."""
    batch: list[Arrival] = []
    for arrival in sorted(found, key=lambda a: a.path):
        if batch and sum(a.size for a in batch) + arrival.size > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(arrival)
    if batch:
        yield batch


def read_batch(con: duckdb.DuckDBPyConnection, store: Store, rules: Rules, batch: list[Arrival]) -> list[Reading]:
    """Reads files of one export that go together into the store; returns how each was read.

    con: as `connect` gives it.
    """
    records.create(con)
    readings: list[Reading] = []
    groups: dict[Layout, list[_Member]] = {}
    marked = False
    for number, arrival in enumerate(batch):
        try:
            with at_work_on([arrival.path]):
                has_marks, sheet = _load(con, arrival, number)
                header = find(con, number, rules.contract)
                _check_encoding(arrival)
                if rules.contract.format.type == "csv":
                    csv_file.check_line_ends(arrival.archived, header.lines)
                _check_data(con, number, header)
                layout = csv_file.with_row_end(con, number, header)
        except RefusedFile as refusal:
            records.remove(con, number)
            readings.append(Reading(arrival.sha256, "RECHAZADO", refusal.reason, refusal.message))
        else:
            marked |= has_marks
            groups.setdefault(layout, []).append(_Member(number, arrival, header, sheet))
    names = batch_names(rules, batch)
    for g, (layout, members) in enumerate(groups.items()):
        with at_work_on(m.arrival.path for m in members):
            readings += _give_fates(con, store, layout, rules, members, marked, names, g)
    for name in sorted(set(names.values())):
        of_name = [r for r in readings if names[r.sha256] == name]
        store.complete(rules.contract.export, name, rules.fingerprint, of_name)
    records.clear(con)
    return readings


def batch_names(rules: Rules, batch: list[Arrival]) -> dict[str, str]:
    """By sha256, the batch under which the raw layer keeps what a file gives.

    A monthly file is one of its own, so that its month can be read again alone, and the raw layer is the same in
    whatever order and company its files came. Under other rules the same files are other batches, so that what is
    there stays until all is read.
    """
    alone = [[a.sha256] for a in batch]
    together = [sorted(a.sha256 for a in batch)]
    return {
        sha256: hashlib.sha256("".join([rules.fingerprint, *files]).encode()).hexdigest()[:16]
        for files in (alone if rules.contract.monthly else together)
        for sha256 in files
    }


def _load(con: duckdb.DuckDBPyConnection, arrival: Arrival, number: int) -> tuple[bool, Sheet | None]:
    """Puts the file's records into `registros`; returns whether it has bytes that are no text, and the sheet read."""
    _sniff(arrival)
    kind = arrival.contract.format.type
    if kind == "csv":
        return csv_file.load(con, arrival.archived, number, arrival.contract), None
    if kind == "xlsx":
        return False, xlsx_file.load(con, arrival.archived, number)
    xml_file.load(con, arrival.archived, number, arrival.contract)
    return False, None


def _sniff(arrival: Arrival) -> None:
    """Refuses a file that is empty, or something else under the name of an export."""
    head = _first_text(arrival.archived)
    if not head:
        raise RefusedFile("empty", "The file has no content. Export it again.")
    kind, encoding = arrival.contract.format.type, arrival.contract.format.encoding
    if kind == "csv" and head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = f"The file is in UTF-16 and not in {encoding}. Export it again in {encoding}."
        raise RefusedFile("header_unknown", message)
    looks = next((name for name, signs in _SIGNS.items() if head.startswith(signs)), "text")
    if looks != _EXPECTED[kind]:
        raise RefusedFile(
            "not_a_table",
            f"The file is {looks}, and {_EXPECTED[kind]} is expected.{_HINTS.get(looks, '')} Export it again.",
        )


def _first_text(path: Path) -> bytes:
    """Some of the file from its first byte on that is no white space, in lower case."""
    with path.open("rb") as file:
        while chunk := file.read(2048):
            if head := chunk.removeprefix(codecs.BOM_UTF8).lstrip():
                return head.lower()
    return b""


def _check_encoding(arrival: Arrival) -> None:
    """Refuses UTF-8 where another encoding is agreed or declared, which a header need not show.

    Its letters would be read as others: a name that is reserved would not be found again where it is written right.
    """
    form = arrival.contract.format
    if form.type == "xlsx":
        return
    encoding = form.encoding if form.type == "csv" else xml_file.declared_encoding(arrival.archived)
    if encoding != "UTF-8" and lines.is_utf8(arrival.archived):
        raise RefusedFile("unreadable", f"The file is in UTF-8 and not in {encoding}. Export it again in {encoding}.")


def _check_data(con: duckdb.DuckDBPyConnection, number: int, header: Header) -> None:
    below = con.execute(
        """select 1 from registros where archivo_n = ? and fila >= ?
            and trim(texto, '";,' || chr(9) || chr(10) || ' ') <> '' limit 1""",
        [number, header.first_row],
    ).fetchall()
    if not below:
        raise RefusedFile("empty", "The file has a header and no row below it. Export it again.")


def _give_fates(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    layout: Layout,
    rules: Rules,
    members: list[_Member],
    marked: bool,
    names: dict[str, str],
    group: int,
) -> list[Reading]:
    """Types the rows of the files that share a layout and writes each to where its fate leads.

    names: by sha256, the batch that keeps what a file gives. A file of which the control reads something else is
    refused, and none of its rows is written.
    """
    export, corrected = layout.contract.export, rules.corrections
    _register_group(con, members, rules)
    records.keep_typed(con, fates.type_rows(layout, marked))
    sums = _sums(con, layout)
    if corrected:
        records.keep_typed(con, fates.type_rows(layout, marked, corrected))
    con.execute(fates.find_candidates(layout.contract))
    con.execute(fates.FIND_DUPLICATES)
    con.execute(fates.find_conflicts(layout.contract))
    counts = {row[0]: row[1:] for row in con.execute(fates.COUNT_FATES).fetchall()}
    readings = []
    for member in members:
        fate_counts = counts.get(member.number, (0, 0, 0, 0))
        above = member.header.first_row - 1
        disagreement = _disagreement(member, Count(above + sum(fate_counts), sums.get(member.number, {})))
        readings.append(_reading(member, fate_counts, disagreement))

    def write(table: str, query: str, parts: Iterable[str] = ("",), order: str = "all", cheap: bool = False) -> None:
        for part in parts:
            # What a monthly file gives is called the same whatever files came with it.
            own = f"0{part and '-' + part.rpartition('-')[2]}" if rules.contract.monthly else f"{group}{part}"
            places = {m.arrival.sha256: store.place(table, export, names[m.arrival.sha256], own) for m in members}
            if rules.contract.monthly and members[0].arrival.size <= BATCH_BYTES:
                store.split(con, query, places, order, cheap)
            else:
                store.copy(con, query, places[members[0].arrival.sha256])

    # Names are sought whatever becomes of the file.
    if sought := reserved.values(layout, rules.listed):
        con.execute(reserved.find_shifted(layout.contract))
        write("reservados", sought)
    _register_group(con, [m for m, r in zip(members, readings, strict=True) if r.estado == "ACEPTADO"], rules)
    if any(r.aceptadas for r in readings):
        write(export, fates.accepted_rows(layout), records.each_part(con), order="_fila", cheap=True)
    if any(r.rechazadas for r in readings):
        write("filas_rechazadas", fates.rejected_rows(layout, corrected), records.each_part(con))
        write("llaves_rechazadas", fates.rejected_keys(layout), records.each_part(con))
    if con.execute("select 1 from leidas where observada limit 1").fetchall():
        write("observaciones", fates.observed_cells(layout, corrected), records.each_part(con))
    if corrected:
        write("correcciones", fates.corrected_cells(layout, corrected), records.each_part(con))
    con.unregister("grupo")
    return readings


def _register_group(con: duckdb.DuckDBPyConnection, members: list[_Member], rules: Rules) -> None:
    names = [[name for name, sha256 in rules.named if sha256 == m.arrival.sha256] for m in members]
    files = pa.table(
        {
            "archivo_n": pa.array([m.number for m in members], pa.int32()),
            "sha256": pa.array([m.arrival.sha256 for m in members], pa.string()),
            "nombres": pa.array(names, pa.list_(pa.string())),
            "primera_fila": pa.array([m.header.first_row for m in members], pa.int32()),
        }
    )
    con.register("grupo", files)


def _sums(con: duckdb.DuckDBPyConnection, layout: Layout) -> dict[int, dict[str, int]]:
    """Of each file, the sum of each column of amounts over all its rows, whatever their fate."""
    names = list(comparison.amounts(layout))
    if not names:
        return {}
    sums = ", ".join(f"coalesce(sum(v_{name}), 0)" for name in names)
    rows = con.execute(f"select archivo_n, {sums} from leidas group by archivo_n").fetchall()
    return {number: dict(zip(names, map(int, values), strict=True)) for number, *values in rows}


def _disagreement(member: _Member, read: Count) -> str | None:
    """What the second reading of a file found otherwise, in words; None where both agree."""
    arrival, header = member.arrival, member.header
    if member.sheet:
        return comparison.difference(read, member.sheet.count(header))
    if arrival.contract.format.type == "xml":
        return xml_control.difference(arrival.archived, header.layout, read)
    return comparison.difference(read, csv_control.count(arrival.archived, arrival.contract.format, header))


def _reading(member: _Member, counts: tuple[int, int, int, int], disagreement: str | None) -> Reading:
    sha256, header = member.arrival.sha256, member.header
    if disagreement:
        return Reading(sha256, "RECHAZADO", "unreadable", disagreement)
    notes = []
    if header.unknown:
        notes.append(f"Columns that the contract does not know: {', '.join(header.unknown)}.")
    layout = header.layout
    if lacking := [name for name, c in zip(layout.contract.headers(), layout.cells, strict=True) if c.position is None]:
        notes.append(f"{LACKING} {', '.join(lacking)}.")
    if layout.contract.format.type == "csv" and not lines.ends(member.arrival.archived):
        notes.append(OPEN_END)
    if member.sheet and member.sheet.others:
        notes.append(f"Sheets that are not read: {', '.join(member.sheet.others)}.")
    ignored, duplicates, rejected, accepted = counts
    return Reading(
        sha256=sha256,
        estado="ACEPTADO",
        motivo=None,
        detalle=" ".join(notes) or None,
        aceptadas=accepted,
        rechazadas=rejected,
        duplicadas=duplicates,
        ignoradas=ignored + header.first_row - 1 - header.rows,
        mes=header.month,
    )
