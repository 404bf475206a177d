"""Nothing is new only where a run would change nothing: what could change what comes out, or is missing, is seen."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.pipeline import Report
from orchestration.settings import Settings
from orchestration.state import arrivals, standing
from publish.policy import Policy
from tests.conftest import PROJECT
from tests.orchestration.places import RELEASE, summary, write


def news(settings: Settings) -> list[str]:
    return standing.news(settings, standing.read(settings))


def test_nothing_is_new_after_a_run_and_it_says_so(ended: Settings) -> None:
    assert news(ended) == []
    last = standing.read(ended)
    assert last
    assert last.sentence.endswith(f"looked at 1 files; release {RELEASE} stays in force")


def corrections(s: Settings) -> Path:
    return s.corrections / "core.yml"


def shut(s: Settings) -> Path:
    return s.releases / RELEASE


def put_another_in_its_place(s: Settings) -> None:
    file = s.exports / "core" / "acuerdos_20250131.csv"
    other = write(s.exports / "new", "c;d")
    os.utime(other, ns=(0, file.stat().st_mtime_ns))
    other.replace(file)


def lead_elsewhere(s: Settings) -> None:
    (s.releases / "latest").unlink()
    (s.releases / "latest").symlink_to("nowhere")


CHANGES: dict[str, tuple[str, Callable[[Settings], object]]] = {
    "a file arrived": ("the exports", lambda s: write(s.exports / "core" / "acuerdos_20250228.csv")),
    "a file is gone": ("the exports", lambda s: (s.exports / "core" / "acuerdos_20250131.csv").unlink()),
    "a file of the same size and date is another": ("the exports", put_another_in_its_place),
    "a file only has another date": (
        "the exports",
        lambda s: os.utime(s.exports / "core" / "acuerdos_20250131.csv", (1, 1)),
    ),
    "the folder is gone": ("does not exist", lambda s: shutil.rmtree(s.exports)),
    "a correction is edited": ("the corrections", lambda s: write(corrections(s), "celdas: {}")),
    "the corrections are gone": ("the corrections", lambda s: shutil.rmtree(s.corrections)),
    "latest.json is gone": ("cannot be looked at", lambda s: (s.releases / "latest.json").unlink()),
    "latest.json says nothing": ("cannot be looked at", lambda s: write(s.releases / "latest.json", "{")),
    "another release is in force": (
        "the release in force",
        lambda s: (
            shutil.copytree(shut(s), s.releases / "2025-01-30-0123456789ab"),
            write(s.releases / "latest.json", json.dumps({"id": "2025-01-30-0123456789ab"})),
        ),
    ),
    "the release was rolled back": (
        "the release in force",
        lambda s: write(s.releases / "retiradas.json", json.dumps({"retiradas": [RELEASE]})),
    ),
    "the link leads elsewhere": ("the release in force", lead_elsewhere),
    "the release is gone": ("cannot be looked at", lambda s: shutil.rmtree(shut(s))),
    "a file of the release is gone": ("the release in force", lambda s: (shut(s) / "fuentes.csv").unlink()),
    "a file of the release is shorter": ("the release in force", lambda s: write(shut(s) / "fuentes.csv", "")),
    "its manifest is another": ("the release in force", lambda s: write(shut(s) / "manifest.json", "[]")),
    "the pages are gone": ("the pages", lambda s: shutil.rmtree(s.portal)),
    "a file of the archive is gone": ("the archive", lambda s: (s.archive / "ab" / "abcd").unlink()),
    "the raw layer is gone": ("the raw layer", lambda s: shutil.rmtree(s.raw)),
    "readings are forgotten": ("the raw layer", lambda s: (s.raw / "lecturas" / "a.parquet").unlink()),
    "the desk is gone": ("the correction desk", lambda s: shutil.rmtree(s.desk)),
    "a ledger is gone": ("the ledgers", lambda s: (s.ledgers / f"{RELEASE}.parquet").unlink()),
    "the warehouse is gone": ("the warehouse", lambda s: s.warehouse.unlink()),
    "the verdicts are gone": ("what the run said of itself", lambda s: s.gate.unlink()),
    "the summary is gone": ("what the run said of itself", lambda s: s.summary.unlink()),
    "dbt's manifest is gone": ("what the run said of itself", lambda s: s.manifest.unlink()),
}


@pytest.mark.parametrize(("part", "change"), CHANGES.values(), ids=CHANGES)
def test_every_change_is_seen_and_named(ended: Settings, part: str, change: Callable[[Settings], object]) -> None:
    change(ended)
    found = news(ended)
    assert len(found) == 1
    assert part in found[0]


def test_other_settings_are_seen_and_those_of_waiting_are_not(ended: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert news(replace(ended, policy=Policy(keep=3))) == ["the settings"]
    assert news(replace(ended, bucket="s3://open-data")) == ["the settings"]
    assert news(replace(ended, settle=5)) == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert news(ended) == ["the settings"]


def test_other_code_and_other_libraries_are_seen(
    ended: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
    for room in ("ingest", "dbt_project", "ansispark", "expectations", "publish", "portal", "orchestration"):
        shutil.copytree(PROJECT / room, project / room, ignore=ignored)
    monkeypatch.setattr(standing, "PROJECT", project)
    assert news(ended) == []
    write(project / "ingest" / "__pycache__" / "fates.pyc")
    write(project / "dbt_project" / "target" / "manifest.json")
    assert news(ended) == []
    for name in (
        "ingest/rows/fates.py",
        "ingest/reading/records.sql",
        "dbt_project/profiles.yml",
        "ansispark/__init__.py",
        "portal/templates/base.html",
    ):
        before = (project / name).read_text("utf-8")
        write(project / name, before + "\n")
        assert news(ended) == ["the code"], name
        write(project / name, before)
    assert news(ended) == []
    (tmp_path / "site" / "duckdb-9.9.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert news(ended) == ["the libraries"]


def test_a_run_that_began_and_did_not_end_leaves_nothing_to_stand_on(ended: Settings) -> None:
    standing.begin(ended, "killed")
    assert standing.read(ended) is None
    assert news(ended) == ["there is no earlier run that took in everything"]


def test_what_arrives_during_a_run_is_new_after_it(ended: Settings) -> None:
    standing.begin(ended, "second")
    write(ended.exports / "core" / "acuerdos_20250228.csv")
    assert standing.end(ended, "second") == 0
    assert news(ended) == ["the exports"]


def test_a_run_that_did_not_begin_with_the_exports_leaves_nothing(ended: Settings) -> None:
    standing.begin(ended, "second")
    assert standing.end(ended, "of the pages alone") is None
    assert standing.read(ended) is None


def test_a_run_whose_release_is_no_longer_in_force_leaves_nothing(ended: Settings) -> None:
    standing.begin(ended, "second")
    write(ended.releases / "latest.json", json.dumps({"id": "2025-01-30-0123456789ab"}))
    assert standing.end(ended, "second") is None
    assert standing.read(ended) is None


def test_a_run_that_left_a_growing_file_leaves_nothing(ended: Settings) -> None:
    standing.begin(ended, "second")
    arrivals.write(Report(to_try_again=["a.csv"]), ended.arrivals)
    assert standing.end(ended, "second") is None
    assert standing.read(ended) is None


@pytest.mark.parametrize(
    ("failed", "to_review", "status"), [({}, [], 0), ({"compras": "why"}, [], 1), ({}, ["the correction of …"], 1)]
)
def test_what_is_held_back_is_remembered_with_its_status(
    ended: Settings, failed: dict[str, str], to_review: list[str], status: int
) -> None:
    standing.begin(ended, "second")
    arrivals.write(Report(corrections_to_review=to_review), ended.arrivals)
    write(ended.summary, summary(failed, missing={"documentos": "No llegó."}))
    assert standing.end(ended, "second") == status
    last = standing.read(ended)
    assert last
    assert (last.status, last.held, last.to_review) == (status, failed | {"documentos": "No llegó."}, to_review)


def test_looking_does_not_read_what_came(ended: Settings) -> None:
    for number in range(20):
        with write(ended.exports / f"{number}.csv").open("r+b") as file:
            file.truncate(1 << 40)
    began = time.process_time()
    assert news(ended) == ["the exports"]
    assert time.process_time() - began < 1


def test_looking_needs_neither_dagster_nor_dbt_nor_great_expectations() -> None:
    heavy = ("dagster", "dagster_dbt", "great_expectations", "pandas", "pyarrow", "xlsxwriter", "shapely")
    code = (
        f"import sys; import orchestration.cli, orchestration.alerts; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
