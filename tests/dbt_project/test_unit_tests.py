"""dbt's own unit tests of the rules: dates, money, signs, what is in force."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.dbt_command import DBT
from tests.conftest import PROJECT, World

pytestmark = pytest.mark.slow


def test_every_unit_test_of_the_models_passes(sample_world: World, tmp_path: Path) -> None:
    warehouse = shutil.copy(sample_world.base / "internal" / "bodega.duckdb", tmp_path)
    places = {"WAREHOUSE_PATH": str(warehouse), "RAW_DIR": str(sample_world.base / "internal" / "raw")}
    done = subprocess.run(
        [str(DBT), "--no-use-colors", "test", "--select", "test_type:unit", "--target-path", str(tmp_path)],
        cwd=PROJECT / "dbt_project",
        env=os.environ | places | {"DBT_LOG_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "run_results.json").read_text("utf-8"))["results"]
    declared = json.loads((tmp_path / "manifest.json").read_text("utf-8"))["unit_tests"]
    assert {r["unique_id"] for r in results if r["status"] == "pass"} == declared.keys()
