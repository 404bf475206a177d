"""dbt's own unit tests of the rules: dates, money, signs, what is in force."""

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import World
from tests.dbt_project import unit_tests

pytestmark = pytest.mark.slow


def test_every_unit_test_of_the_models_passes(sample_world: World, tmp_path: Path) -> None:
    warehouse = shutil.copy(sample_world.base / "internal" / "bodega.duckdb", tmp_path)
    places = {"WAREHOUSE_PATH": str(warehouse), "RAW_DIR": str(sample_world.base / "internal" / "raw")}
    passed, declared = unit_tests.run(os.environ | places, tmp_path)
    assert passed == declared
