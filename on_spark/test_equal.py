"""What Spark builds is what DuckDB builds: every row and type, the release byte by byte, what lies behind a figure."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from on_spark.conftest import environment
from on_spark.warehouses import differences
from tests.conftest import World, places
from tests.dbt_project import unit_tests

FIGURE = ["--dataset", "ficha_ciudadana", "--key", "anio=2023 mes=12 programa=02 subtitulo=31", "--column", "ejecutado"]


def test_the_whole_job_ends_well_on_both(duckdb_world: World, spark_world: World) -> None:
    assert duckdb_world.code == 0, duckdb_world.output
    assert spark_world.code == 0, spark_world.output
    assert "building the models on Spark" in spark_world.output


def test_every_relation_is_equal_in_rows_and_types(duckdb_world: World, spark_world: World) -> None:
    assert differences(_warehouse(duckdb_world), _warehouse(spark_world)) == []


def test_every_file_of_the_data_is_equal_byte_by_byte(duckdb_world: World, spark_world: World) -> None:
    of_both = [_hashes(world.release) for world in (duckdb_world, spark_world)]
    assert {Path(name).suffix for name in of_both[0]} >= {".parquet", ".csv"}
    assert of_both[0] == of_both[1]


def test_the_same_checks_were_made(duckdb_world: World, spark_world: World) -> None:
    reports = [json.loads((world.release / "calidad.json").read_text("utf-8")) for world in (duckdb_world, spark_world)]
    assert reports[0]["controles"] == reports[1]["controles"]


def test_a_figure_is_traced_to_the_same_rows(duckdb_world: World, spark_world: World) -> None:
    answers = [_traced(world) for world in (duckdb_world, spark_world)]
    assert "presupuesto/" in answers[0]
    assert answers[0] == answers[1]


def test_every_unit_test_of_the_models_passes_on_spark(spark_world: World, remote: str, tmp_path: Path) -> None:
    tables = spark_world.base / "internal" / "spark"
    passed, declared = unit_tests.run(environment(spark_world, remote, tables, tmp_path / "none.duckdb"), tmp_path)
    assert passed >= declared


def _warehouse(world: World) -> Path:
    return world.base / "internal" / "bodega.duckdb"


def _hashes(release: Path) -> dict[str, str]:
    files = (path for suffix in ("parquet", "csv") for path in release.glob(f"*.{suffix}"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _traced(world: World) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "trace", *FIGURE],
        env=places(world.exports, world.base) | {"COLUMNS": os.environ.get("COLUMNS", "200")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
