"""What starts the job besides the clock: exports that have landed and are complete."""

import time
from datetime import UTC, datetime

import dagster as dg

from ingest.arriving.listing import is_growing, listing
from orchestration.instance import end_dead_runs, has_run_at_work
from orchestration.settings import Settings
from orchestration.state import standing

LOOKS_EVERY_SECONDS = 60


def new_exports(settings: Settings, job: str) -> dg.SensorDefinition:
    """The sensor of a job, by its name: one run each time the exports folder comes to a new state and is at rest."""

    @dg.sensor(
        name="arrivals",
        job_name=job,
        minimum_interval_seconds=LOOKS_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="A run once new exports lie in their folder and have stopped growing, or a month was read again.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        end_dead_runs(context.instance)
        if by := standing.read_again(settings):
            return _take_in_what_was_read_again(context.instance, by)
        files = listing(settings.exports)
        seen = standing.exports_hash(files)
        before = context.cursor or ""
        if is_other := not before.startswith(seen):
            # Dagster makes one run of a key, ever, and a folder that was away comes back in the state that it had.
            context.update_cursor(f"{seen} since {datetime.now(UTC).isoformat()}")
        last = standing.read(settings)
        if last and last.before[standing.EXPORTS] == seen:
            return dg.SkipReason(f"{len(files)} files, as the last run found them")
        if growing := [f.path for f in files if is_growing(f.status, settings.settle, time.time())]:
            return dg.SkipReason(f"still growing: {', '.join(sorted(growing)[:5])}")
        if is_other:
            return dg.SkipReason("something arrived; waiting for one more look to find it unchanged")
        if has_run_at_work(context.instance):
            return dg.SkipReason("something arrived; waiting for the run that is at work")
        return dg.RunRequest(run_key=before)

    return look


def _take_in_what_was_read_again(instance: dg.DagsterInstance, by: str) -> dg.RunRequest | dg.SkipReason:
    """One run for all months that were asked for together. by: the last run that read one."""
    if has_run_at_work(instance):
        return dg.SkipReason("a month was read again; waiting for the runs that are asked for")
    return dg.RunRequest(run_key=f"read again by {by}")
