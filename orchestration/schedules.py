"""When the job runs by itself, whatever arrived: every night."""

from datetime import UTC, datetime

import dagster as dg

from orchestration import alerts
from orchestration.instance import end_dead_runs, has_run_at_work
from orchestration.settings import ZONE, Settings
from orchestration.state import standing


def nightly(settings: Settings, job: str) -> dg.ScheduleDefinition:
    """The schedule of a job, by its name, over the places of these settings. With nothing new it looks, and says so."""

    @dg.schedule(
        name="nightly",
        job_name=job,
        cron_schedule=settings.nightly_cron,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="The whole way, when NIGHTLY_CRON says; with nothing new it only looks.",
    )
    def look(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        # One that died would be waited for: one run at a time is let out of the queue.
        end_dead_runs(context.instance)
        last = standing.read(settings)
        if last and not standing.news(settings, last):
            alerts.after_run(settings, alerts.Outcome(last.status, datetime.now(UTC), looked=True), context.log.warning)
            return dg.SkipReason(last.sentence)
        if has_run_at_work(context.instance):
            return dg.SkipReason("a run is at work: what lands while it is, the next one takes in")
        return dg.RunRequest()

    return look
