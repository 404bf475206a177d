"""From marts to the public: the checks, the release that they let through, and its pages."""

from collections.abc import Iterator

import dagster as dg

import expectations
from expectations import report
from orchestration import dbt_results, sources
from orchestration.alerts.outcome import IN_FORCE
from orchestration.assets.raw import CONTRACTS
from orchestration.machine import space
from orchestration.retries import tried_again
from orchestration.settings import Settings
from orchestration.state import arrivals, gate, ledgers, standing
from portal import whole
from publish import release as releases
from publish.catalog import Catalog, read_catalog
from publish.errors import PublishError
from publish.gate import Gate
from publish.given import Given
from publish.keeping import place, retention
from publish.remote import bucket
from publish.reports.freshness import Pace

CALIDAD, RELEASE, PORTAL, BUCKET, STANDING = (
    dg.AssetKey(name) for name in ("calidad", "release", "portal", "bucket", "standing")
)
TURN = {"turn"}
CHECK = "great_expectations"
# What fails a run whose release is out, by the name of its check.
FAILS_WHERE = {
    "nothing_held_back": "a dataset failed its checks",
    "corrections_still_needed": "a source has overtaken a correction",
    "every_source_read": "a source could not be read",
}


def mart(dataset: str) -> dg.AssetKey:
    """The asset of a dataset's mart."""
    return dg.AssetKey(["marts", dataset])


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Checks, release and portal over the marts that the manifest declares."""
    catalog = read_catalog(settings.manifest)
    return [
        _calidad(settings, catalog),
        _results_by_dataset(settings, catalog),
        _release(settings, catalog),
        _portal(settings),
        *([_in_bucket(settings)] if settings.bucket else []),
        _stands_on(settings),
    ]


def _calidad(settings: Settings, catalog: Catalog) -> dg.AssetsDefinition:
    @dg.asset(
        key=CALIDAD,
        deps=[mart(name) for name in catalog.datasets],
        group_name="checks",
        kinds={"greatexpectations"},
        description="Every check of every dataset, and with them the datasets that may be published.",
        required_resource_keys=TURN,
    )
    def calidad(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with tried_again(context, "checks"):
            unread = arrivals.read(settings.arrivals).failed_sources
            missing = sources.missing_datasets(catalog, settings.raw, unread)
            leaning = {export: dbt_results.leaning_on(export, catalog, settings) for export in unread}
            refused = [*sources.failed_sources(leaning), *sources.refused_sources(catalog, settings.raw)]
            unavailable = missing.keys() | {r.dataset for r in refused}
            context.log.info("checks: judging every dataset")
            checked = expectations.run(
                settings.warehouse,
                [n for n in catalog.datasets if n not in unavailable],
                memory_limit=settings.late_memory,
            )
            found = [*refused, *sources.warnings(catalog, settings.raw), *checked, *dbt_results.read(catalog, settings)]
            verdicts = gate.judge(catalog, missing, found, context.run.run_id)
            gate.write(verdicts, settings.gate)
        return dg.MaterializeResult(metadata=_count(verdicts))

    return calidad


def _results_by_dataset(settings: Settings, catalog: Catalog) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name="results_by_dataset",
        required_resource_keys=TURN,
        # Blocking in Dagster's sense would stop the release of every dataset: the gate blocks one by one instead.
        specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=mart(name),
                additional_deps=[CALIDAD],
                description="Every check of this dataset. An error keeps it out of the release; the others go on.",
            )
            for name in catalog.datasets
        ],
    )
    def results_by_dataset(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        verdicts = gate.read(settings.gate)
        for name in catalog.datasets:
            yield _check_result(verdicts, name)

    return results_by_dataset


def _release(settings: Settings, catalog: Catalog) -> dg.AssetsDefinition:
    @dg.asset(
        key=RELEASE,
        deps=[CALIDAD, *(mart(name) for name in catalog.datasets)],
        group_name="release",
        kinds={"parquet", "csv"},
        description="The immutable release: files, dictionary, quality report, manifest, latest.",
        required_resource_keys=TURN,
    )
    def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        verdicts = gate.read(settings.gate)
        with tried_again(context, "release"):
            made = releases.publish(
                _given(settings, verdicts, context.run.run_id),
                settings.releases,
                settings.policy,
                progress=lambda text: context.log.info(f"release: {text}"),
                same_exports=lambda ident: ledgers.same_exports(settings, ident),
                before_in_force=lambda ident: ledgers.keep(settings, ident),
            )
        _keep_summary(verdicts, made, settings)
        try:
            ledgers.forget(settings, retention.removed(settings.releases))
        except (OSError, ledgers.TraceError) as error:
            # The release is in force: what stays of those that are gone is no reason to stop its pages.
            context.log.warning(
                f"release: what is kept to trace releases that are gone could not be deleted ({error}): mend that, or "
                f"let this user delete in {settings.internal}; the next release deletes what is left"
            )
        return dg.MaterializeResult(
            metadata={
                "release": made.id,
                "path": dg.MetadataValue.path(str(made.path)),
                "new": made.created,
                "datasets": len(made.published),
                "rows": sum(p.rows for p in made.published.values()),
                "held": dg.MetadataValue.json(dict(made.held)),
                "removed": dg.MetadataValue.json(list(made.removed)),
                "personal_data_masked": sum(made.masked.values()),
            }
        )

    return release


def _portal(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=PORTAL,
        deps=[RELEASE],
        group_name="release",
        kinds={"html"},
        description="Pages for people, made from the release alone.",
        required_resource_keys=TURN,
    )
    def portal(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with tried_again(context, "portal"):
            made = whole.keep(
                settings.releases / _still_in_force(settings),
                settings.portal,
                lambda text: context.log.info(f"portal: {text}"),
            )
        for each in made.missing:
            context.log.warning(f"portal: not all of it: {each}")
        context.log.info(f"portal: {made.index}")
        return dg.MaterializeResult(
            metadata={
                "index": dg.MetadataValue.path(str(made.index)),
                "not_renewed": dg.MetadataValue.json(list(made.missing)),
            }
        )

    return portal


def _in_bucket(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=BUCKET,
        deps=[RELEASE],
        group_name="release",
        kinds={"s3"},
        description="The release in force, carried to the bucket of PUBLISH_URL.",
        required_resource_keys=TURN,
    )
    def in_bucket(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with tried_again(context, "release"):
            ident = _still_in_force(settings)
            bucket.upload(settings.releases, ident, settings.bucket, lambda text: context.log.info(f"bucket: {text}"))
        return dg.MaterializeResult(metadata={"release": ident})

    return in_bucket


def _stands_on(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=STANDING,
        deps=[PORTAL, *([BUCKET] if settings.bucket else [])],
        group_name="release",
        kinds={"json"},
        description="The inputs and outputs of this run as hashes, so that the next one can tell that nothing is new.",
        check_specs=[
            dg.AssetCheckSpec(
                name,
                asset=STANDING,
                blocking=True,
                description=f"Fails the run, after the release is out, where {cause}.",
            )
            for name, cause in FAILS_WHERE.items()
        ],
        required_resource_keys=TURN,
    )
    def stands_on(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        arrived = arrivals.read(settings.arrivals)
        found = {
            "nothing_held_back": ("held", gate.read_summary(settings.summary)["failed"]),
            "corrections_still_needed": ("to_review", arrived.corrections_to_review),
            "every_source_read": ("unread", [each.sentence for each in arrived.failed_sources.values()]),
        }
        with tried_again(context, "release"):
            status = standing.end(settings, context.run.run_id)
        yield dg.MaterializeResult(
            metadata={"status": "to be tried again" if status is None else status},
            check_results=[
                dg.AssetCheckResult(check_name=name, passed=not cases, metadata={what: dg.MetadataValue.json(cases)})
                for name, (what, cases) in found.items()
            ],
        )

    return stands_on


def _given(settings: Settings, verdicts: Gate, run_id: str) -> Given:
    results = gate.all_results(verdicts)
    return Given(
        warehouse=settings.warehouse,
        raw_dir=settings.raw,
        manifest=settings.manifest,
        memory_limit=settings.late_memory,
        run_id=run_id,
        gate=verdicts,
        quality_json=report.as_json(results),
        quality_html=report.as_html(results),
        paces={c.export: Pace(c.cadence_days, c.late_after_days) for c in CONTRACTS.values()},
    )


def _keep_summary(verdicts: Gate, made: releases.Release, settings: Settings) -> None:
    """Raises Failure where it cannot be written: what is made of the release needs it."""
    try:
        gate.write_summary(verdicts, made, settings.summary)
    except OSError as error:
        why = space.said(error) if space.is_full(error) else f"{error}. Mend that and run again."
        raise dg.Failure(
            f"{made.id} is in force; pages and bucket stay as they were, as what it holds could not be noted: {why}",
            metadata={IN_FORCE: made.id},
            allow_retries=False,
        ) from error


def _still_in_force(settings: Settings) -> str:
    """The release that the run made. Raises PublishError where another was put in force since: that one is shown."""
    made, now = str(gate.read_summary(settings.summary)["release"]), place.in_force(settings.releases)
    if made != now:
        raise PublishError(f"{made} is no longer in force, {now} is: what was made of that one stays")
    return made


def _count(verdicts: Gate) -> dict[str, int]:
    results = gate.all_results(verdicts)
    return {
        "checks": len(results),
        "passed": sum(r.success for r in results),
        "errors": sum(not r.success and r.severity == "error" for r in results),
        "warnings": sum(not r.success and r.severity == "warning" for r in results),
        "datasets_missing": len(verdicts.missing),
    }


def _check_result(verdicts: Gate, dataset: str) -> dg.AssetCheckResult:
    results = verdicts.results.get(dataset, ())
    failed = [r for r in results if not r["success"]]
    errors = [r for r in failed if r["severity"] == "error"]
    return dg.AssetCheckResult(
        asset_key=mart(dataset),
        check_name=CHECK,
        passed=not failed and dataset not in verdicts.missing,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": len(results),
            "failed": dg.MetadataValue.json([f"{r['check']}: {r['observed']}" for r in failed]),
            "missing": verdicts.missing.get(dataset, ""),
        },
    )
