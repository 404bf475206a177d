"""The Data Package: what it promises of a release, and that frictionless holds a release to it."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from frictionless import Report, validate

from publish.datapackage import datapackage
from publish.edition import Carried, Edition
from publish.keys import broken_keys
from tests.conftest import World
from tests.publish.editions import edition_of, small_edition


def resources(edition: Edition, **given: Any) -> dict[str, dict[str, Any]]:
    return {each["path"]: each for each in json.loads(datapackage(edition, **given))["resources"]}


def test_every_file_is_a_resource_with_its_bytes_and_hash() -> None:
    edition = small_edition()
    told = {path: (each["bytes"], each["hash"]) for path, each in resources(edition).items()}
    assert told == {file.name: (file.bytes, f"sha256:{file.sha256}") for part in edition.parts for file in part.files}


def test_a_csv_has_a_schema_of_types_units_and_descriptions() -> None:
    fields = resources(small_edition())["obras.csv"]["schema"]["fields"]
    assert [(each["name"], each["type"], each["unit"]) for each in fields] == [
        ("codigo", "string", "código"),
        ("estado", "string", "texto"),
        ("monto", "integer", "M$"),
        ("avance", "number", "%"),
        ("inicio", "date", "fecha"),
        ("visto_en", "datetime", "fecha y hora"),
        ("vigente", "boolean", "sí/no"),
    ]
    assert fields[0]["description"] == "Descripción de codigo."
    assert fields[0]["constraints"] == {"required": True}
    assert fields[1]["categories"] == fields[1]["constraints"]["enum"] == ["EN EJECUCIÓN", "TERMINADA"]


def test_a_grain_that_is_never_empty_is_the_primary_key_and_another_a_unique_one() -> None:
    told = resources(small_edition())
    assert told["obras.csv"]["schema"]["primaryKey"] == ["codigo"]
    assert "uniqueKeys" not in told["obras.csv"]["schema"]
    assert told["pagos.csv"]["schema"]["uniqueKeys"] == [["codigo", "cuota"]]
    assert "primaryKey" not in told["pagos.csv"]["schema"]


def test_a_foreign_key_is_promised_where_the_other_dataset_is_there_and_no_row_breaks_it() -> None:
    edition = small_edition()
    pagos = edition.parts[1].dataset
    link = [{"fields": ["codigo"], "reference": {"resource": "obras", "fields": ["codigo"]}}]
    assert resources(edition)["pagos.csv"]["schema"]["foreignKeys"] == link
    broken = resources(edition, broken=[("pagos", pagos.foreign_keys[0])])["pagos.csv"]["schema"]
    assert "foreignKeys" not in broken
    assert broken["brokenForeignKeys"] == link
    alone = resources(replace(edition, parts=edition.parts[1:]))["pagos.csv"]["schema"]
    assert "foreignKeys" not in alone
    assert "brokenForeignKeys" not in alone


def test_a_carried_dataset_says_so_with_date_and_reason() -> None:
    edition = small_edition()
    part = replace(edition.parts[0], carried=Carried("2024-12-31-xyz", date(2024, 12, 31), "Hay claves repetidas."))
    told = resources(replace(edition, parts=(part, edition.parts[1])))
    assert told["obras.csv"]["carriedFrom"] == {
        "release": "2024-12-31-xyz",
        "cutOff": "2024-12-31",
        "reason": "Hay claves repetidas.",
    }
    assert "carriedFrom" not in told["pagos.csv"]


def test_who_publishes_is_an_institution_and_the_moment_is_that_of_the_newest_file() -> None:
    told = json.loads(datapackage(small_edition()))
    assert told["created"] == "2025-02-03T08:30:00Z"
    assert told["contributors"] == [
        {
            "title": "Gobierno de Santiago (Gobierno Regional Metropolitano)",
            "path": "https://www.gobiernosantiago.cl",
            "roles": ["publisher"],
        }
    ]
    assert [each["title"].rpartition(": ")[2] for each in told["sources"]] == [
        "dte_pagos",
        "dte_xml",
        "sagir_iniciativas",
    ]
    assert datapackage(small_edition()) == datapackage(small_edition())


def test_the_rows_of_a_release_tell_which_foreign_keys_are_broken(tmp_path: Path) -> None:
    datasets = [part.dataset for part in small_edition().parts]
    with duckdb.connect() as con:
        con.execute(f"copy (select 'a' as codigo) to '{tmp_path}/obras.parquet'")
        con.execute(f"copy (select unnest(['a', null]) as codigo, 1 as cuota) to '{tmp_path}/pagos.parquet'")
        assert broken_keys(con, datasets, tmp_path) == frozenset()
        # A version from before the column came that the key points to.
        older = replace(datasets[0], columns=datasets[0].columns[1:])
        assert broken_keys(con, [older, datasets[1]], tmp_path) == {("pagos", datasets[1].foreign_keys[0])}
        con.execute(f"copy (select unnest(['a', 'b']) as codigo, 1 as cuota) to '{tmp_path}/pagos.parquet'")
        assert broken_keys(con, datasets, tmp_path) == {("pagos", datasets[1].foreign_keys[0])}
        assert broken_keys(con, datasets[1:], tmp_path) == frozenset()


@pytest.fixture
def release(sample_world: World, tmp_path: Path) -> Path:
    """A copy of the samples' release with its datapackage.json, to be spoiled."""
    folder = tmp_path / "release"
    shutil.copytree(sample_world.release, folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    edition = edition_of(sample_world.release, sample_world.base / "internal" / "dbt" / "manifest.json")
    with duckdb.connect() as con:
        broken = broken_keys(con, [part.dataset for part in edition.parts], folder)
    (folder / "datapackage.json").write_text(datapackage(edition, broken), "utf-8")
    return folder


def check(release: Path) -> Report:
    report: Report = validate(str(release / "datapackage.json"))
    return report


def errors(report: Report) -> set[tuple[str, str]]:
    return {(task.name, error.type) for task in report.tasks for error in task.errors}


def spoil(release: Path, dataset: str, old: str, new: str) -> None:
    """Changes the first such text in the CSV, and declares the bytes and hash that it then has."""
    path = release / f"{dataset}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    described = json.loads((release / "datapackage.json").read_text("utf-8"))
    for each in described["resources"]:
        if each["path"] == path.name:
            del each["bytes"], each["hash"]
    (release / "datapackage.json").write_text(json.dumps(described), "utf-8")


@pytest.mark.slow
def test_frictionless_finds_a_real_release_valid(release: Path) -> None:
    report = check(release)
    assert report.valid, report.flatten(["name", "rowNumber", "type", "message"])[:5]
    described = json.loads((release / "datapackage.json").read_text("utf-8"))
    links = [each["schema"].get("foreignKeys", []) for each in described["resources"] if "schema" in each]
    assert sum(map(len, links)) >= 9


@pytest.mark.slow
def test_frictionless_sees_a_file_that_is_not_the_declared_one(release: Path) -> None:
    with (release / "compras.parquet").open("ab") as file:
        file.write(b"x")
    assert errors(check(release)) == {("compras-parquet", "hash-count"), ("compras-parquet", "byte-count")}


@pytest.mark.slow
def test_frictionless_sees_a_cell_of_another_type(release: Path) -> None:
    spoil(release, "iniciativas", ",2022-07-20,", ",20-07-2022,")
    assert errors(check(release)) == {("iniciativas", "type-error")}


@pytest.mark.slow
def test_frictionless_sees_a_row_that_points_nowhere(release: Path) -> None:
    first = (release / "rendiciones.csv").read_text("utf-8").splitlines()[1].partition(",")[0]
    spoil(release, "rendiciones", f"{first},", "T-1999-99999,")
    assert errors(check(release)) == {("rendiciones", "foreign-key")}
