"""What is kept of a release to trace its figures goes when retention removes the release, and no sooner."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from expectations import CheckResult
from orchestration import trace
from orchestration.assets.release import CALIDAD, RELEASE, build_assets
from orchestration.settings import Settings
from orchestration.state import gate, ledgers
from publish.gate import Gate
from publish.keeping import marks, place, retention
from tests.orchestration.places import settings_below, write
from tests.publish.bench import COMPRAS, CUT_OFF, Bench

GONE, KEPT = "2025-01-31-00000000000a", "2025-02-28-00000000000b"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two releases, each with its ledger and the warehouse that was rebuilt of it."""
    settings = settings_below(tmp_path)
    settings.raw.mkdir(parents=True)
    (settings.raw / "archivos.parquet").write_bytes(b"ledger")
    for number, ident in enumerate((GONE, KEPT)):
        (settings.releases / ident).mkdir(parents=True)
        ledgers.keep(settings, ident)
        rebuilt = settings.internal / "traces" / ident
        (rebuilt / "raw").mkdir(parents=True)
        (rebuilt / "bodega.duckdb").write_bytes(b"x" * number)
        (rebuilt / "raw" / "dte_pagos").symlink_to(settings.raw)
    return settings


def kept(settings: Settings) -> tuple[list[str], list[str]]:
    """The releases that a ledger is kept of, and those that a rebuilt warehouse is kept of."""
    ledgers = sorted(path.stem for path in settings.ledgers.iterdir())
    return ledgers, sorted(path.name for path in (settings.internal / "traces").iterdir())


def test_what_retention_removed_is_forgotten_and_nothing_else(settings: Settings) -> None:
    ledgers.forget(settings, [GONE])
    assert kept(settings) == ([KEPT], [KEPT])
    assert (settings.raw / "archivos.parquet").read_bytes() == b"ledger", "the links of the rebuilt one lead here"


def test_forgetting_is_done_again_without_harm_and_what_was_never_traced_too(settings: Settings) -> None:
    for _ in range(2):
        ledgers.forget(settings, [GONE, "2024-12-31-00000000000c"])
    assert kept(settings) == ([KEPT], [KEPT])


def test_a_release_that_retention_keeps_keeps_its_trace(settings: Settings) -> None:
    retention.clean(settings.releases, None, KEPT)
    ledgers.forget(settings, retention.removed(settings.releases))
    assert kept(settings) == ([GONE, KEPT], [GONE, KEPT])


def test_the_ledger_of_a_release_stays_while_another_one_keeps_a_dataset_of_it(settings: Settings) -> None:
    manifest = settings.releases / KEPT / "manifest.json"
    said = {"nombre": "compras", "conservado": {"publicacion": GONE, "fecha_corte": "2025-01-31", "motivo": "Falló."}}
    write(manifest, json.dumps({"conjuntos": [{"nombre": "acuerdos_core"}, said]}))
    (settings.releases / GONE).rmdir()
    ledgers.forget(settings, [GONE])
    assert kept(settings) == ([GONE, KEPT], [GONE, KEPT])
    write(manifest, json.dumps({"conjuntos": [{"nombre": "compras"}]}))
    ledgers.forget(settings, [GONE])
    assert kept(settings) == ([KEPT], [KEPT])


def test_however_long_after_its_removal_a_release_is_forgotten(settings: Settings) -> None:
    """A run that was killed between the two leaves the ledger behind; the next one still knows of it."""
    (settings.releases / "2025-01-31-00000000000d").mkdir()
    assert retention.clean(settings.releases, 1, KEPT) == [GONE]
    assert retention.clean(settings.releases, None, KEPT) == []
    ledgers.forget(settings, retention.removed(settings.releases))
    assert kept(settings) == ([KEPT], [KEPT])


def ready_to_publish(base: Path) -> Settings:
    """A run as its checks leave it, beside a release that is gone."""
    bench = Bench(base, copy.deepcopy([CUT_OFF, COMPRAS]))
    bench.sql(
        "create schema marts",
        "create schema intermediate",
        "create table intermediate.int_fecha_corte as select date '2025-01-31' as fecha_corte",
        "create table marts.compras as select '5482-1-SE23' as codigo_oc, 'Andes Ltda.' as proveedor",
    )
    bench.reserve(("cuenta", "1005572437"))
    bench.receive(("sga/ordenes_compra_2024_11.csv", "x"))
    settings = replace(settings_below(base), warehouse=bench.warehouse, raw=base / "raw")
    settings.internal.mkdir(exist_ok=True)
    bench.manifest().rename(settings.manifest)
    settings.releases.mkdir()
    marks.write(settings.releases, marks.REMOVED, [GONE])
    return settings


def test_what_cannot_be_forgotten_does_not_fail_the_release_that_is_in_force(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    settings = ready_to_publish(tmp_path)
    # No file, so that nobody can delete it as one.
    in_the_way = settings.ledgers / f"{GONE}.parquet"
    in_the_way.mkdir(parents=True)
    good = CheckResult("compras", "hay_filas", "error", True, "Una o más", "1", "El conjunto tiene filas.")

    @dg.asset(key=CALIDAD)
    def judged(context: dg.AssetExecutionContext) -> None:
        gate.write(Gate(context.run.run_id, {"compras": [vars(good)]}), settings.gate)

    (release,) = (each for each in build_assets(settings) if RELEASE in each.keys)
    result = dg.materialize([judged, release], instance=instance, resources={"turn": None}, raise_on_error=False)
    assert result.success
    assert gate.read_summary(settings.summary)["release"] == place.in_force(settings.releases)
    said = [log.user_message for log in instance.all_logs(result.run_id) if str(in_the_way) in log.user_message]
    assert len(said) == 1
    assert "the next release deletes what is left" in said[0]


def test_a_release_that_was_forgotten_is_named_with_those_that_can_be_traced(settings: Settings) -> None:
    ledgers.forget(settings, [GONE])
    with pytest.raises(ledgers.TraceError, match=f"{GONE} is not kept; kept are: {KEPT}"):
        trace.trace(settings, "ficha_ciudadana", {}, "ejecutado", GONE, print)
