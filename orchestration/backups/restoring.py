"""Puts a backup back onto empty folders. Every content is verified before the first one is in place."""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.backups import unfinished
from orchestration.backups.backup import Backup, BackupError, Entry, damage, object_of, parts, read
from orchestration.backups.unfinished import Unfinished, UnfinishedRestoreError
from orchestration.machine import private
from orchestration.settings import Settings
from orchestration.state import standing
from publish import files
from publish.keeping import marks, place
from publish.keeping.verify import MANIFEST, problems, sha256

# Within each place, so that what is ready gets its name at once; hidden, so that nobody takes it for what it will be.
_STAGE = ".restoring"
_LEDGER = "archivos.parquet"


def restore(
    settings: Settings, folder: Path, with_exports: bool, moved: bool, progress: Callable[[str], None]
) -> str | None:
    """Puts back what a backup holds; returns the release in force, if any.

    with_exports: the files that lay in the exports folder in the last run are put back as well, with their times; the
    exports folder must be empty. moved: the exports folder of these settings holds what another one held when the
    backup was made. What an earlier attempt with the same backup put in place before it broke off is taken away first.
    Whoever calls this holds the lock of the run. Raises BackupError where a place is not empty, the backup is damaged,
    or its exports folder is another one; UnfinishedRestoreError where one of another backup broke off.
    """
    backup = read(folder)
    exports = str(settings.exports.resolve())
    if exports != backup.exports and not (with_exports or moved):
        raise BackupError(
            f"The backup is of exports in {backup.exports}, and EXPORTS_DIR is {exports}. Set EXPORTS_DIR to that "
            "folder; or say --moved, if the same files lie here now; or --with-exports, to have them put here."
        )
    asked = Unfinished(sha256(folder / MANIFEST), str(folder.resolve()), with_exports, moved)
    broken = _broken_off(settings, asked)
    _clear_stages(settings)
    if not broken:
        _check_empty(settings, backup, with_exports)
    progress(f"reading {len(backup.entries)} files of the backup of {backup.made_at}")
    if found := damage(folder, backup):
        raise BackupError(
            f"{len(found)} files of the backup are lost, and nothing was put in place: {'; '.join(found[:5])}"
        )
    if broken:
        _take_away(settings, backup, _ledger(folder, backup) if broken.with_exports else [])
        _check_empty(settings, backup, with_exports)
    ledger = _ledger(folder, backup) if with_exports else []
    for part in ("archive", "raw", "ledgers", "state"):
        _stage(folder, backup.of(part), _stage_of(settings, part))
    _stage(folder, backup.of("corrections"), settings.corrections / _STAGE)
    _rename_folder(_tables_by_folder(settings), backup.exports, exports)
    _stage_exports(folder, ledger, settings.exports / _STAGE)
    progress("everything is verified and copied; putting it in place")
    unfinished.mark(settings, asked)
    _place_releases(folder, backup, settings.releases)
    # Of the machine that was, so that the next run does everything.
    standing.forget(settings)
    _put_in_place(settings, with_exports)
    _put_in_force(folder, backup, settings.releases)
    unfinished.clear(settings)
    return backup.release


def _broken_off(settings: Settings, asked: Unfinished) -> Unfinished | None:
    """The attempt with the same backup that broke off, if any."""
    broken = unfinished.left(settings)
    if broken and broken.manifest != asked.manifest:
        raise UnfinishedRestoreError(
            f"A restore of another backup broke off. First do that again: {broken.command}; or move what it put in "
            f"place away, with {settings.restoring}."
        )
    return broken


def _take_away(settings: Settings, backup: Backup, exports: list[dict[str, Any]]) -> None:
    """Removes what a restore put in place before it broke off: what the backup holds, and nothing else.

    exports: what it put into the exports folder, where others may have put something new by now.
    """
    _take_away_releases(backup, settings.releases)
    for part in ("archive", "raw", "ledgers"):
        _remove(parts(settings)[part], [entry.name for entry in backup.of(part)])
    ours = [row["archivo"] for row in exports if _holds(settings.exports / row["archivo"], row["sha256"])]
    _remove(settings.exports, ours)


def _take_away_releases(backup: Backup, releases: Path) -> None:
    """What says which one is in force goes first: it must not name what is gone."""
    with place.alone_in(releases), place.working_folder(releases):
        for name in (place.LATEST, place.LATEST_LINK, *marks.ALL, *(left.name for left in releases.glob(".*.nuevo"))):
            (releases / name).unlink(missing_ok=True)
        for ident in _by_release(backup):
            if (releases / ident).exists():
                (releases / ident).chmod(0o755)
                shutil.rmtree(releases / ident)


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def _remove(root: Path, names: list[str]) -> None:
    """Removes files below a folder, and the folders that are empty then, but for the one above them all."""
    for name in names:
        (root / name).unlink(missing_ok=True)
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents if folder.name}
    for folder in sorted(folders, key=len, reverse=True):
        # What still holds something is found by whoever looks whether all is empty.
        with suppress(OSError):
            (root / folder).rmdir()


def _stage_of(settings: Settings, part: str) -> Path:
    return settings.internal / _STAGE / part


def _clear_stages(settings: Settings) -> None:
    for root in (settings.internal, settings.corrections, settings.exports):
        shutil.rmtree(root / _STAGE, ignore_errors=True)


def _check_empty(settings: Settings, backup: Backup, with_exports: bool) -> None:
    """Raises BackupError where something stands that a restore would mix with what it brings."""
    places = parts(settings)
    folders = [places[part] for part in ("archive", "raw", "ledgers", "releases")] + [settings.traces]
    folders += [settings.exports] if with_exports else []
    taken = [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]
    taken += [settings.warehouse] if settings.warehouse.exists() else []
    expected = {entry.name: entry.sha256 for entry in backup.of("corrections")}
    # A checkout brings its corrections along: the same ones are in nobody's way.
    taken += [p for p in settings.corrections.glob("*.yml") if expected.get(p.name) != sha256(p)]
    if taken:
        raise BackupError(
            f"{', '.join(map(str, taken))}: a backup is put back onto empty places only, so that nothing is mixed. "
            "Move them away, or set WAREHOUSE_PATH, RELEASES_DIR, CORRECTIONS_DIR and EXPORTS_DIR to new ones."
        )


def _stage(folder: Path, entries: Iterable[Entry], stage: Path) -> None:
    for entry in entries:
        _copy(folder, entry.sha256, stage / entry.name)


def _copy(folder: Path, digest: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(object_of(folder, digest), target)
    if sha256(target) != digest:
        raise BackupError(f"{target} does not read back as it was written: the disk is failing. Nothing is in place.")
    files.sync(target)


def _tables_by_folder(settings: Settings) -> list[Path]:
    raw, ledgers = _stage_of(settings, "raw"), _stage_of(settings, "ledgers")
    return [p for p in (raw / "vigentes.parquet", raw / _LEDGER, *sorted(ledgers.glob("*.parquet"))) if p.exists()]


def _rename_folder(tables: list[Path], old: str, new: str) -> None:
    """What was known of the names below one exports folder is known of those below another one."""
    if old == new:
        return
    for path in tables:
        table = pq.read_table(path)
        if "carpeta" not in table.column_names:
            continue
        index = table.column_names.index("carpeta")
        column = table["carpeta"]
        renamed = pc.if_else(pc.equal(column, old), pa.scalar(new), column)
        pq.write_table(table.set_column(index, table.schema.field(index), renamed), path, compression="zstd")


def _ledger(folder: Path, backup: Backup) -> list[dict[str, Any]]:
    """The files that lay in the exports folder in the last run, whatever their fate; each with its time of change."""
    ledgers = [entry for entry in backup.of("raw") if entry.name == _LEDGER]
    if not ledgers:
        raise BackupError("The backup holds no ledger of a run, so that nobody knows what lay in the exports folder.")
    rows = pq.read_table(object_of(folder, ledgers[0].sha256)).to_pylist()
    present = [row for row in rows if row["carpeta"] == backup.exports and row["presente"]]
    kept = {entry.sha256 for entry in backup.of("archive")}
    if lost := [row["archivo"] for row in present if row["sha256"] not in kept]:
        raise BackupError(f"The backup's archive does not hold {', '.join(lost[:5])}: restore without --with-exports.")
    return present


def _stage_exports(folder: Path, rows: list[dict[str, Any]], stage: Path) -> None:
    for row in rows:
        target = stage / row["archivo"]
        _copy(folder, row["sha256"], target)
        received = row["recibido_en"].replace(tzinfo=UTC).timestamp()
        os.utime(target, (received, received))


def _place_releases(folder: Path, backup: Backup, releases: Path) -> None:
    """Gives each release its name, with the rights that publishing gives; none is in force yet."""
    with place.alone_in(releases):
        for ident, entries in _by_release(backup).items():
            with place.working_folder(releases) as work:
                for entry in entries:
                    _copy(folder, entry.sha256, work / entry.name.split("/", 1)[1])
                if found := problems(work, ident):
                    raise BackupError(f"The backup's release {ident} is not whole: {found[0]}.")
                place.move_into_place(work, releases / ident)


def _by_release(backup: Backup) -> dict[str, list[Entry]]:
    """The files of each release, in the order in which the releases were made."""
    of_release: dict[str, list[Entry]] = {}
    for entry in backup.of("releases"):
        if "/" in entry.name:
            of_release.setdefault(entry.name.split("/", 1)[0], []).append(entry)
    return of_release


def _put_in_place(settings: Settings, with_exports: bool) -> None:
    if with_exports:
        _move_up(settings.exports / _STAGE, settings.exports)
    _move_up(settings.corrections / _STAGE, settings.corrections)
    for part in ("archive", "raw", "ledgers", "state"):
        stage = _stage_of(settings, part)
        private.close(stage)
        if part == "archive":
            for path in stage.glob("*/*"):
                path.chmod(0o400)
        _move_up(stage, parts(settings)[part])
    shutil.rmtree(settings.internal / _STAGE, ignore_errors=True)


def _move_up(stage: Path, place_of_it: Path) -> None:
    if stage.is_dir():
        place_of_it.mkdir(parents=True, exist_ok=True)
        for path in stage.iterdir():
            # RAW_DIR may lie on another disk than the internal area.
            shutil.move(path, place_of_it / path.name)
        stage.rmdir()
        files.sync(place_of_it)


def _put_in_force(folder: Path, backup: Backup, releases: Path) -> None:
    """The marks of what was left come first: without them a run could publish again what was rolled back."""
    pointers = {entry.name: entry for entry in backup.of("releases") if "/" not in entry.name}
    for name in (*marks.ALL, place.LATEST):
        if name in pointers:
            text = object_of(folder, pointers[name].sha256).read_text("utf-8")
            json.loads(text)
            files.replace_text(releases / name, text)
    place.repair_link(releases)
