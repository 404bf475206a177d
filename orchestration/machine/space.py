"""Room on the disks that a run writes to."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.dbt_command import DbtError

GB = 1_000_000_000
# Whichever is less: a small disk need not have 5 GB free, nor a large one a tenth.
LEAST_SHARE = 0.10
LEAST_BYTES = 5 * GB

# Full, or at what one user, or one process, may write.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# As engines say it that give no number, the last ones of DuckDB's folder for temporary files and of SQLite.
_FULL_WORDS = (*map(os.strerror, _FULL), "max_temp_directory_size", "database or disk is full")
# Whose words are believed: of others the same words may be a cell.
_WRITERS = (OSError, duckdb.Error, sqlite3.Error, DbtError)


@dataclass(frozen=True)
class Disk:
    """A disk with too little room. folders: the settings of the folders on it. free, needed: bytes."""

    folders: tuple[str, ...]
    free: int
    needed: int

    @property
    def free_gb(self) -> str:
        """What is free, as 4.2."""
        return f"{self.free / GB:.1f}"

    @property
    def needed_gb(self) -> str:
        """What should be, as 5.0."""
        return f"{self.needed / GB:.1f}"


def nearly_full(folders: Mapping[str, Path]) -> list[Disk]:
    """The disks below the threshold, each once. folders: by setting; what is absent or out of reach is passed over."""
    by_disk: dict[int, list[str]] = {}
    for name, folder in folders.items():
        with suppress(OSError):
            by_disk.setdefault(folder.stat().st_dev, []).append(name)
    found = []
    for names in by_disk.values():
        usage = shutil.disk_usage(folders[names[0]])
        needed = min(int(usage.total * LEAST_SHARE), LEAST_BYTES)
        if usage.free < needed:
            found.append(Disk(tuple(names), usage.free, needed))
    return found


def out_of_reach(folders: Mapping[str, Path]) -> dict[str, OSError]:
    """The folders that cannot be looked at, as where a mount does not answer, and why. What is not there is none."""
    found = {}
    for name, folder in folders.items():
        try:
            folder.exists()
        except OSError as error:
            found[name] = error
    return found


def is_full(error: BaseException) -> bool:
    """Whether something could not be written because the disk has no room for it."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    if isinstance(error, _WRITERS) and any(words in str(error) for words in _FULL_WORDS):
        return True
    # SQLAlchemy, with which Dagster keeps its history, wraps what SQLite said.
    return error.__cause__ is not None and is_full(error.__cause__)


def said(error: BaseException) -> str:
    """What to tell of a disk that is full: what could not be written, and what to do. error: one that is_full."""
    return _said(" ".join(str(error).split("Stack Trace")[0].split()))


def said_in_alert() -> str:
    """The same for those who are far away: what could not be written may be a file whose name is a person's."""
    return _said("which one, the run's log says")


def _said(words: str) -> str:
    return (
        f"No room on the disk: {words}. Make room there (`bodega doctor` shows what is free in each folder; "
        "KEEP_RELEASES limits releases) or move the folder to a larger disk, then run again: nothing is lost, and the "
        "release in force is whole."
    )
