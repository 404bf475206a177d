"""What the tests of runs begin with."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest

from ingest.pipeline import Report
from ingest.raw import ledger
from orchestration.settings import Settings
from orchestration.state import arrivals, gate, standing
from publish.gate import Gate
from tests.orchestration.places import RELEASE, settings_below, summary, write


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's own storage, an empty one."""
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def unrelated() -> Iterator[int]:
    """The number of a process that has just begun, and that no run knows of."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def ended(tmp_path: Path) -> Settings:
    """The places of a run that ended well."""
    settings = settings_below(tmp_path)
    os.utime(write(settings.exports / "core" / "acuerdos_20250131.csv", "a;b"), (1_700_000_000,) * 2)
    write(settings.corrections / "core.yml", "celdas: []")
    settings.internal.mkdir()
    standing.begin(settings, "a-run")
    for path in (settings.warehouse, settings.manifest):
        write(path)
    gate.write(Gate("a-run", {}, {}), settings.gate)
    for name in ("vigentes.parquet", "lecturas/a.parquet"):
        write(settings.raw / name)
    pq.write_table(ledger.table([], str(settings.exports)), settings.raw / "archivos.parquet")
    write(settings.archive / "ab" / "abcd")
    write(settings.desk / "core_acuerdos.csv")
    write(settings.ledgers / f"{RELEASE}.parquet")
    write(settings.portal / "index.html")
    write(settings.releases / RELEASE / "manifest.json", "{}")
    write(settings.releases / RELEASE / "fuentes.csv")
    write(settings.releases / "latest.json", json.dumps({"id": RELEASE}))
    (settings.releases / "latest").symlink_to(RELEASE)
    arrivals.write(Report(), settings.arrivals)
    write(settings.summary, summary({}))
    assert standing.end(settings, "a-run") == 0
    return settings
