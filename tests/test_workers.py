"""The command with several workers: what it publishes is what it publishes with one."""

import re
from pathlib import Path

import pytest

from ingest.spread import WORTH_BYTES
from tests.conftest import SAMPLES, World, run_job
from tests.test_months import marts, raw

pytestmark = pytest.mark.slow

# Refused at its first bytes, and large enough for workers to be worth their start.
LARGE = "dte/rcv_compra_201901.csv"
# What lists the files received, and so the large one.
LISTS = {"fuentes"}


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The samples and a large file that is none, read by two workers."""
    base = tmp_path_factory.mktemp("workers")
    exports = base / "exports"
    for path in (p for p in SAMPLES.rglob("*") if p.is_file()):
        place = exports / path.relative_to(SAMPLES)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(path)
    with (exports / LARGE).open("wb") as file:
        file.write(b"<html>")
        file.truncate(WORTH_BYTES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INGEST_WORKERS", "2")
        patch.setenv("WAREHOUSE_MEMORY_LIMIT", "800MB")
        return run_job(exports, base / "world")


def test_all_is_read_by_the_workers_and_none_of_it_again(spread: World) -> None:
    said = re.findall(r"ingest: (?:worker (\d): )?(\w+): reading \d+ files?( ahead)?", spread.output)
    assert {(worker, ahead) for worker, _, ahead in said} == {("1", " ahead"), ("2", " ahead")}, spread.output


def test_raw_layer_and_marts_are_those_of_one_worker(sample_world: World, spread: World) -> None:
    assert spread.code == sample_world.code, spread.output
    one, several = raw(sample_world.base), raw(spread.base)
    differ = {name for name in one.keys() | several.keys() if one.get(name) != several.get(name)}
    (refused,) = [name for name in differ if name.startswith("lecturas/dte_rcv_compra-")]
    assert differ == {refused, "archivos.parquet", "vigentes.parquet"}
    of_one, of_several = marts(sample_world.base), marts(spread.base)
    assert {name for name, rows in of_one.items() if rows != of_several[name]} == LISTS
    assert of_one.keys() == of_several.keys()


def test_nothing_of_what_was_read_ahead_is_left_beside(spread: World) -> None:
    assert [p.name for p in (Path(spread.base) / "internal" / "raw").iterdir() if p.name.startswith(".")] == []
