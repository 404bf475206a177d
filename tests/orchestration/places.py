"""The places of a run in a folder of a test."""

from pathlib import Path

from orchestration.settings import Settings

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


def write(path: Path, text: str = "x") -> Path:
    """Writes a file and the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
