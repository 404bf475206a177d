"""Gives a written file its name, so that whoever looks finds the old content or the new one, whole."""

import os
from pathlib import Path


def put(partial: Path, path: Path) -> None:
    """Moves a written file to its place once its bytes are on the disk, so that a power cut leaves no half file."""
    _sync(partial)
    partial.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
