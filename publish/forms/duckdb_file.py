"""All datasets of a release in one DuckDB file, with comments and the views that an analyst starts from.

DuckDB leaves in a file whatever its memory held where it wrote nothing: bytes that differ from run to run, and that
could come from anything the process has read. So a process of its own writes the file, which reads the published
Parquet files and nothing else, whose memory is handed out as zeros, and without the two compressions (BITPACKING,
FSST) that still leave bytes of their own. Measured: ten writes of the samples and five of a million rows of 24 columns
gave equal bytes so, and without zeros no two of the latter did. Memory that was full is used again without zeros, so
rows are written some at a time, and the file is closed between: all at once, the same rows gave other bytes under
another limit, and 16 million rows (1.1 GB) each time others. It costs size: 40 MB where all compressions give 20. It
leans on the allocator (jemalloc) that DuckDB's wheels for Linux bring; with another one rows and comments are the same,
and bytes that mean nothing may differ.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow.parquet as pq

from publish import rows, sql, texts
from publish.catalog import Column, Dataset
from publish.edition import Carried
from publish.errors import PublishError
from publish.files import MEMORY_LIMIT
from publish.sql import quoted

NAME = "bodega.duckdb"
VIEWS = Path(__file__).parent / "views"

# Browsers and DuckDB from 1.0 on read it; what newer versions write by default they refuse.
STORAGE = "v1.0.0"

# A row group of DuckDB.
PART_ROWS = 122_880

# DuckDB's own allocator (jemalloc) reads it when the process starts.
_ZEROS = {"DUCKDB_JE_MALLOC_CONF": "zero:true"}

_HEADER = re.compile(r"-- (?:(?P<name>\w+): )?(?P<text>.+)")


@dataclass(frozen=True)
class View:
    """A view as its file defines it: comment, the datasets it reads, comments of its own columns, and its query."""

    name: str
    comment: str
    requires: tuple[str, ...]
    columns: Mapping[str, str]
    query: str


def write(
    folder: Path,
    datasets: Sequence[Dataset],
    path: Path,
    carried: Mapping[str, Carried] = MappingProxyType({}),
    memory_limit: str = MEMORY_LIMIT,
) -> None:
    """Writes every dataset's published Parquet file of the folder as a table of a new DuckDB file.

    datasets: in the order of the tables. carried: those that are there as an earlier release had them, which their
    comments say; a view says it of what it reads. memory_limit: the engine's, as DuckDB writes sizes. A view is
    left out where a dataset that it reads is not among them, or was kept from before one of its columns came. The same
    files and dictionary give the same bytes, whatever the limit. Raises PublishError where DuckDB refuses a statement,
    or reads back another number of rows than it was given.
    """
    path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".duckdb-") as spill:
        statements = [
            "set threads = 1",
            f"set memory_limit = '{memory_limit}'",
            f"set temp_directory = {sql.text(spill)}",
            "set disabled_compression_methods = 'bitpacking,fsst'",
            *(s for dataset in datasets for s in _table(path, dataset, folder, carried.get(dataset.name))),
            *_sitting(path, (s for view in views() for s in _view(view, datasets, carried))),
            f"attach {sql.text(path)} as bodega (read_only)",
            *(_count(dataset, folder) for dataset in datasets),
        ]
        done = subprocess.run(
            [sys.executable, "-m", "publish.forms.duckdb_file"],
            input=json.dumps(statements),
            env=os.environ | _ZEROS,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode:
        told = done.stderr.strip() or f"its process ended with {done.returncode}"
        raise PublishError(f"{path.name} could not be written: {told}")


def views() -> list[View]:
    """The views, by name, one for each file of the folder `views`."""
    return [_read_view(path) for path in sorted(VIEWS.glob("*.sql"))]


def _read_view(path: Path) -> View:
    lines = path.read_text("utf-8").splitlines()
    header = [match for line in lines if (match := _HEADER.fullmatch(line))]
    named = {match["name"]: match["text"] for match in header if match["name"]}
    query = "\n".join(line for line in lines if not line.startswith("--"))
    requires = tuple(named.pop("requiere").split(", "))
    return View(path.stem, " ".join(match["text"] for match in header if not match["name"]), requires, named, query)


def _sitting(path: Path, statements: Iterable[str]) -> Iterator[str]:
    """The statements between those that open and close the file. Closing it frees the memory of what was written."""
    yield f"attach {sql.text(path)} as bodega (storage_version '{STORAGE}')"
    yield "use bodega"
    yield from statements
    yield "checkpoint bodega"
    yield "use memory"
    yield "detach bodega"


def _table(path: Path, dataset: Dataset, folder: Path, carried: Carried | None) -> Iterator[str]:
    """The statements that make a table of a published Parquet file, and fill it some rows at a time."""
    source = folder / f"{dataset.name}.parquet"
    columns = ", ".join(quoted(column.name) for column in dataset.columns)
    yield from _sitting(path, _declaration(dataset, carried))
    for first in range(0, pq.read_metadata(source).num_rows, PART_ROWS):
        part = f"file_row_number >= {first} and file_row_number < {first + PART_ROWS}"
        taken = f"select {columns} from {sql.parquet(source)} where {part}"
        yield from _sitting(path, [f"insert into {quoted(dataset.name)} {taken}"])


def _declaration(dataset: Dataset, carried: Carried | None) -> Iterator[str]:
    """The table without rows. Its key stands in its comment: DuckDB 1.0 opens no file with a key of DuckDB."""
    name = quoted(dataset.name)
    columns = ", ".join(f"{quoted(c.name)} {c.type}{' not null' if c.required else ''}" for c in dataset.columns)
    yield f"create table {name} ({columns})"
    key = f"{'Clave' if dataset.primary_key else 'Cada fila se distingue por'}: {', '.join(dataset.key)}."
    said = [f"{dataset.title}.", dataset.description, *([key] if dataset.key else [])]
    kept = [texts.kept(carried)] if carried else []
    yield f"comment on table {name} is {sql.text(' '.join([*said, *kept]))}"
    for column in dataset.columns:
        yield f"comment on column {name}.{quoted(column.name)} is {sql.text(_comment(dataset, column))}"


def _comment(dataset: Dataset, column: Column) -> str:
    points = "".join(
        f" Es {key.other_columns[0]} de {key.dataset}." for key in dataset.foreign_keys if key.columns == (column.name,)
    )
    return f"{column.description} Unidad: {column.unit}.{points}"


def _view(view: View, datasets: Sequence[Dataset], carried: Mapping[str, Carried]) -> Iterator[str]:
    """The view's statements. A column that it takes from a dataset keeps the dataset's comment."""
    present = {dataset.name: dataset for dataset in datasets}
    if not present.keys() >= set(view.requires):
        return
    try:
        columns = _view_columns(view, present)
    except duckdb.BinderException:
        if carried.keys().isdisjoint(view.requires):
            raise
        return
    comments = {
        column.name: _comment(present[name], column)
        for name in reversed(view.requires)
        for column in present[name].columns
    } | dict(view.columns)
    yield f"create view {quoted(view.name)} as {view.query}"
    kept = "".join(f" {name}: {texts.kept(carried[name])}" for name in view.requires if name in carried)
    yield f"comment on view {quoted(view.name)} is {sql.text(view.comment + kept)}"
    for name in columns:
        yield f"comment on column {quoted(view.name)}.{quoted(name)} is {sql.text(comments[name])}"


def _view_columns(view: View, present: Mapping[str, Dataset]) -> list[str]:
    with duckdb.connect() as con:
        for name in view.requires:
            columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in present[name].columns)
            con.execute(f"create table {quoted(name)} ({columns})")
        return [row[0] for row in con.execute(f"describe {view.query}").fetchall()]


def _count(dataset: Dataset, folder: Path) -> str:
    """A query that fails where the table, read back, has more or fewer rows than the Parquet file.

    The cells are compared when the release is inspected.
    """
    told = sql.text(f"{dataset.name}: the rows of the DuckDB file are not those of the Parquet file")
    table, published = (
        f"(select count(*) from {source})"
        for source in (f"bodega.{quoted(dataset.name)}", rows.table(folder, dataset.name))
    )
    return f"select case when {table} <> {published} then error({told}) end"


def _run() -> None:
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        for statement in json.load(sys.stdin):
            try:
                con.execute(statement)
            except duckdb.Error as error:
                sys.exit(str(error))


if __name__ == "__main__":
    _run()
