"""The way of a file: found, archived, read, typed, its rows given their fates, its accepted rows in the raw layer."""

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import (
    arrivals,
    contract,
    control,
    control_csv,
    control_xml,
    corrections,
    csv_file,
    desk,
    fates,
    geography,
    ledger,
    lines,
    records,
    xlsx_file,
    xml_file,
)
from ingest.ahead import Ahead
from ingest.arrivals import Arrival
from ingest.contract import Contract
from ingest.control import Count
from ingest.control_xlsx import Sheet
from ingest.corrections import CellCorrection
from ingest.failure import Failure, at_work_on, failure_of
from ingest.headers import Header, find
from ingest.ledger import FileReport
from ingest.memory import Memory
from ingest.refusal import RefusedFile
from ingest.store import Reading, Store

BATCH_BYTES = 64 << 20
# Of the engine, where the caller says nothing else.
MEMORY_LIMIT = "600MB"
# Else the allocator keeps what the engine has freed, beside what the limit allows.
GIVES_BACK: dict[str, str | bool | int | float | list[str]] = {
    "allocator_flush_threshold": "16MB",
    "allocator_bulk_deallocation_flush_threshold": "16MB",
}

_SPELLINGS = Path(__file__).with_name("spellings.sql")
_RULES = [
    Path(__file__).with_name(name)
    for name in (
        "contract.py",
        "control.py",
        "control_csv.py",
        "control_xlsx.py",
        "control_xml.py",
        "corrections.py",
        "csv_file.py",
        "fates.py",
        "geography.py",
        "headers.py",
        "lines.py",
        "pipeline.py",
        "records.sql",
        "spellings.sql",
        "xlsx_file.py",
        "xml_file.py",
    )
]

# What a file is, by its first bytes; what has none of these signs is text.
_SIGNS = {
    "a web page": (b"<!doctype html", b"<html"),
    "an XML document": (b"<", codecs.BOM_UTF16_LE + b"<", codecs.BOM_UTF16_BE + b"\0<"),
    "a PDF": (b"%pdf",),
    "a workbook": (b"pk\x03\x04",),
    "a workbook of the old kind (.xls)": (b"\xd0\xcf\x11\xe0",),
}
_EXPECTED = {"csv": "text", "xlsx": "a workbook", "xml": "an XML document"}


_LOST_FROM_ARCHIVE = "Its last good content is no longer in the archive. Put the file back into its folder."


@dataclass(frozen=True)
class _Member:
    """A file of a batch whose header is found. number: in the batch. sheet: what control_xlsx found in a workbook."""

    number: int
    arrival: Arrival
    header: Header
    sheet: Sheet | None


@dataclass(frozen=True)
class Again:
    """Files that are read again although their content is known: those of a month, as 2024-12, of monthly exports."""

    exports: frozenset[str]
    month: str

    def holds(self, arrival: Arrival) -> bool:
        """Whether a file is one of them; one that the archive has lost could not be read."""
        return (
            arrival.contract.export in self.exports
            and arrival.name.year_month == self.month
            and arrival.archived.exists()
        )


@dataclass(frozen=True)
class Rules:
    """How the files of an export are read: its contract, the corrections of its cells, the words that are no names."""

    contract: Contract
    corrections: tuple[CellCorrection, ...]
    listed: tuple[str, ...]

    @cached_property
    def fingerprint(self) -> str:
        """What a reading depends on beside the file's bytes."""
        said = "".join(c.model_dump_json() for c in self.corrections).encode()
        words = "\n".join(self.listed if self.contract.holds_names else ()).encode()
        return contract.fingerprint(self.contract, said, words, *(rule.read_bytes() for rule in _RULES))


@dataclass
class Report:
    """What came in: every file with its fate, and the files that are left alone, each with the reason.

    totals_miles: per export, the sum of each column of amounts over its accepted rows, in M$ (thousands of CLP).
    corrections_to_review: what of corrections/ the sources have overtaken, one sentence each. to_try_again: files that
    another run may find otherwise although they look the same, as those that were still growing. failures: the exports
    that could not be read, which keep what they had in the run before.
    """

    files: list[FileReport] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    totals_miles: dict[str, dict[str, int]] = field(default_factory=dict)
    corrections_to_review: list[str] = field(default_factory=list)
    to_try_again: list[str] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)

    def in_force(self) -> list[FileReport]:
        """The files whose rows count: the accepted ones, and the last good content of refused or missing ones."""
        return [f for f in self.files if f.reading.estado == "ACEPTADO"]

    def stand_ins(self) -> list[FileReport]:
        """The files that are in force although they do not lie in the folder as they were."""
        return [f for f in self.in_force() if not f.arrival.present]


@dataclass(frozen=True)
class Places:
    """Folders of a run. exports: one sub-folder a system. corrections: what to read instead of what a source says.

    raw, archive, desk (rejected rows, for those who mend the sources): of the internal area.
    """

    exports: Path
    corrections: Path
    raw: Path
    archive: Path
    desk: Path


def run(
    places: Places,
    progress: Callable[[str], None] = lambda _: None,
    settle: float = 0,
    again: Again | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> Report:
    """Reads every new file of the exports folder into the raw layer and writes the ledger of this run.

    An export that cannot be read for no fault of its files is left as the run before had it, and the others go on.

    progress: told one line a step. settle: seconds that a file must have been at rest to be taken in. again: what is
    read although it is known. memory_limit: the engine's, as DuckDB writes sizes. Raises FileNotFoundError without an
    exports folder, CorrectionsError where the corrections cannot be followed, and what concerns more than one export,
    as a full disk.
    """
    contracts = contract.load()
    listed = contract.listed(contracts.values())
    corrected = corrections.load(places.corrections, contracts)
    found, unknown, failures = arrivals.find(places.exports, contracts, places.archive, settle)
    report = Report(
        unknown={u.path: u.why for u in unknown},
        to_try_again=[u.path for u in unknown if u.growing],
        failures=failures,
    )
    raw = places.raw
    store, ahead = Store(raw), Ahead(raw)
    memory = Memory.read(raw, places.exports)
    kept = memory.recall(contracts, places.archive)
    withdrawn = [kept.pop(w.archivo) for w in corrected.retiros if w.archivo in kept]
    with ExitStack() as engines:
        con = engines.enter_context(connect(raw / ".tmp", memory_limit))
        for c in contracts.values():
            rules = Rules(c, corrected.of(c.export), listed)
            if c.export not in failures:
                try:
                    files = _ingest_export(
                        con, store, ahead, rules, _of(c, found), _of(c, kept.values()), progress, again
                    )
                    totals = _totals(con, raw, c, files)
                except Exception as error:
                    failures[c.export] = failure_of(c.export, error)
                    # In what state it left its engine is not known.
                    con.close()
                    con = engines.enter_context(connect(raw / ".tmp", memory_limit))
            if c.export in failures:
                before = ledger.read(raw / "archivos.parquet", memory.folder, c, places.archive)
                files = _as_before(con, store, c, before)
                totals = _totals(con, raw, c, files)
            report.files += files
            report.totals_miles[c.export] = totals
        store.write(ledger.table(report.files, memory.folder), raw / "archivos.parquet")
        store.write(geography.comunas(), raw / "comunas.parquet")
        _write_points(con, store, contracts)
        judged = corrected.model_copy(
            update={"celdas": tuple(cell for cell in corrected.celdas if cell.export not in failures)}
        )
        report.corrections_to_review = corrections.to_review(
            con, raw, judged, {a.path for a in found}, {a.path for a in withdrawn}
        )
        for c in contracts.values():
            desk.write(con, raw, c, places.desk)
    lasting = [
        f.arrival
        for f in report.files
        if f.arrival.contract.export not in failures and (f.reading.estado == "ACEPTADO" or not f.arrival.present)
    ]
    lasting += [a for a in kept.values() if a.contract.export in failures]
    named = {a.path for a in lasting}
    memory.keep([*lasting, *(a for a in withdrawn if a.path not in named)])
    ahead.drop()
    return report


def _of(c: Contract, files: Iterable[Arrival]) -> list[Arrival]:
    return [a for a in files if a.contract.export == c.export]


@contextmanager
def connect(scratch: Path, memory_limit: str, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that is ready to read files. scratch: a folder that it has for itself. threads: else one a core."""
    with records.scratch(scratch) as folder:
        config = GIVES_BACK | {
            "memory_limit": memory_limit,
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads:
            config["threads"] = threads
        with duckdb.connect(config=config) as con:
            # It would take a worker for a person at a terminal.
            con.execute("set enable_progress_bar = false")
            con.execute(_SPELLINGS.read_text("utf-8"))
            geography.register_names(con)
            yield con


def _ingest_export(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    ahead: Ahead,
    rules: Rules,
    found: list[Arrival],
    kept: list[Arrival],
    progress: Callable[[str], None],
    again: Again | None,
) -> list[FileReport]:
    """Reads the folder's files of an export, then what stands in for those that were refused or are missing.

    What workers have read ahead is taken as it is: it is what would be written here.
    """
    known = store.prepare(con, rules.contract, rules.fingerprint)
    for arrival in (*found, *kept):
        if again and again.holds(arrival):
            # Its rows stay in place until those that it gives now are written over them.
            known.pop(arrival.sha256, None)

    def read(files: list[Arrival]) -> list[FileReport]:
        pending = {a.sha256: a for a in files if a.sha256 not in known}
        for sha256 in [sha256 for sha256, a in pending.items() if not a.archived.exists()]:
            del pending[sha256]
            known[sha256] = Reading(sha256, "RECHAZADO", "unreadable", _LOST_FROM_ARCHIVE)
        for batch in batches(list(pending.values())):
            names = batch_names(rules, batch)
            taken = ahead.take(store, rules.contract.export, rules.fingerprint, names.values())
            known.update({r.sha256: r for r in taken})
            if rest := [a for a in batch if a.sha256 not in known]:
                progress(f"{rules.contract.export}: reading {len(rest)} file{'s' if len(rest) > 1 else ''}")
                known.update({r.sha256: r for r in read_batch(con, store, rules, rest)})
        return [FileReport(a, _held_to_name(a, known[a.sha256]), a.sha256 in pending) for a in files]

    files = read(found)
    files += read(_stand_ins(files, kept))
    store.settle(rules.contract, rules.fingerprint)
    return files


def _as_before(con: duckdb.DuckDBPyConnection, store: Store, c: Contract, before: list[FileReport]) -> list[FileReport]:
    """What an export that could not be read keeps of the run before: the files whose rows are still there."""
    known = store.keep_last(con, c, {f.arrival.sha256 for f in before})
    return [f for f in before if f.reading.estado != "ACEPTADO" or f.arrival.sha256 in known]


def _stand_ins(files: list[FileReport], kept: list[Arrival]) -> list[Arrival]:
    """The last good content of each name that gives none now, unless it only moved to a name that is new."""
    good = {f.arrival.path: f.arrival.sha256 for f in files if f.reading.estado == "ACEPTADO"}
    known = {a.path for a in kept}
    moved = {sha256 for path, sha256 in good.items() if path not in known}
    return [a for a in kept if a.path not in good and a.sha256 not in moved]


def _held_to_name(arrival: Arrival, reading: Reading) -> Reading:
    """Refuses a file whose header names another month than its name: its figures would go by the wrong one."""
    if reading.mes in (None, arrival.name.month):
        return reading
    says = contract.MONTHS[(reading.mes or 0) - 1]
    message = f"The header is of {says}, the file's name of month {arrival.name.month}. Give it the right name."
    return Reading(reading.sha256, "RECHAZADO", "header_unknown", message)


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
    groups: dict[fates.Layout, list[_Member]] = {}
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
    kind = arrival.contract.format.type
    looks = next((name for name, signs in _SIGNS.items() if head.startswith(signs)), "text")
    if looks != _EXPECTED[kind]:
        raise RefusedFile(
            "not_a_table",
            f"The file is {looks}, not a table ({kind} expected): is the session over? Export it again.",
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
    layout: fates.Layout,
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
    _register_group(con, members)
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
    con.execute(fates.find_shifted(layout.contract))
    reserved = fates.reserved_values(layout, rules.listed)
    if reserved:
        write("reservados", reserved)
    _register_group(con, [m for m, r in zip(members, readings, strict=True) if r.estado == "ACEPTADO"])
    if any(r.aceptadas for r in readings):
        write(export, fates.accepted_rows(layout), records.each_part(con), order="_fila", cheap=True)
    if any(r.rechazadas for r in readings):
        write("filas_rechazadas", fates.rejected_rows(layout, corrected), records.each_part(con))
    if con.execute("select 1 from leidas where observada limit 1").fetchall():
        write("observaciones", fates.observed_cells(layout, corrected), records.each_part(con))
    if corrected:
        write("correcciones", fates.corrected_cells(layout, corrected), records.each_part(con))
    con.unregister("grupo")
    return readings


def _register_group(con: duckdb.DuckDBPyConnection, members: list[_Member]) -> None:
    files = pa.table(
        {
            "archivo_n": pa.array([m.number for m in members], pa.int32()),
            "sha256": pa.array([m.arrival.sha256 for m in members], pa.string()),
            "archivo": pa.array([m.arrival.path for m in members], pa.string()),
            "primera_fila": pa.array([m.header.first_row for m in members], pa.int32()),
        }
    )
    con.register("grupo", files)


def _sums(con: duckdb.DuckDBPyConnection, layout: fates.Layout) -> dict[int, dict[str, int]]:
    """Of each file, the sum of each column of amounts over all its rows, whatever their fate."""
    names = list(control.amounts(layout))
    if not names:
        return {}
    sums = ", ".join(f"coalesce(sum(v_{name}), 0)" for name in names)
    rows = con.execute(f"select archivo_n, {sums} from leidas group by archivo_n").fetchall()
    return {number: dict(zip(names, map(int, values), strict=True)) for number, *values in rows}


def _disagreement(member: _Member, read: Count) -> str | None:
    """What the second reading of a file found otherwise, in words; None where both agree."""
    arrival, header = member.arrival, member.header
    if member.sheet:
        return control.difference(read, member.sheet.count(header))
    if arrival.contract.format.type == "xml":
        return control_xml.difference(arrival.archived, header.layout, read)
    return control.difference(read, control_csv.count(arrival.archived, arrival.contract.format, header))


def _reading(member: _Member, counts: tuple[int, int, int, int], disagreement: str | None) -> Reading:
    sha256, header = member.arrival.sha256, member.header
    if disagreement:
        return Reading(sha256, "RECHAZADO", "unreadable", disagreement)
    notes = []
    if header.unknown:
        notes.append(f"Columns that the contract does not know: {', '.join(header.unknown)}.")
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


def _totals(con: duckdb.DuckDBPyConnection, raw: Path, c: Contract, files: list[FileReport]) -> dict[str, int]:
    amounts = {column.name: column.type for column in c.columns if column.type in ("pesos", "miles")}
    if not amounts:
        return {}
    sums = ", ".join(f"cast(coalesce(sum({name}), 0) as decimal(38, 0))" for name in amounts)
    rows = con.execute(
        f"select {sums} from read_parquet('{raw}/{c.export}/*.parquet') where list_contains(?, _sha256)",
        [[f.arrival.sha256 for f in files]],
    ).fetchall()
    totals = zip(amounts.items(), map(int, rows[0]), strict=True)
    return {name: _thousands(total) if kind == "pesos" else total for (name, kind), total in totals}


def _thousands(pesos: int) -> int:
    """M$ of pesos, half of one away from zero."""
    miles = (abs(pesos) + 500) // 1000
    return miles if pesos >= 0 else -miles


def _write_points(con: duckdb.DuckDBPyConnection, store: Store, contracts: dict[str, Contract]) -> None:
    """Looks up the comuna of every point that an export gives."""
    points = " union ".join(
        f"""select distinct {c.point[0]} as latitud, {c.point[1]} as longitud
            from read_parquet('{store.folder}/{c.export}/*.parquet')
            where {c.point[0]} is not null and {c.point[1]} is not null"""
        for c in contracts.values()
        if c.point
    )
    table = con.execute(f"select * from ({points}) order by all").to_arrow_table()
    store.write(geography.locate(table), store.folder / "puntos.parquet")
