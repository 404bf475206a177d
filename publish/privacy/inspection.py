"""Reads a finished release once more, from the bytes on the disk, before it gets its name.

Cells were screened in the warehouse. What reaches the public is a file, with its name, its header, its metadata and
statistics: each is read again here, and personal data in any of them stop the release. Of the cells, those that were
found clean in the warehouse are known by comparison, and every other one is scanned again. The other files of a dataset
must hold the rows of its Parquet file: all of their cells, of a CSV the texts.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import ijson
import pyarrow.parquet as pq

from publish import rows, sql
from publish.catalog import Column, Dataset
from publish.errors import PublishError
from publish.forms import reading_back
from publish.privacy.scanning import Hit
from publish.privacy.screening import Screen, clean_values, hits_of, scan
from publish.sql import quoted

_TAG = re.compile(r"<[^>]*>")
_NAME = "its name"


def inspect(con: duckdb.DuckDBPyConnection, folder: Path, datasets: Sequence[Dataset], using: Screen) -> None:
    """Raises PublishError, naming file, place and kind, never the text, where a file of the folder holds personal data.

    It does so too where a file of a dataset does not hold what its Parquet file holds.
    con: to the warehouse, with the screenings' tables. Every file must be one that the release knows how to read;
    another one is refused unread.
    """
    tables = {f"{dataset.name}.parquet": dataset for dataset in datasets}
    tables |= {f"{dataset.geography.name}.parquet": dataset for dataset in datasets if dataset.geography}
    # The Parquet files before those that are compared with them.
    for path in sorted(folder.iterdir(), key=lambda path: (path.suffix != ".parquet", path.name)):
        if found := next(_inspect(con, path, tables, using), None):
            place, hits = found
            kinds = ", ".join(sorted({hit.kind.value for hit in hits}))
            file = "a file" if place == _NAME else path.name
            raise PublishError(f"{file} holds personal data ({kinds}) in {place}: nothing is published")
    for dataset in datasets:
        for wrong in reading_back.unlike(con, dataset, folder):
            raise PublishError(f"{wrong}: nothing is published")


_Found = Iterator[tuple[str, list[Hit]]]


def _inspect(con: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, Dataset], using: Screen) -> _Found:
    yield from _in_texts(_NAME, [path.name], using)
    dataset = tables.get(f"{path.stem}.parquet")
    if path.suffix == ".parquet" and dataset:
        yield from _in_parquet(con, path, dataset, using)
    elif path.suffix == ".csv" and dataset:
        yield from _in_csv(con, path, dataset, using)
    elif path.suffix == ".geojson" and dataset:
        yield from _in_geojson(path, dataset, using)
    elif path.suffix == ".xlsx" and dataset:
        yield from _in_workbook(con, path, dataset, using)
    elif path.suffix == ".zip" and dataset:
        # What it holds is read where it lies beside it.
        return
    elif path.suffix == ".duckdb":
        yield from _in_warehouse(con, path, list(tables.values()), using)
    elif path.suffix in _READERS:
        yield from _in_texts("its text", _READERS[path.suffix](path), using)
    else:
        raise PublishError(f"{path.name} is no file of a release: nothing is published")


def _in_texts(place: str, texts: Iterable[str], using: Screen) -> _Found:
    # The keys of a JSON file and the tags of a page stand there again and again.
    for text in dict.fromkeys(texts):
        found = using.reports.hits(text, lone_words=False, bare_ruts=False)
        # Bare figures here are counts, sizes and keys, all of them our own.
        if hits := [hit for hit in found if not text[hit.start : hit.end].isdecimal()]:
            yield place, hits


def _in_parquet(con: duckdb.DuckDBPyConnection, path: Path, dataset: Dataset, using: Screen) -> _Found:
    columns = {column.name: column for column in dataset.columns if column.is_text}
    with pq.ParquetFile(path) as file:
        yield from _in_texts("its columns' names", file.schema_arrow.names, using)
        stored = file.metadata.metadata or {}
        yield from _in_texts("its metadata", [part.decode("utf-8") for pair in stored.items() for part in pair], using)
        for column, value in _statistics(file.metadata, columns):
            if hits := hits_of(using.of(column), column, value):
                yield f"the statistics of {column.name}", hits
    yield from _in_cells(con, sql.parquet(path), dataset, using)


def _in_cells(con: duckdb.DuckDBPyConnection, written: str, dataset: Dataset, using: Screen) -> _Found:
    for column in dataset.columns:
        if column.is_text:
            values = f"select distinct {quoted(column.name)} from {written}"
            unknown = f"({values} except {clean_values(dataset, column, using)})"
            yield from ((f"the column {column.name}", hits) for _, hits in scan(con, unknown, column, using.of(column)))


def _statistics(metadata: Any, columns: dict[str, Column]) -> Iterator[tuple[Column, str]]:
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(number)
            column = columns.get(chunk.path_in_schema)
            if column and chunk.statistics and chunk.statistics.has_min_max:
                yield from ((column, str(value)) for value in (chunk.statistics.min, chunk.statistics.max))


def _in_csv(con: duckdb.DuckDBPyConnection, path: Path, dataset: Dataset, using: Screen) -> _Found:
    with path.open(encoding="utf-8") as file:
        yield from _in_texts("its header", file.readline().split(","), using)
    # In a CSV an empty text and a NULL are the same empty cell.
    texts = [f"nullif({quoted(column.name)}, '')" for column in dataset.columns if column.is_text]
    yield from _in_copy(con, path, sql.csv(path), dataset, texts, using)


def _in_copy(
    con: duckdb.DuckDBPyConnection, path: Path, written: str, dataset: Dataset, cells: Sequence[str], using: Screen
) -> _Found:
    """What rows of a file hold that are not those of the dataset's Parquet file, which is read by itself.

    cells: of the columns that are compared, as SQL.
    """
    parquet = path.with_name(f"{dataset.name}.parquet")
    if not rows.same(con, written, sql.parquet(parquet), cells):
        yield from _in_cells(con, written, dataset, using)
        raise PublishError(f"{path.name} does not hold the rows of {parquet.name}: nothing is published")


def _in_workbook(con: duckdb.DuckDBPyConnection, path: Path, dataset: Dataset, using: Screen) -> _Found:
    book = fastexcel.read_excel(path)
    yield from _in_texts("its sheets' names", book.sheet_names, using)
    known = {column.name for column in dataset.columns if column.is_text}
    table = sql.parquet(path.with_suffix(".parquet"))
    for number, name in enumerate(book.sheet_names):
        cells = book.load_sheet(number, header_row=None, dtypes="string").to_arrow()
        con.register("hoja", cells)
        # A sheet of data is known by the dataset's own values; whatever else stands in it is read.
        published = " union ".join(f"select {quoted(column)} from {table}" for column in sorted(known))
        values = " union ".join(f"select {quoted(column)} as valor from hoja" for column in cells.schema.names)
        # Numbers come as texts too: they are no one's phone.
        texts = f"select valor from ({values}) where not regexp_full_match(valor, '[-+0-9.eE]*')"
        rest = f"{texts} except ({published})" if published else texts
        found = [text for (text,) in con.execute(rest).fetchall()]
        con.unregister("hoja")
        yield from _in_texts(f"the sheet {name}", found, using)


def _in_warehouse(con: duckdb.DuckDBPyConnection, path: Path, datasets: list[Dataset], using: Screen) -> _Found:
    con.execute(f"attach {sql.text(path)} as publicada (read_only)")
    try:
        for dataset in datasets:
            cells = [quoted(column.name) for column in dataset.columns]
            yield from _in_copy(con, path, f"publicada.{quoted(dataset.name)}", dataset, cells, using)
        said = con.execute(
            """select coalesce(comment, '') || ' ' || table_name from duckdb_tables() where database_name = 'publicada'
            union all select coalesce(comment, '') || ' ' || column_name from duckdb_columns()
                where database_name = 'publicada'
            union all select coalesce(comment, '') || ' ' || sql from duckdb_views()
                where database_name = 'publicada' and not internal"""
        ).fetchall()
        yield from _in_texts("its comments", [text for (text,) in said], using)
    finally:
        con.execute("detach publicada")


def _in_geojson(path: Path, dataset: Dataset, using: Screen) -> _Found:
    columns = {column.name: column for column in dataset.columns if column.is_text}
    cells: set[tuple[str, str]] = set()
    others: dict[str, None] = {}
    for place, text in _strings(path):
        name = place.removeprefix("features.item.properties.")
        if name != place and name in columns:
            cells.add((name, text))
        else:
            others[text] = None
    yield from _in_texts("its text", others, using)
    for name, value in sorted(cells):
        if hits := hits_of(using.of(columns[name]), columns[name], value):
            yield f"the property {name}", hits


def _strings(path: Path) -> Iterator[tuple[str, str]]:
    """Every key and text of a JSON file, with its place, without holding the file."""
    with path.open("rb") as file:
        for place, event, value in ijson.parse(file):
            if event in ("map_key", "string"):
                yield place, value


def _json(path: Path) -> Iterator[str]:
    return (text for _, text in _strings(path))


def _lines(path: Path) -> Iterator[str]:
    return iter(path.read_text("utf-8").splitlines())


def _page(path: Path) -> Iterator[str]:
    """What a person reads in a page, and what its tags hold."""
    text = path.read_text("utf-8")
    yield from (html.unescape(part) for part in (*_TAG.split(text), *_TAG.findall(text)) if part.strip())


_READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    ".json": _json,
    ".html": _page,
    ".csv": _lines,
    ".txt": _lines,
    ".jsonld": _json,
    ".ttl": _lines,
    ".rdf": _lines,
}
