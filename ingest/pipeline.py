"""The way of a file: found, archived, read, typed, its rows given their fates, its accepted rows in the raw layer."""

import codecs
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import arrivals, contract, csv_file, fates, geography, ledger, records, xlsx_file, xml_file
from ingest.arrivals import Arrival
from ingest.contract import Contract
from ingest.headers import Header, find
from ingest.ledger import FileReport
from ingest.refusal import RefusedFile
from ingest.store import Reading, Store

BATCH_BYTES = 64 << 20
MEMORY_LIMIT = "1GB"

_SPELLINGS = Path(__file__).with_name("spellings.sql")
_RULES = [
    Path(__file__).with_name(name)
    for name in (
        "contract.py",
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


class LostRows(RuntimeError):
    """The fates of a file's rows do not add up to its records: a fault of ours, never of the file."""


@dataclass
class Report:
    """What came in: every file with its fate, and the files that are left alone, each with the reason.

    totals_miles: per export, the sum of each column of amounts over its accepted rows, in M$ (thousands of CLP).
    """

    files: list[FileReport] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    totals_miles: dict[str, dict[str, int]] = field(default_factory=dict)

    def accepted_exports(self) -> set[str]:
        """The exports with at least one accepted file."""
        return {f.arrival.contract.export for f in self.files if f.reading.estado == "ACEPTADO"}


def run(exports: Path, raw: Path, archive: Path, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Reads every new file of the exports folder into the raw layer and writes the ledger of this run.

    exports: the folder with one sub-folder a system. raw, archive: folders of the internal area. progress: told one
    line a step. Raises FileNotFoundError without an exports folder, LostRows where a count does not hold.
    """
    contracts = contract.load()
    found, unknown = arrivals.find(exports, contracts, archive)
    report = Report(unknown={u.path: u.why for u in unknown})
    store = Store(raw)
    with _connect(raw) as con:
        for c in contracts.values():
            mine = [a for a in found if a.contract.export == c.export]
            report.files += _ingest_export(con, store, c, mine, progress)
            report.totals_miles[c.export] = _totals(con, raw, c, [a.sha256 for a in mine])
        store.write(ledger.table(report.files), raw / "archivos.parquet")
        store.write(geography.comunas(), raw / "comunas.parquet")
        _write_points(con, store, contracts)
    return report


def _connect(raw: Path) -> duckdb.DuckDBPyConnection:
    raw.mkdir(parents=True, exist_ok=True, mode=0o700)
    con = duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(raw / ".tmp"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    con.execute(_SPELLINGS.read_text("utf-8"))
    geography.register_names(con)
    return con


def _ingest_export(
    con: duckdb.DuckDBPyConnection, store: Store, c: Contract, found: list[Arrival], progress: Callable[[str], None]
) -> list[FileReport]:
    fingerprint = contract.fingerprint(c, *(rule.read_bytes() for rule in _RULES))
    known = store.prepare(con, c, fingerprint)
    pending = {a.sha256: a for a in found if a.sha256 not in known}
    for batch in _batches(list(pending.values())):
        progress(f"{c.export}: reading {len(batch)} file{'s' if len(batch) > 1 else ''}")
        known |= {reading.sha256: reading for reading in _read_batch(con, store, c, batch, fingerprint)}
    return [FileReport(a, _held_to_name(a, known[a.sha256]), a.sha256 in pending) for a in found]


def _held_to_name(arrival: Arrival, reading: Reading) -> Reading:
    """Refuses a file whose header names another month than its name: its figures would go by the wrong one."""
    if reading.mes in (None, arrival.name.month):
        return reading
    says = contract.MONTHS[(reading.mes or 0) - 1]
    message = f"The header is of {says}, the file's name of month {arrival.name.month}. Give it the right name."
    return Reading(reading.sha256, "RECHAZADO", "header_unknown", message)


def _batches(found: list[Arrival]) -> Iterator[list[Arrival]]:
    """Files in groups of at most BATCH_BYTES, a larger file alone: small ones share the cost of a statement."""
    batch: list[Arrival] = []
    for arrival in sorted(found, key=lambda a: a.path):
        if batch and sum(a.size for a in batch) + arrival.size > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(arrival)
    if batch:
        yield batch


def _read_batch(
    con: duckdb.DuckDBPyConnection, store: Store, c: Contract, batch: list[Arrival], fingerprint: str
) -> list[Reading]:
    records.create(con)
    readings: list[Reading] = []
    groups: dict[fates.Layout, list[tuple[int, Arrival, Header]]] = {}
    marked = False
    for number, arrival in enumerate(batch):
        try:
            marked |= _load(con, arrival, number)
            header = find(con, number, c)
            _check_data(con, number, header)
        except RefusedFile as refusal:
            con.execute("delete from registros where archivo_n = ?", [number])
            readings.append(Reading(arrival.sha256, "RECHAZADO", refusal.reason, refusal.message))
        else:
            groups.setdefault(header.layout, []).append((number, arrival, header))
    name = hashlib.sha256("".join(sorted(a.sha256 for a in batch)).encode()).hexdigest()[:16]
    for g, (layout, members) in enumerate(groups.items()):
        readings += _give_fates(con, store, layout, members, marked, name, g)
    store.complete(c.export, name, fingerprint, readings)
    return readings


def _load(con: duckdb.DuckDBPyConnection, arrival: Arrival, number: int) -> bool:
    """Puts the file's records into `registros`; returns whether it has bytes that are no text."""
    _sniff(arrival)
    kind = arrival.contract.format.type
    if kind == "csv":
        return csv_file.load(con, arrival.archived, number, arrival.contract)
    if kind == "xlsx":
        xlsx_file.load(con, arrival.archived, number)
    else:
        xml_file.load(con, arrival.archived, number, arrival.contract)
    return False


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
    members: list[tuple[int, Arrival, Header]],
    marked: bool,
    batch: str,
    group: int,
) -> list[Reading]:
    """Types the rows of the files that share a layout and writes each to where its fate leads."""
    export = layout.contract.export
    files = pa.table(
        {
            "archivo_n": pa.array([n for n, _, _ in members], pa.int32()),
            "sha256": [a.sha256 for _, a, _ in members],
            "primera_fila": pa.array([h.first_row for _, _, h in members], pa.int32()),
        }
    )
    con.register("grupo", files)
    con.execute(fates.type_rows(layout, marked))
    con.execute(fates.FIND_CANDIDATES)
    con.execute(fates.FIND_DUPLICATES)
    con.execute(fates.find_conflicts(layout.contract))
    counts = {row[0]: row[1:] for row in con.execute(fates.COUNT_FATES).fetchall()}
    readings = [_reading(con, n, a, h, counts[n]) for n, a, h in members]
    if any(r.aceptadas for r in readings):
        store.copy(con, fates.accepted_rows(layout), store.accepted(export, batch, group))
    if any(r.rechazadas for r in readings):
        store.copy(con, fates.rejected_rows(layout), store.side("filas_rechazadas", export, batch, group))
    if con.execute("select 1 from leidas where observada limit 1").fetchall():
        store.copy(con, fates.observed_cells(layout), store.side("observaciones", export, batch, group))
    reserved = fates.reserved_values(layout)
    if reserved:
        store.copy(con, reserved, store.side("reservados", export, batch, group))
    con.unregister("grupo")
    return readings


def _reading(
    con: duckdb.DuckDBPyConnection, number: int, arrival: Arrival, header: Header, counts: tuple[int, int, int, int]
) -> Reading:
    ignored, duplicates, rejected, accepted = counts
    detail = f"Columns that the contract does not know: {', '.join(header.unknown)}." if header.unknown else None
    reading = Reading(
        sha256=arrival.sha256,
        estado="ACEPTADO",
        motivo=None,
        detalle=detail,
        aceptadas=accepted,
        rechazadas=rejected,
        duplicadas=duplicates,
        ignoradas=ignored + header.first_row - 1 - header.rows,
        mes=header.month,
    )
    in_file = con.execute("select count(*) from registros where archivo_n = ?", [number]).fetchall()[0][0]
    if in_file != (reading.filas or 0) + header.rows:
        raise LostRows(f"{arrival.path}: {in_file} records, but fates for {reading.filas} and {header.rows} of header")
    return reading


def _totals(con: duckdb.DuckDBPyConnection, raw: Path, c: Contract, files: list[str]) -> dict[str, int]:
    amounts = {column.name: column.type for column in c.columns if column.type in ("pesos", "miles")}
    if not amounts:
        return {}
    sums = ", ".join(
        f"cast(round(coalesce(sum({name}), 0) / {1000 if kind == 'pesos' else 1}) as bigint)"
        for name, kind in amounts.items()
    )
    rows = con.execute(
        f"select {sums} from read_parquet('{raw}/{c.export}/*.parquet') where list_contains(?, _sha256)", [files]
    ).fetchall()
    return dict(zip(amounts, rows[0], strict=True))


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
