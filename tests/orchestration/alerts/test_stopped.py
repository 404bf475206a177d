"""What stops every run does not stop the alert that says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import cli
from tests.conftest import places
from tests.orchestration.alerts.conftest import Hook
from tests.orchestration.places import write
from tests.orchestration.test_private import NOBODY
from tests.orchestration.test_words import break_a_contract


class Place:
    """A machine whose alerts go to the hook. A room ingest below `base` stands in the place of the project's own."""

    def __init__(self, base: Path, hook: Hook) -> None:
        self.base = base
        self._environment = places(base / "exports", base) | {"ALERT_WEBHOOK_URL": hook.url}
        (base / "exports").mkdir()

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A program of the project, started there."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.base,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def bodega(self, command: str) -> subprocess.CompletedProcess[str]:
        """The command."""
        return self.python("-m", "orchestration.cli", command)


@pytest.fixture
def place(tmp_path: Path, hook: Hook) -> Place:
    return Place(tmp_path, hook)


def test_a_run_with_a_broken_contract_is_told_of_with_its_line_and_its_remedy(place: Place, hook: Hook) -> None:
    wrong = break_a_contract(place.base)
    for _ in range(2):
        done = place.bodega("run")
        assert done.returncode == cli.NO_RELEASE
        assert "alerts:" not in done.stdout
    (told,) = [each for each in hook.received if each["kind"] == "run_failed"]
    assert (told["event"], told["where"]) == ("opened", "run")
    assert told["what"].endswith(f": {wrong}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_in_the_internal_area_is_told_of_with_what_to_do(place: Place, hook: Hook) -> None:
    theirs = write(place.base / "internal" / "copia.csv")
    theirs.chmod(0o644)
    os.chown(theirs, NOBODY, NOBODY)
    assert place.bodega("run").returncode == cli.NO_RELEASE
    (told,) = [each for each in hook.received if each["kind"] == "run_failed"]
    assert f"{theirs} is internal, others can read it, and it belongs to another user" in told["what"]
    assert told["what"].endswith("or move it away.")


def test_what_is_wrong_is_shown_where_a_contract_is_broken(place: Place) -> None:
    break_a_contract(place.base)
    place.bodega("run")
    shown = place.bodega("alerts")
    assert shown.returncode == 0
    assert "The run failed" in shown.stdout
