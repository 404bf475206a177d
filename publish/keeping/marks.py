"""The lists beside the releases: of those that must not come into force by themselves, and of those that are gone."""

import json
from collections.abc import Iterable
from pathlib import Path

from publish import files, texts
from publish.errors import PublishError

# The releases that were left by going back, or deleted, and must not come into force again by themselves.
WITHDRAWN = "retiradas.json"
# The releases that are gone, so that what is kept of them elsewhere goes too, however long after.
REMOVED = "eliminadas.json"
ALL = (WITHDRAWN, REMOVED)


def read(folder: Path, name: str) -> list[str]:
    """The releases that a list of the folder names, none where it was never begun. name: one of ALL.

    Raises PublishError where it cannot be read: taken for empty, it would let back what somebody took away.
    """
    path = folder / name
    if not path.exists():
        return []
    try:
        ids = json.loads(path.read_text("utf-8"))[_field(name)]
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise TypeError
    except (ValueError, LookupError, TypeError) as error:
        raise PublishError(
            f"{path} is damaged, and without it what was taken away could come back: put it back from the last backup. "
            f'If there is none, write it again as {{"{_field(name)}": ["id", …]}} with the releases that are to stay '
            "away, [] for none"
        ) from error
    return ids


def check(folder: Path) -> None:
    """Raises PublishError where one of the folder's lists cannot be read."""
    for name in ALL:
        read(folder, name)


def write(folder: Path, name: str, ids: Iterable[str]) -> None:
    """Replaces a list of the folder. name: one of ALL."""
    files.replace_text(folder / name, texts.as_json({_field(name): sorted(set(ids))}))


def _field(name: str) -> str:
    return name.removesuffix(".json")
