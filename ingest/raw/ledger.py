"""The ledger of a run: every file that a contract's pattern matches, and what came of it.

A name stands there twice where its file was refused and the content before it stays in force.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.arriving.arrivals import Arrival
from ingest.contract import Contract
from ingest.raw.store import Reading


@dataclass(frozen=True)
class FileReport:
    """A file of this run and what came of it."""

    arrival: Arrival
    reading: Reading
    read_now: bool


_SCHEMA = pa.schema(
    [
        ("carpeta", pa.string()),
        ("export", pa.string()),
        ("sistema", pa.string()),
        ("archivo", pa.string()),
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("fecha_dato", pa.date32()),
        ("recibido_en", pa.timestamp("us")),
        ("presente", pa.bool_()),
        ("modo", pa.string()),
        ("periodo", pa.string()),
        ("anio", pa.int32()),
        ("mes", pa.int32()),
        ("orden", pa.string()),
        ("estado", pa.string()),
        ("motivo", pa.string()),
        ("detalle", pa.string()),
        ("filas", pa.int32()),
        ("aceptadas", pa.int32()),
        ("rechazadas", pa.int32()),
        ("duplicadas", pa.int32()),
        ("ignoradas", pa.int32()),
    ]
)


def table(files: list[FileReport], folder: str) -> pa.Table:
    """The ledger as an Arrow table, one row a file. folder: the exports folder that the names are below."""
    return pa.Table.from_pylist([{"carpeta": folder} | _row(f) for f in files], _SCHEMA)


def read(path: Path, folder: str, contract: Contract, archive: Path) -> list[FileReport]:
    """The files of an export in the ledger of the run before; none where there is none, or it is of another folder.

    path: of that ledger. folder: the exports folder. A name that the contract no longer knows is passed over.
    """
    rows = pq.read_table(path).to_pylist() if path.exists() else []
    files = []
    for row in rows:
        if (row["carpeta"], row["export"]) != (folder, contract.export):
            continue
        if arrival := Arrival.known(contract, row, archive, row["presente"]):
            # The month of the ledger is that of the name; of the header it is asked once, when the file is read.
            said = {f.name: row[f.name] for f in fields(Reading) if f.name != "mes"}
            files.append(FileReport(arrival, Reading(**said), read_now=False))
    return files


def _row(file: FileReport) -> dict[str, object]:
    a, r = file.arrival, file.reading
    return {
        "export": a.contract.export,
        "sistema": a.contract.system,
        "archivo": a.path,
        "sha256": a.sha256,
        "bytes": a.size,
        "fecha_dato": a.name.data_date,
        "recibido_en": a.received,
        "presente": a.present,
        "modo": a.contract.mode,
        "periodo": a.name.period,
        "anio": a.name.year,
        "mes": a.name.month,
        "orden": a.order,
        "estado": r.estado,
        "motivo": r.motivo,
        "detalle": r.detalle,
        "filas": r.filas,
        "aceptadas": r.aceptadas,
        "rechazadas": r.rechazadas,
        "duplicadas": r.duplicadas,
        "ignoradas": r.ignoradas,
    }
