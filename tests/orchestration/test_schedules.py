"""The nightly job: once a local day, also when the clocks change, and with nothing new it only looks."""

import os
import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration import schedules
from orchestration.settings import ZONE, Settings
from orchestration.state import standing
from tests.orchestration.test_instance import leave_at_work, number_of_a_process_that_ended

SANTIAGO = ZoneInfo(ZONE)


def ticks(settings: Settings, begin: date, end: date) -> list[datetime]:
    """The ticks between two dates as Dagster's scheduler computes them, in local time."""
    schedule = schedules.nightly(settings, "refresh")
    start = datetime(begin.year, begin.month, begin.day, tzinfo=SANTIAGO)
    found = schedule_execution_time_iterator(start.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    return list(takewhile(lambda tick: tick.date() < end, (tick.astimezone(SANTIAGO) for tick in found)))


def evaluate(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """What the schedule answers when it is time."""
    with dg.build_schedule_context(instance) as context:
        answer = schedules.nightly(settings, "refresh")(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


# Chile's clocks go back on the first Saturday of April at midnight, and forward on that of September.
@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [(date(2026, 3, 20), date(2026, 4, 20), {24, 25}), (date(2026, 8, 25), date(2026, 9, 25), {23, 24})],
)
def test_there_is_one_tick_a_local_day_through_both_clock_changes(
    ended: Settings, begin: date, end: date, hours: set[int]
) -> None:
    found = ticks(ended, begin, end)
    days = [begin + timedelta(days=n) for n in range((end - begin).days)]
    assert Counter(tick.date() for tick in found) == Counter(days)
    assert {(tick.hour, tick.minute) for tick in found} == {(2, 0)}
    apart = {round((b.astimezone(UTC) - a.astimezone(UTC)) / timedelta(hours=1)) for a, b in pairwise(found)}
    assert apart == hours


def test_with_nothing_new_it_says_that_it_looked_and_starts_nothing(
    ended: Settings, instance: dg.DagsterInstance
) -> None:
    said = evaluate(ended, instance)
    assert isinstance(said, dg.SkipReason)
    assert "nothing new since" in str(said.skip_message)


def test_with_anything_new_it_starts_a_run(ended: Settings, instance: dg.DagsterInstance) -> None:
    shutil.rmtree(ended.portal)
    asked = evaluate(ended, instance)
    assert isinstance(asked, dg.RunRequest)


def test_after_a_run_that_failed_it_starts_another_every_night(ended: Settings, instance: dg.DagsterInstance) -> None:
    standing.begin(ended, "failed")
    for _ in range(2):
        asked = evaluate(ended, instance)
        assert isinstance(asked, dg.RunRequest)
        assert asked.run_key is None


def test_while_a_run_is_at_work_it_does_not_ask_for_the_same_work_again(
    ended: Settings, instance: dg.DagsterInstance
) -> None:
    standing.begin(ended, "at work")
    leave_at_work(instance, os.getppid(), {})
    said = evaluate(ended, instance)
    assert isinstance(said, dg.SkipReason)
    assert "a run is at work" in str(said.skip_message)


def test_a_run_that_was_killed_does_not_keep_it_from_starting(ended: Settings, instance: dg.DagsterInstance) -> None:
    standing.begin(ended, "killed")
    leave_at_work(instance, number_of_a_process_that_ended(), {})
    assert isinstance(evaluate(ended, instance), dg.RunRequest)


def test_a_run_whose_number_another_process_has_by_now_does_not_keep_it_from_starting(
    ended: Settings, instance: dg.DagsterInstance, unrelated: int
) -> None:
    standing.begin(ended, "killed")
    leave_at_work(instance, unrelated, {}, age=60)
    assert isinstance(evaluate(ended, instance), dg.RunRequest)


def test_it_starts_by_itself_where_the_daemon_runs(ended: Settings) -> None:
    assert schedules.nightly(ended, "refresh").default_status is dg.DefaultScheduleStatus.RUNNING
