"""The whole job, run as its user runs it, once for each world that tests look at."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import hypothesis
import pytest

# The same examples every time, and none fails because the machine had something else to do.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

PROJECT = Path(__file__).resolve().parent.parent
SAMPLES = PROJECT / "samples"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first: whoever broke something small need not wait for the whole job."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@dataclass(frozen=True)
class World:
    """Places and outcome of a run of the whole job."""

    base: Path
    exports: Path
    code: int
    output: str

    @property
    def releases(self) -> Path:
        return self.base / "releases"

    @property
    def release(self) -> Path:
        latest = json.loads((self.releases / "latest.json").read_text("utf-8"))
        return self.releases / str(latest["id"])

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.release / "manifest.json").read_text("utf-8"))
        return manifest

    @property
    def published(self) -> set[str]:
        return {dataset["nombre"] for dataset in self.manifest["conjuntos"]}

    @property
    def held(self) -> dict[str, str]:
        return {dataset["nombre"]: dataset["motivo"] for dataset in self.manifest["no_publicados"]}

    def warnings(self, dataset: str) -> dict[str, str]:
        """The failed warnings of a dataset in the published quality report: check -> what was seen."""
        report = json.loads((self.release / "calidad.json").read_text("utf-8"))
        return {
            c["check"]: c["observed"]
            for c in report["controles"]
            if c["dataset"] == dataset and c["severity"] == "warning" and not c["success"]
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs SQL on the published Parquet files: {name} stands for the file of a dataset."""
        files = {path.stem: f"read_parquet('{path}')" for path in self.release.glob("*.parquet")}
        with duckdb.connect() as con:
            return con.execute(sql.format(**files)).fetchall()


def corrections_of(base: Path) -> Path:
    """Where the corrections of a run below `base` are."""
    return base.with_name(f"{base.name}-corrections")


def places(exports: Path, base: Path) -> dict[str, str]:
    """The environment of a run on an exports folder, everything else below `base`, which the run itself makes."""
    corrections_of(base).mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if k not in ("RAW_DIR", "PORTAL_DIR", "DAGSTER_HOME")}
    return kept | {
        "EXPORTS_DIR": str(exports),
        "CORRECTIONS_DIR": str(corrections_of(base)),
        "WAREHOUSE_PATH": str(base / "internal" / "bodega.duckdb"),
        "RELEASES_DIR": str(base / "releases"),
    }


def run_job(exports: Path, base: Path, *options: str, timeout: float = 600) -> World:
    """Runs `bodega run` on an exports folder, everything else below `base`."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "run", *options],
        env=places(exports, base),
        cwd=base.parent,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return World(base, exports, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def sample_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The embedded samples, once through the whole job."""
    return run_job(SAMPLES, tmp_path_factory.mktemp("samples") / "world")
