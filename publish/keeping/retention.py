"""Which releases are kept: for ever by default; else the newest ones, the last of each month, and the one in force."""

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from publish.keeping import marks

# What is being deleted bears this mark, so that a deletion that is cut leaves nothing that looks like a release.
DELETING = ".borrando-"
_ID = re.compile(r"(\d{4}-\d{2})-\d{2}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Kept:
    """A release on the disk. month: of its cut-off date. made: when it was published, in nanoseconds."""

    id: str
    month: str
    made: int


def releases_in(folder: Path) -> list[Kept]:
    """The releases of a folder, the oldest first."""
    found = [
        Kept(path.name, named[1], path.stat().st_mtime_ns)
        for path in folder.iterdir()
        if (named := _ID.fullmatch(path.name)) and path.is_dir()
    ]
    return sorted(found, key=lambda each: (each.made, each.id))


def superfluous(releases: list[Kept], keep: int, in_force: str, withdrawn: Collection[str] = ()) -> list[str]:
    """The releases that need not be kept, the oldest first.

    releases: the oldest first. keep: how many of the newest stay, 1 or more; the last of each month and in_force stay
    whatever their age. withdrawn: those that were left by going back, which are the last of nothing.
    """
    good = [each for each in releases if each.id not in withdrawn]
    newest = {each.id for each in good[-keep:]}
    last_of_month = {each.month: each.id for each in good}
    stay = newest | set(last_of_month.values()) | {in_force}
    return [each.id for each in releases if each.id not in stay]


def clean(folder: Path, keep: int | None, in_force: str, withdrawn: Collection[str] = ()) -> list[str]:
    """Deletes what need not be kept, and what an earlier deletion left; returns the ids. keep: None for all."""
    gone = superfluous(releases_in(folder), keep, in_force, withdrawn) if keep else []
    remove(folder, gone)
    return gone


def remove(folder: Path, releases: Collection[str]) -> None:
    """Deletes these releases, once it is noted that they are gone, and what an earlier deletion left."""
    for left in folder.glob(f"{DELETING}*"):
        _delete(left)
    if releases:
        marks.write(folder, marks.REMOVED, [*removed(folder), *releases])
    for release in releases:
        doomed = folder / f"{DELETING}{release}"
        # A folder that is read only cannot be renamed by everybody.
        (folder / release).chmod(0o755)
        (folder / release).rename(doomed)
        _delete(doomed)


def removed(folder: Path) -> list[str]:
    """The releases that were deleted from the folder, and that did not come back."""
    return [ident for ident in marks.read(folder, marks.REMOVED) if not (folder / ident).exists()]


def _delete(folder: Path) -> None:
    folder.chmod(0o755)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        # Python names the file that stays, and not the folder that it is in.
        raise OSError(error.errno, error.strerror, str(folder)) from error
