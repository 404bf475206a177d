"""Makes a release: an immutable folder of files, and the addresses that point to the newest one.

Everything is written in a working folder beside the releases. Only when each file was read back is it renamed to its
place, and only then do the addresses move: a crash at any point leaves the release before in force.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from publish import contents, files, last_good, texts, themes
from publish.catalog import Catalog, Column, read_catalog
from publish.draft import Draft, write_new
from publish.edition import Carried, Edition, Part
from publish.errors import PublishError
from publish.gate import Gate
from publish.given import Given
from publish.keeping import marks, place, retention, rollback, versions
from publish.keeping.verify import MANIFEST, problems
from publish.metadata.dictionary import Facts, page_name
from publish.policy import Policy
from publish.privacy import inspection
from publish.privacy.scanning import masked
from publish.privacy.screening import Screen, hits_of, read_screen
from publish.reports import changes
from publish.rows import MOMENT

# Of what a release is made of beside its data. Another number makes another release of the same data.
FORM = 10

# Of the release before, the files that the next one is compared with: hashing all of it would cost seconds a gigabyte.
_COMPARED = (".parquet", "diccionario.json")


@dataclass(frozen=True)
class Published:
    """A dataset in a release. carried: where it is an earlier release's."""

    rows: int
    carried: Carried | None


@dataclass(frozen=True)
class Release:
    """A release in force. created: False where the same one was there already.

    held: per dataset left out or kept from before, the reason. masked: per dataset.column, how many personal data were
    replaced. removed: older releases that need not be kept and are gone.
    """

    id: str
    path: Path
    created: bool
    published: Mapping[str, Published]
    held: Mapping[str, str]
    masked: Mapping[str, int]
    removed: tuple[str, ...]


def publish(
    given: Given,
    releases_dir: Path,
    policy: Policy,
    *,
    progress: Callable[[str], None],
    same_exports: Callable[[str], bool],
    before_in_force: Callable[[str], None],
) -> Release:
    """Publishes every dataset that the gate lets through and that holds no personal data where it must not.

    progress: is told each step; same_exports: whether a release was made from the same exports folder, so that a
    dataset that fails may keep the version that it has there; before_in_force: is told the release's id once it is
    whole and before the addresses point to it.
    Raises PublishError where nothing can be published, where what was given does not fit together, where a file of
    the release still holds personal data when it is read again, or where the release was rolled back.
    """
    catalog = read_catalog(given.manifest)
    held = given.gate.held(catalog, given.run_id)
    releases_dir.mkdir(parents=True, exist_ok=True)
    with place.alone_in(releases_dir), place.working_folder(releases_dir) as work:
        place.repair_link(releases_dir)
        marks.check(releases_dir)
        before = _in_force(releases_dir, progress)
        with files.connect(given.warehouse, given.memory_limit) as con:
            cut_off = _cut_off(con, catalog)
            using = read_screen(con, given.raw_dir, catalog, policy.publisher)
            told = {name: using.reports.mask(reason, lone_words=False) for name, reason in held.items()}
            draft = Draft(work, held=told)
            _write_new(con, catalog, using, draft, progress)
            last_good.keep(con, catalog, releases_dir, same_exports, given.gate.missing, using, draft, progress)
            _check_not_empty(draft)
            contents.write_dictionary(draft)
            release_id = _release_id(cut_off, draft, policy)
            rollback.check_not_withdrawn(releases_dir, release_id)
            path = releases_dir / release_id
            created = not path.exists()
            if created:
                progress(f"writing {release_id}")
                edition, notes = contents.write(con, draft, release_id, cut_off, policy, given.memory_limit, progress)
                _write_changes(con, draft, release_id, before, using)
                contents.describe(con, draft, edition, notes, using, given)
                _write_manifest(catalog, draft, given.gate, edition, before)
                _check(work, release_id)
                progress("reading every file again for personal data")
                inspection.inspect(con, work, list(draft.datasets.values()), using)
                place.move_into_place(work, path)
            else:
                _check(path, release_id)
                progress(f"{release_id} is there already with the same data: no second one is made")
        if before and before.cut_off > cut_off:
            progress(f"the cut-off goes back from {before.cut_off} to {cut_off}: newer files were taken away")
        before_in_force(release_id)
        place.put_in_force(releases_dir, release_id, cut_off.isoformat())
        progress(f"{release_id} is in force")
        removed = _clean(releases_dir, policy.keep, release_id, progress)
        published = {name: Published(rows, draft.carried.get(name)) for name, rows in draft.rows.items()}
    return Release(release_id, path, created, published, draft.not_new(), draft.masked, tuple(removed))


def _write_new(
    con: duckdb.DuckDBPyConnection, catalog: Catalog, using: Screen, draft: Draft, progress: Callable[[str], None]
) -> None:
    for dataset in catalog.datasets.values():
        if dataset.name not in draft.held:
            progress(f"screening and writing {dataset.name}")
            write_new(con, dataset, using, draft)


def _check_not_empty(draft: Draft) -> None:
    if not draft.rows.keys() - draft.carried.keys():
        reasons = " ".join(f"{name}: {reason}" for name, reason in draft.not_new().items())
        raise PublishError(f"no dataset can be published, so no release is made. {reasons}")


@dataclass(frozen=True)
class _Before:
    """The release in force before this one."""

    id: str
    cut_off: date
    versions: Mapping[str, versions.Version]


def _in_force(releases_dir: Path, progress: Callable[[str], None]) -> _Before | None:
    ident = place.in_force(releases_dir)
    if not ident:
        return None
    folder = releases_dir / ident
    # Where what it held cannot be compared, what is new is published all the same.
    try:
        held = versions.read(folder)
    except PublishError as error:
        progress(str(error))
        return None
    if wrong := problems(folder, ident, _COMPARED):
        progress(f"{folder} is damaged, so nothing is compared with it: {'; '.join(wrong)}")
        return None
    return _Before(ident, max((each.cut_off for each in held.values()), default=date.min), held)


def _clean(releases_dir: Path, keep: int | None, release_id: str, progress: Callable[[str], None]) -> list[str]:
    """Deletes what need not be kept. The release is in force by then: what stays behind is told, and no failure."""
    try:
        return retention.clean(releases_dir, keep, release_id, rollback.withdrawn(releases_dir))
    except OSError as error:
        progress(
            f"{release_id} is in force, but not all that need not be kept could be deleted ({error}): let this user "
            f"write and delete in {releases_dir}, or make room there; the next release deletes what is left"
        )
        return []


def _cut_off(con: duckdb.DuckDBPyConnection, catalog: Catalog) -> date:
    rows = con.execute(f"select fecha_corte from {catalog.cut_off}").fetchall()
    if len(rows) != 1 or not isinstance(rows[0][0], date):
        raise PublishError(
            f"{catalog.cut_off} gives no single date ({rows!r}): no file of the run was accepted whose name has a date"
        )
    return rows[0][0]


def _release_id(cut_off: date, draft: Draft, policy: Policy) -> str:
    """The cut-off date and what the data are: the same data, dictionary, absences and settings, the same id."""
    digest = hashlib.sha256(f"{FORM}\n{policy.publisher!r}\n{policy.xlsx_rows}\n".encode())
    for path in sorted(draft.folder.iterdir()):
        digest.update(f"{path.name}\t{draft.sha256(path)}\n".encode())
    for name, reason in draft.not_new().items():
        digest.update(f"{name}\theld\t{reason}\n".encode())
    return f"{cut_off.isoformat()}-{digest.hexdigest()[:12]}"


def _write_changes(
    con: duckdb.DuckDBPyConnection, draft: Draft, release_id: str, before: _Before | None, using: Screen
) -> None:
    now = {
        name: versions.Version(dataset, draft.parquet(name), {}, release_id, date.max)
        for name, dataset in draft.datasets.items()
    }

    def mask(column: Column, value: str) -> str:
        return using.files.get(value) or masked(value, hits_of(using.of(column), column, value))

    found = changes.compare(con, before.versions if before else {}, now, draft.folder / "cambios.csv", mask)
    for each in found:
        if each.nombre in draft.carried:
            each.estado = "conservado"
    ident = before.id if before else None
    files.write_text(draft.folder / "changes.json", changes.as_json(release_id, ident, found))
    files.write_text(draft.folder / "cambios.html", changes.as_html(release_id, ident, found, draft.datasets))


def _write_manifest(catalog: Catalog, draft: Draft, gate: Gate, edition: Edition, before: _Before | None) -> None:
    """Writes the manifest, the last file of all; what it says of the others is then held against the disk (_check)."""
    written = sorted(draft.folder.iterdir())
    for path in written:
        files.sync(path)
    manifest = {
        "id": edition.id,
        "fecha_corte": edition.cut_off.isoformat(),
        "anterior": before.id if before else None,
        "licencia": {"codigo": texts.LICENCE, "url": texts.LICENCE_URL},
        "temas": themes.described({part.dataset.theme for part in edition.parts}),
        "conjuntos": [_summary(edition, part, gate, draft) for part in edition.parts],
        "no_publicados": [
            {"nombre": name, "titulo": catalog.datasets[name].title, "motivo": draft.held[name]}
            for name in sorted(draft.held)
        ],
        "datos_personales_reservados": draft.masked,
        "archivos": [
            {"nombre": path.name, "bytes": path.stat().st_size, "sha256": draft.sha256(path)} for path in written
        ],
    }
    files.write_text(draft.folder / MANIFEST, texts.as_json(manifest))
    files.sync(draft.folder / MANIFEST)
    files.sync(draft.folder)


def _summary(edition: Edition, part: Part, gate: Gate, draft: Draft) -> dict[str, Any]:
    summary = {
        "nombre": part.dataset.name,
        "titulo": part.dataset.title,
        "tema": part.dataset.theme,
        "descripcion": part.dataset.description,
        "recibido_en": f"{part.received:{MOMENT}}",
        "cita": Facts(edition.cut_off, edition.publisher, part.carried).citation(part.dataset),
        "filas": part.rows,
        "columnas": [column.name for column in part.dataset.columns],
        "archivos": [*(file.name for file in part.files), page_name(part.dataset)],
    }
    if part.carried:
        kept = draft.versions[part.dataset.name].summary
        checks = {key: kept[key] for key in ("controles", "advertencias")}
        return summary | checks | {"conservado": part.carried.said()}
    results = gate.results[part.dataset.name]
    return summary | {"controles": len(results), "advertencias": sum(not check["success"] for check in results)}


def _check(release: Path, release_id: str) -> None:
    if found := problems(release, release_id):
        raise PublishError(f"{release} is damaged: {'; '.join(found)}. Move it away, and publish again.")
