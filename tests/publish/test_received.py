"""The moments that a release's metadata bear: those at which files came, never a clock's and never the cut-off's."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from rdflib import DCTERMS, Graph, Literal, URIRef

from publish.gate import Gate
from publish.keeping import versions
from publish.release import Release
from publish.rows import MOMENT
from tests.publish.bench import RUN, Bench, column, mart, passed

HOME = "https://bodega.example/latest/catalogo.ttl#"
COLUMNS = {
    **dict.fromkeys(("archivo", "sistema", "export", "estado", "motivo", "sha256_en_vigor"), "varchar"),
    "fecha_dato": "date",
    "recibido_en": "timestamp",
    **dict.fromkeys(("filas", "aceptadas", "rechazadas", "duplicadas", "ignoradas"), "bigint"),
}


@pytest.fixture
def received(bench: Bench) -> Bench:
    """A run whose agreements are made from one export and whose orders count days to the cut-off date."""
    bench.nodes.append(mart("fuentes", [column(name, kind) for name, kind in COLUMNS.items()]))
    bench.sql(f"create table marts.fuentes ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    arrive(bench, "core_acuerdos", "2025-02-03 08:30:00")
    arrive(bench, "sga_compras", "2025-02-01 09:00:00")
    for node in bench.nodes:
        node["unique_id"] = f"model.bodega.{node['name']}"
    bench.sources = {f"source.bodega.raw.{name}": {"name": name} for name in ("archivos", "core_acuerdos")}
    bench.parents = {
        "model.bodega.acuerdos": ["model.bodega.stg_acuerdos"],
        "model.bodega.stg_acuerdos": [*bench.sources],
        "model.bodega.compras": ["model.bodega.int_fecha_corte"],
        "model.bodega.int_fecha_corte": ["source.bodega.raw.archivos"],
        "model.bodega.fuentes": ["source.bodega.raw.archivos"],
    }
    return bench


def arrive(bench: Bench, export: str, moment: str, state: str = "ACEPTADO") -> None:
    bench.sql(
        f"""insert into marts.fuentes (sistema, export, archivo, estado, recibido_en)
        values ('X', '{export}', '{moment}', '{state}', timestamp '{moment}')"""
    )


def said(release: Release) -> dict[str, str]:
    manifest = json.loads((release.path / "manifest.json").read_text("utf-8"))
    return {each["nombre"]: each["recibido_en"] for each in manifest["conjuntos"]}


def modified(release: Release) -> dict[str, str]:
    graph = Graph().parse(release.path / "catalogo.ttl", format="turtle")
    names = ("catalogo", *said(release), *(f"{name}.csv" for name in said(release)))
    found = {name: graph.value(URIRef(HOME + name), DCTERMS.modified) for name in names}
    return {name: f"{literal.toPython():{MOMENT}}" for name, literal in found.items() if isinstance(literal, Literal)}


def created(release: Release) -> str:
    return str(json.loads((release.path / "datapackage.json").read_text("utf-8"))["created"])


def test_a_second_release_of_one_cut_off_is_newer_where_what_came_may_have_changed_something(received: Bench) -> None:
    first = received.publish()
    old, new = "2025-02-03T08:30:00Z", "2025-02-05T10:00:00Z"
    assert said(first) == {"acuerdos": old, "compras": old, "fuentes": old}
    arrive(received, "sga_compras", "2025-02-05 10:00:00")
    second = received.publish()
    assert first.id.startswith("2025-01-31-")
    assert second.id.startswith("2025-01-31-")
    assert said(second) == {"acuerdos": old, "compras": new, "fuentes": new}
    assert modified(second) == {"catalogo": new, **said(second), **{f"{n}.csv": m for n, m in said(second).items()}}
    assert (created(first), created(second)) == (old, new)


def test_a_refused_file_is_an_arrival_too(received: Bench) -> None:
    arrive(received, "core_acuerdos", "2025-02-06 10:00:00", "RECHAZADO")
    assert said(received.publish())["acuerdos"] == "2025-02-06T10:00:00Z"


def test_a_kept_dataset_keeps_its_moment_and_the_others_go_on(received: Bench) -> None:
    first = received.publish()
    arrive(received, "core_acuerdos", "2025-03-01 10:00:00")
    received.sql("update marts.acuerdos set monto = monto + 1")
    received.gate = Gate(RUN, {name: [passed(name, success=name != "acuerdos")] for name in received.marts()})
    for release in (received.publish(), _once_more(received)):
        assert release.published["acuerdos"].carried
        assert said(release)["acuerdos"] == modified(release)["acuerdos"] == said(first)["acuerdos"]
        assert said(release)["fuentes"] >= "2025-03-01T10:00:00Z"


def _once_more(bench: Bench) -> Release:
    arrive(bench, "sga_compras", "2025-03-02 10:00:00")
    return bench.publish()


def test_without_the_list_of_files_the_cut_off_date_stands_there(received: Bench) -> None:
    checks = {name: [passed(name, success=name != "fuentes")] for name in received.marts()}
    received.gate = Gate(RUN, checks)
    release = received.publish()
    assert said(release) == {"acuerdos": "2025-01-31T00:00:00Z", "compras": "2025-01-31T00:00:00Z"}
    assert created(release) == "2025-01-31T00:00:00Z"


def test_of_a_release_that_says_no_moment_it_is_the_day_that_its_data_reach(received: Bench, tmp_path: Path) -> None:
    path = received.publish().path
    copy = tmp_path / "older"
    copy.mkdir()
    manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text("utf-8"))
    for each in manifest["conjuntos"]:
        del each["recibido_en"]
        if each["nombre"] == "compras":
            each["conservado"] = {"publicacion": "x", "fecha_corte": "2024-12-31", "motivo": "y"}
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (copy / "diccionario.json").write_bytes((path / "diccionario.json").read_bytes())
    held = versions.read(copy)
    assert held["acuerdos"].received == datetime(2025, 1, 31)
    assert held["compras"].received == datetime(2024, 12, 31)
    assert held["compras"].keep("z").since == date(2024, 12, 31)
