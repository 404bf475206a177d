"""The internal area is readable by its owner alone: what a run writes there, and what lies there already."""

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NotPrivateError(PermissionError):
    """Something of the internal area that others can read, and that cannot be closed; with what to do."""


def write_for_owner_alone() -> None:
    """From here on, what this process and those that it starts write is for their owner alone.

    What is for the public gets its rights from the room that writes it.
    """
    os.umask(_OTHERS)


def close(path: Path) -> None:
    """Takes from all but its owner every right to a file, or to a folder and all that is in it.

    path: may be missing. Links are not followed: what they point to may be nobody's business here. Raises
    NotPrivateError where something belongs to another user and is not private already.
    """
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return
        if status.st_uid != os.geteuid():
            _check_private(path, status)
            return
        if status.st_mode & _OTHERS:
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
        if stat.S_ISDIR(status.st_mode):
            for inside in path.iterdir():
                close(inside)
    except FileNotFoundError:
        # A run at work moves and removes its own files meanwhile.
        return


def _check_private(path: Path, status: os.stat_result) -> None:
    if status.st_mode & _OTHERS:
        raise NotPrivateError(
            f"{path} is internal, others can read it, and it belongs to another user (uid {status.st_uid}): "
            f"run as that user, give it to this one (uid {os.geteuid()}), or move it away."
        )
