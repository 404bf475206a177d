"""A run that is killed sends no alert: systemd, which sees it end, has one sent in its place."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, SAMPLES, places
from tests.orchestration.alerts.conftest import Hook

# Source: systemd.exec(5), EXIT_CODE of ExecStopPost; empty where nothing was started.
ENDINGS = {"": [], "exited": [], "killed": ["opened"], "dumped": ["opened"]}


@pytest.mark.parametrize(("how", "told"), ENDINGS.items())
def test_only_a_killed_run_is_told_of_when_its_service_ends(
    tmp_path: Path, hook: Hook, how: str, told: list[str]
) -> None:
    subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "ended", how],
        env=places(SAMPLES, tmp_path) | {"ALERT_WEBHOOK_URL": hook.url},
        check=True,
        timeout=120,
    )
    assert hook.of("run_failed") == told


def test_the_nights_service_asks_for_it() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(PROJECT / "deploy" / "bodega-nightly.service", "utf-8")
    assert unit["Service"]["ExecStopPost"].endswith("/bin/bodega ended ${EXIT_CODE}")
