"""The raw layer: Parquet files of typed rows, known by the content of the files that they come from.

A file that was read once under the same contract is not read again. What a batch of files gives is in place only
once its `lecturas` file is: it is written last, and what has none is swept away.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest import fates, records
from ingest.contract import Contract
from ingest.naming import named

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
    """The folder of the raw layer, without what a run that was cut left half written. One run at a time uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for partial in folder.rglob("*.partial"):
            partial.unlink()

    def prepare(self, con: duckdb.DuckDBPyConnection, contract: Contract, fingerprint: str) -> dict[str, Reading]:
        """Readies the export's folders and returns what is known of its files, by sha256.

        fingerprint: of the contract and the rules; rows read under another one are dropped, to be read again.
        """
        known: dict[str, Reading] = {}
        complete: set[str] = set()
        for path in self._of("lecturas", contract.export):
            batch, read_under = path.stem.split("-")[1:3]
            if read_under != fingerprint:
                path.unlink()
                continue
            complete.add(batch)
            known |= {row["sha256"]: Reading(**row) for row in pq.read_table(path, partitioning=None).to_pylist()}
        for table in _SIDE_TABLES:
            self._sweep(self._of(table, contract.export), complete)
        self._sweep(sorted((self.folder / contract.export).glob("*.parquet")), complete)
        self._write_empty(con, contract.export, dict(fates.accepted_columns(contract)))
        for table, columns in _SIDE_TABLES.items():
            self._write_empty(con, table, columns)
        return known

    def _of(self, table: str, export: str) -> list[Path]:
        return sorted((self.folder / table).glob(f"{export}-*.parquet"))

    @staticmethod
    def _sweep(paths: list[Path], complete: set[str]) -> None:
        for path in paths:
            if path.stem.split("-")[1] not in complete:
                path.unlink()

    def _write_empty(self, con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> None:
        """A file without rows, so that a reader always finds the table and its columns."""
        nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns.items())
        path = self.folder / table / "vacio-0.parquet"
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        self.copy(con, f"select {nulls} where false", path)

    @staticmethod
    def copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
        """Writes a query's rows to a Parquet file that appears whole or not at all."""
        with whole(path) as partial:
            con.execute(f"copy ({query}) to '{partial}' (format parquet, compression zstd)")

    def copy_rows(self, con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
        """As copy, of a query that looks at each record by itself: one file for each part of the records."""
        for part in records.each_part(con):
            self.copy(con, query, path.with_stem(path.stem + part))

    def accepted(self, export: str, batch: str, group: int) -> Path:
        """Where a group's accepted rows go."""
        return self.folder / export / f"{export}-{batch}-{group}.parquet"

    def side(self, table: str, export: str, batch: str, group: int) -> Path:
        """Where a group's rejected rows, observed cells or reserved values go."""
        return self.folder / table / f"{export}-{batch}-{group}.parquet"

    def complete(self, export: str, batch: str, fingerprint: str, readings: list[Reading]) -> None:
        """Declares a batch complete: from here on its rows count."""
        rows = [{f.name: getattr(reading, f.name) for f in fields(Reading)} for reading in readings]
        self.write(
            pa.Table.from_pylist(rows, _READING), self.folder / "lecturas" / f"{export}-{batch}-{fingerprint}.parquet"
        )

    @staticmethod
    def write(table: pa.Table, path: Path) -> None:
        """Writes an Arrow table to a Parquet file that appears whole or not at all."""
        with whole(path) as partial:
            pq.write_table(table, partial, compression="zstd")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives the name under which to write a file that then appears whole, or not at all where writing fails."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    try:
        with named(partial):
            yield partial
    except BaseException:
        # What is half written may be what fills the disk.
        partial.unlink(missing_ok=True)
        raise
    put(partial, path)


def put(partial: Path, path: Path) -> None:
    """Moves a written file to its place once its bytes are on the disk, so that a power cut leaves no half file."""
    _sync(partial)
    partial.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
