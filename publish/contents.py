"""What a release holds beside its tables, each file made from what was written before it."""

from collections.abc import Callable
from datetime import date, datetime

import duckdb
import pyarrow.parquet as pq

from publish import files, texts
from publish.catalog import Dataset
from publish.draft import Draft
from publish.edition import Edition, FileEntry, Part
from publish.forms import duckdb_file, oc4ids, xlsx, zips
from publish.given import Given
from publish.metadata import coverage, datapackage, dcat, dictionary, keys
from publish.policy import Policy
from publish.privacy.screening import Screen
from publish.reports import freshness, quality
from publish.reports.reception import FILES

LICENCE_FILE = "LICENCIA.txt"


def write_dictionary(draft: Draft) -> None:
    """The dictionary of all datasets, part of what the release's id is made of."""
    as_json, as_csv = dictionary.tables(draft.datasets.values())
    files.write_text(draft.folder / "diccionario.json", as_json)
    files.write_text(draft.folder / "diccionario.csv", as_csv)


def write(
    con: duckdb.DuckDBPyConnection,
    draft: Draft,
    release_id: str,
    cut_off: date,
    policy: Policy,
    memory_limit: str,
    progress: Callable[[str], None],
) -> tuple[Edition, list[str]]:
    """The other forms of each dataset: workbook, page, zip, and all of them in one DuckDB file.

    memory_limit: the engine's, as DuckDB writes sizes. progress: told of a workbook that is left out since it is
    wrong. Returns what the metadata are made from, and in Spanish which datasets have no workbook.
    """
    files.write_text(draft.folder / LICENCE_FILE, texts.LICENCE_TEXT)
    knows_files = FILES in draft.datasets.keys() - draft.carried.keys()
    arrivals = freshness.arrivals(con, draft.folder) if knows_files else {}
    notes = []
    parts = []
    for name, dataset in sorted(draft.datasets.items()):
        facts = dictionary.Facts(cut_off, policy.publisher, draft.carried.get(name))
        page = dictionary.page_name(dataset)
        files.write_text(draft.folder / page, dictionary.page(dataset, facts))
        note = _write_workbook(con, dataset, draft, facts, policy.xlsx_rows, progress)
        notes += [note] if note else []
        tables = [f"{name}.csv", f"{name}.parquet", *([] if note else [f"{name}.xlsx"])]
        zips.write(draft.folder, [*tables, page, LICENCE_FILE], draft.folder / f"{name}.zip")
        kept = draft.versions.get(name)
        received = kept.received if kept else freshness.newest_arrival(dataset, arrivals, cut_off)
        parts.append(_part(draft, dataset, [*tables, f"{name}.zip"], received))
    duckdb_file.write(
        draft.folder, list(draft.datasets.values()), draft.folder / duckdb_file.NAME, draft.carried, memory_limit
    )
    return Edition(release_id, cut_off, policy.publisher, tuple(parts)), notes


def _write_workbook(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    draft: Draft,
    facts: dictionary.Facts,
    xlsx_rows: int,
    progress: Callable[[str], None],
) -> str | None:
    """Writes the workbook, where the dataset has one; returns in Spanish why it has none.

    One that does not hold the dataset's rows, as where its writer takes a text for something else, is left out: a cell
    of one dataset must not keep all of them from the public.
    """
    parquet, path = draft.parquet(dataset.name), draft.folder / f"{dataset.name}.xlsx"
    if too_many := xlsx.write(dataset, parquet, path, facts, xlsx_rows):
        return too_many
    if xlsx.holds(con, dataset, parquet, path):
        return None
    path.unlink()
    progress(f"{path.name} does not hold the rows of {parquet.name}, and is left out: its writer has to be mended")
    return xlsx.left_out(dataset)


def _part(draft: Draft, dataset: Dataset, names: list[str], received: datetime) -> Part:
    rows = dict.fromkeys(names, draft.rows[dataset.name])
    if dataset.geography:
        geoparquet = f"{dataset.geography.name}.parquet"
        points = pq.read_metadata(draft.folder / geoparquet).num_rows
        rows |= dict.fromkeys((geoparquet, f"{dataset.geography.name}.geojson"), points)
    paths = [draft.folder / name for name in rows]
    entries = (FileEntry(path.name, path.stat().st_size, draft.sha256(path), rows[path.name]) for path in paths)
    return Part(dataset, draft.rows[dataset.name], tuple(entries), received, draft.carried.get(dataset.name))


def describe(
    con: duckdb.DuckDBPyConnection,
    draft: Draft,
    edition: Edition,
    notes: list[str],
    using: Screen,
    given: Given,
) -> None:
    """The metadata, the quality report and the reading notes, from what is in the folder.

    notes: for whoever opens the folder, in Spanish.
    """
    broken = keys.broken_keys(con, draft.datasets.values(), draft.folder)
    pages = {part.dataset.name: edition.stable_address(dictionary.page_name(part.dataset)) for part in edition.parts}
    periods = coverage.periods(con, list(draft.datasets.values()), draft.folder)
    written = {
        "datapackage.json": datapackage.datapackage(edition, broken),
        **dcat.catalogue(edition, pages=pages, periods=periods),
    }
    oc4ids.write(edition, con, draft.folder)
    report = quality.Report(
        draft.held, draft.masked, using.reports, quality.sections(con, draft.folder, edition, given.paces)
    )
    written["calidad.json"] = report.complete_json(given.quality_json)
    written["calidad.html"] = report.complete_html(given.quality_html)
    written["LEEME.txt"] = texts.reading_notes(
        edition.id,
        edition.cut_off.isoformat(),
        [(part.dataset, part.rows) for part in edition.parts],
        draft.held,
        draft.kept(),
        notes,
    )
    for name, text in written.items():
        files.write_text(draft.folder / name, text)
