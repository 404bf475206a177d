"""The Data Package: what it promises of a release, and that frictionless holds a release to it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from publish.edition import Carried, Edition
from publish.metadata.datapackage import datapackage
from publish.metadata.keys import broken_keys
from tests.publish.editions import small_edition


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
