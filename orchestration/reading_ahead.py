"""The job whose steps read new files on several workers at once, each in a process or a pod of its own.

Only the step that deals out has the turn, and none opens the warehouse: what the workers read counts once the run after
them, of the main job, has gathered it. Where a worker breaks down that run reads the rest.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from ingest import spread
from ingest.ahead import Ahead
from orchestration.assets.raw import places_of
from orchestration.instance import ENDINGS
from orchestration.logging import plain
from orchestration.resources import turn_resource
from orchestration.retries import tried_again
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

READ_AHEAD = "read_ahead"


def build_read_ahead(settings: Settings, has_turn: bool = False) -> dg.JobDefinition:
    """The job over the places of these settings. has_turn: whoever runs it holds the turn."""

    @dg.op(
        out=dg.DynamicOut(io_manager_key="shares"),
        required_resource_keys={"turn"},
        config_schema={
            "worth": dg.Field(int, default_value=spread.WORTH_BYTES, description="Bytes to read, at least.")
        },
        description="Archives what arrived, and deals out what is to be read.",
    )
    def deal_out(context: dg.OpExecutionContext) -> Iterator[dg.DynamicOutput[list[spread.Work]]]:
        with tried_again(context, "ingest"):
            shares = spread.plan(places_of(settings), settings.workers, settings.settle, context.op_config["worth"])
        for number, share in enumerate(shares, 1):
            yield dg.DynamicOutput(share, mapping_key=str(number))

    @dg.op(description="Reads one share of the files.")
    def read_share(context: dg.OpExecutionContext, share: list[spread.Work]) -> None:
        def say(sentence: str) -> None:
            context.log.info(f"ingest: worker {context.get_mapping_key()}: {sentence}")

        with tried_again(context, "ingest"):
            failures = spread.read(settings.raw, share, say, settings.worker_memory, settings.worker_threads)
        for failure in failures:
            context.log.warning(f"ingest: {failure.sentence}; left to the run that gathers")

    # They go away with what nobody took of what was read.
    shares = dg.FilesystemIOManager(base_dir=str(Ahead(settings.raw).folder / "shares"))

    @dg.job(
        name=READ_AHEAD,
        description="Reads what arrived on several workers; `refresh`, which follows, gathers it.",
        executor_def=_executor(settings),
        resource_defs={"turn": turn_resource(settings, has_turn), "shares": shares},
        logger_defs={"plain": plain},
    )
    def read_ahead() -> None:
        deal_out().map(read_share)

    return read_ahead


def job_of_the_command() -> dg.JobDefinition:
    """As the command has it, which holds the turn; each worker makes it anew from the settings."""
    return build_read_ahead(Settings.from_environment(settle=0), has_turn=True)


def build_gathering(read_ahead: dg.JobDefinition, job: "UnresolvedAssetJobDefinition") -> list[dg.SensorDefinition]:
    """The sensors that ask for the main job once the workers are done, however that ended."""
    return [_gather_after(read_ahead, job, status) for status in ENDINGS]


def _gather_after(
    read_ahead: dg.JobDefinition, job: "UnresolvedAssetJobDefinition", status: dg.DagsterRunStatus
) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name=f"gather_after_{status.value.lower()}",
        run_status=status,
        monitored_jobs=[read_ahead],
        request_job=job,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="A run that gathers what the workers have read, and reads what they have not.",
    )
    def after(context: dg.RunStatusSensorContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"gathers {context.dagster_run.run_id}")

    return after


def _executor(settings: Settings) -> dg.ExecutorDefinition:
    if settings.on_cluster:
        # An extra, which one machine does without.
        from dagster_k8s import k8s_job_executor

        return k8s_job_executor.configured({"max_concurrent": settings.workers}, name="workers")
    return dg.multiprocess_executor.configured({"max_concurrent": settings.workers}, name="workers")
