"""Staging, intermediate and marts: dbt's models as assets, its tests as asset checks."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

import expectations
from orchestration import dbt_command, dbt_manifest, spark
from orchestration.machine.warehouse import make_ready
from orchestration.retries import tried_again
from orchestration.settings import Settings


class _Translator(DagsterDbtTranslator):
    """Groups by folder, and lets a failed test hold back the datasets below it and nothing else."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        folder = dbt_resource_props["fqn"][1]
        return str(dbt_resource_props["fqn"][2] if folder == "marts" else folder)

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["config"]["schema"] or "main", dbt_resource_props["name"]])

    def get_asset_check_spec(self, *args: Any, **kwargs: Any) -> dg.AssetCheckSpec | None:
        # Blocking here would stop the whole release for one dataset: the gate holds back exactly what depends on it.
        spec = super().get_asset_check_spec(*args, **kwargs)
        return spec and spec._replace(blocking=False)


def build_models(settings: Settings) -> dg.AssetsDefinition:
    """The asset definition of every model, seed and test of the project."""
    dbt_manifest.bring_up_to_date(settings)

    @dbt_assets(
        manifest=settings.manifest,
        project=DbtProject(
            project_dir=dbt_command.DBT_PROJECT,
            profiles_dir=dbt_command.DBT_PROJECT,
            target=settings.engine,
            target_path=settings.dbt_target,
        ),
        dagster_dbt_translator=_Translator(),
        name="models",
        exclude="resource_type:unit_test",
        required_resource_keys={"dbt", "turn"},
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        dbt: DbtCliResource = context.resources.dbt
        threading.Thread(target=expectations.warm_up, daemon=True).start()
        # dbt's own lines go to a file: a person watches ours, which say what matters.
        with (
            tried_again(context, "dbt"),
            settings.dbt_log.open("w", encoding="utf-8") as log,
            contextlib.redirect_stdout(log),
        ):
            make_ready(settings.warehouse, lambda text: context.log.warning(f"dbt: {text}"))
            if settings.spark:
                settings.spark.answer()
            context.log.info(f"dbt: building the models{' on Spark' if settings.spark else ''}")
            build = ["build", *dbt_command.WITHOUT_TESTS]
            events = list(dbt.cli(build, context=context, target_path=settings.dbt_target).stream())
            if settings.spark:
                context.log.info("dbt: bringing them to the warehouse")
                spark.bring_to_warehouse(settings.dbt)
            context.log.info("dbt: testing them")
            # A failed test is a verdict on the datasets below it, not a failure of this step.
            tests = dbt.cli(["test"], context=context, target_path=settings.dbt_target, raise_on_error=False)
            events += list(tests.stream())
        yield from _with_row_counts(context, events, settings.warehouse)

    return models


def _with_row_counts(context: dg.AssetExecutionContext, events: list[Any], warehouse: Path) -> Iterator[Any]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for event in events:
            if isinstance(event, dg.Output):
                schema, table = context.asset_key_for_output(event.output_name).path
                # Views of the trace stand over every source row: counting them would compute them.
                if schema == "trace":
                    yield event
                    continue
                rows = con.execute(f'select count(*) from "{schema}"."{table}"').fetchall()[0][0]
                yield dg.Output(None, event.output_name, metadata={**event.metadata, "dagster/row_count": rows})
            else:
                yield event


def dbt_resource(settings: Settings) -> DbtCliResource:
    """The dbt command line of this environment, quiet but for what goes wrong."""
    return DbtCliResource(
        project_dir=str(dbt_command.DBT_PROJECT),
        profiles_dir=str(dbt_command.DBT_PROJECT),
        target=settings.engine,
        dbt_executable=str(dbt_command.DBT),
        global_config_flags=["--no-use-colors"],
    )
