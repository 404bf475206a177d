"""What lies in the exports folder, by its names and dates alone: nothing is opened, so that a look costs little."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Listed:
    """What lies below a folder: a file, what is none, or a folder that cannot be looked into. path: below that folder.

    failure: what broke the look at it off, as a mount that is away; status is then that of the folder around it.
    """

    path: str
    status: os.stat_result
    failure: OSError | None = None


def listing(exports: Path) -> list[Listed]:
    """Every file below the exports folder in the order of their paths, and what is none; nothing is opened.

    Hidden files are passed over. Raises FileNotFoundError where the folder does not exist.
    """
    if not exports.is_dir():
        raise FileNotFoundError(f"The exports folder {exports} does not exist: set EXPORTS_DIR to the right one.")
    return sorted(files_below(exports), key=lambda each: each.path.split("/"))


def files_below(folder: Path | str, above: str = "") -> Iterator[Listed]:
    """Every file below a folder but hidden ones, in any order. above: what their paths begin with."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = f"{above}{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield from files_below(entry.path, f"{path}/")
                elif entry.is_file():
                    yield Listed(path, entry.stat())
                elif entry.is_dir():
                    yield Listed(path, entry.stat(follow_symlinks=False), _linked(path))
                else:
                    yield Listed(path, entry.stat(follow_symlinks=False))
            except PermissionError:
                yield Listed(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                # It went between the listing of its folder and the look at it.
                continue
            except OSError as error:
                yield Listed(path, Path(folder).stat(), error)


def _linked(path: str) -> OSError:
    """What is said of a link to a folder: to be followed it could lead in a circle, or to what is no export."""
    return OSError(errno.ENOTDIR, "it is a link to a folder: mount the folder itself there, or copy its files", path)


def is_growing(status: os.stat_result, settle: float, now: float) -> bool:
    """Whether a file was changed within `settle` seconds of now.

    A date far in the future comes from a wrong clock and says nothing: such a file would never be taken in.
    """
    return abs(now - status.st_mtime) < settle
