"""The house: rooms, and the arrows that must never be."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from expectations import CHECKS
from ingest import contract
from tests.conftest import PROJECT

ROOMS = ["ingest", "dbt_project", "expectations", "publish", "portal", "orchestration", "tests", "samples"]


def test_every_room_exists() -> None:
    assert [room for room in ROOMS if not (PROJECT / room).is_dir()] == []


def test_every_package_of_the_rooms_is_installed() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    rooms = [PROJECT / name for name in ("expectations", "ingest", "orchestration", "portal", "publish")]
    packages = {".".join(p.parent.relative_to(PROJECT).parts) for room in rooms for p in room.rglob("__init__.py")}
    assert packages == {name for name in declared if not name.startswith("dbt.")}


def test_no_forbidden_import() -> None:
    lint = [Path(sys.executable).with_name("lint-imports")]
    done = subprocess.run(lint, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ingest_does_not_know_the_models() -> None:
    texts = {p: p.read_text("utf-8") for p in (PROJECT / "ingest").rglob("*.py")}
    assert [p.name for p, text in texts.items() if re.search(r"\bdbt_project\b|\bimport dbt\b", text)] == []


def _staging() -> dict[str, str]:
    folder = PROJECT / "dbt_project" / "models" / "staging"
    return {p.stem.removeprefix("stg_"): p.read_text("utf-8") for p in folder.glob("stg_*.sql")}


def test_every_staging_model_of_an_export_has_its_contract() -> None:
    helpers = {"archivos", "comunas", "correcciones", "filas_rechazadas", "observaciones", "puntos"}
    helpers |= {"sagir_iniciativas_historia", "montos_por_archivo"}
    helpers |= {"dte_pagos_rechazados", "sisrec_rendiciones_rechazadas"}
    assert set(_staging()) - helpers <= set(contract.load())


def test_the_newest_row_of_a_key_is_in_force_where_the_contract_says_upsert_and_by_its_key() -> None:
    said = {
        export: tuple(re.findall(r"\w+", keys)) if keys else None
        for text in _staging().values()
        for export, keys in re.findall(r"en_vigor\('(\w+)'(?:, \[([^]]+)\])?\)", text)
    }
    assert said == {name: c.key if c.mode == "upsert" else None for name, c in contract.load().items()}


def test_no_staging_model_selects_a_closed_column() -> None:
    found = [
        (export, column.name)
        for export, c in contract.load().items()
        for column in c.columns
        if column.privacy == "closed" and re.search(rf"^\s+{column.name},?$", _staging().get(export, ""), re.MULTILINE)
    ]
    assert found == []


def test_every_published_column_is_described_with_its_unit() -> None:
    for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text("utf-8"))["models"]:
            for column in model["columns"]:
                where = f"{model['name']}.{column['name']}"
                assert column["description"].endswith("."), where
                assert column["config"]["meta"]["unidad"], where
                assert column["config"]["meta"]["privacidad"] in ("abierta", "rut"), where


def test_nothing_speaks_of_the_workplace() -> None:
    words = re.compile("farm" + "-(?:studio|bench)|/work" + "/(?:main|shared)|pypi" + r"\.org|registry\.npm")
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    texts = (PROJECT / name for name in tracked.splitlines() if not name.startswith("samples/"))
    assert [p.name for p in texts if p.is_file() and words.search(p.read_text("utf-8", "replace"))] == []


def test_the_unit_of_every_export_with_amounts_is_looked_at() -> None:
    """But for single documents, of which none has enough amounts to tell their size."""
    exports = contract.load().values()
    with_amounts = {c.export for c in exports if any(column.type in ("pesos", "miles") for column in c.columns)}
    model = PROJECT / "dbt_project" / "models" / "staging" / "stg_montos_por_archivo.sql"
    checked = {check.name.removeprefix("unidad_de_") for check in CHECKS if check.name.startswith("unidad_de_")}
    assert set(re.findall(r"^    '(\w+)': \[", model.read_text("utf-8"), re.MULTILINE)) == checked
    assert with_amounts - {"dte_xml"} <= checked


def test_the_months_of_every_monthly_export_are_looked_at() -> None:
    """But for the budget, whose own check knows that each year begins in January."""
    monthly = {c.export for c in contract.load().values() if c.monthly}
    gaps = "meses_sin_saltos_de_"
    checked = {check.name.removeprefix(gaps) for check in CHECKS if check.name.startswith(gaps)}
    assert checked == monthly - {"presupuesto_ejecucion"}
