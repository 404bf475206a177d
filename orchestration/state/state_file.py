"""The small files in which a run leaves word for the next one, and for those who look on: whole, or not at all."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ingest.placing import put


class StateFileError(RuntimeError):
    """A file that a run left is not there, or is not as runs leave it; with what to do."""


def read(path: Path) -> dict[str, Any] | None:
    """What `write` wrote last; None where there is nothing, or nothing that can be read."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


@contextmanager
def understood(path: Path, kinds: Mapping[str, type] = MappingProxyType({})) -> Iterator[dict[str, Any]]:
    """Gives what the file holds to be taken apart. kinds: the fields that must be in it, each with what it must be.

    Raises StateFileError where there is nothing, or what is looked for is not in it: a disk, a hand or another version
    of the code may have left it so.
    """
    try:
        said = read(path) or {}
        if wrong := [name for name, kind in kinds.items() if not isinstance(said[name], kind)]:
            raise TypeError(f"{', '.join(wrong)}: of another kind")
        yield said
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise StateFileError(f"{path} is not there or damaged: `bodega run --again` makes it anew") from error


def write(path: Path, content: object) -> None:
    """Replaces the file, which its owner alone can read. content: what JSON can hold, and moments."""
    replace(path, json.dumps(content, ensure_ascii=False, indent=1, default=datetime.isoformat).encode("utf-8"))


def replace(path: Path, content: bytes) -> None:
    """So that a reader sees the old file or the new one, never half, and so does whoever comes after a power cut."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    put(partial, path)
