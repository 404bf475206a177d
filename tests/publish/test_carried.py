"""A dataset that fails keeps its last good version: whole, marked with its date and reason, and the rest goes on."""

import json
from html import escape

import duckdb
import pytest

from publish.errors import PublishError
from publish.gate import Gate
from publish.keeping.audit import audit
from publish.keeping.rollback import roll_back
from publish.privacy.scanning import MASK
from publish.release import Release
from tests.publish.bench import RUN, Bench, column, passed

REASON = "No pasó estos controles de calidad: El conjunto tiene filas."


def fail(bench: Bench, *names: str) -> None:
    """From here on the checks of these datasets fail, and those of the others pass."""
    bench.gate = Gate(RUN, {name: [passed(name, success=name not in names)] for name in bench.marts()})


def move_on(bench: Bench) -> None:
    """Another day: both datasets have other rows."""
    bench.sql(
        "update intermediate.int_fecha_corte set fecha_corte = date '2025-02-28'",
        "update marts.acuerdos set monto = monto + 1",
        "insert into marts.compras values ('OC-NUEVA', 'Andes')",
    )


def said(release: Release, name: str) -> dict[str, object]:
    manifest = json.loads((release.path / "manifest.json").read_text("utf-8"))
    return next(each for each in manifest["conjuntos"] if each["nombre"] == name)


def test_a_failed_dataset_is_there_as_the_release_before_had_it_and_the_others_are_new(bench: Bench) -> None:
    first = bench.publish()
    move_on(bench)
    fail(bench, "compras")
    second = bench.publish()
    for kind in ("parquet", "csv"):
        assert (second.path / f"compras.{kind}").read_bytes() == (first.path / f"compras.{kind}").read_bytes()
    assert bench.rows(second.path / "acuerdos.parquet") != bench.rows(first.path / "acuerdos.parquet")
    kept = {"publicacion": first.id, "fecha_corte": "2025-01-31", "motivo": REASON}
    assert said(second, "compras")["conservado"] == kept
    assert second.held == {"compras": f"Se mantiene la versión de la publicación {first.id}. {REASON}"}
    assert second.id.startswith("2025-02-28-")
    # Each is quoted with the date of its own data, in the same words on its page.
    quoted = {name: str(said(second, name)["cita"]) for name in ("acuerdos", "compras")}
    assert "fecha de corte 28-02-2025." in quoted["acuerdos"]
    assert "fecha de corte 31-01-2025." in quoted["compras"]
    assert escape(quoted["compras"]) in (second.path / "compras.diccionario.html").read_text("utf-8")


def test_everything_that_describes_the_release_says_so(bench: Bench) -> None:
    first = bench.publish()
    move_on(bench)
    fail(bench, "compras")
    path = bench.publish().path
    assert (
        f"- compras: Se mantiene la versión de la publicación {first.id}. {REASON}" in (path / "LEEME.txt").read_text()
    )
    quality = json.loads((path / "calidad.json").read_text("utf-8"))
    assert quality["versiones_anteriores"]["compras"]["publicacion"] == first.id
    assert quality["no_publicados"] == {}
    package = json.loads((path / "datapackage.json").read_text("utf-8"))
    assert {r["name"] for r in package["resources"] if "carriedFrom" in r} >= {"compras", "compras-parquet"}
    changes = {c["nombre"]: c["estado"] for c in json.loads((path / "changes.json").read_text("utf-8"))["conjuntos"]}
    assert changes == {"acuerdos": "cambiado", "compras": "conservado"}
    assert "la nueva no se pudo publicar" in (path / "compras.diccionario.html").read_text("utf-8")
    with duckdb.connect(str(path / "bodega.duckdb"), read_only=True) as con:
        comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert comments["compras"].endswith(f" Se mantiene la versión de la publicación {first.id}. {REASON}")
    assert "Se mantiene" not in comments["acuerdos"]


def test_a_version_that_is_kept_twice_says_where_it_comes_from(bench: Bench) -> None:
    first = bench.publish()
    move_on(bench)
    fail(bench, "compras")
    bench.publish()
    bench.sql("update marts.acuerdos set monto = monto + 1")
    third = bench.publish()
    kept = said(third, "compras")["conservado"]
    assert isinstance(kept, dict)
    assert (kept["publicacion"], kept["fecha_corte"]) == (first.id, "2025-01-31")


def test_a_dataset_that_fails_in_the_two_last_releases_comes_from_the_one_before_them(bench: Bench) -> None:
    first = bench.publish()
    move_on(bench)
    fail(bench, "compras")
    # Of the second one nothing is kept: it is of other exports.
    bench.exports = set()
    second = bench.publish()
    assert "compras" not in second.published
    bench.sql("update marts.acuerdos set monto = monto + 1")
    bench.exports = {first.id, second.id}
    third = bench.publish()
    assert (third.path / "compras.csv").read_bytes() == (first.path / "compras.csv").read_bytes()
    kept = {"publicacion": first.id, "fecha_corte": "2025-01-31", "motivo": REASON}
    assert said(third, "compras")["conservado"] == kept
    assert bench.rows(third.path / "acuerdos.parquet") != bench.rows(second.path / "acuerdos.parquet")


def origin(release: Release) -> str:
    """The release that this one has its compras from."""
    kept = said(release, "compras")["conservado"]
    assert isinstance(kept, dict)
    return str(kept["publicacion"])


def absent(bench: Bench, name: str) -> Release:
    """A release without the dataset, whose source did not arrive this time."""
    others = {each: [passed(each)] for each in bench.marts() if each != name}
    bench.gate = Gate(RUN, others, missing={name: "No llegó ningún archivo."})
    bench.sql("update marts.acuerdos set monto = coalesce(monto, 0) + 1")
    return bench.publish()


def three(bench: Bench) -> tuple[Release, Release, Release]:
    """Three releases: with compras, with other rows of it, and without it, which is in force."""
    first = bench.publish()
    move_on(bench)
    second = bench.publish()
    return first, second, absent(bench, "compras")


def test_the_newest_release_back_that_has_the_dataset_gives_it(bench: Bench) -> None:
    _, second, third = three(bench)
    assert "compras" not in third.published
    fail(bench, "compras")
    fourth = bench.publish()
    assert fourth.published["compras"].rows == 2
    assert (fourth.path / "compras.csv").read_bytes() == (second.path / "compras.csv").read_bytes()
    kept = {"publicacion": second.id, "fecha_corte": "2025-02-28", "motivo": REASON}
    assert said(fourth, "compras")["conservado"] == kept
    assert bench.publish().id == fourth.id


def test_a_release_that_is_damaged_gives_nothing(bench: Bench) -> None:
    first, second, _ = three(bench)
    (second.path / "compras.parquet").chmod(0o644)
    (second.path / "compras.parquet").write_bytes(b"x")
    fail(bench, "compras")
    assert origin(bench.publish()) == first.id
    assert any("is damaged, so nothing is kept from it: compras.parquet has" in step for step in bench.steps)


def test_a_release_that_was_left_by_going_back_gives_nothing(bench: Bench) -> None:
    absent(bench, "compras")
    fail(bench)
    second = bench.publish()
    roll_back(bench.releases, json.loads((second.path / "manifest.json").read_text("utf-8"))["anterior"])
    fail(bench, "compras")
    bench.sql("update marts.acuerdos set monto = coalesce(monto, 0) + 1")
    assert "compras" not in bench.publish().published


def test_of_releases_of_other_exports_none_gives_it(bench: Bench) -> None:
    first, _, third = three(bench)
    fail(bench, "compras")
    bench.exports = {first.id, third.id}
    assert origin(bench.publish()) == first.id


def test_where_the_newest_version_is_unfit_an_older_one_that_is_fit_gives_it(bench: Bench) -> None:
    first = bench.publish()
    bench.sql("insert into marts.compras values ('Rosa Elena Nuevamente', 'Andes')")
    second = bench.publish()
    assert second.published["compras"].rows == 2
    bench.reserve(("nombre", "Rosa Elena Nuevamente"))
    fail(bench, "compras")
    third = bench.publish()
    assert origin(third) == first.id
    page = (third.path / "cambios.html").read_text("utf-8")
    assert "está como en la última publicación que tenía una versión buena" in page
    assert f"Filas que ya no están:</p>\n<ul>\n  <li>codigo_oc {MASK}</li>" in page


def test_once_it_passes_again_it_is_new(bench: Bench) -> None:
    bench.publish()
    move_on(bench)
    fail(bench, "compras")
    bench.publish()
    fail(bench)
    healed = bench.publish()
    assert "conservado" not in said(healed, "compras")
    assert len(bench.rows(healed.path / "compras.parquet")) == 2
    assert healed.held == {}


def test_an_older_version_with_a_column_that_is_no_longer_published_is_not_kept(bench: Bench) -> None:
    bench.publish()
    move_on(bench)
    del bench.node("compras")["columns"]["proveedor"]
    fail(bench, "compras")
    second = bench.publish()
    assert "compras" not in second.published
    assert "Tiene columnas que ya no se publican así." in second.held["compras"]


def test_an_older_version_from_before_its_points_came_has_none(bench: Bench) -> None:
    bench.publish()
    bench.sql(*(f"alter table marts.compras add column {name} decimal(9, 6)" for name in ("latitud", "longitud")))
    compras = bench.node("compras")
    compras["columns"] |= {name: column(name, "decimal(9,6)") for name in ("latitud", "longitud")}
    compras["config"]["meta"]["geo"] = {"nombre": "compras_geo", "latitud": "latitud", "longitud": "longitud"}
    fail(bench, "compras")
    second = bench.publish()
    assert second.published["compras"].rows == 1
    assert not (second.path / "compras_geo.geojson").exists()


def test_an_older_version_may_have_empty_cells_where_none_may_be_by_now(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('OC-2', null)")
    bench.publish()
    bench.node("compras")["unique_id"] = "model.bodega.compras"
    bench.nodes.append(
        {
            "resource_type": "test",
            "name": "not_null_compras_proveedor",
            "schema": "tests",
            "attached_node": "model.bodega.compras",
            "column_name": "proveedor",
            "test_metadata": {"name": "not_null", "kwargs": {}},
            "config": {"severity": "error"},
        }
    )
    fail(bench, "compras")
    second = bench.publish()
    assert second.published["compras"].rows == 2
    assert audit(second.path) == []


def test_an_older_version_may_lack_a_column_that_is_new(bench: Bench) -> None:
    first = bench.publish()
    bench.sql("alter table marts.compras add column nueva varchar")
    bench.node("compras")["columns"]["nueva"] = column("nueva", "varchar")
    fail(bench, "compras")
    second = bench.publish()
    assert said(second, "compras")["columnas"] == ["codigo_oc", "proveedor"]
    assert bench.rows(second.path / "compras.parquet") == bench.rows(first.path / "compras.parquet")


def test_what_was_masked_in_a_kept_version_is_still_counted(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('OC-2', 'Contacto: Rosa Elena Ñancupil Soto')")
    assert bench.publish().masked == {"compras.proveedor": 1}
    fail(bench, "compras")
    assert bench.publish().masked == {"compras.proveedor": 1}


def test_a_person_in_the_new_version_and_in_the_kept_one_stops_nothing_else(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('OC-2', 'Contacto: Rosa Elena Nuevamente')")
    bench.publish()
    bench.reserve(("nombre", "Rosa Elena Nuevamente"))
    bench.sql("insert into marts.compras values ('Rosa Elena Nuevamente', 'Contacto: Rosa Elena Nuevamente')")
    second = bench.publish()
    assert said(second, "compras")["conservado"]
    assert ("OC-2", f"Contacto: {MASK}") in bench.rows(second.path / "compras.parquet")


def test_what_is_known_of_persons_by_now_is_masked_in_what_is_kept(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('OC-2', 'Contacto: Rosa Elena Nuevamente')")
    bench.publish()
    bench.reserve(("nombre", "Rosa Elena Nuevamente"))
    fail(bench, "compras")
    second = bench.publish()
    assert ("OC-2", f"Contacto: {MASK}") in bench.rows(second.path / "compras.parquet")
    assert second.masked["compras.proveedor"] == 1


def test_a_kept_version_with_a_person_where_none_may_be_is_not_kept(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('Rosa Elena Nuevamente', 'Andes')")
    bench.publish()
    bench.reserve(("nombre", "Rosa Elena Nuevamente"))
    fail(bench, "compras")
    second = bench.publish()
    assert "compras" not in second.published
    assert "Tampoco se mantiene la versión anterior." in second.held["compras"]
    assert not [path for path in second.path.iterdir() if path.name.startswith("compras")]


def test_of_other_exports_nothing_is_kept(bench: Bench) -> None:
    bench.publish()
    fail(bench, "compras")
    bench.exports = set()
    second = bench.publish()
    assert "compras" not in second.published
    why = "No se mantiene una versión anterior, porque no consta que sea de la misma carpeta de archivos recibidos."
    assert second.held == {"compras": f"{REASON} {why}"}


def test_where_there_never_was_a_version_none_is_spoken_of(bench: Bench) -> None:
    fail(bench, "compras")
    bench.publish()
    move_on(bench)
    bench.exports = set()
    assert bench.publish().held == {"compras": REASON}


def test_a_dataset_whose_source_never_arrived_is_absent(bench: Bench) -> None:
    bench.publish()
    bench.gate = Gate(RUN, {"acuerdos": [passed("acuerdos")]}, missing={"compras": "No llegó ningún archivo."})
    assert "compras" not in bench.publish().published


def test_where_every_dataset_fails_there_is_no_release(bench: Bench) -> None:
    first = bench.publish()
    fail(bench, "acuerdos", "compras")
    with pytest.raises(PublishError, match="no dataset can be published"):
        bench.publish()
    assert json.loads((bench.releases / "latest.json").read_text("utf-8"))["id"] == first.id
