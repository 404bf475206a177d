"""A file of state that a disk or a hand has damaged stops neither a run nor its alert: it counts as not there."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from typer.testing import CliRunner

from orchestration import alerts, schedules
from orchestration.alerts.causes import find
from orchestration.alerts.outcome import Outcome
from orchestration.alerts.state import Alert, State
from orchestration.cli import app
from orchestration.commands.telling import Ending
from orchestration.settings import Settings
from orchestration.state import standing
from tests.orchestration.alerts.conftest import BEGINNING, Hook, Night
from tests.orchestration.places import nothing_set, write

LEDGER = "raw/archivos.parquet"
FILES = ("standing.json", "alerts.json", "arrivals.json", "summary.json", "gate.json", "begun.json", "read_again.json")
LATEST = "latest.json"
# What is made of what stands there, or stands in its place.
Damage = Callable[[dict[str, object]], object] | str
CONTENTS: dict[str, Damage] = {
    "empty": "",
    "cut": "{",
    "nothing": "{}",
    "a list": "[]",
    "an unknown field": lambda there: there | {"campo": 1},
    "fields of another kind": lambda there: {k: v if isinstance(v, str) else ["x"] for k, v in there.items()},
}


@pytest.fixture
def place(ended: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A place in which a run ended well and an alert is open, as commands find it; alerts go to the hook."""
    nothing_set(monkeypatch)
    for name, path in (("EXPORTS_DIR", ended.exports), ("CORRECTIONS_DIR", ended.corrections)):
        monkeypatch.setenv(name, str(path))
    monkeypatch.setenv("WAREHOUSE_PATH", str(ended.warehouse))
    monkeypatch.setenv("RELEASES_DIR", str(ended.releases))
    monkeypatch.setenv("ALERT_WEBHOOK_URL", hook.url)
    State(BEGINNING, alerts=[opened("source_late")]).write(ended.alerts)
    umask = os.umask(0o022)
    yield ended
    os.umask(umask)


def opened(kind: str) -> Alert:
    return Alert("a" * 16, kind, kind, "w", "w", "", BEGINNING)


def damage(path: Path, content: Damage) -> None:
    if not isinstance(content, str):
        there = json.loads(path.read_text("utf-8")) if path.exists() else {}
        content = json.dumps(content(there))
    write(path, content)


def path_of(settings: Settings, name: str) -> Path:
    return (settings.releases if name == LATEST else settings.internal) / name


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("name", [*FILES, LATEST])
@pytest.mark.parametrize("status", [0, 2])
def test_a_run_ends_as_it_does_and_its_alert_is_sent(
    place: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch, name: str, content: Damage, status: int
) -> None:
    def run(settings: Settings, console: object, ending: Ending, *_: object) -> int:
        ending.failures = {"models": "No space."}
        return status

    monkeypatch.setattr("orchestration.commands.run._run", run)
    damage(path_of(place, name), content)
    done = CliRunner().invoke(app, ["run", "--again"])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    assert hook.of("run_failed") == ["opened"]
    assert CliRunner().invoke(app, ["alerts"]).exit_code == 0


def test_a_run_that_leaves_a_damaged_ledger_is_told_of_all_the_same(
    place: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(settings: Settings, console: object, ending: Ending, *_: object) -> int:
        ending.failures = {"models": "No space."}
        return 2

    monkeypatch.setattr("orchestration.commands.run._run", run)
    damage(place.internal / LEDGER, "x")
    done = CliRunner().invoke(app, ["run", "--again"])
    assert done.exit_code == 2
    assert "nobody could be told" not in done.output
    assert hook.of("run_failed") == ["opened"]
    # What was open before is neither healed nor told anew.
    assert hook.of("source_late") == ["opened"]


@pytest.mark.parametrize("name", [*FILES, LATEST])
def test_the_schedule_looks_and_starts_a_run_where_what_is_damaged_is_the_last_ones(
    place: Settings, instance: dg.DagsterInstance, name: str
) -> None:
    beside = ("alerts.json", "begun.json", "read_again.json")
    for content in CONTENTS.values():
        damage(path_of(place, name), content)
        with dg.build_schedule_context(instance) as context:
            said = schedules.nightly(place, "refresh")(context)
        if name in beside:
            assert isinstance(said, dg.SkipReason)
        elif content in ("", "{", "[]"):
            assert isinstance(said, dg.RunRequest)
        assert standing.read_again(place) is None
        if content == "[]":
            # What no version of ours knows is beside what stands there.
            path_of(place, name).unlink()


def test_alerts_that_cannot_be_read_are_put_aside_and_what_is_wrong_is_told_anew(night: Night, hook: Hook) -> None:
    night.end(2, {"models": "No space."})
    write(night.settings.alerts, '{"since": ')
    night.watch()
    assert night.settings.alerts.with_suffix(".damaged").read_text("utf-8") == '{"since": '
    assert "alerts.damaged now: what is wrong is told anew" in night.said[0]
    night.end(2, {"models": "No space."})
    assert hook.of("run_failed") == ["opened", "opened"]


def test_an_alert_of_an_unknown_kind_has_healed_and_the_others_stay(night: Night, hook: Hook) -> None:
    State(BEGINNING, alerts=[opened("of_tomorrow"), opened("run_failed")]).write(night.settings.alerts)
    assert [alert.kind for alert in alerts.open_alerts(night.settings)] == ["run_failed"]
    night.watch(later=night.now - night.now)
    assert [each["kind"] for each in hook.received] == ["run_failed"]


OF_SOURCES = {
    *("file_refused", "file_missing", "file_mostly_rejected", "file_fewer_rows"),
    *("source_late", "source_failed", "correction_overtaken"),
}
OF_VERDICTS = {"dataset_held", "figures_doubtful"}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("arrivals.json", OF_SOURCES),
        (LEDGER, OF_SOURCES),
        ("summary.json", OF_VERDICTS),
        ("gate.json", OF_VERDICTS),
    ],
)
def test_what_cannot_be_read_is_not_judged(place: Settings, name: str, kinds: set[str]) -> None:
    outcome = Outcome(0, BEGINNING)
    assert kinds <= find(place, BEGINNING, outcome, BEGINNING).judged
    damage(place.internal / name, "{")
    assert not kinds & find(place, BEGINNING, outcome, BEGINNING).judged


def test_an_export_that_has_no_contract_any_more_is_not_judged(night: Night) -> None:
    """Its files are in the ledger of the last run until the next one."""
    night.put("core/acuerdos_20250205.csv", b"<html>login</html>")
    night.run()
    with duckdb.connect() as con:
        ledger = night.settings.raw / "archivos.parquet"
        con.execute(f"create table rows as from read_parquet('{ledger}')")
        con.execute("update rows set export = 'de_antes'")
        con.execute(f"copy rows to '{ledger}' (format parquet)")
    found = find(night.settings, night.now, Outcome(2, night.now, {"models": "No space."}), night.now)
    assert not OF_SOURCES & found.judged
    assert [cause.key for cause in found.causes] == ["run_failed:models"]


def test_that_nobody_could_be_told_does_not_change_how_the_run_ended(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unforeseen(*_: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr("orchestration.commands.run._run", lambda *_: 1)
    monkeypatch.setattr(alerts, "after_run", unforeseen)
    done = CliRunner().invoke(app, ["run", "--again"])
    assert done.exit_code == 1
    assert "alerts: nobody could be told (" in done.output
