"""After a whole run: what is internal is its owner's alone, what is public can be read by all."""

from pathlib import Path

import pytest

from tests.conftest import World

pytestmark = pytest.mark.slow


def everything(folder: Path) -> list[Path]:
    return [p for p in (folder, *folder.rglob("*")) if not p.is_symlink()]


def test_nothing_internal_can_be_read_by_others(sample_world: World) -> None:
    inside = everything(sample_world.base / "internal")
    assert {"archive", "raw", "dbt", "dagster", "ledgers", "bodega.duckdb", "gate.json", "run.lock"} <= {
        p.name for p in inside
    }
    assert [p for p in inside if p.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("public", ["releases", "portal"])
def test_everything_public_can_be_read_by_others(sample_world: World, public: str) -> None:
    for path in everything(sample_world.base / public):
        needed = 0o055 if path.is_dir() else 0o044
        assert path.stat().st_mode & 0o077 == needed, path
    assert sample_world.base.stat().st_mode & 0o055 == 0o055
