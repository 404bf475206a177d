"""A copy of what no run could make again: files received, what is in force, rows, ledgers, corrections and releases.

The copy keeps every content once, under its sha256, and a manifest that names them, written last: a backup that breaks
off leaves the one before as it was. Warehouse, pages and traces are not in it: they are built from what is.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from ingest.placing import put
from orchestration.machine import private
from orchestration.settings import Settings
from publish.keeping import marks, place
from publish.keeping.retention import releases_in
from publish.keeping.verify import MANIFEST, problems, sha256

FORMAT = 1
_OBJECTS = "objects"


class BackupError(RuntimeError):
    """A backup that cannot be made or put back, with what to do."""


@dataclass(frozen=True)
class Entry:
    """A file of a backup. part: which of the places it belongs to. name: below that place, with slashes."""

    part: str
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Backup:
    """What a manifest says. exports: the folder that the names in force are below. release: that in force, if any."""

    made_at: str
    exports: str
    release: str | None
    entries: tuple[Entry, ...]

    def of(self, part: str) -> list[Entry]:
        """The files of one part."""
        return [entry for entry in self.entries if entry.part == part]


def parts(settings: Settings) -> dict[str, Path]:
    """The folders that a backup is made of, by the name of their part."""
    return {
        "archive": settings.archive,
        "raw": settings.raw,
        "ledgers": settings.ledgers,
        "corrections": settings.corrections,
        "state": settings.internal,
        "releases": settings.releases,
    }


def make(settings: Settings, folder: Path, progress: Callable[[str], None], check: bool = False) -> Backup:
    """Brings the backup in the folder up to date: only contents that it does not have yet are copied, and read back.

    folder: an earlier backup, or a new or empty folder; it is closed to all but its owner. check: what it has already
    is read again too, and replaced where it is damaged. Whoever calls this holds the lock of the run. Raises
    BackupError where the folder is none for a backup, or of another place, or what is to be saved is damaged.
    """
    _check_folder(settings, folder)
    _check_same_place(settings, folder)
    for each in (folder, folder / _OBJECTS):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    private.close(folder)
    settings.releases.mkdir(parents=True, exist_ok=True)
    with place.alone_in(settings.releases):
        entries = []
        copied = 0
        for part, path, entry in _to_save(settings):
            copied += _keep(folder, path, entry, check)
            entries.append(entry)
            if len(entries) % 1000 == 0:
                progress(f"{len(entries)} files looked at, in {part}")
        latest = settings.releases / place.LATEST
        release = json.loads(latest.read_text("utf-8"))["id"] if latest.exists() else None
    backup = Backup(
        datetime.now(UTC).isoformat(timespec="seconds"), str(settings.exports.resolve()), release, (*entries,)
    )
    write_manifest(folder, backup)
    dropped = _sweep(folder, backup)
    progress(f"{copied} bytes copied and read back; {dropped} contents dropped that nothing refers to any more")
    return backup


def read(folder: Path) -> Backup:
    """What the manifest of a backup says. Raises BackupError where there is none, or it is not as it was written."""
    return _parse(folder / MANIFEST)


def _parse(path: Path) -> Backup:
    try:
        document = json.loads(path.read_text("utf-8"))
        content = document["backup"]
        if document["sha256"] != _digest(content):
            raise ValueError("it is not as it was written")
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']}, and this version knows {FORMAT}")
        entries = tuple(Entry(**entry) for entry in content["entries"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} cannot be read ({error}): name the folder of a backup that is whole.") from error
    if outside := [entry.name for entry in entries if _leads_outside(PurePosixPath(entry.name))]:
        raise BackupError(f"{path} names {outside[0]}, which would lie outside its place: nothing was touched.")
    return Backup(content["made_at"], content["exports"], content["release"], entries)


def _leads_outside(name: PurePosixPath) -> bool:
    return name.is_absolute() or ".." in name.parts


def damage(folder: Path, backup: Backup) -> list[str]:
    """What of a backup is missing or not as it was written, one sentence each; every content is read."""
    names: dict[str, Entry] = {entry.sha256: entry for entry in backup.entries}
    found = []
    for entry in names.values():
        path = object_of(folder, entry.sha256)
        if not path.is_file():
            found.append(f"{entry.part}/{entry.name} is missing ({path})")
        elif path.stat().st_size != entry.bytes or sha256(path) != entry.sha256:
            found.append(f"{entry.part}/{entry.name} is damaged ({path})")
    return found


def object_of(folder: Path, digest: str) -> Path:
    """Where a backup keeps the content of that sha256."""
    return folder / _OBJECTS / digest[:2] / digest


def _check_folder(settings: Settings, folder: Path) -> None:
    """Raises BackupError where the public, a source or a run would meet the backup, or it would meet other things."""
    target = folder.resolve()
    places = (*settings.members, settings.corrections, settings.exports, settings.releases, settings.portal)
    if around := [taken for taken in places if target.is_relative_to(taken.resolve())]:
        raise BackupError(f"{folder} is below {around[0]}: give a folder apart, best on another disk.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _OBJECTS).is_dir():
        raise BackupError(f"{folder} holds other things: give an empty folder, or the one of an earlier backup.")


def _check_same_place(settings: Settings, folder: Path) -> None:
    """Raises BackupError where the backup keeps files received that are not here: they would be swept from it.

    Nothing ever leaves an archive, so this is another place, or one that was lost.
    """
    if not (folder / MANIFEST).exists():
        return
    try:
        kept = read(folder).of("archive")
    except BackupError as error:
        raise BackupError(
            f"{folder / MANIFEST} is not as a backup wrote it: nothing was changed. Give a new folder; or, if this is "
            "the place that it is a backup of, remove that manifest: the contents stay, and are not copied again."
        ) from error
    if lost := [entry for entry in kept if not (settings.archive / entry.name).is_file()]:
        raise BackupError(
            f"{folder} keeps {len(lost)} files received that {settings.archive} does not have, as "
            f"{object_of(folder, lost[0].sha256)}: nothing was changed. Back up with the settings of the place that "
            "it is a backup of; if files of its archive are lost, restore first; for another place give another folder."
        )


def _to_save(settings: Settings) -> Iterator[tuple[str, Path, Entry]]:
    for path in _files(settings.archive):
        # The archive's names are what it holds: only what is copied is read.
        yield "archive", path, _entry("archive", settings.archive, path, path.name)
    for part in ("raw", "ledgers"):
        root = parts(settings)[part]
        for path in _files(root):
            if path.suffix == ".parquet":
                yield part, path, _entry(part, root, path, sha256(path))
    # Of a folder that is away nothing would be saved, and what was saved before be swept.
    for path in sorted(path for path in settings.corrections.iterdir() if path.suffix == ".yml"):
        yield "corrections", path, _entry("corrections", settings.corrections, path, sha256(path))
    # Who was told of what is open, so that nobody is told twice.
    if settings.alerts.exists():
        yield "state", settings.alerts, _entry("state", settings.internal, settings.alerts, sha256(settings.alerts))
    yield from _releases(settings.releases)


def _releases(releases: Path) -> Iterator[tuple[str, Path, Entry]]:
    # The oldest first, which is the order in which they are put back: it says which one came after which.
    for kept in releases_in(releases):
        release = releases / kept.id
        manifest = release / MANIFEST
        if found := problems(release, release.name):
            raise BackupError(f"{release} is damaged ({found[0]}): put it right or remove it first.")
        declared = {file["nombre"]: file["sha256"] for file in json.loads(manifest.read_text("utf-8"))["archivos"]}
        for path in sorted(release.iterdir()):
            yield "releases", path, _entry("releases", releases, path, declared.get(path.name) or sha256(path))
    for name in (*marks.ALL, place.LATEST):
        if (releases / name).exists():
            yield "releases", releases / name, _entry("releases", releases, releases / name, sha256(releases / name))


def _files(root: Path) -> list[Path]:
    """Every file below the folder, but hidden ones: those are of a run that was cut."""
    hidden = (p for p in root.rglob("*") if not any(part.startswith(".") for part in p.relative_to(root).parts))
    return sorted(p for p in hidden if p.is_file() and not p.is_symlink())


def _entry(part: str, root: Path, path: Path, digest: str) -> Entry:
    return Entry(part, path.relative_to(root).as_posix(), digest, path.stat().st_size)


def _keep(folder: Path, path: Path, entry: Entry, check: bool) -> int:
    """Copies a content that the backup does not have, and reads the copy back; returns the bytes copied."""
    kept = object_of(folder, entry.sha256)
    if kept.exists() and kept.stat().st_size == entry.bytes and not (check and sha256(kept) != entry.sha256):
        return 0
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = kept.with_suffix(".partial")
    shutil.copyfile(path, partial)
    if sha256(partial) != entry.sha256:
        partial.unlink()
        raise BackupError(
            f"{path} is not what its sha256 says, or its copy does not read back as it was written: the backup "
            "stays as it was. Try again; if it says so again, the file is damaged: put the one received in its place."
        )
    partial.chmod(0o600)
    put(partial, kept)
    return entry.bytes


def write_manifest(folder: Path, backup: Backup) -> None:
    """Replaces the manifest at once: until then the backup is the one before."""
    content = {"format": FORMAT} | asdict(backup)
    partial = folder / f"{MANIFEST}.partial"
    text = json.dumps({"sha256": _digest(content), "backup": content}, ensure_ascii=False, indent=1)
    partial.write_text(text, "utf-8")
    partial.chmod(0o600)
    _parse(partial)
    put(partial, folder / MANIFEST)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _sweep(folder: Path, backup: Backup) -> int:
    """Removes the contents that the manifest does not name, and half copies; returns how many."""
    named = {entry.sha256 for entry in backup.entries}
    unnamed = [path for path in (folder / _OBJECTS).glob("*/*") if path.name not in named]
    for path in unnamed:
        path.unlink()
    return len(unnamed)
