"""Other exports through the same job: a missing system, a spoiled budget, nothing at all, the real thing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, SAMPLES, World, run_job

pytestmark = pytest.mark.slow

REAL = PROJECT.parent / "shared" / "data" / "real"


@pytest.fixture(scope="module")
def without_sgd_and_with_a_spoiled_budget(tmp_path_factory: pytest.TempPathFactory) -> World:
    base = tmp_path_factory.mktemp("spoiled")
    exports = base / "exports"
    shutil.copytree(SAMPLES, exports, ignore=shutil.ignore_patterns("sgd"))
    budget = exports / "presupuesto" / "ejecucion_2024_12_02.csv"
    lines = budget.read_bytes().split(b"\r\n" if b"\r\n" in budget.read_bytes() else b"\n")
    leaf = next(i for i, line in enumerate(lines) if line.startswith(b"31;13;02;33;03;125;"))
    cells = lines[leaf].split(b";")
    cells[-1] = b"999999999"
    lines[leaf] = b";".join(cells)
    budget.write_bytes(b"\n".join(lines))
    return run_job(exports, base / "world")


def test_a_failed_check_holds_back_what_depends_on_it_and_nothing_else(
    without_sgd_and_with_a_spoiled_budget: World,
) -> None:
    world = without_sgd_and_with_a_spoiled_budget
    assert {"ejecucion_presupuestaria", "ficha_ciudadana"} <= world.held.keys()
    assert {"pagos_proveedores", "iniciativas", "transferencias", "fuentes"} <= world.published


def test_a_held_dataset_makes_the_run_end_non_zero_and_says_why(without_sgd_and_with_a_spoiled_budget: World) -> None:
    world = without_sgd_and_with_a_spoiled_budget
    assert world.code == 1, world.output
    words = " ".join(world.output.split())
    assert "not published: ejecucion_presupuestaria." in words
    assert "datasets were held back or kept as they were" in words


def test_the_run_after_finds_nothing_new_and_names_again_what_is_held_back(
    without_sgd_and_with_a_spoiled_budget: World,
) -> None:
    world = without_sgd_and_with_a_spoiled_budget
    again = run_job(world.exports, world.base)
    assert again.code == 1, again.output
    words = " ".join(again.output.split())
    assert "nothing new since" in words
    assert "ejecucion_presupuestaria." in words


def test_a_missing_system_leaves_out_what_needs_it_and_says_which_file_is_missing(
    without_sgd_and_with_a_spoiled_budget: World,
) -> None:
    world = without_sgd_and_with_a_spoiled_budget
    assert "sgd_documentos" in world.held["documentos"]
    assert not (world.release / "documentos.csv").exists()


def test_an_empty_folder_ends_with_a_clear_message_and_no_release(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    world = run_job(exports, tmp_path / "world")
    assert world.code == 2
    assert "nothing to publish" in " ".join(world.output.split())
    assert list(world.releases.iterdir()) == []


def test_the_internal_area_below_the_releases_is_refused(tmp_path: Path) -> None:
    places = {"RELEASES_DIR": str(tmp_path), "WAREHOUSE_PATH": str(tmp_path / "internal" / "bodega.duckdb")}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "run"],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "must not be below the releases" in " ".join(done.stdout.split())


@pytest.mark.shared
@pytest.mark.skipif(not REAL.is_dir(), reason="the real files do not stand beside this checkout")
def test_the_real_budget_of_april_2017_goes_through_unchanged_code(tmp_path: Path) -> None:
    folder = tmp_path / "exports" / "presupuesto"
    folder.mkdir(parents=True)
    for programa in ("01", "02"):
        shutil.copy(REAL / f"dipres_ejecucion_2017_04_{programa}.csv", folder / f"ejecucion_2017_04_{programa}.csv")
    world = run_job(tmp_path / "exports", tmp_path / "world")
    assert world.code == 0, world.output
    ficha = {
        row[0]: row[1:]
        for row in world.query(
            "select subtitulo, presupuesto_vigente, ejecutado from {ficha_ciudadana} where programa = '02'"
        )
    }
    assert ficha["31"] == (60_895_228, 16_415_001)
    assert ficha["32"][1] == -29_778
    assert "33.03.125" in " ".join(world.warnings("ejecucion_presupuestaria").values())
