"""The room run over a few small files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.ingest.bench import Bench

Ingest = Callable[[Mapping[str, bytes | str]], Bench]


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    """Runs the room over files (content by path below the exports folder)."""
    return lambda files: Bench(tmp_path, files)
