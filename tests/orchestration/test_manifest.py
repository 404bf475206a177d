"""dbt's manifest is brought up to date whatever a killed run left of it, and where it cannot be, that is told."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import dbt_command
from orchestration.assets.dbt import bring_manifest_up_to_date
from orchestration.commands.common import NO_RELEASE
from orchestration.settings import Settings
from tests.orchestration.places import set_places_below


@pytest.mark.slow
def test_a_half_written_manifest_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_places_below(monkeypatch, tmp_path)
    settings = Settings.from_environment()
    settings.manifest.parent.mkdir(parents=True)
    settings.manifest.write_text('{"nodes": {"model.bodega', "utf-8")
    bring_manifest_up_to_date(settings)
    assert json.loads(settings.manifest.read_text("utf-8"))["nodes"]


def test_a_manifest_of_other_models_is_made_anew_however_new_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_places_below(monkeypatch, tmp_path)
    settings = Settings.from_environment()
    parsed: list[Path] = []

    def parse(_: str, folder: Path) -> None:
        parsed.append(folder)
        (folder / "manifest.json").write_text("{}", "utf-8")

    monkeypatch.setattr(dbt_command, "parse", parse)
    settings.manifest.parent.mkdir(parents=True)
    bring_manifest_up_to_date(settings)
    bring_manifest_up_to_date(settings)
    assert len(parsed) == 1
    project = tmp_path / "models_of_a_new_image"
    shutil.copytree(dbt_command.DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(dbt_command, "DBT_PROJECT", project)
    bring_manifest_up_to_date(settings)
    assert len(parsed) == 1
    model = next(iter(sorted((project / "models").rglob("*.sql"))))
    model.write_text(model.read_text("utf-8") + "-- more\n", "utf-8")
    os.utime(model, (0, 0))
    bring_manifest_up_to_date(settings)
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
