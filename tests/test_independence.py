"""A figure depends on the files it is made of and on no other."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import contract, pipeline
from orchestration.dbt_command import DBT, DBT_PROJECT
from tests.conftest import SAMPLES

pytestmark = pytest.mark.slow

Marts = dict[str, set[tuple[Any, ...]]]

# What tells of the files themselves changes with them.
ABOUT_FILES = {"fuentes", "filas_rechazadas"}
# Two exports that are never taken away, so that the cut-off, which every deadline counts from, stays what it is.
KEPT = {"core_acuerdos", "programa_compromisos"}


def build(exports: Path, base: Path) -> Marts:
    """Every mart over an exports folder: ingest and the models, no checks, no release."""
    (base / "corrections").mkdir(parents=True)
    pipeline.run(pipeline.Places(exports, base / "corrections", base / "raw", base / "archive", base / "rechazos"))
    skip = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--exclude", "path:models/trace"]
    target = ["--target-path", str(base / "dbt"), "--log-path", str(base / "dbt")]
    subprocess.run(
        [str(DBT), "--quiet", "build", *skip, *target],
        cwd=DBT_PROJECT,
        env=os.environ | {"RAW_DIR": str(base / "raw"), "WAREHOUSE_PATH": str(base / "bodega.duckdb")},
        check=True,
    )
    with duckdb.connect(str(base / "bodega.duckdb"), read_only=True) as con:
        names = con.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
        return {name: set(con.execute(f"select * from marts.{name}").fetchall()) for (name,) in names}


def sources(manifest: Path) -> dict[str, set[str]]:
    """The exports that each mart is made of, through all the models between."""
    graph = json.loads(manifest.read_text("utf-8"))
    found: dict[str, set[str]] = {}
    for name, node in graph["nodes"].items():
        if node["resource_type"] == "model" and node["fqn"][1] == "marts":
            waiting, reached = [name], set()
            while waiting:
                parent = waiting.pop()
                if parent not in reached:
                    reached.add(parent)
                    waiting += graph["parent_map"].get(parent, [])
            found[node["name"]] = {p.split(".")[-1] for p in reached if p.startswith("source.")}
    return found


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("independence")


@pytest.fixture(scope="module")
def all_files(base: Path) -> Marts:
    return build(SAMPLES, base / "all")


@pytest.mark.parametrize("seed", [1, 2])
def test_taking_files_away_and_touching_others_changes_only_what_depends_on_them(
    base: Path, all_files: Marts, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    contracts = contract.load()
    gone = set(chance.sample(sorted(contracts.keys() - KEPT), 4))
    exports = tmp_path / "exports"
    for file in chance.sample(sorted(p for p in SAMPLES.rglob("*") if p.is_file()), k=138):
        path = file.relative_to(SAMPLES)
        if not any(contracts[export].match(path.as_posix()) for export in gone):
            (exports / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, exports / path)
            os.utime(exports / path, (chance.randrange(1_600_000_000, 1_700_000_000),) * 2)
    (exports / "otra").mkdir()
    (exports / "otra" / "cosa.csv").write_text("a;b\n1;2\n", "utf-8")
    marts = build(exports, tmp_path / "world")
    depends = sources(base / "all" / "dbt" / "manifest.json")
    untouched = {name for name in all_files if not depends[name] & gone} - ABOUT_FILES
    assert untouched
    assert {name for name in untouched if marts[name] != all_files[name]} == set()


def test_a_missing_invoice_moves_one_row_of_the_reconciliation_by_its_amount(
    base: Path, all_files: Marts, tmp_path: Path
) -> None:
    with duckdb.connect(str(base / "all" / "bodega.duckdb"), read_only=True) as con:
        ((path, fila, total, year, programa, subtitulo, item),) = con.execute(
            """select r._archivo, r._fila, r.monto_total, year(p.fecha_devengo), p.programa, p.subtitulo, p.item
            from staging.stg_dte_rcv_compra as r
            inner join staging.stg_dte_pagos as p using (rut_proveedor, tipo_documento, folio)
            left join staging.stg_dte_xml as x using (rut_proveedor, tipo_documento, folio)
            where p.estado = 'PAGADA' and tipo_documento = '33' and x.folio is null
            order by r.monto_total desc, r._archivo, r._fila limit 1"""
        ).fetchall()
    exports = tmp_path / "exports"
    shutil.copytree(SAMPLES, exports)
    lines = (exports / path).read_text("utf-8").splitlines(keepends=True)
    del lines[fila - 1]
    (exports / path).write_text("".join(lines), "utf-8")
    marts = build(exports, tmp_path / "world")
    before, after = all_files["conciliacion"], marts["conciliacion"]
    ((old,), (new,)) = before - after, after - before
    assert old[:5] == new[:5]
    assert (str(old[0]), *old[1:4]) == (str(year), programa, subtitulo, item)
    dte = next(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    assert abs(old[dte] - new[dte] - total / 1000) <= 1
