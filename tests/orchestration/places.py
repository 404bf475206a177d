"""The places of a run in a folder of a test."""

import os
from pathlib import Path

import pytest

from orchestration.settings import VARIABLES, Settings

RELEASE = "2025-01-31-0123456789ab"


def settings_below(base: Path) -> Settings:
    """Settings whose places are all below a folder; nothing is made there."""
    internal = base / "internal"
    return Settings(
        exports=base / "exports",
        corrections=base / "corrections",
        warehouse=internal / "bodega.duckdb",
        raw=internal / "raw",
        releases=base / "releases",
        portal=base / "portal",
        dagster_home=internal / "dagster",
    )


def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes every setting out of the environment, whatever the shell of whoever runs the tests has set."""
    for name in VARIABLES & os.environ.keys():
        monkeypatch.delenv(name)


def set_places_below(monkeypatch: pytest.MonkeyPatch, base: Path) -> None:
    """Nothing set but where the warehouse and the releases are, in a folder of a test."""
    nothing_set(monkeypatch)
    monkeypatch.setenv("WAREHOUSE_PATH", str(base / "internal" / "bodega.duckdb"))
    monkeypatch.setenv("RELEASES_DIR", str(base / "releases"))


def write(path: Path, text: str = "x") -> Path:
    """Writes a file and the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
