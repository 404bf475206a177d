"""The simulated nights: the story holds together, its clock is the schedule's, and a few of its nights are played here.

All of them are played by `make nights`.
"""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from bench import nights
from bench.night_story import (
    BAD,
    CLOCK_BACK,
    CLOCK_FORWARD,
    FIRST,
    INVOICE,
    LAST,
    LATER,
    MONTH,
    STORY,
    STRAY,
    Change,
    Day,
    How,
    arrives,
    login_page,
    told,
)
from orchestration.alerts.kinds import KINDS
from tests.conftest import PROJECT, SAMPLES

MIDNIGHT = datetime(2018, 5, 9, 23, tzinfo=UTC)

TELL = """
import datetime, sys, time
print(datetime.datetime.now(datetime.UTC))
time.sleep(0.01)
print(datetime.datetime.now(datetime.UTC))
print(*sys.argv[1:])
"""


def played(story: tuple[Day, ...], folder: Path) -> Path:
    """The exports once all days of a story are over."""
    exports = nights.first_exports(folder / "exports", MIDNIGHT)
    warehouse = nights.Warehouse(nights.settings_below(folder, exports, folder / "public"))
    simulation = nights.Simulation(warehouse, [])
    for change in (change for day in story for change in day.changes):
        simulation.change(change, MIDNIGHT)
    return exports


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def message(event: str, where: str = "a.csv", alert: str = "1") -> dict[str, Any]:
    return {"event": event, "kind": "file_refused", "where": where, "alert_id": alert, "event_id": f"{alert}-{event}"}


# Chile's clocks went back on 13 May and forward on 12 August.
def test_the_clock_strikes_once_a_night_also_when_the_night_has_23_or_25_hours() -> None:
    found = nights.ticks(FIRST, LAST)
    assert [tick.date() for tick in found] == [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert len(found) >= 60
    assert {(tick.hour, tick.minute) for tick in found} == {(2, 0)}
    hours = {b.date(): (b.astimezone(UTC) - a.astimezone(UTC)) / timedelta(hours=1) for a, b in pairwise(found)}
    assert {day: n for day, n in hours.items() if n != 24} == {CLOCK_BACK: 25, CLOCK_FORWARD: 23}


def test_the_story_has_all_that_it_must_show_and_both_clock_changes() -> None:
    days = [day.date for day in STORY]
    assert days == sorted(set(days))
    assert (days[0], days[-1] <= LAST) == (FIRST, True)
    assert {day.how for day in STORY} == set(How)
    assert {CLOCK_BACK, CLOCK_FORWARD} <= set(days)


def test_an_alert_of_the_story_is_of_a_known_kind_opens_once_and_heals_but_for_what_is_never_mended() -> None:
    open_: set[tuple[str, str]] = set()
    for day in STORY:
        # What opens and heals at the same noon is in the order of its words.
        for event, kind, where in (*sorted(day.at_night), *sorted(day.at_noon)):
            assert kind in KINDS
            assert ((kind, where) in open_) == (event == "resolved")
            open_ ^= {(kind, where)}
    assert {kind for kind, _ in open_} == {"file_refused"}
    assert len(open_) == len(BAD)


def test_in_the_end_the_exports_of_the_story_are_the_samples(tmp_path: Path) -> None:
    assert all((SAMPLES / path).is_file() for path in LATER | BAD)
    assert contents(played(STORY, tmp_path)) == contents(SAMPLES)


def test_a_program_run_at_another_moment_sees_that_clock_going_on(tmp_path: Path) -> None:
    (tmp_path / "tell.py").write_text(TELL, "utf-8")
    command = [sys.executable, "-m", "bench.clock", "2018-05-13T02:00:00-04:00", "tell", "--a", "b"]
    paths = os.pathsep.join((str(PROJECT), str(tmp_path)))
    said = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True)
    first, second, arguments = said.stdout.splitlines()
    assert arguments == "--a b"
    begin = datetime(2018, 5, 13, 6, tzinfo=UTC)
    assert begin <= datetime.fromisoformat(first) < datetime.fromisoformat(second) < begin + timedelta(minutes=1)


def test_the_webhook_keeps_what_it_is_sent_in_its_order() -> None:
    with nights.webhook() as (url, received):
        for n in range(3):
            assert requests.post(url, json={"n": n}, timeout=10).status_code == 200
        assert received == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ([], "too little"),
        ([message("opened")], "too little"),
        ([message("opened"), message("resolved"), message("opened", alert="2")], "too much"),
        ([message("opened"), message("resolved", where="b.csv")], "too much"),
        ([message("resolved"), message("opened")], "was told as"),
        ([message("opened"), message("resolved", alert="2")], "was told as"),
    ],
)
def test_alerts_that_are_not_those_of_the_story_are_a_violation(received: list[dict[str, Any]], words: str) -> None:
    cause = ("file_refused", "a.csv")
    story = [
        Day(FIRST, How.RUN, "bad", at_night=told("opened", cause)),
        Day(LAST, How.RUN, "good", at_night=told("resolved", cause)),
    ]
    nights.check_alerts([message("opened"), message("resolved")], story)
    with pytest.raises(nights.Violation, match=words):
        nights.check_alerts(received, story)


# The first nights, otherwise: what takes the whole way is done three times and a half.
SHORT = (
    replace(
        STORY[0],
        changes=(*STORY[0].changes, Change(STRAY, login_page)),
        at_night=STORY[0].at_night | told("opened", ("file_unknown", "dte/")),
    ),
    Day(CLOCK_BACK - timedelta(days=2), How.KILLED, "a month is corrected, and a crash", arrives(MONTH)),
    Day(CLOCK_BACK - timedelta(days=1), How.OFF, "off"),
    Day(
        CLOCK_BACK,
        How.TWICE,
        "the stray file is gone, an invoice came, and two triggers at once, on the night of 25 hours",
        (Change(STRAY, None), *arrives(INVOICE)),
        at_night=told("resolved", ("file_unknown", "dte/")),
        refused=BAD,
    ),
)


@pytest.mark.slow
def test_after_a_crash_and_two_triggers_at_once_the_release_is_that_of_a_full_rebuild_and_the_alerts_are_those_expected(
    tmp_path: Path,
) -> None:
    exports = nights.first_exports(tmp_path / "exports", MIDNIGHT)
    with nights.webhook() as (url, received):
        warehouse = nights.Warehouse(nights.settings_below(tmp_path, exports, tmp_path / "public", url))
        nights.Simulation(warehouse, received).play(SHORT, FIRST, CLOCK_BACK)
        nights.check_rebuild(warehouse, tmp_path / "rebuilt", nights.ticks(CLOCK_BACK, CLOCK_BACK)[0])
        nights.check_alerts(received, SHORT)
