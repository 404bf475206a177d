"""Which files arrived: finds them, knows them by content, and keeps a copy of each under its sha256."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract import Contract, FileName

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Arrival:
    """A file that a contract's pattern matches. received: its own time of change, UTC.

    present: whether it lies in the exports folder; else it is the last good content of its name, from the archive.
    """

    contract: Contract
    path: str
    name: FileName
    sha256: str
    size: int
    received: datetime
    archived: Path
    present: bool = True


@dataclass(frozen=True)
class Unknown:
    """A file that is left alone: its path below the exports folder, and why."""

    path: str
    why: str


def find(exports: Path, contracts: Mapping[str, Contract], archive: Path) -> tuple[list[Arrival], list[Unknown]]:
    """Every file below the exports folder, archived.

    Hidden files are passed over. Raises FileNotFoundError where the folder does not exist.
    """
    if not exports.is_dir():
        raise FileNotFoundError(f"The exports folder {exports} does not exist: set EXPORTS_DIR to the right one.")
    for partial in archive.glob(".*.partial"):
        partial.unlink()
    arrivals: list[Arrival] = []
    unknown: list[Unknown] = []
    for file in sorted(p for p in exports.rglob("*") if p.is_file()):
        relative = file.relative_to(exports)
        if any(part.startswith(".") for part in relative.parts):
            continue
        # A name that is no UTF-8 is shown with its bytes escaped, and still found by its own.
        path = os.fsencode(relative).decode("utf-8", "backslashreplace")
        matches = [(c, name) for c in contracts.values() if (name := c.match(path))]
        if not matches:
            unknown.append(Unknown(path, "no contract knows a file of this name"))
            continue
        contract, name = matches[0]
        try:
            arrivals.append(_archive(file, path, contract, name, archive))
        except (FileNotFoundError, PermissionError) as error:
            unknown.append(Unknown(path, f"it cannot be read ({error.strerror}): mend its rights and run again"))
    return arrivals, unknown


def _archive(file: Path, path: str, contract: Contract, name: FileName, archive: Path) -> Arrival:
    """Copies the file while it hashes it, so that what is read later is what was hashed."""
    status = file.stat()
    archive.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = archive / f".{os.getpid()}.partial"
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as source, partial.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            size += len(chunk)
    sha256 = digest.hexdigest()
    archived = archived_path(archive, sha256)
    if archived.exists() and archived.stat().st_size == size:
        partial.unlink()
    else:
        archived.parent.mkdir(exist_ok=True, mode=0o700)
        partial.chmod(0o400)
        partial.replace(archived)
    received = datetime.fromtimestamp(int(status.st_mtime), UTC).replace(tzinfo=None)
    return Arrival(contract, path, name, sha256, size, received, archived)


def archived_path(archive: Path, sha256: str) -> Path:
    """Where the content of that hash is kept."""
    return archive / sha256[:2] / sha256
