"""Which files arrived: finds them, knows them by content, and keeps a copy of each under its sha256."""

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from ingest.arriving.listing import is_growing, listing
from ingest.contract import Contract, FileName
from ingest.failure import Failure, failure_of
from ingest.naming import named

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

    @property
    def order(self) -> str:
        """What the files of an export are sorted by, the newest last."""
        newest = self.received.isoformat() if self.contract.mode == "period" else (self.name.data_date or "")
        return f"{newest} {self.path}"

    @classmethod
    def known(cls, contract: Contract, row: Mapping[str, Any], archive: Path, present: bool) -> "Arrival | None":
        """What a row of an earlier run says of a file; None where the contract no longer knows its name."""
        path, sha256 = row["archivo"], row["sha256"]
        if not (name := contract.match(path)):
            return None
        return cls(contract, path, name, sha256, row["bytes"], row["recibido_en"], _place(archive, sha256), present)


@dataclass(frozen=True)
class Unknown:
    """A file that is left alone: its path below the exports folder, and why.

    growing: it was still being written, so that a later run may find it whole.
    """

    path: str
    why: str
    growing: bool = False


class Found(NamedTuple):
    """What lies in the exports folder. failures: the exports that could not be looked at or copied, by their names.

    Of an export that failed, not all arrivals are there.
    """

    arrivals: list[Arrival]
    unknown: list[Unknown]
    failures: dict[str, Failure]


class _GrowingFile(Exception):
    """A file that was changed while it was copied."""


_GROWING = "it is still growing: it is taken in by the next run that finds it at rest"


def find(exports: Path, contracts: Mapping[str, Contract], archive: Path, settle: float = 0) -> Found:
    """Every file below the exports folder, archived.

    settle: seconds that a file must have been at rest; one that changes while it is copied is left alone in any case.
    Hidden files are passed over. Raises FileNotFoundError where the folder does not exist, and what concerns more than
    one export, as a full disk.
    """
    files = listing(exports)
    now = time.time()
    for partial in archive.glob(".*.partial"):
        partial.unlink()
    arrivals: list[Arrival] = []
    unknown: list[Unknown] = []
    failures: dict[str, Failure] = {}
    for listed in files:
        file = exports / listed.path
        # A name that is no UTF-8 is shown with its bytes escaped, and still found by its own.
        path = os.fsencode(listed.path).decode("utf-8", "backslashreplace")
        if listed.failure and (concerned := _below(path, contracts)):
            failures |= {name: Failure(name, (path,), listed.failure) for name in concerned if name not in failures}
            continue
        if stat.S_ISDIR(listed.status.st_mode):
            unknown.append(Unknown(path, "the folder cannot be looked into: mend its rights and run again"))
            continue
        if not stat.S_ISREG(listed.status.st_mode):
            unknown.append(Unknown(path, _why_no_file(file)))
            continue
        matches = [(c, name) for c in contracts.values() if (name := c.match(path))]
        if not matches:
            unknown.append(Unknown(path, "no contract knows a file of this name"))
            continue
        contract, name = matches[0]
        if contract.export in failures:
            # The export is given up: what a lost mount answers late is not asked of each of its files.
            continue
        if is_growing(listed.status, settle, now):
            unknown.append(Unknown(path, _GROWING, growing=True))
            continue
        try:
            arrivals.append(_archive(file, listed.status, path, contract, name, archive))
        except _GrowingFile:
            unknown.append(Unknown(path, _GROWING, growing=True))
        except (FileNotFoundError, PermissionError) as error:
            unknown.append(Unknown(path, _unreadable(error)))
        except OSError as error:
            failures[contract.export] = replace(failure_of(contract.export, error), files=(path,))
    # The exports may be taken away once they are read, and a power cut must not take their copies too. Once for all of
    # them: file by file it costs 3.7 ms each.
    os.sync()
    return Found(arrivals, unknown, failures)


def _why_no_file(file: Path) -> str:
    """What is said of a link that cannot be followed to a file, or of what is neither file nor folder."""
    try:
        file.stat()
    except PermissionError as error:
        return _unreadable(error)
    except OSError:
        return "it is a link that leads to no file: put the file itself there"
    return "it is no file: put the file itself there"


def _unreadable(error: OSError) -> str:
    return f"it cannot be read ({error.strerror}): mend its rights and run again"


def _below(path: str, contracts: Mapping[str, Contract]) -> list[str]:
    """The exports whose file this is, or whose files would lie in this folder."""
    return [c.export for c in contracts.values() if c.match(path) or str(PurePath(c.file).parent) == path]


def _archive(
    file: Path, status: os.stat_result, path: str, contract: Contract, name: FileName, archive: Path
) -> Arrival:
    """Copies the file while it hashes it, so that what is read later is what was hashed.

    status: of the file when it was listed. Raises _GrowingFile where it is another one once the copy is done.
    """
    archive.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = archive / f".{os.getpid()}.partial"
    try:
        with named(partial, file):
            sha256, size, after = _copy(file, partial, status.st_size)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    if (size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns) or after.st_size != size:
        partial.unlink()
        raise _GrowingFile(path)
    archived = _place(archive, sha256)
    if archived.exists() and archived.stat().st_size == size:
        partial.unlink()
    else:
        archived.parent.mkdir(exist_ok=True, mode=0o700)
        partial.chmod(0o400)
        partial.replace(archived)
    received = datetime.fromtimestamp(int(status.st_mtime), UTC).replace(tzinfo=None)
    return Arrival(contract, path, name, sha256, size, received, archived)


def _copy(file: Path, copy: Path, limit: int) -> tuple[str, int, os.stat_result]:
    """Copies a file, or little more than its first `limit` bytes; returns their sha256, their number and its state."""
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as source, copy.open("wb") as target:
        # One that grows as fast as it is read would never end.
        while size <= limit and (chunk := source.read(_CHUNK)):
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
        return digest.hexdigest(), size, os.fstat(source.fileno())


def _place(archive: Path, sha256: str) -> Path:
    """Where the content of that hash is kept."""
    return archive / sha256[:2] / sha256
