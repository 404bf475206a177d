"""What stops every run does not stop the alert that says so."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration import alerts
from orchestration.addresses import Addresses
from orchestration.commands.common import NO_RELEASE
from tests.conftest import places
from tests.orchestration.alerts.conftest import Hook
from tests.orchestration.places import settings_below, write
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
        assert done.returncode == NO_RELEASE
        assert "alerts:" not in done.stdout
    (told,) = [each for each in hook.received if each["kind"] == "run_failed"]
    assert (told["event"], told["where"]) == ("opened", "run")
    assert told["what"].endswith(f": {wrong}")


def test_what_dagster_cannot_load_is_told_of_once_and_healed_by_a_run_that_ends(place: Place, hook: Hook) -> None:
    wrong = break_a_contract(place.base)
    for _ in range(2):
        done = place.python("-c", "import orchestration.definitions")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == f"ingest.contract.ContractError: {wrong}"
    (told,) = hook.received
    assert (told["kind"], told["where"], told["event"]) == ("not_loaded", "code", "opened")
    assert told["what"].endswith(f": {wrong}")
    # A run of the command fails by the same contract, which mends nothing.
    assert place.bodega("run").returncode == NO_RELEASE
    assert hook.of("not_loaded") == ["opened"]
    settings = replace(settings_below(place.base), addresses=Addresses(hook.url))
    assert not settings.alerts_lock.stat().st_mode & 0o077
    alerts.after_run(settings, alerts.Outcome(0, datetime.now(UTC)), pytest.fail)
    assert hook.of("not_loaded") == ["opened", "resolved"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize(
    ("program", "kind"),
    [
        (("-m", "orchestration.cli", "run"), "run_failed"),
        (("-c", "from orchestration.definitions import defs; defs()"), "not_loaded"),
        (("-m", "orchestration.cli", "daemon"), "not_loaded"),
    ],
    ids=["the command", "Dagster", "the daemon"],
)
def test_another_users_file_in_the_internal_area_is_told_of_with_what_to_do(
    place: Place, hook: Hook, program: tuple[str, ...], kind: str
) -> None:
    theirs = write(place.base / "internal" / "copia.csv")
    theirs.chmod(0o644)
    os.chown(theirs, NOBODY, NOBODY)
    assert place.python(*program).returncode
    (told,) = [each for each in hook.received if each["kind"] == kind]
    assert f"{theirs} is internal, others can read it, and it belongs to another user" in told["what"]
    assert told["what"].endswith("or move it away.")


def test_what_is_wrong_is_shown_where_a_contract_is_broken(place: Place) -> None:
    break_a_contract(place.base)
    place.bodega("run")
    shown = place.bodega("alerts")
    assert shown.returncode == 0
    assert "The run failed" in shown.stdout
