"""A run that is killed sends no alert: systemd, which sees it end, has one sent in its place."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, SAMPLES, places
from tests.orchestration.alerts.conftest import Hook

# Source: systemd.exec(5), environment of ExecStopPost.
ENDINGS = {
    "of its own": ({"SERVICE_RESULT": "success", "EXIT_CODE": "exited", "EXIT_STATUS": "0"}, []),
    "with a failure that it told of": ({"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "2"}, []),
    "by the kernel for its memory": (
        {"SERVICE_RESULT": "oom-kill", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"},
        ["opened"],
    ),
    "by a fault of the machine": (
        {"SERVICE_RESULT": "core-dump", "EXIT_CODE": "dumped", "EXIT_STATUS": "SEGV"},
        ["opened"],
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_a_killed_run_is_told_of_when_its_service_ends(tmp_path: Path, hook: Hook, ending: str) -> None:
    said, told = ENDINGS[ending]
    subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "ended"],
        env=places(SAMPLES, tmp_path) | said | {"ALERT_WEBHOOK_URL": hook.url},
        check=True,
        timeout=120,
    )
    assert hook.of("run_failed") == told


def test_the_nights_service_asks_for_it() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.read(PROJECT / "deploy" / "bodega-nightly.service", "utf-8")
    assert unit["Service"]["ExecStopPost"].endswith("/bin/bodega ended")
