"""Every asset, check, job and resource that Dagster knows."""

import dagster as dg

from orchestration.alert_sensors import build_alert_sensors
from orchestration.assets.dbt import build_models, dbt_resource
from orchestration.assets.freshness import build_freshness
from orchestration.assets.raw import MONTHS_GROUP, build_ingest, build_months
from orchestration.assets.release import build_assets
from orchestration.logging import plain
from orchestration.reading_ahead import READ_AHEAD, build_gathering, build_read_ahead
from orchestration.resources import turn_resource
from orchestration.schedules import nightly
from orchestration.sensors import new_exports
from orchestration.settings import Settings

JOB = "refresh"
# Of one month; what it changes is published by the next run of the other one.
READ_AGAIN = "read_again_month"


def build_defs(settings: Settings, has_turn: bool = False) -> dg.Definitions:
    """Everything that Dagster runs, over the places of these settings. has_turn: whoever runs it holds the turn."""
    settings.export()
    assets = [
        build_ingest(settings),
        build_months(settings),
        build_models(settings),
        *build_assets(settings),
        build_freshness(settings),
    ]
    checks = [a for a in assets if isinstance(a, dg.AssetChecksDefinition)]
    # A run of an asset with partitions is a run of one of them, and a night is of all months.
    months = dg.AssetSelection.groups(MONTHS_GROUP)
    refresh = dg.define_asset_job(
        JOB, dg.AssetSelection.all() - months, description="The whole way, from exports to release."
    )
    read_again = dg.define_asset_job(
        READ_AGAIN,
        months,
        description="Reads the files of a month again; `refresh` then publishes what comes out.",
    )
    # One worker alone has nothing to do before the main job.
    ahead = [build_read_ahead(settings, has_turn)] if settings.workers > 1 else []
    begin = READ_AHEAD if ahead else JOB
    return dg.Definitions(
        assets=[a for a in assets if a not in checks],
        asset_checks=checks,
        jobs=[refresh, read_again, *ahead],
        schedules=[nightly(settings, begin)],
        sensors=[
            new_exports(settings, begin),
            *build_alert_sensors(settings, JOB),
            *(sensor for job in ahead for sensor in build_gathering(job, refresh)),
        ],
        resources={
            "dbt": dbt_resource(settings),
            "turn": turn_resource(settings, has_turn),
        },
        executor=dg.in_process_executor,
        loggers={"plain": plain},
    )
