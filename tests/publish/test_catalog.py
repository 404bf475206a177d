from typing import Any

import pytest

from publish.catalog import ForeignKey, read_catalog
from publish.errors import CatalogError
from tests.publish.bench import Bench, column


def test_the_datasets_are_the_models_under_marts_with_their_dictionary(bench: Bench) -> None:
    catalog = read_catalog(bench.manifest())
    assert list(catalog.datasets) == ["acuerdos", "compras"]
    acuerdos = catalog.datasets["acuerdos"]
    assert (acuerdos.relation, acuerdos.grain, acuerdos.order) == ('"marts"."acuerdos"', ("acuerdo",), ("acuerdo",))
    assert [(each.name, each.type) for each in acuerdos.columns] == [
        ("acuerdo", "VARCHAR"),
        ("materia", "VARCHAR"),
        ("monto", "BIGINT"),
        ("fecha", "DATE"),
        ("aprobado", "BOOLEAN"),
        ("avance", "DECIMAL(18,2)"),
    ]
    assert [each.name for each in acuerdos.columns if each.free_text] == ["materia"]
    assert catalog.cut_off == '"intermediate"."int_fecha_corte"'


@pytest.mark.parametrize("key", ["description", "data_type"])
def test_a_column_without_its_words_is_refused_by_name(bench: Bench, key: str) -> None:
    bench.node("acuerdos")["columns"]["monto"][key] = " "
    with pytest.raises(CatalogError, match=rf"acuerdos\.monto: `{key}` is missing; write it in the YAML"):
        read_catalog(bench.manifest())


@pytest.mark.parametrize("key", ["unidad", "privacidad"])
def test_a_column_without_unit_or_privacy_is_refused_by_name(bench: Bench, key: str) -> None:
    del bench.node("acuerdos")["columns"]["monto"]["config"]["meta"][key]
    with pytest.raises(CatalogError, match=rf"acuerdos\.monto: `{key}` is missing; write it in the YAML"):
        read_catalog(bench.manifest())


def test_a_closed_column_is_refused(bench: Bench) -> None:
    bench.node("acuerdos")["columns"]["monto"]["config"]["meta"]["privacidad"] = "cerrada"
    with pytest.raises(CatalogError, match=r"acuerdos\.monto: `privacidad` is 'cerrada'"):
        read_catalog(bench.manifest())


@pytest.mark.parametrize("data_type", ["hugeint", "double", "decimal(38,0)", "varchar[]", "json"])
def test_a_type_that_no_release_holds_is_refused(bench: Bench, data_type: str) -> None:
    bench.node("acuerdos")["columns"]["monto"]["data_type"] = data_type
    with pytest.raises(CatalogError, match=r"acuerdos\.monto: .* is not a type of a release"):
        read_catalog(bench.manifest())


@pytest.mark.parametrize(
    ("declared", "type_"), [("text", "VARCHAR"), ("int", "INTEGER"), ("numeric(18, 2)", "DECIMAL(18,2)")]
)
def test_other_names_of_a_type_are_understood(bench: Bench, declared: str, type_: str) -> None:
    bench.node("acuerdos")["columns"]["monto"]["data_type"] = declared
    assert read_catalog(bench.manifest()).datasets["acuerdos"].columns[2].type == type_


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"titulo": ""}, "acuerdos: `titulo` is missing"),
        ({"tema": None}, "acuerdos: `tema` is missing"),
        ({"tema": "otro"}, "acuerdos: `tema` is 'otro', which publish/themes.py does not know"),
        ({"grano": []}, "acuerdos: `grano` must be a list of names"),
        ({"orden": "acuerdo"}, "acuerdos: `orden` must be a list of names"),
        ({"orden": ["folio"]}, "acuerdos: `orden` names folio, which its YAML does not declare"),
    ],
)
def test_a_dataset_without_its_meta_is_refused_by_name(bench: Bench, meta: dict[str, Any], message: str) -> None:
    bench.node("acuerdos")["config"]["meta"] |= meta
    with pytest.raises(CatalogError, match=message):
        read_catalog(bench.manifest())


def test_meta_beside_the_configuration_is_read_too(bench: Bench) -> None:
    node = bench.node("acuerdos")
    node["meta"] = node["config"].pop("meta")
    node["columns"]["acuerdo"] = column("acuerdo", "varchar") | {
        "config": {},
        "meta": {"unidad": "texto", "privacidad": "abierta"},
    }
    assert read_catalog(bench.manifest()).datasets["acuerdos"].title == "Acuerdos"


def test_a_dataset_without_columns_is_refused(bench: Bench) -> None:
    bench.node("compras")["columns"] = {}
    with pytest.raises(CatalogError, match="compras: no column is declared"):
        read_catalog(bench.manifest())


def test_a_manifest_without_the_model_of_the_date_is_refused(bench: Bench) -> None:
    bench.nodes = [node for node in bench.nodes if node["name"] != "int_fecha_corte"]
    with pytest.raises(CatalogError, match="has no model int_fecha_corte"):
        read_catalog(bench.manifest())


def test_what_is_no_manifest_is_refused_with_the_remedy(bench: Bench) -> None:
    with pytest.raises(CatalogError, match="does not exist: run `dbt parse` first"):
        read_catalog(bench.folder / "no.json")
    (bench.folder / "roto.json").write_text("<html>")
    with pytest.raises(CatalogError, match="is no manifest of dbt"):
        read_catalog(bench.folder / "roto.json")
    bench.nodes = [node for node in bench.nodes if node["schema"] != "marts"]
    with pytest.raises(CatalogError, match="has no model under models/marts"):
        read_catalog(bench.manifest())


def dbt_test(dataset: str, name: str, *, severity: str = "error", where: str | None = None, **kwargs: Any) -> Any:
    return {
        "resource_type": "test",
        "name": f"{name}_{dataset}_{kwargs}_{where}",
        "schema": "dbt_test__audit",
        "attached_node": f"model.bodega.{dataset}",
        "column_name": kwargs.pop("column", None),
        "test_metadata": {"name": name, "kwargs": kwargs},
        "config": {"severity": severity, "where": where},
    }


def link(dataset: str, column: str, **given: Any) -> Any:
    return dbt_test(dataset, "relationships", column=column, **given)


def with_tests(bench: Bench, *tests: Any) -> Bench:
    for name in ("acuerdos", "compras"):
        bench.node(name)["unique_id"] = f"model.bodega.{name}"
    bench.nodes += tests
    return bench


def test_keys_and_required_columns_are_those_of_dbts_tests(bench: Bench) -> None:
    with_tests(
        bench,
        dbt_test("acuerdos", "unique", column="acuerdo"),
        dbt_test("acuerdos", "sin_vacios", columnas=["acuerdo", "fecha"]),
        dbt_test("acuerdos", "not_null", column="materia"),
        dbt_test("acuerdos", "not_null", column="monto", severity="warn"),
        dbt_test("compras", "clave_unica", columnas=["codigo_oc", "proveedor"]),
        dbt_test("compras", "clave_unica", columnas=["proveedor"], where="proveedor is not null"),
    )
    datasets = read_catalog(bench.manifest()).datasets
    assert (datasets["acuerdos"].keys, datasets["acuerdos"].primary_key) == ((("acuerdo",),), ("acuerdo",))
    assert [each.name for each in datasets["acuerdos"].columns if each.required] == ["acuerdo", "materia", "fecha"]
    assert (datasets["compras"].keys, datasets["compras"].primary_key) == ((("codigo_oc", "proveedor"),), ())


def test_foreign_keys_are_the_relationships_between_datasets(bench: Bench) -> None:
    with_tests(
        bench,
        link("acuerdos", "materia", to="ref('compras')", field="codigo_oc", severity="warn"),
        link("acuerdos", "acuerdo", to="ref('una_semilla')", field="codigo"),
        link("compras", "codigo_oc", to="ref('acuerdos')", field="acuerdo", where="codigo_oc is not null"),
        link("compras", "proveedor", to="ref('acuerdos')", field="acuerdo", where="1 = 2"),
    )
    datasets = read_catalog(bench.manifest()).datasets
    assert datasets["acuerdos"].foreign_keys == (ForeignKey(("materia",), "compras", ("codigo_oc",)),)
    assert datasets["compras"].foreign_keys == (ForeignKey(("codigo_oc",), "acuerdos", ("acuerdo",)),)


def test_values_are_those_that_dbt_accepts(bench: Bench) -> None:
    with_tests(
        bench,
        dbt_test("acuerdos", "accepted_values", column="materia", values=["A", "B"]),
        dbt_test("acuerdos", "accepted_values", column="acuerdo", values=["1"], severity="warn"),
    )
    told = {each.name: each.values for each in read_catalog(bench.manifest()).datasets["acuerdos"].columns}
    assert (told["materia"], told["acuerdo"]) == (("A", "B"), ())
