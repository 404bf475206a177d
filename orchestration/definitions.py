"""The code location: every asset, check, job and resource that Dagster knows."""

import dagster as dg

from orchestration.alert_sensors import build_alert_sensors
from orchestration.assets.dbt import build_models, dbt_resource
from orchestration.assets.freshness import build_freshness
from orchestration.assets.raw import build_ingest
from orchestration.assets.release import build_assets
from orchestration.logging import plain
from orchestration.schedules import nightly
from orchestration.sensors import new_exports
from orchestration.settings import Settings
from orchestration.turn import turn_resource

JOB = "refresh"


def build_defs(settings: Settings) -> dg.Definitions:
    """Everything that Dagster runs, over the places of these settings."""
    settings.export()
    assets = [build_ingest(settings), build_models(settings), *build_assets(settings), build_freshness(settings)]
    checks = [a for a in assets if isinstance(a, dg.AssetChecksDefinition)]
    job = dg.define_asset_job(JOB, dg.AssetSelection.all(), description="The whole way, from exports to release.")
    return dg.Definitions(
        assets=[a for a in assets if a not in checks],
        asset_checks=checks,
        jobs=[job],
        schedules=[nightly(settings, JOB)],
        sensors=[new_exports(settings, JOB), *build_alert_sensors(settings, JOB)],
        resources={"dbt": dbt_resource(), "turn": turn_resource(settings)},
        executor=dg.in_process_executor,
        loggers={"plain": plain},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster` and `dg` load, over the places of the environment."""
    settings = Settings.from_environment()
    settings.prepare()
    return build_defs(settings)
