"""What was last good under each name: a refused or missing file leaves it in force.

The content itself is in the archive, its rows in the raw layer; here stands only which content it is, and how many rows
of it counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.arriving.arrivals import Arrival
from ingest.contract import Contract
from ingest.fewer import Tally
from ingest.raw.store import Store

_SCHEMA = pa.schema(
    [
        ("carpeta", pa.string()),
        ("export", pa.string()),
        ("archivo", pa.string()),
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("recibido_en", pa.timestamp("us")),
        ("aceptadas", pa.int32()),
        ("aceptadas_antes", pa.int32()),
        ("menos_desde", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Memory:
    """The last good content of every name, as rows of the table `vigentes`.

    folder: the exports folder that the names are below. Another folder has a memory of its own, so that a run on
    samples leaves nothing in force for a run on the real exports.
    """

    path: Path
    folder: str
    rows: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, raw: Path, exports: Path) -> "Memory":
        """The memory of the raw layer for this exports folder; empty before the first run."""
        path = raw / "vigentes.parquet"
        rows = pq.read_table(path).to_pylist() if path.exists() else []
        return cls(path, str(exports.resolve()), tuple(rows))

    def recall(self, contracts: Mapping[str, Contract], archive: Path) -> dict[str, Arrival]:
        """The last good content by name, of the names that a contract still knows."""
        recalled = {}
        for row in self.rows:
            contract = contracts.get(row["export"]) if row["carpeta"] == self.folder else None
            if contract and (arrival := Arrival.known(contract, row, archive, present=False)):
                recalled[arrival.path] = arrival
        return recalled

    def tallies(self) -> dict[str, Tally]:
        """The tally of each name, by path. A snapshot that a newer one has replaced has none."""
        return {
            row["archivo"]: Tally(row["aceptadas"], row["aceptadas_antes"], row["menos_desde"])
            for row in self.rows
            # A memory from before rows were counted has no such column.
            if row["carpeta"] == self.folder and row.get("aceptadas") is not None
        }

    def keep(self, in_force: Iterable[Arrival], tallies: Mapping[str, Tally]) -> None:
        """Remembers what is in force from now on, and the rows of each name; what other folders hold stays as it is."""
        rows = [row for row in self.rows if row["carpeta"] != self.folder]
        rows += [
            {
                "carpeta": self.folder,
                "export": a.contract.export,
                "archivo": a.path,
                "sha256": a.sha256,
                "bytes": a.size,
                "recibido_en": a.received,
            }
            | _tallied(tallies.get(a.path))
            for a in in_force
        ]
        Store.write(pa.Table.from_pylist(rows, _SCHEMA), self.path)


def _tallied(tally: Tally | None) -> dict[str, Any]:
    if tally is None:
        return {}
    return {"aceptadas": tally.rows, "aceptadas_antes": tally.before, "menos_desde": tally.since}
