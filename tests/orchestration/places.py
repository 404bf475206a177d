"""The places of a run in a folder of a test."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.variables import VARIABLES

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


def summary(
    failed: dict[str, str], published: Iterable[str] = (), missing: dict[str, str] | None = None, run_id: str = "a-run"
) -> str:
    """What a run's release leaves, as JSON."""
    content = {
        "run_id": run_id,
        "release": RELEASE,
        "created": True,
        "published": dict.fromkeys(published),
        "missing": missing or {},
        "failed": failed,
        "masked": {},
    }
    return json.dumps(content)


def write(path: Path, text: str = "x") -> Path:
    """Writes a file and the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
