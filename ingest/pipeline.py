"""The way of all files: found, archived, read batch by batch, and the ledger of what became of each."""

from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest import contract, desk, fewer, geography
from ingest.ahead import Ahead
from ingest.arriving import arrivals
from ingest.arriving.arrivals import Arrival
from ingest.batch import Rules, batch_names, batches, read_batch
from ingest.contract import Contract
from ingest.engine import MEMORY_LIMIT, connect
from ingest.failure import Failure, failure_of
from ingest.fewer import Fewer, Tally
from ingest.raw import ledger
from ingest.raw.ledger import FileReport
from ingest.raw.memory import Memory
from ingest.raw.store import Reading, Store
from ingest.rows import corrections

_LOST_FROM_ARCHIVE = "Its last good content is no longer in the archive. Put the file back into its folder."


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


@dataclass
class Report:
    """What came in: every file with its fate, and the files that are left alone, each with the reason.

    totals_miles: per export, the sum of each column of amounts over its accepted rows, in M$ (thousands of CLP).
    corrections_to_review: what of corrections/ the sources have overtaken, one sentence each. to_try_again: files that
    another run may find otherwise although they look the same, as those that were still growing. failures: the exports
    that could not be read, which keep what they had in the run before. fewer: what has far fewer accepted rows than
    before.
    """

    files: list[FileReport] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    totals_miles: dict[str, dict[str, int]] = field(default_factory=dict)
    corrections_to_review: list[str] = field(default_factory=list)
    to_try_again: list[str] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)
    fewer: list[Fewer] = field(default_factory=list)

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
    withdrawn = kept.keys() & {w.archivo for w in corrected.retiros}
    with ExitStack() as engines:
        con = engines.enter_context(connect(raw / ".tmp", memory_limit))
        for c in contracts.values():
            rules = Rules(c, corrected.of(c.export), listed)
            if c.export not in failures:
                try:
                    at_hand = AtHand.of(c, found, kept.values(), withdrawn)
                    files = _ingest_export(con, store, ahead, rules, at_hand, progress, again)
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
        report.corrections_to_review = corrections.to_review(con, raw, judged, {a.path for a in found}, withdrawn)
        for c in contracts.values():
            desk.write(con, raw, c, places.desk)
    report.fewer = _remember(memory, report, kept, withdrawn)
    ahead.drop()
    return report


class AtHand(NamedTuple):
    """Of an export: the folder's files, what last was good under each name, and which of all names are withdrawn."""

    found: list[Arrival]
    kept: list[Arrival]
    withdrawn: Set[str]

    @classmethod
    def of(cls, c: Contract, found: Iterable[Arrival], kept: Iterable[Arrival], withdrawn: Set[str]) -> "AtHand":
        """What of all exports' files is of this one."""
        found, kept = ([a for a in files if a.contract.export == c.export] for files in (found, kept))
        return cls(found, kept, withdrawn)

    def likely(self) -> list[Arrival]:
        """The files that the export's names most likely stand for, before any is read.

        Where a name is there twice, the last good content comes later and counts: in most runs the two are the same.
        """
        return [*self.found, *(a for a in self.kept if a.path not in self.withdrawn)]


def _ingest_export(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    ahead: Ahead,
    rules: Rules,
    at_hand: AtHand,
    progress: Callable[[str], None],
    again: Again | None,
) -> list[FileReport]:
    """Reads the folder's files of an export, then what stands in for those that were refused or are missing."""
    rules = rules.naming(at_hand.likely())
    files = _read_export(con, store, ahead, rules, at_hand, progress, again)
    # Only now it is known what each name stands for: a refused file leaves the content before it in force.
    named = rules.naming([*at_hand.found, *(f.arrival for f in files if f.reading.estado == "ACEPTADO")])
    if named != rules:
        rules = named
        files = _read_export(con, store, ahead, rules, at_hand, progress, again)
    store.settle(rules.contract, rules.fingerprint)
    return files


def _read_export(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    ahead: Ahead,
    rules: Rules,
    at_hand: AtHand,
    progress: Callable[[str], None],
    again: Again | None,
) -> list[FileReport]:
    """Reads what is not known under these rules.

    What workers have read ahead is taken as it is: it is what would be written here.
    """
    known = store.prepare(con, rules.contract, rules.fingerprint)
    for arrival in at_hand.likely():
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

    files = read(at_hand.found)
    return files + read(_stand_ins(files, at_hand))


def _as_before(con: duckdb.DuckDBPyConnection, store: Store, c: Contract, before: list[FileReport]) -> list[FileReport]:
    """What an export that could not be read keeps of the run before: the files whose rows are still there."""
    known = store.keep_last(con, c, {f.arrival.sha256 for f in before})
    return [f for f in before if f.reading.estado != "ACEPTADO" or f.arrival.sha256 in known]


def _remember(memory: Memory, report: Report, kept: Mapping[str, Arrival], withdrawn: Set[str]) -> list[Fewer]:
    """Keeps for the next run what is in force under each name and how many rows of it count; returns what has fewer.

    kept: the last good content of each name before this run. withdrawn: the names of it that corrections withdraw,
    which are remembered as long as nothing else comes under them.
    """
    failures = report.failures
    lasting = [
        f.arrival
        for f in report.files
        if f.arrival.contract.export not in failures and (f.reading.estado == "ACEPTADO" or not f.arrival.present)
    ]
    lasting += [a for a in kept.values() if a.contract.export in failures]
    named = {a.path for a in lasting}
    tallies = _tally(report, memory.tallies(), kept, withdrawn)
    memory.keep([*lasting, *(kept[path] for path in sorted(withdrawn - named))], tallies)
    return fewer.find(report.in_force(), tallies)


def _tally(
    report: Report, before: Mapping[str, Tally], kept: Mapping[str, Arrival], withdrawn: Set[str]
) -> dict[str, Tally]:
    """The rows that count under each name; of an export that could not be read as the run before counted them."""
    in_force = report.in_force()
    known = {path: kept[path] for path in before.keys() & kept.keys()}
    # What is withdrawn and lies in the folder all the same counts.
    gone = withdrawn - {f.arrival.path for f in in_force}
    last = {fewer.follows(a): before[path] for path, a in known.items() if path not in gone}
    read = [f for f in in_force if f.arrival.contract.export not in report.failures]
    unread = {path: before[path] for path, a in known.items() if a.contract.export in report.failures}
    return fewer.tally(read, last, datetime.now(UTC).replace(tzinfo=None)) | unread


def _stand_ins(files: list[FileReport], at_hand: AtHand) -> list[Arrival]:
    """The last good content of each name that gives none now, unless it only moved to a name that is new."""
    good = {f.arrival.path: f.arrival.sha256 for f in files if f.reading.estado == "ACEPTADO"}
    known = {a.path for a in at_hand.kept}
    moved = {sha256 for path, sha256 in good.items() if path not in known}
    gone = good.keys() | at_hand.withdrawn
    return [a for a in at_hand.kept if a.path not in gone and a.sha256 not in moved]


def has_come(day: date) -> bool:
    """Whether a day has begun. That of UTC, which is never behind that of Santiago."""
    return day <= datetime.now(UTC).date()


def _held_to_name(arrival: Arrival, reading: Reading) -> Reading:
    """Refuses a file whose name is wrong: its figures would go by another month, or every deadline by its date.

    That is one whose header names another month, or whose data would begin on a day that has not come.
    """
    if reading.estado == "ACEPTADO" and arrival.name.begins and not has_come(arrival.name.begins):
        message = f"Its name says data of {arrival.name.begins}, a day that has not come. Give it the right name."
        return Reading(reading.sha256, "RECHAZADO", "unreadable", message)
    if reading.mes in (None, arrival.name.month):
        return reading
    says = contract.MONTHS[(reading.mes or 0) - 1]
    message = f"The header is of {says}, the file's name of month {arrival.name.month}. Give it the right name."
    return Reading(reading.sha256, "RECHAZADO", "header_unknown", message)


def _totals(con: duckdb.DuckDBPyConnection, raw: Path, c: Contract, files: list[FileReport]) -> dict[str, int]:
    amounts = {column.name: column.type for column in c.columns if column.type in ("pesos", "miles")}
    if not amounts:
        return {}
    sums = ", ".join(f"cast(coalesce(sum({name}), 0) as decimal(38, 0))" for name in amounts)
    rows = con.execute(
        f"select {sums} from read_parquet('{raw}/{c.export}/*.parquet') where list_contains(?, _sha256)",
        [[f.arrival.sha256 for f in files if f.reading.estado == "ACEPTADO"]],
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
