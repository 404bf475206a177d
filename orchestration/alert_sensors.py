"""When people are told by Dagster: at the end of every run, and every quarter of an hour in between."""

import json
from datetime import UTC, datetime

import dagster as dg

from orchestration import alerts
from orchestration.alerts.outcome import of_run
from orchestration.assets.freshness import evaluations
from orchestration.instance import ENDINGS, MINE
from orchestration.settings import Settings

EVERY_SECONDS = 900


def build_alert_sensors(settings: Settings, job: str) -> list[dg.SensorDefinition]:
    """The sensors that tell people, over the places of these settings. job: the name of that whose runs are judged."""
    return [_watch(settings), *(_after(settings, job, status) for status in ENDINGS)]


def _after(settings: Settings, job: str, status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    # Runs of the command belong to no code location of Dagster's, and count too.
    @dg.run_status_sensor(
        name=f"alerts_after_{status.value.lower()}",
        run_status=status,
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends what the run gives reason to tell, once.",
    )
    def after(context: dg.RunStatusSensorContext) -> dg.SkipReason:
        run = context.instance.get_run_record_by_id(context.dagster_run.run_id)
        if context.dagster_run.job_name != job or run is None:
            return dg.SkipReason("a run of another job")
        outcome = of_run(settings, context.instance, run)
        if outcome.interrupted and MINE.items() <= context.dagster_run.tags.items():
            return dg.SkipReason("whoever interrupted the command knows of it")
        left = alerts.after_run(settings, outcome, context.log.warning)
        return dg.SkipReason(f"{len(left)} alerts are open")

    return after


def _watch(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        name="watch",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="What time alone brings about: no finished run, late sources, full disks, and what was not sent.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        left = alerts.watch(settings, context.log.warning)
        judged = evaluations(settings, datetime.now(UTC))
        verdicts = json.dumps({each.asset_key.to_user_string(): each.passed for each in judged})
        # Dagster keeps every evaluation for ever: only those of a day on which one changed are of use.
        news = judged if verdicts != context.cursor else []
        context.update_cursor(verdicts)
        return dg.SensorResult(skip_reason=f"{len(left)} alerts are open", asset_events=news)

    return watch
