"""The OC4IDS project package: what it says of the initiatives, and that the standard's validator accepts it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from libcoveoc4ids.api import oc4ids_json_output
from libcoveoc4ids.config import LibCoveOC4IDSConfig

from ingest import contract
from publish import texts
from publish.edition import Edition, Publisher
from publish.errors import PublishError
from publish.forms.oc4ids import BATCH, READ, STATUS, write
from tests.conftest import PROJECT
from tests.publish.editions import small_edition

INITIATIVE = {
    "codigo_iniciativa": "40012345-0",
    "codigo_bip": "40012345",
    "nombre": "Plaza de Buin",
    "tipo": "PROYECTO",
    "tipologia": None,
    "eje_erd": "Región segura",
    "estado": "TERMINADA",
    "fecha_estado": "2024-05-06",
    "alcance": "COMUNAL",
    "latitud": "-33.741127",
    "longitud": "-70.720064",
    "origen_punto": "SAGIR",
    "unidad_tecnica": "Municipalidad de Buin",
    "monto_total": 870393,
    "monto_fndr": 800000,
    "gasto_acumulado": 870000,
    "fecha_core": "2022-07-20",
    "id_licitacion": "1057439-1-LP23",
}
TYPES = {
    "fecha_estado": "date",
    "fecha_core": "date",
    "fecha": "date",
    "fecha_transferencia": "date",
    "latitud": "decimal(9,6)",
    "longitud": "decimal(9,6)",
    "monto_total": "bigint",
    "monto_fndr": "bigint",
    "gasto_acumulado": "bigint",
    "monto_transferido": "bigint",
    "orden": "integer",
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "iniciativas": [INITIATIVE],
    "iniciativas_comunas": [{"codigo_iniciativa": "40012345-0", "cut": "13402", "comuna": "Buin"}],
    "iniciativa_hitos": [{"codigo_iniciativa": "40012345-0", "orden": 1, "hito": "INICIO", "fecha": "2023-01-02"}],
    "acuerdos_core": [
        {"codigo_iniciativa": "40012345-0", "acuerdo": "49/2022", "resultado": "APROBADO", "materia": "Aprueba plaza"}
    ],
    "documentos": [
        {
            "codigo_iniciativa": "40012345-0",
            "id_documento": "SGD-2022-000193",
            "tipo_documento": "OFICIO",
            "folio": "00193",
        }
    ],
    "transferencias": [
        {
            "codigo_iniciativa": "40012345-0",
            "id_transferencia": f"T-2023-0000{n}",
            "fecha_transferencia": "2023-02-03",
            "monto_transferido": 5000,
            "tipo_persona": kind,
            "rut_ejecutor": rut,
            "ejecutor": name,
        }
        for n, kind, rut, name in (
            (1, "JURIDICA", "69043646-9", "Municipalidad de Buin"),
            (2, "NATURAL_O_NO_DETERMINADA", None, None),
        )
    ],
    "compras": [
        {
            "id_licitacion": "1057439-1-LP23",
            "codigo_oc": "5482-1-SE23",
            "tipo_persona": "JURIDICA",
            "rut_proveedor": "76290188-9",
            "proveedor": "Servicios Añañuca Ltda.",
        }
    ],
}


def edition_of_tables(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> Edition:
    """The edition whose datasets are these, written as Parquet files into the folder."""
    small = small_edition()
    with duckdb.connect() as con:
        for name, rows in tables.items():
            columns = ", ".join(f"cast(${key} as {TYPES.get(key, 'varchar')}) as {key}" for key in rows[0])
            con.execute(f"create table {name} as select {columns}", rows[0])
            for row in rows[1:]:
                con.execute(f"insert into {name} select {columns}", row)
            con.execute(f"copy {name} to '{folder}/{name}.parquet'")
    template = small.parts[0]
    column = template.dataset.columns[0]
    datasets = (
        replace(template.dataset, name=name, columns=tuple(replace(column, name=key) for key in rows[0]))
        for name, rows in tables.items()
    )
    return replace(small, parts=tuple(replace(template, dataset=dataset) for dataset in datasets))


def project(folder: Path, **changed: Any) -> dict[str, Any]:
    edition = edition_of_tables(folder, TABLES | {"iniciativas": [INITIATIVE | changed]})
    edition = replace(edition, publisher=Publisher(oc4ids_prefix="oc4ids-a1b2c3"))
    told: dict[str, Any] = package_of(edition, folder)["projects"][0]
    return told


def package_of(edition: Edition, folder: Path) -> dict[str, Any]:
    with duckdb.connect() as con:
        write(edition, con, folder)
    package: dict[str, Any] = json.loads((folder / "oc4ids.json").read_text("utf-8"))
    return package


def test_an_initiative_is_a_project_with_what_the_release_knows_of_it(tmp_path: Path) -> None:
    told = project(tmp_path)
    assert (told["id"], told["title"], told["status"]) == ("oc4ids-a1b2c3-40012345-0", "Plaza de Buin", "completed")
    assert told["identifiers"] == [{"scheme": "CL-BIP", "id": "40012345-0"}]
    assert told["budget"]["amount"] == {"amount": 870_393_000, "currency": "CLP"}
    assert told["budget"]["approvalDate"] == "2022-07-20T00:00:00Z"
    assert told["completion"]["finalValue"] == {"amount": 870_000_000, "currency": "CLP"}
    assert told["period"] == {"startDate": "2023-01-02T00:00:00Z"}
    assert [place["description"] for place in told["locations"]] == ["Buin", "Punto informado"]
    assert told["locations"][1]["geometry"] == {"type": "Point", "coordinates": [-70.720064, -33.741127]}
    assert [each["title"] for each in told["documents"]] == [
        "Acuerdo del Consejo Regional 49/2022 (aprobado)",
        "OFICIO 00193",
    ]


def test_the_parties_are_public_bodies_and_legal_persons_alone(tmp_path: Path) -> None:
    told = project(tmp_path)
    assert {(each["name"], *each["roles"]) for each in told["parties"]} == {
        ("Gobierno de Santiago (Gobierno Regional Metropolitano)", "funder", "payer", "publicAuthority"),
        ("Municipalidad de Buin", "administrativeEntity", "payee"),
        ("Servicios Añañuca Ltda.", "supplier"),
    }
    assert [("payee" in each) for each in told["transactions"]] == [True, False]


def test_a_technical_unit_that_no_rut_stands_for_is_not_named(tmp_path: Path) -> None:
    told = project(tmp_path, unidad_tecnica="Rosa Elena Soto")
    assert "Rosa" not in json.dumps(told)


def test_the_building_of_the_institution_is_no_place_of_a_regional_initiative(tmp_path: Path) -> None:
    told = project(tmp_path, alcance="REGIONAL", origen_punto="EDIFICIO INSTITUCIONAL")
    assert [place["id"] for place in told["locations"]] == ["region"]
    assert "geometry" not in told["locations"][0]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("EN ADMISIBILIDAD", "identification"),
        ("APROBADO CORE", "preparation"),
        ("EN EJECUCIÓN", "implementation"),
        ("DESISTIDA", "cancelled"),
    ],
)
def test_the_status_follows_the_state(tmp_path: Path, state: str, status: str) -> None:
    told = project(tmp_path, estado=state)
    assert told["status"] == status
    assert "completion" not in told


def test_every_state_that_the_contract_knows_has_a_status(tmp_path: Path) -> None:
    portfolio = contract.load()["sagir_iniciativas"]
    states = next(column.type for column in portfolio.columns if column.name == "estado")
    assert set(STATUS) == set(states)
    assert "status" not in project(tmp_path, estado="EN PAUSA")


@pytest.mark.parametrize("prefix", ["oc4ids-", "oc4ids-ABC123", "ocds-a1b2c3", "oc4ids-a1b2c3-"])
def test_what_is_no_prefix_is_refused(tmp_path: Path, prefix: str) -> None:
    with duckdb.connect() as con, pytest.raises(PublishError, match="is no prefix of OC4IDS"):
        write(replace(small_edition(), publisher=Publisher(oc4ids_prefix=prefix)), con, tmp_path)


def test_a_release_without_initiatives_has_no_package(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        write(small_edition(), con, tmp_path)
    assert not (tmp_path / "oc4ids.json").exists()


def test_many_initiatives_make_the_same_text_as_one_writing_of_the_whole(tmp_path: Path) -> None:
    codes = [f"4{n:07}-0" for n in range(2 * BATCH + 1)]
    transfer, tender = TABLES["transferencias"][0], INITIATIVE["id_licitacion"]
    tables = TABLES | {
        "iniciativas": [INITIATIVE | {"codigo_iniciativa": code, "id_licitacion": tender} for code in codes],
        "transferencias": [
            transfer | {"codigo_iniciativa": code, "id_transferencia": f"T{n}"} for n, code in enumerate(codes)
        ],
    }
    package = package_of(edition_of_tables(tmp_path, tables), tmp_path)
    assert [each["id"].partition("-")[2].partition("-")[2] for each in package["projects"]] == codes
    assert [each["transactions"][0]["id"] for each in package["projects"]] == [f"T{n}" for n in range(len(codes))]
    assert all(each["contractingProcesses"][0]["summary"]["suppliers"] for each in package["projects"])
    assert (tmp_path / "oc4ids.json").read_text("utf-8") == texts.as_json(package)


def test_a_dataset_that_is_not_in_the_release_leaves_its_part_out(tmp_path: Path) -> None:
    edition = edition_of_tables(tmp_path, {"iniciativas": [INITIATIVE]})
    told = package_of(edition, tmp_path)["projects"][0]
    assert not {"transactions", "documents", "milestones", "period"} & told.keys()


def test_what_is_read_is_published() -> None:
    schema = json.loads((PROJECT / "docs" / "schema.json").read_text("utf-8"))
    assert [(name, c) for name, columns in READ.items() for c in columns if c not in schema[name]["columns"]] == []


# Without its key no version is kept.
KEYS = {"codigo_iniciativa", "cut", "orden", "acuerdo", "id_documento", "id_transferencia", "codigo_oc"}


@pytest.mark.parametrize(
    ("dataset", "column"), [(name, column) for name, rows in TABLES.items() for column in rows[0] if column not in KEYS]
)
def test_a_version_from_before_a_column_came_leaves_out_what_it_would_say(
    tmp_path: Path, schema_host: str, dataset: str, column: str
) -> None:
    older = [{name: value for name, value in row.items() if name != column} for row in TABLES[dataset]]
    package = package_of(edition_of_tables(tmp_path, TABLES | {dataset: older}), tmp_path)
    assert len(package["projects"]) == 1
    assert "None" not in json.dumps(package)
    assert blemishes(package) == []
    assert verdict(package, schema_host, tmp_path)["errors"] == []


def verdict(package: dict[str, Any], host: str, folder: Path) -> dict[str, Any]:
    """What the validator says: errors of the schema, fields that it does not know, and its own checks."""
    config = LibCoveOC4IDSConfig(
        {"schema_host": host, "schema_version_choices": {"0.9.5": ("0.9.5", host)}, "schema_codelists": {"0.9": host}}
    )
    context = oc4ids_json_output(str(folder), json_data=package, lib_cove_oc4ids_config=config)
    return {
        "errors": [json.loads(error[0])["message"] for error in context["validation_errors"]],
        "additional fields": list(context["data_only"]),
        "closed codelists": context["additional_closed_codelist_values"],
        "checks": [check["check_id"] for check in context["conformance_checks"] + context["additional_checks"]],
    }


CLEAN: dict[str, Any] = {"errors": [], "additional fields": [], "closed codelists": {}, "checks": []}


@pytest.fixture
def package(tmp_path: Path) -> dict[str, Any]:
    return package_of(edition_of_tables(tmp_path, TABLES), tmp_path)


def test_the_validator_accepts_a_package(package: dict[str, Any], schema_host: str, tmp_path: Path) -> None:
    assert verdict(package, schema_host, tmp_path) == CLEAN


def blemishes(value: Any, place: str = "") -> list[str]:
    """Where a package says nothing, or the same twice, which the standard refuses since 0.9.3."""
    if value in ("", [], {}, None):
        return [place]
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [each for name, part in inside for each in blemishes(part, f"{place}/{name}")]
    if isinstance(value, list) and len({json.dumps(part, sort_keys=True) for part in value}) < len(value):
        found.append(place)
    return found


def test_a_package_says_nothing_empty_and_nothing_twice(package: dict[str, Any]) -> None:
    assert blemishes(package) == []
    spoiled = {"a": [1, 1], "b": {"c": [], "d": [""]}, "e": None, "f": 0}
    assert blemishes(spoiled) == ["/a", "/b/c", "/b/d/0", "/e"]


def _no_uri(package: dict[str, Any]) -> None:
    del package["uri"]


def _bad_date(package: dict[str, Any]) -> None:
    package["projects"][0]["budget"]["approvalDate"] = "20-07-2022"


def _unknown_status(package: dict[str, Any]) -> None:
    package["projects"][0]["status"] = "TERMINADA"


def _no_currency(package: dict[str, Any]) -> None:
    del package["projects"][0]["budget"]["amount"]["currency"]


def _unknown_supplier(package: dict[str, Any]) -> None:
    package["projects"][0]["contractingProcesses"][0]["summary"]["suppliers"][0]["id"] = "CL-RUT-1"


def _no_prefix(package: dict[str, Any]) -> None:
    package["projects"][0]["id"] = "40012345-0"


def _own_field(package: dict[str, Any]) -> None:
    package["projects"][0]["comuna"] = "Buin"


@pytest.mark.parametrize(
    ("spoil", "key", "found"),
    [
        (_no_uri, "errors", "'uri' is missing but required"),
        (_bad_date, "errors", "Date is not in the correct format"),
        (_unknown_status, "closed codelists", "TERMINADA"),
        (_no_currency, "checks", "missing-currency"),
        (_unknown_supplier, "checks", "missing-org-refs"),
        (_no_prefix, "checks", "invalid-project-ids"),
        (_own_field, "additional fields", "comuna"),
    ],
)
def test_the_validator_refuses_a_spoiled_package_for_its_reason(
    spoil: Callable[[dict[str, Any]], None],
    key: str,
    found: str,
    package: dict[str, Any],
    schema_host: str,
    tmp_path: Path,
) -> None:
    spoil(package)
    told = verdict(package, schema_host, tmp_path)
    assert found in str(told[key])
    assert {**told, key: CLEAN[key]} == CLEAN
