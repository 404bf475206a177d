"""Monthly exports are partitions: Dagster knows each month that came, and reads one again when it is asked to."""

import shutil
from collections import Counter
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingest import pipeline
from ingest.failure import Failure
from orchestration.alerts.outcome import failures
from orchestration.assets.raw import MONTHLY, build_ingest, build_months, month
from orchestration.jobs import READ_AGAIN
from orchestration.settings import Settings
from orchestration.state import standing
from tests.conftest import SAMPLES
from tests.orchestration.places import settings_below

FILES = ["dte/rcv_compra_202411.csv", "dte/rcv_compra_202412.csv", "presupuesto/ejecucion_2024_12_01.csv"]
REGISTER = month("dte_rcv_compra")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_below(tmp_path)
    settings.internal.mkdir()
    settings.corrections.mkdir()
    for name in FILES:
        (settings.exports / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, settings.exports / name)
    return settings


class Nights:
    """Runs of the two steps that read, as the two jobs have them."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        defs = dg.Definitions(
            assets=[build_ingest(settings), build_months(settings)],
            jobs=[dg.define_asset_job(READ_AGAIN, dg.AssetSelection.groups("months"))],
            resources={"turn": None},
        )
        self.defs = defs

    def night(self) -> dg.ExecuteInProcessResult:
        job = self.defs.resolve_implicit_global_asset_job_def()
        keys = [key for key in job.asset_layer.executable_asset_keys if key.path[0] == "raw"]
        return job.execute_in_process(instance=self.instance, asset_selection=keys)

    def again(self, of: str, exports: list[str] = MONTHLY) -> dg.ExecuteInProcessResult:
        return self.defs.resolve_job_def(READ_AGAIN).execute_in_process(
            instance=self.instance,
            partition_key=of,
            asset_selection=[month(export) for export in exports],
            raise_on_error=False,
        )

    def done(self, key: dg.AssetKey) -> dict[str, int]:
        """How often each month of an export was read."""
        records = self.instance.fetch_materializations(key, limit=100).records
        assert self.instance.get_materialized_partitions(key) == {each.partition_key for each in records}
        return dict(Counter(str(each.partition_key) for each in records))


@pytest.fixture
def nights(settings: Settings, instance: dg.DagsterInstance) -> Nights:
    nights = Nights(settings, instance)
    assert nights.night().success
    return nights


def test_every_month_that_came_is_a_partition_that_was_read(nights: Nights) -> None:
    assert nights.instance.get_dynamic_partitions("months") == ["2024-11", "2024-12"]
    assert nights.done(REGISTER) == {"2024-11": 1, "2024-12": 1}
    assert nights.done(month("presupuesto_ejecucion")) == {"2024-12": 1}
    nights.night()
    assert nights.done(REGISTER) == {"2024-11": 1, "2024-12": 1}


def test_one_month_of_one_export_is_read_again(nights: Nights, settings: Settings) -> None:
    ledger = (settings.raw / "archivos.parquet").read_bytes()
    result = nights.again("2024-12", ["dte_rcv_compra"])
    assert result.success
    assert nights.done(REGISTER) == {"2024-11": 1, "2024-12": 2}
    assert nights.done(month("presupuesto_ejecucion")) == {"2024-12": 1}
    assert (settings.raw / "archivos.parquet").read_bytes() == ledger
    # The next look finds something to do.
    assert standing.read(settings) is None
    assert standing.read_again(settings) == result.run_id


def test_a_month_of_all_exports_is_read_again_where_only_some_have_it(nights: Nights) -> None:
    assert nights.again("2024-11").success
    assert nights.done(REGISTER) == {"2024-11": 2, "2024-12": 1}
    assert nights.done(month("presupuesto_ejecucion")) == {"2024-12": 1}


def test_a_month_that_an_export_does_not_have_is_said(nights: Nights) -> None:
    result = nights.again("2024-11", ["presupuesto_ejecucion"])
    assert not result.success
    failure = result.failure_data_for_node("read_again")
    assert failure
    assert failure.user_failure_data
    assert failure.user_failure_data.description == (
        "There is no file of 2024-11 of presupuesto_ejecucion to read again."
    )


def test_what_a_month_could_not_be_read_by_is_for_the_log_and_not_for_alerts(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoting = duckdb.ConversionException("Could not convert string 'Rosa Díaz' to INT32")
    report = pipeline.Report(failures={"dte_rcv_compra": Failure("dte_rcv_compra", (FILES[1],), quoting)})
    monkeypatch.setattr(pipeline, "run", lambda *_: report)
    result = nights.again("2024-12", ["dte_rcv_compra"])
    (event,) = (each for each in result.all_events if each.is_step_failure)
    failed = event.step_failure_data.user_failure_data
    assert failed
    assert "Rosa" in str(failed.description)
    assert failures(result.all_events) == {
        "read_again": "dte_rcv_compra could not be read: ConversionException. Its own words may quote data, and are in "
        "the run's log only. What there was stays."
    }
