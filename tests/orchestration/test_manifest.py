"""dbt's manifest is brought up to date whatever a killed run left of it."""

import json
from pathlib import Path

import pytest

from orchestration.assets.dbt import bring_manifest_up_to_date
from orchestration.settings import Settings


@pytest.mark.slow
def test_a_half_written_manifest_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAW_DIR", "DAGSTER_HOME", "PORTAL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "internal" / "bodega.duckdb"))
    monkeypatch.setenv("RELEASES_DIR", str(tmp_path / "releases"))
    settings = Settings.from_environment()
    settings.manifest.parent.mkdir(parents=True)
    settings.manifest.write_text('{"nodes": {"model.bodega', "utf-8")
    bring_manifest_up_to_date(settings)
    assert json.loads(settings.manifest.read_text("utf-8"))["nodes"]
