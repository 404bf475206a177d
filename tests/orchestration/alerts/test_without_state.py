"""Of a disk that nothing can be written to, or read from, people are told all the same, once a day."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLES, places
from tests.orchestration.alerts.conftest import Hook, Night
from tests.orchestration.places import write

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


# Of a name that no disk takes one cannot even learn that it is not there.
OUT_OF_REACH = Path("/", "x" * 300)
# And of one that is too long as a whole, as that of the ledger in this folder is.
LEDGER_OUT_OF_REACH = Path("/", *(4090 // 2 * "x"))
WATCH = "from orchestration import alerts, settings; alerts.watch(settings.Settings.from_environment(), print)"


@pytest.fixture(autouse=True)
def notes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, here and in what is started: an empty one."""
    folder = tmp_path_factory.mktemp("notes")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


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


def test_another_process_does_not_tell_of_it_again(tmp_path: Path, hook: Hook) -> None:
    given = places(SAMPLES, tmp_path) | {"ALERT_WEBHOOK_URL": hook.url}
    write(tmp_path / "internal" / "alerts.partial" / "in the way")
    for _ in range(2):
        subprocess.run([sys.executable, "-c", WATCH], env=given, check=True, timeout=120)
    assert hook.of("run_failed") == ["opened"]


def test_another_place_tells_of_its_own(night: Night, hook: Hook) -> None:
    lock_cannot_be_written(night)
    night.watch()
    night.settings = replace(night.settings, warehouse=Path("/sys/kernel/bodega.duckdb"))
    night.watch()
    assert hook.of("run_failed") == ["opened", "opened"]


def as_a_link(note: Path) -> None:
    note.symlink_to(note.with_name("elsewhere"))


def as_a_folder(note: Path) -> None:
    note.mkdir()


def as_another_users(note: Path) -> None:
    if os.geteuid():
        pytest.skip("only root gives files away")
    note.touch()
    os.chown(note, 65534, 65534)


@pytest.mark.parametrize("left", [as_a_link, as_a_folder, as_another_users])
def test_what_is_told_is_noted_in_a_file_of_ours_and_any_other_counts_for_nothing(
    night: Night, hook: Hook, notes: Path, left: Callable[[Path], None]
) -> None:
    lock_cannot_be_written(night)
    night.watch()
    (note,) = notes.iterdir()
    assert note.name.startswith(f"bodega-{os.geteuid()}-")
    assert note.stat().st_mode & 0o777 == 0o600
    note.unlink()
    left(note)
    night.watch()
    assert hook.of("run_failed") == ["opened", "opened"]
    assert list(notes.iterdir()) == [note]


def test_where_nothing_can_be_noted_it_comes_again_under_the_same_number(
    night: Night, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(OUT_OF_REACH))
    lock_cannot_be_written(night)
    night.watch()
    night.watch()
    assert len(hook.received) == 2
    assert len({each["event_id"] for each in hook.received}) == 1


@pytest.mark.parametrize("folder", ["RAW_DIR", "DAGSTER_HOME", "RELEASES_DIR", "PORTAL_DIR"])
def test_a_folder_out_of_reach_is_told_of_beside_what_else_is_wrong(night: Night, hook: Hook, folder: str) -> None:
    settings = night.settings
    moved: Any = {name: OUT_OF_REACH for name, place in vars(settings).items() if place == settings.folders[folder]}
    night.settings = replace(settings, **moved)
    night.end(2, {"models": "No space."})
    assert sorted((each["kind"], each["where"]) for each in hook.received) == [
        ("folder_out_of_reach", folder),
        ("run_failed", "models"),
    ]
    assert "internal area" not in "".join(each["what"] for each in hook.received)
    night.watch()
    assert len(hook.received) == 2


def test_where_nothing_can_be_judged_that_is_told_once_a_day_and_nothing_heals(night: Night, hook: Hook) -> None:
    night.end(2, {"models": "No space."})
    before = night.settings
    night.settings = replace(before, raw=LEDGER_OUT_OF_REACH)
    night.end(0)
    night.watch()
    _, told = hook.received
    assert (told["kind"], told["where"]) == ("run_failed", "disk")
    assert told["what"].startswith("What is wrong cannot be judged, so nothing new is told: OSError: [Errno 36] ")
    night.settings = before
    night.end(0)
    assert hook.received[-1]["event"] == "resolved"


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
