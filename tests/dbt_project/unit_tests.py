"""dbt's own unit tests, run by dbt itself on the engine of an environment."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from orchestration.dbt_command import DBT, DBT_PROJECT


def run(environment: Mapping[str, str], folder: Path) -> tuple[set[str], set[str]]:
    """The ids of those that pass and of those that are declared. folder: where dbt writes its account of it."""
    done = subprocess.run(
        [str(DBT), "--no-use-colors", "test", "--select", "test_type:unit", "--target-path", str(folder)],
        cwd=DBT_PROJECT,
        env=dict(environment) | {"DBT_LOG_PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((folder / "run_results.json").read_text("utf-8"))["results"]
    declared = json.loads((folder / "manifest.json").read_text("utf-8"))["unit_tests"]
    return {r["unique_id"] for r in results if r["status"] == "pass"}, set(declared)
