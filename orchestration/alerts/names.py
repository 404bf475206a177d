"""Names of files as they may leave the machine: as the published dataset `fuentes` shows them, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.contract import Contract
from publish.errors import PublishError
from publish.keeping import place


@dataclass(frozen=True)
class Names:
    """published: by sha256 of a content, the names under which the release in force shows it."""

    contracts: Mapping[str, Contract]
    published: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, releases: Path, contracts: Mapping[str, Contract]) -> "Names":
        """The names of the release in force; none where there is no release, or none whose files can be read."""
        try:
            ident = place.in_force(releases)
            return cls(contracts, _published(releases / ident / "fuentes.parquet") if ident else {})
        except (OSError, PublishError, duckdb.Error):
            return cls(contracts, {})

    def file(self, export: str, path: str, sha256: str = "") -> str:
        """The name to show of a file. Where its contract leaves no letter of it open, that is its own."""
        if "*" not in self.contracts[export].file:
            return path
        shown = self.published.get(sha256, ())
        if path in shown:
            return path
        return shown[0] if shown else f"{export}, sha256 {sha256[:12]}" if sha256 else f"a file of {export}"

    def export_of(self, path: str) -> str | None:
        """The export that a file of this name belongs to, if any."""
        return next((c.export for c in self.contracts.values() if c.match(path)), None)

    def folder(self, path: str) -> str:
        """Where a file lies that no contract knows: a system's folder by name, any other not."""
        return self.top_folder(path, self.contracts)

    @staticmethod
    def top_folder(path: str, contracts: Mapping[str, Contract]) -> str:
        """The system's folder that a path begins with, with a slash at its end."""
        top = f"{path.partition('/')[0]}/"
        return top if any(c.file.startswith(top) for c in contracts.values()) else "a folder of no system"


def _published(table: Path) -> dict[str, tuple[str, ...]]:
    with duckdb.connect() as con:
        rows = con.execute(
            """select sha, list(archivo order by archivo) from (
                select sha256 as sha, archivo from read_parquet($1) union
                select sha256_en_vigor, archivo from read_parquet($1) where sha256_en_vigor is not null
            ) group by sha""",
            [str(table)],
        ).fetchall()
    return {sha256: tuple(names) for sha256, names in rows}
