"""The raw layer: what the ingest room makes of the exports folder, and of one month again."""

from collections import Counter
from collections.abc import Iterator

import dagster as dg

from ingest import contract, pipeline
from orchestration.alerts.outcome import IN_ALERT, of_error
from orchestration.retries import tried_again, try_first
from orchestration.settings import Settings
from orchestration.state import arrivals, standing

CONTRACTS = contract.load()
MONTHLY = [c.export for c in CONTRACTS.values() if c.monthly]
# Which there are is known once their files came, so that nobody has to say when the institution's data begin.
MONTHS = dg.DynamicPartitionsDefinition(name="months")
MONTHS_GROUP = "months"
# Written by every run whatever arrived: the ledger of files, the rows refused, and the official comunas.
COMMON = {
    "archivos": "Ledger: every file that arrived, its sha256, its fate and the counts of its rows.",
    "filas_rechazadas": "Rows refused, each with file, row, column and reason. Internal: holds the cells.",
    "llaves_rechazadas": "What can be read of the refused rows' keys: what they speak of is not known well.",
    "observaciones": "Cells that could not be read in columns that may be empty; their rows are kept.",
    "correcciones": "Cells that are read as corrections/ say, with what the file says.",
    "comunas": "The region's 52 comunas of the official division, with a point inside each.",
    "puntos": "The comuna that each point of the portfolio falls in.",
}


def _specs() -> list[dg.AssetSpec]:
    exports = [
        dg.AssetSpec(
            ["raw", c.export],
            description=c.description,
            group_name="raw",
            kinds={"parquet", c.format.type},
            tags={"system": c.system.lower().replace(" ", "_")},
        )
        for c in CONTRACTS.values()
    ]
    common = [
        dg.AssetSpec(["raw", name], description=text, group_name="raw", kinds={"parquet"})
        for name, text in COMMON.items()
    ]
    return exports + common


def build_ingest(settings: Settings) -> dg.AssetsDefinition:
    """The assets of the raw layer over the places of these settings."""

    @dg.multi_asset(
        specs=_specs(),
        name="ingest",
        description="Reads the new files of the exports folder.",
        required_resource_keys={"turn"},
    )
    def ingest(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        with tried_again(context, "ingest"):
            standing.begin(settings, context.run.run_id)
            report = _read(context, settings)
        for failure in report.failures.values():
            context.log.error(f"ingest: {failure.sentence}; it keeps what it had")
        for path, why in report.unknown.items():
            context.log.warning(f"ingest: {path} is left alone: {why}")
        for each in report.fewer:
            context.log.warning(
                f"ingest: {each.path} has far fewer rows than before: {each.rows} instead of {each.before}"
            )
        for sentence in report.corrections_to_review:
            context.log.warning(f"ingest: {sentence}")
        arrivals.write(report, settings.arrivals)
        if not report.in_force():
            raise dg.Failure(
                f"No file in {settings.exports} could be taken in ({len(report.files)} refused, "
                f"{len(report.unknown)} left alone, {len(report.failures)} sources not read): nothing to publish. Put "
                "the systems' exports there, one folder a system, or set EXPORTS_DIR."
            )
        _tell_months(context, report)
        for c in CONTRACTS.values():
            yield dg.MaterializeResult(asset_key=["raw", c.export], metadata=_metadata(report, c.export))
        for name in COMMON:
            yield dg.MaterializeResult(asset_key=["raw", name], metadata={"files": len(report.files)})

    return ingest


def month(export: str) -> dg.AssetKey:
    """The asset of a monthly export, whose partitions are its months."""
    return dg.AssetKey(["months", export])


def build_months(settings: Settings) -> dg.AssetsDefinition:
    """The months of the monthly exports, each of which can be read again; the run after it publishes what comes out."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(
                month(export),
                description=f"The months of {export}, as 2024-12. Materializing one reads its files again.",
                group_name=MONTHS_GROUP,
                kinds={"parquet"},
                skippable=True,
            )
            for export in MONTHLY
        ],
        name="read_again",
        description="Reads the files of a month again although their content is known.",
        partitions_def=MONTHS,
        can_subset=True,
        required_resource_keys={"turn"},
    )
    def read_again(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        exports = frozenset(key.path[-1] for key in context.selected_asset_keys)
        again = pipeline.Again(exports, context.partition_key)
        with tried_again(context, "ingest"):
            standing.note_read_again(settings, context.run.run_id, again.month)
            report = _read(context, settings, again)
        arrivals.write(report, settings.arrivals)
        if failed := [report.failures[export] for export in sorted(exports & report.failures.keys())]:
            told = "; ".join(f"{each.export} could not be read: {of_error(each.error)}" for each in failed)
            raise dg.Failure(
                f"{'; '.join(each.sentence for each in failed)}. What there was stays.",
                # What a source could not be read by may quote a cell.
                metadata={IN_ALERT: f"{told} What there was stays."},
            )
        read = {export: files for (export, of), files in _months_read(report).items() if of == again.month}
        if not exports & read.keys():
            raise dg.Failure(f"There is no file of {again.month} of {', '.join(sorted(exports))} to read again.")
        for export in sorted(exports & read.keys()):
            yield dg.MaterializeResult(asset_key=month(export), metadata={"files": read[export]})

    return read_again


def places_of(settings: Settings) -> pipeline.Places:
    """The folders that the ingest room knows."""
    return pipeline.Places(settings.exports, settings.corrections, settings.raw, settings.archive, settings.desk)


def _read(
    context: dg.AssetExecutionContext, settings: Settings, again: pipeline.Again | None = None
) -> pipeline.Report:
    """What came in. Where a source failed by what may heal, that is raised as long as a try is left."""
    report = pipeline.run(
        places_of(settings),
        lambda text: context.log.info(f"ingest: {text}"),
        settings.settle,
        again,
        settings.memory_limit,
    )
    try_first(context, (failure.error for failure in report.failures.values()))
    return report


def _months_read(report: pipeline.Report) -> Counter[tuple[str, str]]:
    """How many files of each export and month were read in this run."""
    arrived = (f.arrival for f in report.files if f.read_now)
    return Counter((a.contract.export, a.name.year_month) for a in arrived if a.contract.monthly and a.name.year_month)


def _tell_months(context: dg.AssetExecutionContext, report: pipeline.Report) -> None:
    """Makes a partition of each month that there is, and notes those that were read."""
    months = {f.arrival.name.year_month for f in report.files if f.arrival.contract.monthly}
    known = context.instance.get_dynamic_partitions(str(MONTHS.name))
    context.instance.add_dynamic_partitions(str(MONTHS.name), sorted(filter(None, months - {*known})))
    for (export, of), files in sorted(_months_read(report).items()):
        context.log_event(dg.AssetMaterialization(month(export), partition=of, metadata={"files": files}))


def _metadata(report: pipeline.Report, export: str) -> dict[str, int]:
    readings = [f.reading for f in report.files if f.arrival.contract.export == export]
    return {
        "files": len(readings),
        "files_refused": sum(r.estado == "RECHAZADO" for r in readings),
        "files_standing_in": sum(f.arrival.contract.export == export for f in report.stand_ins()),
        "files_read_now": sum(f.read_now for f in report.files if f.arrival.contract.export == export),
        "rows_in": sum(r.filas or 0 for r in readings),
        "rows_accepted": sum(r.aceptadas or 0 for r in readings),
        "rows_rejected": sum(r.rechazadas or 0 for r in readings),
        "rows_duplicate": sum(r.duplicadas or 0 for r in readings),
        "rows_ignored": sum(r.ignoradas or 0 for r in readings),
    } | {f"total_{column}_miles": total for column, total in report.totals_miles[export].items()}
