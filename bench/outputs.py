"""What the floor and the pandas version share, so that both do it alike: XML to cells, and files beside the tables."""

import hashlib
import json
import resource
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import xlsxwriter
from lxml import etree

from bench.sources import XML

#: As in a release: above so many rows a dataset has no workbook.
WORKBOOK_ROWS = 100_000
ROW_GROUP_ROWS = 20_480
_SII = "{http://www.sii.cl/SiiDte}"


class Costs:
    """CPU seconds of each step of a script."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        before = time.process_time()
        yield
        self.steps[step] = self.steps.get(step, 0) + time.process_time() - before


def finish(folder: Path, costs: Costs, told: dict[str, Any]) -> None:
    """Writes what a script found and cost, for bench.scale to compare."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    (folder / "found.json").write_text(json.dumps({"steps": costs.steps, "peak_mb": peak, "told": told}, indent=1))


def read_xml(path: Path) -> list[dict[str, str | None]]:
    """The cells of each document of a set."""
    places = {name: "/".join(f"{_SII}{part}" for part in place.split("/")) for name, place in XML.items()}
    rows = []
    for _, document in etree.iterparse(path, tag=f"{_SII}Documento", no_network=True, resolve_entities=False):
        row: dict[str, str | None] = {name: document.findtext(place) for name, place in places.items()}
        row["orden_compra"] = next(
            (
                reference.findtext(f"{_SII}FolioRef")
                for reference in document.iterfind(f"{_SII}Referencia")
                if reference.findtext(f"{_SII}TpoDocRef") == "801"
            ),
            None,
        )
        rows.append(row)
        document.clear()
    return rows


def write_workbook(parquet: Path) -> None:
    """A workbook beside a table that is not too long for one."""
    if pq.read_metadata(parquet).num_rows > WORKBOOK_ROWS:
        return
    table = pq.read_table(parquet)
    options = {"constant_memory": True, "default_date_format": "dd-mm-yyyy", "strings_to_formulas": False}
    with xlsxwriter.Workbook(parquet.with_suffix(".xlsx"), options) as book:
        sheet = book.add_worksheet("Datos")
        sheet.write_row(0, 0, table.column_names)
        for row, values in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
            sheet.write_row(row, 0, values)


def write_zip(parquet: Path) -> None:
    """All forms of a table in one file."""
    with zipfile.ZipFile(parquet.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, how in (
            (".csv", zipfile.ZIP_DEFLATED),
            (".parquet", zipfile.ZIP_STORED),
            (".xlsx", zipfile.ZIP_STORED),
        ):
            if parquet.with_suffix(kind).exists():
                archive.write(parquet.with_suffix(kind), parquet.with_suffix(kind).name, how)


def write_warehouse(tables: list[Path], path: Path) -> None:
    """All tables in one DuckDB file that browsers read."""
    with duckdb.connect() as con:
        con.execute(f"attach '{path}' as bodega (storage_version 'v1.0.0')")
        for parquet in tables:
            con.execute(f"create table bodega.{parquet.stem} as from read_parquet('{parquet}')")


def hash_files(folder: Path) -> dict[str, str]:
    """The sha256 of every file below the folder."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
