"""Of a disk that nothing can be written to people are told all the same, once a day."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.alerts import without_state
from tests.conftest import SAMPLES, places
from tests.orchestration.alerts.conftest import Hook, Night
from tests.orchestration.places import write

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


@pytest.fixture(autouse=True)
def nothing_was_sent_yet() -> Iterator[None]:
    without_state._sent.clear()
    yield
    without_state._sent.clear()


def lock_cannot_be_written(night: Night) -> None:
    # Not even root writes there.
    night.settings = replace(night.settings, warehouse=Path("/sys/bodega.duckdb"))


def state_cannot_be_written(night: Night) -> None:
    write(night.settings.alerts.with_suffix(".partial") / "in the way")


@pytest.mark.parametrize("spoil", [lock_cannot_be_written, state_cannot_be_written])
def test_a_place_that_cannot_be_written_is_told_of_once_a_day(night: Night, hook: Hook, spoil: object) -> None:
    assert callable(spoil)
    spoil(night)
    night.end(2, {"turn": "OSError."})
    night.watch()
    night.watch()
    (told,) = hook.received
    assert (told["kind"], told["where"], told["event"]) == ("run_failed", "disk", "opened")
    assert told["what"].startswith("The internal area cannot be written, so no run can end and nothing else is told: ")
    assert "Error: [Errno " in told["what"]
    assert str(night.settings.internal) not in told["text"]
    night.watch(timedelta(days=1))
    assert len({each["event_id"] for each in hook.received}) == len(hook.received) == 2


def test_another_process_tells_of_it_under_the_same_number(night: Night, hook: Hook) -> None:
    lock_cannot_be_written(night)
    for _ in range(2):
        night.watch()
        without_state._sent.clear()
    assert len(hook.received) == 2
    assert len({each["event_id"] for each in hook.received}) == 1


def test_what_a_server_did_not_take_is_sent_the_next_time(night: Night, hook: Hook) -> None:
    lock_cannot_be_written(night)
    hook.answers = [503] * 3
    night.watch()
    assert hook.received == []
    assert "answers 503" in night.said[0]
    night.watch()
    assert hook.of("run_failed") == ["opened"]


def test_a_run_on_a_disk_that_has_become_read_only_says_so_here_and_far_away(tmp_path: Path, hook: Hook) -> None:
    given = places(SAMPLES, tmp_path) | {"ALERT_WEBHOOK_URL": hook.url}
    bodega = (sys.executable, "-m", "orchestration.cli")
    subprocess.run([*bodega, "alerts"], env=given, check=True, capture_output=True)
    own_mounts = ("unshare", "--mount", "--map-root-user", "sh", "-c", READ_ONLY, str(tmp_path))
    if subprocess.run([*own_mounts, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives nobody mounts of their own")
    for command, status in (("run", 2), ("alerts", 0)):
        done = subprocess.run(
            [*own_mounts, *bodega, command], env=given, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    assert [each["what"].partition("told: ")[2] for each in hook.received] == [
        "OSError: [Errno 30] Read-only file system."
    ]
