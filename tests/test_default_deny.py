"""A column is published because a dataset declares it and its contract opens it, never because it was there.

What the text of the models can tell: only staging reads the raw layer, by naming columns, and names no closed one; so
nothing closed has a way to a mart. What it cannot tell: what a person typed into an open column. That is the scan's.
"""

import re

import pytest
import yaml
from pydantic import ValidationError

from ingest import contract
from ingest.contract import Contract
from tests.conftest import PROJECT

MODELS = PROJECT / "dbt_project" / "models"
CONTRACTS = contract.load()
# Read for the scan or by nobody, and published by no contract under this name.
CLOSED = {column.name for c in CONTRACTS.values() for column in c.columns if column.privacy == "closed"}
OPEN = {column.name for c in CONTRACTS.values() for column in c.columns if column.privacy != "closed"}
READS_RAW = re.compile(r"\bsource\s*\(|\bread_\w+\s*\(|\{\{\s*(?:en_vigor|historia)\s*\(")


def _models(folder: str) -> dict[str, str]:
    """SQL of the models of a folder, without comments, by name."""
    return {p.stem: re.sub(r"--.*", "", p.read_text("utf-8")) for p in (MODELS / folder).rglob("*.sql")}


def _declared() -> dict[str, set[str]]:
    """Columns of each published dataset, by its YAML."""
    return {
        model["name"]: {column["name"] for column in model["columns"]}
        for path in (MODELS / "marts").rglob("*.yml")
        for model in yaml.safe_load(path.read_text("utf-8"))["models"]
    }


def test_a_contract_that_does_not_say_who_may_see_a_column_is_refused() -> None:
    any_contract = next(iter(CONTRACTS.values())).model_dump()
    del any_contract["columns"][0]["privacy"]
    with pytest.raises(ValidationError, match="privacy"):
        Contract.model_validate(any_contract)


def test_every_mart_declares_its_columns_and_dbt_holds_it_to_them() -> None:
    settings = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text("utf-8"))
    assert settings["models"]["bodega"]["marts"]["+contract"] == {"enforced": True}
    assert set(_models("marts")) == {name for name, columns in _declared().items() if columns}
    overridden = [p.name for p in (MODELS / "marts").rglob("*.yml") if "enforced" in p.read_text("utf-8")]
    assert overridden == []


def test_only_staging_reads_the_raw_layer() -> None:
    others = {folder: _models(folder) for folder in ("intermediate", "marts", "trace")}
    reads = [name for models in others.values() for name, sql in models.items() if READS_RAW.search(sql)]
    assert reads == []


def test_no_closed_column_is_published_under_its_name() -> None:
    columns = {(dataset, column) for dataset, names in _declared().items() for column in names}
    assert [place for place in columns if place[1] in CLOSED - OPEN] == []


@pytest.mark.parametrize("export", sorted(CONTRACTS))
def test_staging_names_its_columns_and_no_closed_one(export: str) -> None:
    sql = _models("staging")[f"stg_{export}"]
    closed = {column.name for column in CONTRACTS[export].columns if column.privacy == "closed"}
    assert set(re.findall(r"\w+", sql)) & closed == set()
    assert not re.search(r"(?:select|,)\s*(?:\w+\.)?\*", sql)


def test_nothing_of_the_internal_tables_of_rejected_cells_is_declared() -> None:
    internal = {"celda", "celdas", "registro", "valor_original"}
    assert [(name, column) for name, columns in _declared().items() for column in columns & internal] == []


def test_every_model_is_read_by_the_tests_above() -> None:
    folders = {p.name for p in MODELS.iterdir() if p.is_dir()}
    assert folders == {"staging", "intermediate", "marts", "trace"}
