"""What must fail fails on Spark too, and never becomes a NULL or another number."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from on_spark.conftest import on_spark
from orchestration.dbt_command import DBT, DBT_PROJECT

GOOD = {"texto": "'12'", "monto": "1", "divisor": "1"}
MODELS = {
    "conversion": "select cast(texto as integer) as numero from {{ ref('filas') }}",
    "suma": "select sum(monto) as total from {{ ref('filas') }}",
    "producto": "select monto * 3 as triple from {{ ref('filas') }}",
    "cociente": "select {{ div_round('monto', 'divisor') }} as cociente from {{ ref('filas') }}",
    "division": "select {{ division_entera('monto', 'divisor') }} as entero from {{ ref('filas') }}",
    "estrecho": "select cast(monto as integer) as corto from {{ ref('filas') }}",
}
HUGE = "9223372036854775807"
# What is bad in the rows, the models that fail by it, and how Spark calls it.
BAD = [
    ({"texto": "'doce'"}, {"conversion"}, "CAST_INVALID_INPUT"),
    ({"monto": HUGE}, {"suma", "producto", "estrecho"}, "OVERFLOW"),
    ({"divisor": "0"}, {"division"}, "DIVIDE_BY_ZERO"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the profile and the macros of ours, and models that stand on rows in a table."""
    (tmp_path / "dbt_project.yml").write_text(
        json.dumps(
            {
                "name": "guardia",
                "version": "1.0.0",
                "config-version": 2,
                "profile": "bodega",
                "macro-paths": [str(DBT_PROJECT / "macros")],
                "models": {"+materialized": "table"},
            }
        ),
        "utf-8",
    )
    models = tmp_path / "models"
    models.mkdir()
    row = ", ".join(f"cast({{{{ var('{name}') }}}} as {kind}) as {name}" for name, kind in _TYPES.items())
    (models / "filas.sql").write_text(f"select {row} union all select {row}", "utf-8")
    for name, sql in MODELS.items():
        (models / f"{name}.sql").write_text(sql, "utf-8")
    return tmp_path


_TYPES = {"texto": "string", "monto": "bigint", "divisor": "bigint"}


def _built(project: Path, remote: str, rows: dict[str, str]) -> dict[str, str]:
    """What became of each model: its name -> nothing, or what Spark said against it."""
    places = {"SPARK_TABLES_DIR": str(project / "tables"), "RAW_DIR": str(project), "SPARK_SCHEMA": "guardia"}
    subprocess.run(
        [str(DBT), "--quiet", "run", "--vars", json.dumps(rows), "--profiles-dir", str(DBT_PROJECT)],
        cwd=project,
        env=os.environ | on_spark(remote, **places),
        capture_output=True,
        check=False,
    )
    results = json.loads((project / "target" / "run_results.json").read_text("utf-8"))["results"]
    return {
        r["unique_id"].rsplit(".", 1)[-1]: "" if r["status"] == "success" else r["message"]
        for r in results
        if r["unique_id"].startswith("model.")
    }


def test_good_rows_build_every_model_also_over_what_was_left_half_written(project: Path, remote: str) -> None:
    left = project / "tables" / "guardia_guardia" / "suma" / "part-of-a-build-that-was-killed.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"PAR1")
    assert _built(project, remote, GOOD) == dict.fromkeys([*MODELS, "filas"], "")
    assert not left.exists()


@pytest.mark.parametrize(("spoilt", "failing", "called"), BAD, ids=[called for _, _, called in BAD])
def test_a_bad_row_fails_its_models_and_no_other(
    project: Path, remote: str, spoilt: dict[str, str], failing: set[str], called: str
) -> None:
    built = _built(project, remote, GOOD | spoilt)
    assert {name for name, said in built.items() if said} == failing
    assert {name for name in failing if called in built[name]} == failing
