"""Every command ends with a sentence and a status of its own, whatever is in its way."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from orchestration import trace as tracing
from orchestration.backups import backup
from orchestration.backups.backup import BackupError
from orchestration.cli import app
from orchestration.commands import services, telling
from orchestration.commands.common import BUSY, INTERRUPTED, NO_RELEASE
from orchestration.settings import Settings
from orchestration.state.ledgers import TraceError
from tests.orchestration.places import RELEASE, nothing_set, write

HOLD = """
import sys, time, duckdb
with duckdb.connect(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""
AT_WORK = """
import sys, time
from datetime import timedelta
from pathlib import Path
from orchestration.machine.turn import take
with take(Path(sys.argv[1]), "bodega backup", timedelta(0)):
    print("held", flush=True)
    time.sleep(3)
"""
TRACE = ["trace", "--dataset", "ficha_ciudadana", "--key", "anio=2023", "--column", "ejecutado"]
COMMANDS = [
    ["run"],
    ["rollback", RELEASE],
    ["withdraw", RELEASE],
    ["verify"],
    ["alerts"],
    ["alerts", "--test"],
    ["ended", "killed"],
    ["backup", "copy"],
    ["restore", "copy"],
    ["dev"],
    ["webserver"],
    ["daemon"],
]
WITH_THE_TURN = [["run"], ["rollback", RELEASE], ["withdraw", RELEASE], ["backup", "copy"], ["restore", "copy"]]


@pytest.fixture(autouse=True)
def place(ended: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Settings]:
    """A place in which a run ended well, as commands find it."""
    nothing_set(monkeypatch)
    for name, path in (("EXPORTS_DIR", ended.exports), ("CORRECTIONS_DIR", ended.corrections)):
        monkeypatch.setenv(name, str(path))
    monkeypatch.setenv("WAREHOUSE_PATH", str(ended.warehouse))
    monkeypatch.setenv("RELEASES_DIR", str(ended.releases))
    monkeypatch.chdir(tmp_path)
    umask = os.umask(0o022)
    yield ended
    os.umask(umask)


def said(command: list[str], status: int) -> list[str]:
    """The lines that a command says, which ends with this status."""
    done = CliRunner().invoke(app, command)
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output.splitlines()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["WAREHOUSE_PATH", "PORTAL_DIR"])
def test_a_place_that_cannot_be_made_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str], name: str
) -> None:
    monkeypatch.setenv(name, str(write(tmp_path / "a file") / "b" / "bodega.duckdb"))
    (line,) = said(command, NO_RELEASE)
    assert line.startswith(f"{name}: the folder {tmp_path}/a file/b")
    assert line.endswith("cannot be made (Not a directory). Set it to a place where it can.")


@pytest.mark.parametrize("command", WITH_THE_TURN, ids=" ".join)
def test_a_lock_that_cannot_be_written_ends_the_command_in_words(place: Settings, command: list[str]) -> None:
    place.lock.mkdir()
    assert said(command, NO_RELEASE)[-1].endswith(f"'{place.lock}'")


@pytest.mark.parametrize("command", WITH_THE_TURN, ids=" ".join)
def test_what_writes_leaves_where_a_run_is_at_work(place: Settings, command: list[str]) -> None:
    before = (place.releases / "latest.json").read_bytes()
    with FileLock(place.lock):
        (line,) = said(command, BUSY)
    assert "Another run is at work" in line
    assert (place.releases / "latest.json").read_bytes() == before


def test_a_run_that_is_told_to_wait_does_its_work_once_the_other_has_ended(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[int] = []

    def run(*_: object) -> int:
        at_work.append(json.loads(place.lock.read_text("utf-8"))["pid"])
        return 0

    monkeypatch.setattr("orchestration.commands.run._run", run)
    with subprocess.Popen([sys.executable, "-c", AT_WORK, place.lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        (line,) = said(["run", "--again"], BUSY)
        assert f"Another run is at work (bodega backup, process {holder.pid}, since " in line
        assert at_work == []
        said(["run", "--again", "--wait"], 0)
        assert holder.wait() == 0
    assert at_work == [os.getpid()]


def test_a_backup_that_is_told_to_wait_is_made_once_the_run_has_ended(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work: list[int] = []

    def make(*_: object) -> None:
        at_work.append(json.loads(place.lock.read_text("utf-8"))["pid"])
        raise BackupError("far enough")

    monkeypatch.setattr(backup, "make", make)
    with subprocess.Popen([sys.executable, "-c", AT_WORK, place.lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        said(["backup", "copy"], BUSY)
        assert said(["backup", "copy", "--wait"], NO_RELEASE)[-1] == "far enough"
        assert holder.wait() == 0
    assert at_work == [os.getpid()]


def test_a_run_that_waited_in_vain_tells_of_it_and_one_that_did_not_wait_tells_nobody(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(telling, "tell", lambda settings, console, ending: told.append(str(ending.broke_off)))
    monkeypatch.setenv("RUN_WAIT_MINUTES", "0")
    with FileLock(place.lock):
        said(["run"], BUSY)
        assert told == []
        (line,) = said(["run", "--wait"], BUSY)
    assert told == [line]


def test_whoever_interrupts_a_run_is_told_so_and_nobody_else(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.commands.run._run", run)
    monkeypatch.setattr(telling, "tell", lambda *_: pytest.fail("nobody is to be told"))
    *_, last = said(["run", "--again"], INTERRUPTED)
    assert last == "It was interrupted: the release that is in force is whole, and the next run does what is left."


@pytest.mark.parametrize("command", ["dev", "webserver"])
@pytest.mark.parametrize(("given", "port"), [([], "3917"), (["--port", "3918"], "3918")])
def test_dagsters_pages_listen_where_the_setting_or_the_command_says(
    monkeypatch: pytest.MonkeyPatch, command: str, given: list[str], port: str
) -> None:
    began: list[tuple[str, ...]] = []
    monkeypatch.setattr(services, "_become", lambda settings, *words: began.append(words))
    monkeypatch.setenv("WEBSERVER_PORT", "3917")
    assert said([command, *given], 0) == []
    assert began[0][-4:] == ("--host", "127.0.0.1", "--port", port)


# ---- trace


@pytest.fixture
def traced(place: Settings) -> Settings:
    """The release in force is the one that the warehouse holds."""
    ledger = (place.raw / "archivos.parquet").read_bytes()
    (place.ledgers / f"{RELEASE}.parquet").write_bytes(ledger)
    place.warehouse.unlink()
    write(place.releases / RELEASE / "manifest.json", '{"conjuntos": []}')
    return place


def test_a_figure_cannot_be_traced_while_a_run_builds_the_warehouse(traced: Settings) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, traced.warehouse], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        lines = said(TRACE, NO_RELEASE)
        holder.kill()
    assert lines == ["a run is at work: ask again when it has ended"]


def test_the_parts_of_a_key_may_be_given_one_by_one(traced: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def answer(settings: Settings, dataset: str, key: dict[str, str], *_: object) -> None:
        asked.append(key)
        raise TraceError("no such row")

    monkeypatch.setattr(tracing, "trace", answer)
    for keys in (["--key", "anio=2023 mes=12"], ["--key", "anio=2023", "--key", "mes=12"]):
        assert said([*TRACE[:3], *keys, *TRACE[-2:]], NO_RELEASE) == ["no such row"]
    assert asked == [{"anio": "2023", "mes": "12"}] * 2


def test_a_figure_cannot_be_traced_in_what_is_damaged(traced: Settings) -> None:
    write(traced.warehouse, "no warehouse " * 2000)
    (line,) = said(TRACE, NO_RELEASE)
    assert f"{traced.warehouse} cannot be asked (" in line
    assert line.endswith("`bodega run --again` makes it whole")
    (traced.raw / "archivos.parquet").unlink()
    (line,) = said(TRACE, NO_RELEASE)
    assert line == f"No such file or directory: '{traced.raw / 'archivos.parquet'}'"
    for content in ("", "{", json.dumps([])):
        (traced.releases / "latest").unlink(missing_ok=True)
        write(traced.releases / "latest.json", content)
        (line,) = said(TRACE, NO_RELEASE)
        assert "latest.json is damaged" in line
