"""A release that is in force is never told of as one that was not made, though nothing more can be written."""

from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from expectations import CheckResult
from orchestration.alerts.outcome import of_run
from orchestration.assets.release import CALIDAD, RELEASE, build_assets
from orchestration.commands.common import HELD_BACK
from orchestration.commands.run import _run
from orchestration.commands.telling import Ending
from orchestration.jobs import JOB
from orchestration.state import gate
from publish.gate import Gate
from publish.keeping import place
from tests.orchestration.places import write
from tests.orchestration.test_forgetting import ready_to_publish


def test_what_a_release_published_cannot_be_noted_down(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ready_to_publish(tmp_path)
    # A folder, which no file takes the place of.
    in_the_way = write(settings.summary.with_suffix(".partial") / "x").parent
    good = CheckResult("compras", "hay_filas", "error", True, "Una o más", "1", "El conjunto tiene filas.")

    @dg.asset(key=CALIDAD)
    def judged(context: dg.AssetExecutionContext) -> None:
        gate.write(Gate(context.run_id, {"compras": [vars(good)]}), settings.gate)

    (release,) = (each for each in build_assets(settings) if RELEASE in each.keys)
    turn = dg.ResourceDefinition.none_resource()
    job = dg.define_asset_job(JOB, [CALIDAD, RELEASE], executor_def=dg.in_process_executor)
    definitions = dg.Definitions(
        [judged, release], jobs=[job], resources={"turn": turn}, loggers={"plain": dg.colored_console_logger}
    )
    monkeypatch.setattr("orchestration.jobs.build_defs", lambda *_, **__: definitions)

    ending = Ending()
    assert _run(settings, Console(width=400), ending, "", "") == HELD_BACK
    ident = place.in_force(settings.releases)
    assert ident
    said = capsys.readouterr().out
    assert f"{ident} is in force; pages and bucket stay as they were, as what it holds could not be noted: " in said
    assert str(in_the_way) in said
    assert "No release was made" not in said

    (run,) = instance.get_run_records()
    outcome = of_run(settings, instance, run)
    assert outcome.status == HELD_BACK
    assert ending.failures == outcome.failures
    # Neither pages nor bucket were tried, so that nothing is known of them.
    assert not outcome.reached_public
