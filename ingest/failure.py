"""A source that could not be read for no fault of its files: a disk, a mount, or a fault of ours.

What is wrong with a file itself is a RefusedFile, and no failure.
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from ingest.refusal import RefusedFile

# A disk without room is no matter of one source: whatever were kept or written now might be cut short.
_OF_ALL = (errno.ENOSPC, errno.EDQUOT)
# The last ones are of DuckDB's folder for temporary files, which takes what the disk has.
_WORDS_OF_ALL = ("No space left on device", "Disk quota exceeded", "max_temp_directory_size")
_NAMED = 3


@dataclass(frozen=True)
class Failure:
    """What broke the reading of an export off. files: those at work, by their paths; none where it was none of them."""

    export: str
    files: tuple[str, ...]
    error: Exception

    @property
    def place(self) -> str:
        """The files in words."""
        more = f" and {len(self.files) - _NAMED} more" if len(self.files) > _NAMED else ""
        return f"{', '.join(self.files[:_NAMED])}{more}" if self.files else "none of its files"

    @property
    def sentence(self) -> str:
        """Which source, at which file, and what happened. For the institution only: an error may quote a cell."""
        return f"{self.export} could not be read ({self.place}): {type(self.error).__name__}: {self.error}"


class BrokenOffError(Exception):
    """Carries which files were at work to where the export is given up; its cause is what happened."""

    def __init__(self, files: Iterable[str]) -> None:
        super().__init__()
        self.files = tuple(files)


@contextmanager
def at_work_on(files: Iterable[str]) -> Iterator[None]:
    """Says of whatever goes wrong inside at which files it did; the refusal of a file passes as it is."""
    try:
        yield
    except (RefusedFile, BrokenOffError):
        raise
    except Exception as error:
        raise BrokenOffError(files) from error


def failure_of(export: str, error: Exception) -> Failure:
    """What is kept of an error that broke an export off. Raises it again where it concerns more than this export."""
    files: tuple[str, ...] = ()
    if isinstance(error, BrokenOffError):
        files, cause = error.files, error.__cause__
        assert isinstance(cause, Exception)
        error = cause
    if _concerns_all(error):
        raise error
    return Failure(export, files, error)


def _concerns_all(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _OF_ALL
    return isinstance(error, duckdb.Error) and any(words in str(error) for words in _WORDS_OF_ALL)
