"""dbt's manifest is brought up to date whatever a killed run left of it, and where it cannot be, that is told."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestration import dbt_command, dbt_manifest
from orchestration.commands.common import NO_RELEASE
from orchestration.settings import Settings
from tests.orchestration.places import set_places_below


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a machine on which nothing was ever run."""
    set_places_below(monkeypatch, tmp_path)
    settings = Settings.from_environment()
    settings.internal.mkdir(parents=True)
    return settings


def parses(monkeypatch: pytest.MonkeyPatch, manifest: Callable[[], str]) -> list[Path]:
    """Puts a parser in dbt's place. manifest: what it writes, half of it first. Returns where, once for each time."""
    parsed: list[Path] = []

    def parse(_: str, folder: Path) -> None:
        parsed.append(folder)
        folder.mkdir(exist_ok=True)
        (folder / "partial_parse.msgpack").write_bytes(b"all")
        (folder / "manifest.json").write_text('{"nodes": {', "utf-8")
        (folder / "manifest.json").write_text(manifest(), "utf-8")

    monkeypatch.setattr(dbt_command, "parse", parse)
    return parsed


def test_whoever_reads_while_it_is_made_anew_reads_the_one_before(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    parses(monkeypatch, lambda: '{"before": true}')
    dbt_manifest.bring_up_to_date(settings)
    monkeypatch.setattr(dbt_manifest, "_PACKAGES", ())
    read: list[str] = []

    def manifest() -> str:
        read.append(settings.manifest.read_text("utf-8"))
        return "{}"

    parses(monkeypatch, manifest)
    dbt_manifest.bring_up_to_date(settings)
    assert [*read, settings.manifest.read_text("utf-8")] == ['{"before": true}', "{}"]


def test_processes_that_begin_together_parse_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    all_at_once = threading.Barrier(3)
    fingerprint = dbt_manifest._fingerprint

    def together(target: str) -> str:
        all_at_once.wait(timeout=60)
        return fingerprint(target)

    monkeypatch.setattr(dbt_manifest, "_fingerprint", together)
    parsed = parses(monkeypatch, lambda: "{}")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(dbt_manifest.bring_up_to_date, [settings] * 3))
    assert len(parsed) == 1


def test_what_dbt_writes_in_place_while_a_run_is_at_work_is_read_by_nobody_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = parses(monkeypatch, lambda: "{}")
    dbt_manifest.bring_up_to_date(settings)
    (settings.dbt_target / "manifest.json").write_text('{"nodes": {"model.bodega', "utf-8")
    dbt_manifest.bring_up_to_date(settings)
    assert len(parsed) == 1
    assert settings.manifest.read_text("utf-8") == "{}"


@pytest.mark.slow
def test_a_half_written_manifest_is_made_anew(settings: Settings) -> None:
    settings.manifest.write_text('{"nodes": {"model.bodega', "utf-8")
    dbt_manifest.bring_up_to_date(settings)
    assert json.loads(settings.manifest.read_text("utf-8"))["nodes"]


def test_a_manifest_of_other_models_is_made_anew_however_new_it_is(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = parses(monkeypatch, lambda: "{}")
    dbt_manifest.bring_up_to_date(settings)
    dbt_manifest.bring_up_to_date(settings)
    assert len(parsed) == 1
    project = tmp_path / "models_of_a_new_image"
    shutil.copytree(dbt_command.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt_command, "DBT_PROJECT", project)
    dbt_manifest.bring_up_to_date(settings)
    assert len(parsed) == 1
    model = next(iter(sorted((project / "models").rglob("*.sql"))))
    model.write_text(model.read_text("utf-8") + "-- more\n", "utf-8")
    os.utime(model, (0, 0))
    dbt_manifest.bring_up_to_date(settings)
    assert len(parsed) == 2


@pytest.mark.slow
def test_a_disk_that_is_full_before_the_first_step_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system refuses files above 600 KB, as a full disk would: less than dbt's manifest has."""
    set_places_below(monkeypatch, tmp_path)
    limited = f"ulimit -f 600; exec {sys.executable} -m orchestration.cli run"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == NO_RELEASE
    assert "No room on the disk: Encountered an error: [Errno 27] File too large. Make room there" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
