"""How late each source is, as Dagster's checks of the raw layer: they warn, and hold nothing back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from orchestration import freshness
from orchestration.assets.raw import CONTRACTS
from orchestration.settings import Settings

CHECK = "freshness"


def build_freshness(settings: Settings) -> dg.AssetChecksDefinition:
    """A check for each export: whether newer data should be here by today."""

    @dg.multi_asset_check(
        name="freshness_by_source",
        specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=dg.AssetKey(["raw", c.export]),
                description=f"Something new every {c.cadence_days} days; late after {c.late_after_days}.",
            )
            for c in CONTRACTS.values()
        ],
    )
    def freshness_by_source(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        found = _by_export(settings, datetime.now(UTC))
        for export in CONTRACTS:
            source = found.get(export)
            yield dg.AssetCheckResult(
                asset_key=dg.AssetKey(["raw", export]),
                check_name=CHECK,
                passed=source is None or not source.late,
                severity=dg.AssetCheckSeverity.WARN,
                description=source.sentence if source else f"{export} has never sent a good file",
                metadata=_metadata(source),
            )

    return freshness_by_source


def evaluations(settings: Settings, now: datetime) -> list[dg.AssetCheckEvaluation]:
    """The same verdicts outside any run, for a sensor to report. Empty before the first run."""
    if not (settings.raw / "archivos.parquet").exists():
        return []
    return [
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(["raw", source.export]),
            check_name=CHECK,
            passed=not source.late,
            severity=dg.AssetCheckSeverity.WARN,
            description=source.sentence,
            metadata=_metadata(source),
        )
        for source in _by_export(settings, now).values()
    ]


def _by_export(settings: Settings, now: datetime) -> dict[str, freshness.Source]:
    return {source.export: source for source in freshness.sources(settings.raw, CONTRACTS, now)}


def _metadata(source: freshness.Source | None) -> dict[str, dg.MetadataValue]:
    """The two clocks and the pace, where a good file ever came."""
    if source is None:
        return {}
    return {
        "data_up_to": dg.MetadataValue.text(str(source.data_date or "no date in its names")),
        "arrived": dg.MetadataValue.timestamp(source.arrived.replace(tzinfo=UTC)),
        "age_days": dg.MetadataValue.int(source.age_days),
        "cadence_days": dg.MetadataValue.int(source.cadence_days),
        "late_after_days": dg.MetadataValue.int(source.late_after_days),
    }
