"""How late a source is now: by its data where its names say how far they reach, else by its arrival."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from ingest import contract
from ingest.contract import Contract
from orchestration import freshness
from orchestration.addresses import Addresses
from orchestration.assets.freshness import CHECK, build_freshness, evaluations
from tests.orchestration.alerts.conftest import _settings

CONTRACTS = contract.load()
NOW = datetime(2025, 3, 18, 12, tzinfo=UTC)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The ledger of a run."""
    folder = tmp_path / "internal" / "raw"
    folder.mkdir(parents=True)
    rows = [
        ("core_acuerdos", date(2025, 1, 31), datetime(2025, 3, 17), "ACEPTADO"),
        ("core_acuerdos", date(2024, 12, 31), datetime(2025, 1, 2), "ACEPTADO"),
        ("core_acuerdos", date(2025, 3, 1), datetime(2025, 3, 18), "RECHAZADO"),
        ("dte_xml", None, datetime(2025, 2, 1, 2), "ACEPTADO"),
        ("presupuesto_ejecucion", date(2025, 1, 31), datetime(2025, 2, 20), "ACEPTADO"),
        ("dte_pagos", date(2025, 1, 31), datetime(2025, 2, 20), "RECHAZADO"),
    ]
    names = ("export", "fecha_dato", "recibido_en", "estado")
    pq.write_table(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), folder / "archivos.parquet")
    return folder


def found(raw: Path, now: datetime = NOW) -> dict[str, freshness.Source]:
    return {source.export: source for source in freshness.sources(raw, CONTRACTS, now)}


def test_a_source_is_as_old_as_its_newest_good_data_whenever_its_file_came(raw: Path) -> None:
    core = found(raw)["core_acuerdos"]
    assert (core.data_date, core.arrived, core.age_days) == (date(2025, 1, 31), datetime(2025, 3, 17), 46)


def test_a_source_is_late_the_day_after_its_time(raw: Path) -> None:
    assert not found(raw)["core_acuerdos"].late
    assert found(raw, datetime(2025, 3, 19, 12, tzinfo=UTC))["core_acuerdos"].late
    assert not found(raw, datetime(2025, 3, 19, 12, tzinfo=UTC))["presupuesto_ejecucion"].late


def test_days_are_those_of_the_institution(raw: Path) -> None:
    # Two in the morning of the 19th in UTC is still the 18th there.
    assert not found(raw, datetime(2025, 3, 19, 2, tzinfo=UTC))["core_acuerdos"].late
    # And what came at two in the morning of 1 February came on 31 January.
    assert found(raw)["dte_xml"].age_days == 46


def test_without_dates_in_its_names_a_source_is_as_old_as_its_arrival(raw: Path) -> None:
    xml = found(raw)["dte_xml"]
    assert xml.data_date is None
    assert "its newest file came on 2025-02-01 and its names hold no date" in xml.sentence


def test_a_source_that_never_sent_a_good_file_is_not_judged(raw: Path) -> None:
    assert found(raw).keys() == {"core_acuerdos", "dte_xml", "presupuesto_ejecucion"}


def test_every_contract_says_its_pace_and_is_not_read_anew_for_it() -> None:
    for each in CONTRACTS.values():
        other = each.model_copy(update={"cadence_days": 1, "late_after_days": 400})
        assert contract.fingerprint(each) == contract.fingerprint(other)


def test_a_contract_whose_every_file_would_be_late_is_refused() -> None:
    said = CONTRACTS["dte_pagos"].model_dump() | {"cadence_days": 31, "late_after_days": 30}
    with pytest.raises(ValidationError, match="every file would come too late"):
        Contract.model_validate(said)


def test_dagster_warns_of_what_is_late_and_holds_nothing_back(raw: Path) -> None:
    settings = _settings(raw.parent.parent, Addresses())
    checks = build_freshness(settings)
    assert not any(spec.blocking for spec in checks.check_specs)
    definitions = dg.Definitions(
        asset_checks=[checks],
        jobs=[dg.define_asset_job("checks", dg.AssetSelection.all_asset_checks())],
        executor=dg.in_process_executor,
    )
    with dg.instance_for_test() as instance:
        result = definitions.resolve_job_def("checks").execute_in_process(instance=instance)
        assert result.success
        judged = {each.asset_key.path[-1]: each for each in result.get_asset_check_evaluations()}
    assert judged.keys() == CONTRACTS.keys()
    assert {each.severity for each in judged.values()} == {dg.AssetCheckSeverity.WARN}
    # By the clock of the tests' machine, whatever came in 2025 is late; of what never came nothing is known.
    assert {export for export, each in judged.items() if not each.passed} == found(raw).keys()


def test_the_same_verdicts_are_there_outside_a_run(raw: Path, tmp_path: Path) -> None:
    settings = _settings(raw.parent.parent, Addresses())
    judged = evaluations(settings, NOW)
    assert {(each.asset_key.path[-1], each.check_name, each.passed) for each in judged} == {
        (export, CHECK, True) for export in found(raw)
    }
    assert evaluations(_settings(tmp_path / "empty", Addresses()), NOW) == []
