"""An exports folder and the raw layer that is made of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ingest import pipeline

Rejected = tuple[int, str | None, str]


class Bench:
    """Files in, one run of the room, tables out.

    may_fail: whether a source that cannot be read is left to the report; else its error is raised, so that no fault of
    ours passes for data that are not there.
    """

    may_fail = False

    def __init__(self, folder: Path, files: Mapping[str, bytes | str] | None = None) -> None:
        self.exports, self.raw, self.archive = folder / "exports", folder / "raw", folder / "archive"
        self.corrections, self.desk = folder / "corrections", folder / "rechazos"
        for place in (self.exports, self.corrections):
            place.mkdir(exist_ok=True)
        self.report = pipeline.Report()
        self._asked: dict[str, list[dict[str, Any]]] = {}
        if files is not None:
            self.add(files)
            self.run()

    def add(self, files: Mapping[str, bytes | str]) -> None:
        for path, content in files.items():
            file = self.exports / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, again: pipeline.Again | None = None) -> pipeline.Report:
        self._asked.clear()
        places = pipeline.Places(self.exports, self.corrections, self.raw, self.archive, self.desk)
        self.report = pipeline.run(places, again=again)
        for failure in () if self.may_fail else self.report.failures.values():
            raise failure.error
        return self.report

    def correct(self, text: str) -> None:
        """Makes the one file of corrections say this."""
        (self.corrections / "casos.yml").write_text(text, "utf-8")

    def table(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query, asked once a run; {raw} is the folder of the raw layer."""
        if query not in self._asked:
            with duckdb.connect() as con:
                self._asked[query] = con.execute(query.format(raw=self.raw)).to_arrow_table().to_pylist()
        return self._asked[query]

    def ledger(self) -> dict[str, dict[str, Any]]:
        """The ledger's rows by path."""
        return {row["archivo"]: row for row in pq.read_table(self.raw / "archivos.parquet").to_pylist()}

    def counts(self, path: str) -> tuple[int, int, int, int, int]:
        """Rows of a file, and how many were accepted, rejected, duplicates, ignored."""
        row = self.ledger()[path]
        return row["filas"], row["aceptadas"], row["rechazadas"], row["duplicadas"], row["ignoradas"]

    def refusal(self, path: str) -> str | None:
        """The reason that a file was refused whole, None where it was accepted. A refused file has no counts."""
        row = self.ledger()[path]
        assert (row["estado"] == "RECHAZADO") == (row["motivo"] is not None) == (row["filas"] is None)
        assert not row["motivo"] or (row["detalle"] and set(self.counts(path)) <= {None})
        reason: str | None = row["motivo"]
        return reason

    def accepted(self, export: str) -> list[dict[str, Any]]:
        """The accepted rows, file by file, without the file's sha256."""
        return self.table(
            f"""select t.* exclude (_sha256) from read_parquet('{{raw}}/{export}/*.parquet', union_by_name = true) as t
            inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256 and l.export = '{export}'
            order by archivo, _fila{", mes" if export == "sagir_gasto" else ""}"""
        )

    def _cells(self, table: str, path: str) -> list[Rejected]:
        rows = self.table(
            f"""select t._fila, t.columna, t.motivo from '{{raw}}/{table}/*.parquet' as t
            inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256 and l.export = t.export
            where archivo = '{path}' order by all"""
        )
        return [(r["_fila"], r["columna"], r["motivo"]) for r in rows]

    def rejected(self, path: str) -> list[Rejected]:
        """Row, column and reason of each rejected row of a file."""
        return self._cells("filas_rechazadas", path)

    def observed(self, path: str) -> list[Rejected]:
        """Row, column and reason of each unreadable cell that was kept as NULL."""
        return self._cells("observaciones", path)

    def reserved(self) -> set[tuple[str, str]]:
        """What the privacy scan looks for: kind and value."""
        return {(r["tipo"], r["valor"]) for r in self.table("select tipo, valor from '{raw}/reservados/*.parquet'")}
