"""The raw layer: Parquet files of typed rows, known by the content of the files that they come from.

A file that was read once under the same contract is not read again. What a batch of files gives is in place only
once its `lecturas` file is: it is written last, and what has none is swept away. What an export gave under an earlier
contract stays until all of it was read under the new one, so that a reading that fails leaves what there was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.contract import Contract
from ingest.naming import named
from ingest.placing import put
from ingest.rows import fates

REJECTED = {
    "export": "VARCHAR",
    "_sha256": "VARCHAR",
    "_fila": "INTEGER",
    "columna": "VARCHAR",
    "motivo": "VARCHAR",
    "celda": "VARCHAR",
    "celdas": "VARCHAR[]",
    "registro": "VARCHAR",
}
REJECTED_KEYS = {
    "export": "VARCHAR",
    "_sha256": "VARCHAR",
    "_fila": "INTEGER",
    "columna": "VARCHAR",
    "valor": "VARCHAR",
}
OBSERVED = {name: kind for name, kind in REJECTED.items() if name not in ("celdas", "registro")}
CORRECTED = {
    "export": "VARCHAR",
    "_sha256": "VARCHAR",
    "_fila": "INTEGER",
    "columna": "VARCHAR",
    "correccion": "VARCHAR",
    "aplicada": "BOOLEAN",
    "celda": "VARCHAR",
}
RESERVED = {"_sha256": "VARCHAR", "tipo": "VARCHAR", "valor": "VARCHAR"}
_SIDE_TABLES = {
    "filas_rechazadas": REJECTED,
    "llaves_rechazadas": REJECTED_KEYS,
    "observaciones": OBSERVED,
    "correcciones": CORRECTED,
    "reservados": RESERVED,
}


@dataclass(frozen=True)
class Reading:
    """What reading a file gave: its fate as a whole, and the counts of its rows' fates (None where refused).

    mes: the month that its header names for the whole file, if any.
    """

    sha256: str
    estado: str
    motivo: str | None
    detalle: str | None
    aceptadas: int | None = None
    rechazadas: int | None = None
    duplicadas: int | None = None
    ignoradas: int | None = None
    mes: int | None = None

    @property
    def filas(self) -> int | None:
        """Rows that the file holds: the sum of the four fates."""
        if self.aceptadas is None:
            return None
        return self.aceptadas + (self.rechazadas or 0) + (self.duplicadas or 0) + (self.ignoradas or 0)


_READING = pa.schema(
    [
        (f.name, pa.string() if f.name in ("sha256", "estado", "motivo", "detalle") else pa.int32())
        for f in fields(Reading)
    ]
)


class Store:
    """The folder of the raw layer, without what a run that was cut left half written. One run at a time uses it.

    What workers read at the same time lies beside it until that run takes it (ingest/ahead.py).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for partial in (*folder.glob("*.partial"), *folder.glob("[!.]*/*.partial")):
            partial.unlink()

    def known(self, contract: Contract, fingerprint: str) -> dict[str, Reading]:
        """What is known of the export's files, by sha256. fingerprint: as of `prepare`."""
        paths = [path for path in self._of("lecturas", contract.export) if _read_under(path) == fingerprint]
        return {reading.sha256: reading for path in paths for reading in readings(path)}

    def prepare(self, con: duckdb.DuckDBPyConnection, contract: Contract, fingerprint: str) -> dict[str, Reading]:
        """Readies the export's folders and returns what is known of its files, by sha256.

        fingerprint: of the contract and the rules; what was read under another one is not known, and is still there.
        """
        known = self.known(contract, fingerprint)
        self._sweep(contract.export)
        self._write_empties(con, contract)
        return known

    def settle(self, contract: Contract, fingerprint: str) -> None:
        """Drops what was read under another fingerprint: to be called once all of the export is read under this one."""
        for path in self._of("lecturas", contract.export):
            if _read_under(path) != fingerprint:
                path.unlink()
        self._sweep(contract.export)

    def keep_last(
        self, con: duckdb.DuckDBPyConnection, contract: Contract, files: Collection[str]
    ) -> dict[str, Reading]:
        """What is left of an export whose reading failed, by sha256: all of it read under one fingerprint.

        files: the sha256 of those that were in the last ledger; of several fingerprints, the one that knows most of
        them stays. What is damaged, or has not the columns that its readers ask for by now, is dropped.
        """
        self._write_empties(con, contract)
        known: defaultdict[str, dict[str, Reading]] = defaultdict(dict)
        for path in self._of("lecturas", contract.export):
            try:
                self._check_batch(contract.export, _batch(path))
                known[_read_under(path)] |= {reading.sha256: reading for reading in readings(path)}
            except (pa.ArrowException, OSError, ValueError):
                path.unlink()
        fingerprint = max(known, key=lambda each: len(known[each].keys() & set(files)), default="")
        self.settle(contract, fingerprint)
        return known[fingerprint]

    def _check_batch(self, export: str, batch: str) -> None:
        """Raises where a file of the batch cannot be opened or has other columns than its table."""
        for table in (export, *_SIDE_TABLES):
            expected = pq.read_schema(self._empty(table))
            for path in self._of(table, export):
                if _batch(path) == batch and not pq.read_schema(path).equals(expected):
                    raise ValueError(f"{path} has other columns than {expected.names}")

    def _of(self, table: str, export: str) -> list[Path]:
        return sorted((self.folder / table).glob(f"{export}-*.parquet"))

    def _sweep(self, export: str) -> None:
        """Removes what no reading declares complete."""
        complete = {_batch(path) for path in self._of("lecturas", export)}
        for table in (export, *_SIDE_TABLES):
            for path in self._of(table, export):
                if _batch(path) not in complete:
                    path.unlink()

    def _write_empties(self, con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
        self._write_empty(con, contract.export, dict(fates.accepted_columns(contract)))
        for table, columns in _SIDE_TABLES.items():
            self._write_empty(con, table, columns)

    def _empty(self, table: str) -> Path:
        return self.folder / table / "vacio-0.parquet"

    def _write_empty(self, con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
        """A file without rows, so that a reader always finds the table and its columns."""
        nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
        path = self._empty(table)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        self.copy(con, f"select {nulls} where false", path)

    @staticmethod
    def copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
        """Writes a query's rows to a Parquet file that appears whole or not at all."""
        with whole(path) as partial:
            con.execute(f"copy ({query}) to '{partial}' (format parquet, compression zstd)")

    @classmethod
    def split(
        cls, con: duckdb.DuckDBPyConnection, query: str, places: Mapping[str, Path], order: str, cheap: bool
    ) -> None:
        """Writes a query's rows as `copy` does, those of each file to its own place; none where a file has no rows.

        places: by sha256, to which the rows belong by their column _sha256. order: what no two rows of a file share, so
        that a file gives the same bytes in whatever company it is read. cheap: whether to ask the query again for each
        file costs less than to keep its rows.
        """
        kind = "view" if cheap else "table"
        con.execute(f"create or replace temp {kind} repartidas as {query}")
        for (sha256,) in con.execute("select distinct _sha256 from repartidas order by all").fetchall():
            cls.copy(con, f"select * from repartidas where _sha256 = '{sha256}' order by {order}", places[sha256])
        con.execute(f"drop {kind} repartidas")

    def place(self, table: str, export: str, batch: str, part: str) -> Path:
        """Where a part of a batch's rows goes. table: the export itself for accepted rows, or what is set apart."""
        return self.folder / table / f"{export}-{batch}-{part}.parquet"

    def complete(self, export: str, batch: str, fingerprint: str, readings: list[Reading]) -> None:
        """Declares a batch complete: from here on its rows count."""
        rows = [{f.name: getattr(reading, f.name) for f in fields(Reading)} for reading in readings]
        self.write(pa.Table.from_pylist(rows, _READING), self.folder / "lecturas" / said_in(export, batch, fingerprint))

    @staticmethod
    def write(table: pa.Table, path: Path) -> None:
        """Writes an Arrow table to a Parquet file that appears whole or not at all."""
        with whole(path) as partial:
            pq.write_table(table, partial, compression="zstd")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives the name under which to write a file that then appears whole, or not at all where writing fails.

    Its folder is made where it is missing; the one above must be there: a batch whose place was taken away must not
    come to be again with the rest of its parts alone.
    """
    path.parent.mkdir(exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    try:
        with named(partial):
            yield partial
    except BaseException:
        # What is half written may be what fills the disk.
        partial.unlink(missing_ok=True)
        raise
    put(partial, path)


def _batch(path: Path) -> str:
    return path.stem.split("-")[1]


def _read_under(path: Path) -> str:
    return path.stem.split("-")[2]


def said_in(export: str, batch: str, fingerprint: str) -> str:
    """The name of the file of `lecturas` that declares a batch complete."""
    return f"{export}-{batch}-{fingerprint}.parquet"


def readings(path: Path) -> list[Reading]:
    """What a file of `lecturas` says."""
    return [Reading(**row) for row in pq.ParquetFile(path).read().to_pylist()]
