"""Staging, intermediate and marts: dbt's models as assets, its tests as asset checks."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from filelock import FileLock

import expectations
from orchestration import dbt_command, spark
from orchestration.machine.warehouse import make_ready
from orchestration.retries import tried_again
from orchestration.settings import Settings
from orchestration.state import state_file

PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")
PACKAGES = ("dbt-core", "dbt-duckdb", "dagster-dbt")
# What dbt remembers of a project that it has parsed.
PARSED = "partial_parse.msgpack"


def bring_manifest_up_to_date(settings: Settings) -> None:
    """Parses the project where its manifest is missing, damaged, or of other files or another dbt than these.

    The daemon and the pages load it again and again, and together after an upgrade: one process parses, beside the
    manifest that the others read, and the new one takes its place whole.
    """
    # Under the names of the warehouse, whichever engine builds what comes there.
    target = spark.FROM_SPARK if settings.spark else settings.engine
    fingerprint = _fingerprint(target)
    if _is_of(settings.manifest, fingerprint):
        return
    with FileLock(settings.manifest.with_suffix(".lock")):
        if not _is_of(settings.manifest, fingerprint):
            dbt_command.parse(target, settings.parsed)
            _noted(settings.manifest).unlink(missing_ok=True)
            state_file.replace(settings.manifest, (settings.parsed / "manifest.json").read_bytes())
            state_file.replace(_noted(settings.manifest), fingerprint.encode())
            # What fills the warehouse need not parse it all again.
            settings.dbt.mkdir(exist_ok=True)
            state_file.replace(settings.dbt / PARSED, (settings.parsed / PARSED).read_bytes())


def _noted(manifest: Path) -> Path:
    """What the manifest was made of."""
    return manifest.with_suffix(".sha256")


def _is_of(manifest: Path, fingerprint: str) -> bool:
    try:
        json.loads(manifest.read_text("utf-8"))
        return _noted(manifest).read_text("utf-8") == fingerprint
    except (FileNotFoundError, ValueError):
        return False


def _fingerprint(target: str) -> str:
    """Of all that a manifest depends on. Not by time: an image may bring files that are older than what was made."""
    digest = hashlib.sha256(repr([target, *map(version, PACKAGES)]).encode())
    parts = [dbt_command.DBT_PROJECT / part for part in PARTS]
    for path in sorted(path for part in parts for path in (part, *part.rglob("*")) if path.is_file()):
        digest.update(f"{path.relative_to(dbt_command.DBT_PROJECT)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


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
    bring_manifest_up_to_date(settings)

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
