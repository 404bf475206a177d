"""Makes a release: an immutable folder of files, and the addresses that point to the newest one.

Everything is written in a working folder beside the releases. Only when each file was read back is it renamed to its
place, and only then do the addresses move: a crash at any point leaves the release before in force.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from publish import files, geography, inspection, place, quality, texts
from publish.catalog import Catalog, Dataset, read_catalog
from publish.errors import PublishError
from publish.gate import Gate
from publish.screening import Screen, read_screen, screen
from publish.verify import MANIFEST, problems, sha256


@dataclass(frozen=True)
class Published:
    """A dataset in a release. bytes: of its Parquet and CSV files."""

    rows: int
    parquet_bytes: int
    csv_bytes: int


@dataclass(frozen=True)
class Release:
    """A release in force. created: False where the same one was there already.

    held: per dataset left out, the reason. masked: per dataset.column, how many personal data were replaced.
    """

    id: str
    path: Path
    created: bool
    published: Mapping[str, Published]
    held: Mapping[str, str]
    masked: Mapping[str, int]


@dataclass
class _Draft:
    """What is known of the release while it is being written into its folder."""

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    masked: dict[str, int] = field(default_factory=dict)


def publish(
    *,
    warehouse: Path,
    raw_dir: Path,
    manifest: Path,
    releases_dir: Path,
    gate: Gate,
    run_id: str,
    quality_json: str,
    quality_html: str,
    progress: Callable[[str], None],
) -> Release:
    """Publishes every dataset that the gate lets through and that holds no personal data where it must not.

    warehouse: the DuckDB file; manifest: dbt's target/manifest.json; run_id: this run's, which the gate must bear;
    quality_json, quality_html: the report on the checks; progress: is told each step.
    Raises PublishError where nothing can be published, where what was given does not fit together, or where a file of
    the release still holds personal data when it is read again.
    """
    catalog = read_catalog(manifest)
    held = gate.held(catalog, run_id)
    releases_dir.mkdir(parents=True, exist_ok=True)
    with place.alone_in(releases_dir), place.working_folder(releases_dir) as work:
        place.repair_link(releases_dir)
        with files.connect(warehouse, releases_dir / place.DUCKDB_TEMP) as con:
            cut_off = _cut_off(con, catalog)
            using = read_screen(con, raw_dir, catalog)
            told = {name: using.reports.mask(reason, lone_words=False) for name, reason in held.items()}
            draft = _Draft(work, held=told)
            for dataset in catalog.datasets.values():
                if dataset.name not in draft.held:
                    progress(f"screening and writing {dataset.name}")
                    _write_dataset(con, dataset, using, draft)
            if not draft.rows:
                reasons = " ".join(f"{name}: {reason}" for name, reason in draft.held.items())
                raise PublishError(f"no dataset can be published, so no release is made. {reasons}")
            _write_dictionary(catalog, draft)
            release_id = _release_id(cut_off, work, draft.held)
            path = releases_dir / release_id
            created = not path.exists()
            if created:
                progress(f"writing {release_id}")
                report = quality.Report(draft.held, draft.masked, using.reports)
                files.write_text(work / "calidad.json", report.complete_json(quality_json))
                files.write_text(work / "calidad.html", report.complete_html(quality_html))
                _write_notes(catalog, draft, release_id, cut_off)
                _write_manifest(catalog, draft, gate, release_id, cut_off)
                _check(work, release_id)
                progress("reading every file again for personal data")
                inspection.inspect(con, work, [catalog.datasets[name] for name in draft.rows], using)
                place.move_into_place(work, path)
            else:
                _check(path, release_id)
                progress(f"{release_id} is there already with the same data: no second one is made")
        place.put_in_force(releases_dir, release_id, cut_off)
        progress(f"{release_id} is in force")
        published = {
            name: Published(rows, (path / f"{name}.parquet").stat().st_size, (path / f"{name}.csv").stat().st_size)
            for name, rows in draft.rows.items()
        }
    return Release(release_id, path, created, published, draft.held, draft.masked)


def _cut_off(con: duckdb.DuckDBPyConnection, catalog: Catalog) -> str:
    rows = con.execute(f"select fecha_corte from {catalog.cut_off}").fetchall()
    if len(rows) != 1 or not isinstance(rows[0][0], date):
        raise PublishError(f"{catalog.cut_off} gives no single date ({rows!r}): no file of the run was accepted")
    return rows[0][0].isoformat()


def _write_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset, using: Screen, draft: _Draft) -> None:
    files.check_columns(con, dataset)
    screening = screen(con, dataset, using)
    if screening.reasons:
        draft.held[dataset.name] = " ".join(screening.reasons)
        return
    parquet, csv = (draft.folder / f"{dataset.name}.{kind}" for kind in ("parquet", "csv"))
    draft.rows[dataset.name] = files.write_table(con, dataset, screening.replaced, parquet, csv)
    if dataset.geography:
        geography.write(con, dataset.geography, parquet, draft.folder)
    draft.masked.update({f"{dataset.name}.{column}": count for column, count in screening.masked.items()})


def _write_dictionary(catalog: Catalog, draft: _Draft) -> None:
    as_json, as_csv = texts.dictionary(catalog.datasets[name] for name in draft.rows)
    files.write_text(draft.folder / "diccionario.json", as_json)
    files.write_text(draft.folder / "diccionario.csv", as_csv)


def _release_id(cut_off: str, work: Path, held: Mapping[str, str]) -> str:
    """The cut-off date and what the data are: the same data, dictionary and absences, the same id."""
    digest = hashlib.sha256()
    for path in sorted(work.iterdir()):
        digest.update(f"{path.name}\t{sha256(path)}\n".encode())
    for name in sorted(held):
        digest.update(f"{name}\theld\t{held[name]}\n".encode())
    return f"{cut_off}-{digest.hexdigest()[:12]}"


def _write_notes(catalog: Catalog, draft: _Draft, release_id: str, cut_off: str) -> None:
    datasets = [(catalog.datasets[name], rows) for name, rows in draft.rows.items()]
    files.write_text(draft.folder / "LICENCIA.txt", texts.LICENCE_TEXT)
    files.write_text(draft.folder / "LEEME.txt", texts.reading_notes(release_id, cut_off, datasets, draft.held))


def _write_manifest(catalog: Catalog, draft: _Draft, gate: Gate, release_id: str, cut_off: str) -> None:
    """Writes the manifest, the last file of all, from what the others hold when they are read back from the disk."""
    written = sorted(draft.folder.iterdir())
    for path in written:
        files.sync(path)
    manifest = {
        "id": release_id,
        "fecha_corte": cut_off,
        "licencia": {"codigo": texts.LICENCE, "url": texts.LICENCE_URL},
        "conjuntos": [_summary(catalog.datasets[name], rows, gate) for name, rows in draft.rows.items()],
        "no_publicados": [
            {"nombre": name, "titulo": catalog.datasets[name].title, "motivo": draft.held[name]}
            for name in sorted(draft.held)
        ],
        "datos_personales_reservados": draft.masked,
        "archivos": [{"nombre": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)} for path in written],
    }
    files.write_text(draft.folder / MANIFEST, texts.as_json(manifest))
    files.sync(draft.folder / MANIFEST)
    files.sync(draft.folder)


def _summary(dataset: Dataset, rows: int, gate: Gate) -> dict[str, Any]:
    checks = gate.results[dataset.name]
    return {
        "nombre": dataset.name,
        "titulo": dataset.title,
        "tema": dataset.theme,
        "descripcion": dataset.description,
        "filas": rows,
        "columnas": [column.name for column in dataset.columns],
        "archivos": [f"{dataset.name}.csv", f"{dataset.name}.parquet", *_geographic(dataset)],
        "controles": len(checks),
        "advertencias": sum(not check["success"] for check in checks),
    }


def _geographic(dataset: Dataset) -> list[str]:
    name = dataset.geography.name if dataset.geography else ""
    return [f"{name}.parquet", f"{name}.geojson"] if name else []


def _check(release: Path, release_id: str) -> None:
    if found := problems(release, release_id):
        raise PublishError(f"{release} is damaged: {'; '.join(found)}. Move it away, and publish again.")
