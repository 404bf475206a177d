import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from publish import contents, files
from publish.draft import Draft
from publish.errors import PublishError
from publish.gate import Gate
from publish.keeping import place, retention
from publish.keeping.audit import audit
from publish.keeping.verify import problems, sha256
from publish.privacy.scanning import MASK
from publish.release import Release
from tests.publish.bench import RUN, Bench, column, mart, passed


def in_force(bench: Bench) -> str | None:
    """The release that latest.json and the link agree on."""
    latest, link = bench.releases / "latest.json", bench.releases / "latest"
    if not latest.exists():
        assert not link.is_symlink()
        return None
    release_id = str(json.loads(latest.read_text("utf-8"))["id"])
    assert str(link.readlink()) == release_id
    assert problems(link, release_id) == []
    return release_id


def manifest_of(release: Release) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((release.path / "manifest.json").read_text("utf-8"))
    return manifest


# ---- what a release holds


def test_a_release_holds_each_dataset_and_says_what_it_is(bench: Bench) -> None:
    release = bench.publish()
    assert release.created
    assert release.id.startswith("2025-01-31-")
    assert len(release.id) == len("2025-01-31-") + 12
    assert {path.name for path in release.path.iterdir()} == {
        *(f"{name}.{kind}" for name in ("acuerdos", "compras")
          for kind in ("csv", "parquet", "xlsx", "zip", "diccionario.html")),
        "bodega.duckdb", "diccionario.csv", "diccionario.json", "datapackage.json", "catalogo.ttl", "catalogo.jsonld",
        "catalogo.rdf", "cambios.csv", "cambios.html", "changes.json", "calidad.json", "calidad.html", "LICENCIA.txt",
        "LEEME.txt", "manifest.json",
    }  # fmt: skip
    assert {name: each.rows for name, each in release.published.items()} == {"acuerdos": 2, "compras": 1}
    assert release.held == {}
    assert in_force(bench) == release.id


def test_the_catalogue_counts_the_points_of_the_files_of_points(bench: Bench) -> None:
    node = bench.node("compras")
    node["columns"] |= {name: column(name, "decimal(9,6)") for name in ("latitud", "longitud")}
    node["config"]["meta"]["geo"] = {"nombre": "compras_geo", "latitud": "latitud", "longitud": "longitud"}
    bench.sql(
        *(f"alter table marts.compras add column {name} decimal(9, 6)" for name in ("latitud", "longitud")),
        "insert into marts.compras values ('OC-2', 'Andes', -33.45, -70.65), ('OC-3', 'Andes', -33.46, -70.66)",
    )
    catalogue = (bench.publish().path / "catalogo.ttl").read_text("utf-8")
    said = dict(re.findall(r'"(\S+): (\d+) filas\."', catalogue))
    assert {name: said[name] for name in said if name.startswith("compras")} == {
        **{f"compras.{kind}": "3" for kind in ("csv", "parquet", "xlsx", "zip")},
        **{f"compras_geo.{kind}": "2" for kind in ("parquet", "geojson")},
    }


def test_the_manifest_counts_and_hashes_every_file(bench: Bench) -> None:
    release = bench.publish()
    manifest = manifest_of(release)
    assert (manifest["id"], manifest["fecha_corte"]) == (release.id, "2025-01-31")
    assert manifest["temas"] == [{"nombre": "integrity", "titulo": "De dónde vienen los datos"}]
    assert {file["nombre"]: (file["bytes"], file["sha256"]) for file in manifest["archivos"]} == {
        path.name: (path.stat().st_size, sha256(path))
        for path in release.path.iterdir()
        if path.name != "manifest.json"
    }
    assert manifest["conjuntos"][1]["archivos"] == [
        "compras.csv",
        "compras.parquet",
        "compras.xlsx",
        "compras.zip",
        "compras.diccionario.html",
    ]
    assert [(each["nombre"], each["filas"], each["controles"]) for each in manifest["conjuntos"]] == [
        ("acuerdos", 2, 1),
        ("compras", 1, 1),
    ]
    latest = json.loads((bench.releases / "latest.json").read_text("utf-8"))
    assert latest == {
        "id": release.id,
        "fecha_corte": "2025-01-31",
        "manifest": f"{release.id}/manifest.json",
        "sha256": sha256(release.path / "manifest.json"),
    }


def test_a_column_that_is_not_declared_is_not_published(bench: Bench) -> None:
    release = bench.publish()
    names = pq.read_schema(release.path / "acuerdos.parquet").names
    assert names == ["acuerdo", "materia", "monto", "fecha", "aprobado", "avance"]
    assert "analista" not in (release.path / "acuerdos.csv").read_text("utf-8")


def test_the_csv_is_plain_and_the_parquet_keeps_the_types(bench: Bench) -> None:
    release = bench.publish()
    assert (release.path / "acuerdos.csv").read_bytes().decode("utf-8") == (
        "acuerdo,materia,monto,fecha,aprobado,avance\n"
        "1/2024,Aprueba cancha,,2024-03-01,false,\n"
        '2/2024,"Aprueba plaza, ""etapa 2""",5000,2024-05-01,true,12.50\n'
    )
    schema = pq.read_schema(release.path / "acuerdos.parquet")
    assert [str(field.type) for field in schema] == [
        "string", "string", "int64", "date32[day]", "bool", "decimal128(18, 2)",
    ]  # fmt: skip


def test_parquet_is_sorted_compressed_and_in_groups_of_20_to_60_thousand_rows(bench: Bench) -> None:
    bench.node("compras")["config"]["meta"]["orden"] = ["proveedor"]
    bench.sql(
        "create or replace table marts.compras as "
        "select 'OC' || i as codigo_oc, 'Andes ' || (i * 7919 % 1000) as proveedor from range(100000) as t (i)"
    )
    file = pq.ParquetFile(bench.publish().path / "compras.parquet")
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    assert [group.num_rows for group in groups[:-1]] == [20480] * 4
    assert groups[0].column(0).compression == "ZSTD"
    rows = file.read().to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["proveedor"], row["codigo_oc"]))


def test_the_same_rows_in_another_order_give_the_same_bytes(bench: Bench) -> None:
    bench.sql(
        "create or replace table marts.compras as "
        "select 'OC' || (i // 2) as codigo_oc, 'Andes ' || i as proveedor from range(50000) as t (i)"
    )
    first = bench.publish()
    bench.sql("create or replace table marts.compras as select * from marts.compras order by hash(proveedor)")
    second = bench.publish()
    assert (second.id, second.created) == (first.id, False)


def test_the_dictionary_explains_every_published_column(bench: Bench) -> None:
    release = bench.publish()
    lines = (release.path / "diccionario.csv").read_text("utf-8").splitlines()
    assert lines[0] == "conjunto,columna,tipo,unidad,descripcion"
    assert 'acuerdos,avance,"DECIMAL(18,2)",texto,Descripción de avance.' in lines
    dictionary = json.loads((release.path / "diccionario.json").read_text("utf-8"))
    assert [len(each["columnas"]) for each in dictionary["conjuntos"]] == [6, 2]
    words = {
        column["tipo"]: column["tipo_en_palabras"] for each in dictionary["conjuntos"] for column in each["columnas"]
    }
    assert words["DECIMAL(18,2)"] == "número con 2 decimales"


def test_texts_name_licence_date_and_contents(bench: Bench) -> None:
    release = bench.publish()
    assert "CC BY 4.0" in (release.path / "LICENCIA.txt").read_text("utf-8")
    notes = (release.path / "LEEME.txt").read_text("utf-8")
    assert "2025-01-31" in notes
    assert "- acuerdos: Acuerdos (2 filas)" in notes


def test_only_points_that_are_there_are_announced(bench: Bench) -> None:
    assert "geojson" not in (bench.publish().path / "LEEME.txt").read_text("utf-8")
    bench.sql(*(f"alter table marts.compras add column {name} decimal(9, 6)" for name in ("latitud", "longitud")))
    compras = bench.node("compras")
    compras["columns"] |= {name: column(name, "decimal(9,6)") for name in ("latitud", "longitud")}
    compras["config"]["meta"]["geo"] = {"nombre": "compras_geo", "latitud": "latitud", "longitud": "longitud"}
    release = bench.publish()
    assert "Los puntos de compras vienen además en compras_geo.geojson" in (release.path / "LEEME.txt").read_text()
    assert (release.path / "compras_geo.geojson").exists()


def test_a_finished_release_is_read_only(bench: Bench) -> None:
    release = bench.publish()
    assert {stat.S_IMODE(path.stat().st_mode) for path in release.path.iterdir()} == {0o444}
    assert stat.S_IMODE(release.path.stat().st_mode) == 0o555


# ---- what is held back


def test_a_dataset_that_failed_a_check_is_left_out_and_its_reason_is_told(bench: Bench) -> None:
    bench.gate = Gate(RUN, {"acuerdos": [passed("acuerdos")], "compras": [passed("compras", success=False)]})
    release = bench.publish()
    reason = "No pasó estos controles de calidad: El conjunto tiene filas."
    assert release.held == {"compras": reason}
    assert not (release.path / "compras.csv").exists()
    assert manifest_of(release)["no_publicados"] == [{"nombre": "compras", "titulo": "Compras", "motivo": reason}]
    assert f"- compras: {reason}" in (release.path / "LEEME.txt").read_text("utf-8")
    assert reason in (release.path / "calidad.html").read_text("utf-8")


def test_with_no_dataset_left_there_is_no_release(bench: Bench) -> None:
    bench.gate = Gate(RUN, {})
    with pytest.raises(PublishError, match="no dataset can be published, so no release is made"):
        bench.publish()
    assert list(bench.releases.iterdir()) == []


def test_the_absence_of_a_dataset_makes_another_release(bench: Bench) -> None:
    bench.gate = Gate(RUN, {"acuerdos": [passed("acuerdos")]})
    without = bench.publish()
    bench.nodes = [node for node in bench.nodes if node["name"] != "compras"]
    bench.gate = None
    assert bench.publish().id != without.id


# ---- personal data


def test_personal_data_in_free_text_are_replaced_and_counted(bench: Bench) -> None:
    bench.sql(
        """
        insert into marts.acuerdos
        select n || '/2023', 'Expone ROSA ELENA  NANCUPIL SOTO, fono 9 8765 4321', 1, date '2023-01-01', true, 1, ''
        from range(3) as t (n)
        """
    )
    release = bench.publish()
    assert release.masked == {"acuerdos.materia": 6}
    assert bench.rows(release.path / "acuerdos.parquet")[0][1] == f"Expone {MASK}, fono {MASK}"
    assert manifest_of(release)["datos_personales_reservados"] == {"acuerdos.materia": 6}
    quality = json.loads((release.path / "calidad.json").read_text("utf-8"))
    assert (
        quality.items()
        >= {
            "resumen": "sin novedad",
            "no_publicados": {},
            "datos_personales_reservados": {"acuerdos.materia": 6},
        }.items()
    )
    assert "acuerdos.materia: 6" in (release.path / "calidad.html").read_text("utf-8")


def test_personal_data_anywhere_else_hold_the_dataset_and_are_not_told(bench: Bench) -> None:
    bench.sql("insert into marts.compras values ('16.067.432-6', 'Andes'), ('16067432-6', 'Andes')")
    release = bench.publish()
    assert release.held == {
        "compras": "La columna codigo_oc trae datos personales (RUT) en 2 celdas donde no debe haberlos; "
        "el conjunto se retiene hasta que se corrija su origen."
    }
    assert list(release.published) == ["acuerdos"]


def test_a_name_beside_a_publishable_rut_is_published(bench: Bench) -> None:
    bench.reserve(("nombre_rut", "ANDES LTDA."), ("nombre_rut_publicable", "Andes Ltda."))
    release = bench.publish()
    assert bench.rows(release.path / "compras.parquet") == [("5482-1-SE23", "Andes Ltda.")]


def test_a_name_that_a_closed_column_holds_too_is_replaced_there(bench: Bench) -> None:
    bench.reserve(("nombre", "Andes Ltda."), ("nombre_rut_publicable", "Andes Ltda."))
    release = bench.publish()
    assert bench.rows(release.path / "compras.parquet") == [("5482-1-SE23", MASK)]


@pytest.mark.parametrize(
    "name", ["Unidad de Transparencia", "Gobierno y sector público", "Región Metropolitana de Santiago"]
)
def test_an_office_that_the_release_itself_names_holds_nothing_back(bench: Bench, name: str) -> None:
    """As a sender of the documents' system it is reserved as any name: catalogue and notes still say it."""
    bench.reserve(("nombre", name))
    assert bench.publish().created


@pytest.mark.parametrize(("value", "held"), [("Gobierno y sector público", False), ("Rosa Elena Ñancupil Soto", True)])
def test_the_words_of_the_project_are_no_names_in_a_column_that_takes_no_free_text(
    bench: Bench, value: str, held: bool
) -> None:
    bench.reserve(("nombre", value))
    bench.sql(f"insert into marts.compras values ('{value}', 'Andes')")
    assert ("compras" in bench.publish().held) == held


def test_what_a_file_of_another_run_held_is_reserved_no_more(bench: Bench) -> None:
    bench.reserve(("nombre", "Andes Ltda."), sha256="gone")
    release = bench.publish()
    assert bench.rows(release.path / "compras.parquet") == [("5482-1-SE23", "Andes Ltda.")]


def test_codes_of_the_portfolio_are_no_ruts(bench: Bench) -> None:
    bench.sql("update marts.acuerdos set materia = 'Aprueba 20111222-2'")
    assert bench.publish().masked == {"acuerdos.materia": 2}
    bench.nodes.append(mart("iniciativas", [column("codigo_iniciativa", "varchar")]))
    bench.sql("create table marts.iniciativas as select '20111222-2' as codigo_iniciativa")
    # Not to be published here: its own metadata ask for more columns.
    results = {name: [passed(name, success=name != "iniciativas")] for name in bench.marts()}
    bench.gate = Gate(RUN, results)
    assert bench.publish().masked == {}


def test_personal_data_in_the_quality_report_are_replaced(bench: Bench) -> None:
    bench.quality_json = '{"controles": [{"observado": "16.067.432-6"}]}'
    bench.quality_html = "<p>Rosa Elena Ñancupil Soto</p>"
    release = bench.publish()
    assert json.loads((release.path / "calidad.json").read_text("utf-8"))["controles"] == [{"observado": MASK}]
    assert f"<p>{MASK}</p>" in (release.path / "calidad.html").read_text("utf-8")


def test_a_name_that_the_page_writes_with_entities_is_replaced_and_its_tags_are_kept(bench: Bench) -> None:
    bench.reserve(("nombre", "María José O'Ryan Díaz"))
    bench.quality_html = "<p title='a > b'>a &gt; b</p><p>dte/María José O&#39;Ryan Díaz.xml</p>"
    page = (bench.publish().path / "calidad.html").read_text("utf-8")
    assert f"<p>dte/{MASK}.xml</p>" in page
    assert "a &gt; b</p>" in page


def test_file_names_with_personal_data_stay_apart_and_the_same_wherever_they_stand(bench: Bench) -> None:
    received = [
        ("dte/16.067.432-6.xml", "aa" * 32),
        ("dte/5.572.437-7.xml", "bb" * 32),
        ("dte/18102609K.xml", "bb" * 32),
    ]
    bench.receive(("core/acuerdos_20250131.csv", "x"), *received)
    for n, (file, _) in enumerate(received):
        bench.sql(f"insert into marts.acuerdos values ('{n}/2020', '{file}', 1, date '2020-01-01', true, 1, '')")
        bench.sql(f"insert into marts.compras values ('{n}-1-SE20', '{file}')")
    release = bench.publish()
    names = {f"dte/{MASK}-aaaaaaaa.xml", f"dte/{MASK}-bbbbbbbb.xml", f"dte/{MASK}-bbbbbbbb.xml (2)"}
    assert {row[1] for row in bench.rows(release.path / "acuerdos.parquet")} >= names
    assert {row[1] for row in bench.rows(release.path / "compras.parquet")} == {"Andes Ltda.", *names}
    assert release.masked == {"acuerdos.materia": 3, "compras.proveedor": 3}


def test_digits_alone_in_a_column_of_codes_are_a_code_and_in_prose_a_rut(bench: Bench) -> None:
    bench.node("compras")["columns"]["proveedor"]["config"]["meta"]["unidad"] = "código"
    bench.sql(
        "insert into marts.compras values ('1-1-SE20', '160674326'), ('1-2-SE20', 'Juan 160674326')",
        "update marts.acuerdos set materia = '160674326'",
    )
    release = bench.publish()
    assert {row[1] for row in bench.rows(release.path / "compras.parquet")} == {
        "Andes Ltda.",
        "160674326",
        f"Juan {MASK}",
    }
    assert {row[1] for row in bench.rows(release.path / "acuerdos.parquet")} == {MASK}


def test_words_that_the_dictionary_uses_do_not_stop_a_release_though_a_closed_column_holds_them(bench: Bench) -> None:
    bench.reserve(("nombre", "Descripción de materia"), ("nombre", "Compras"), ("nombre", "Gobierno de Santiago"))
    release = bench.publish()
    assert "Gobierno de Santiago" in (release.path / "LICENCIA.txt").read_text("utf-8")


def test_figures_and_lone_words_in_the_quality_report_are_left_alone(bench: Bench) -> None:
    bench.reserve(("nombre", "Compras"))
    bench.quality_json = '{"controles": [{"dataset": "Compras", "observado": "160674326", "suma": 160674326}]}'
    quality = json.loads((bench.publish().path / "calidad.json").read_text("utf-8"))
    assert quality["controles"] == [{"dataset": "Compras", "observado": "160674326", "suma": 160674326}]


@pytest.mark.parametrize("report", ["", "[]"])
def test_a_quality_report_that_is_no_object_is_refused(bench: Bench, report: str) -> None:
    bench.quality_json = report
    with pytest.raises(PublishError, match=r"calidad\.json"):
        bench.publish()


# ---- bad state


def test_without_reserved_values_nothing_is_published(bench: Bench) -> None:
    for file in (bench.folder / "raw" / "reservados").iterdir():
        file.unlink()
    with pytest.raises(PublishError, match="ingest the exports first"):
        bench.publish()


def test_a_column_of_another_type_than_declared_is_refused(bench: Bench) -> None:
    bench.sql("alter table marts.acuerdos alter monto type hugeint")
    with pytest.raises(PublishError, match=r"acuerdos\.monto: declared as BIGINT, and the warehouse has HUGEINT"):
        bench.publish()


def test_a_table_that_was_not_built_is_refused(bench: Bench) -> None:
    bench.sql("drop table marts.compras")
    with pytest.raises(PublishError, match=r'compras: the warehouse has no "marts"\."compras"; run dbt again'):
        bench.publish()


def test_a_warehouse_without_date_is_refused(bench: Bench) -> None:
    bench.sql("update intermediate.int_fecha_corte set fecha_corte = null")
    with pytest.raises(PublishError, match="no file of the run was accepted"):
        bench.publish()


def test_a_missing_warehouse_is_refused(bench: Bench) -> None:
    bench.warehouse.unlink()
    with pytest.raises(PublishError, match="build the warehouse first"):
        bench.publish()


def test_a_damaged_release_is_not_put_in_force_again(bench: Bench) -> None:
    release = bench.publish()
    damaged = release.path / "acuerdos.csv"
    damaged.chmod(0o644)
    damaged.write_text("otra cosa")
    with pytest.raises(PublishError, match=r"is damaged: acuerdos\.csv has 9 bytes instead of"):
        bench.publish()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-36] + b"x" * 36)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-36])


@pytest.mark.parametrize("spoil", [damage, cut, Path.unlink])
def test_a_damaged_release_in_force_does_not_stop_the_next_one(bench: Bench, spoil: Callable[[Path], None]) -> None:
    first = bench.publish()
    first.path.chmod(0o755)
    (first.path / "compras.parquet").chmod(0o644)
    spoil(first.path / "compras.parquet")
    change(bench)
    second = bench.publish()
    assert in_force(bench) == second.id
    assert manifest_of(second)["anterior"] is None
    assert any("is damaged, so nothing is compared with it: compras.parquet" in step for step in bench.steps)


def test_a_file_that_changes_after_it_was_hashed_stops_the_release(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = contents.describe

    def meddle(con: duckdb.DuckDBPyConnection, draft: Draft, *others: Any) -> None:
        describe(con, draft, *others)
        with (draft.folder / "acuerdos.csv").open("a", encoding="utf-8") as file:
            file.write("otra,fila\n")

    monkeypatch.setattr(contents, "describe", meddle)
    with pytest.raises(PublishError, match=r"acuerdos\.csv has another sha256"):
        bench.publish()
    assert in_force(bench) is None


def test_two_processes_do_not_publish_at_once(bench: Bench) -> None:
    bench.releases.mkdir()
    with place.alone_in(bench.releases), pytest.raises(PublishError, match="another process is publishing"):
        bench.publish()


# ---- one release after another, and crashes


def change(bench: Bench) -> None:
    bench.sql("update marts.acuerdos set monto = 7000 where monto = 5000")


def test_the_same_input_makes_no_second_release(bench: Bench) -> None:
    first = bench.publish()
    written = (first.path / "manifest.json").stat().st_mtime_ns
    bench.quality_json = '{"resumen": "otra ejecución"}'
    second = bench.publish()
    assert (second.id, second.created) == (first.id, False)
    assert (first.path / "manifest.json").stat().st_mtime_ns == written
    assert any("no second one is made" in step for step in bench.steps)
    assert second.published == first.published


def test_an_older_release_comes_back_into_force_with_its_data(bench: Bench) -> None:
    first = bench.publish()
    change(bench)
    second = bench.publish()
    assert in_force(bench) == second.id
    bench.sql("update marts.acuerdos set monto = 5000 where monto = 7000")
    assert bench.publish().id == first.id
    assert in_force(bench) == first.id


def test_what_cannot_be_deleted_of_older_ones_is_told_and_the_release_is_made(bench: Bench) -> None:
    bench.publish()
    # No folder, so that nobody can delete it as one.
    in_the_way = bench.releases / f"{retention.DELETING}2024-12-31-0123456789ab"
    in_the_way.write_text("")
    change(bench)
    release = bench.publish()
    assert (release.created, release.removed) == (True, ())
    assert in_force(bench) == release.id
    *_, said, last = bench.steps
    assert said == f"{release.id} is in force"
    assert last.startswith(f"{release.id} is in force, but not all that need not be kept could be deleted (")
    assert f"'{in_the_way}'" in last
    assert f"write and delete in {bench.releases}, or make room there" in last


def leftovers(bench: Bench) -> set[str]:
    return {path.name for path in bench.releases.iterdir() if path.name.startswith(".en-curso")}


class Crash(BaseException):
    pass


def crash_at(count: int, function: Callable[..., Any]) -> Callable[..., Any]:
    calls = 0

    def crashing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count:
            raise Crash
        return function(*args, **kwargs)

    return crashing


@pytest.mark.parametrize("has_release", [False, True])
@pytest.mark.parametrize(
    ("target", "name"),
    [
        (files, "write_text"), (files, "sync"), (files, "write_table"), (os, "replace"), (os, "fsync"),
        (Path, "replace"), (Path, "rename"), (Path, "symlink_to"), (Path, "chmod"), (files, "replace_text"),
    ],
)  # fmt: skip
def test_a_crash_at_any_point_leaves_the_old_release_in_force(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, target: Any, name: str, has_release: bool
) -> None:
    old = bench.publish().id if has_release else None
    change(bench)
    original = getattr(target, name)
    crashes = 0
    for count in range(1, 100):
        monkeypatch.setattr(target, name, crash_at(count, original))
        try:
            bench.publish()
            break
        except Crash:
            crashes += 1
        monkeypatch.setattr(target, name, original)
        if in_force(bench) != old:
            break  # it crashed behind the last step: the new release is whole, and in force
        assert leftovers(bench) == set()
    monkeypatch.setattr(target, name, original)
    assert crashes
    assert bench.publish().id == in_force(bench) != old


KILLED = 9

KILL = """
import os
from pathlib import Path
from tests.publish.bench import ACUERDOS, COMPRAS, CUT_OFF, Bench

def die(*args, **kwargs):
    os._exit({status})

def publish():
    Bench(Path({folder!r}), [CUT_OFF, ACUERDOS, COMPRAS]).publish(progress)

def progress(step):
    if step.startswith({step!r}):
        die()

if {call!r}:
    setattr(os, {call!r}, die)
publish()
"""


@pytest.mark.parametrize(
    ("step", "call"), [("screening and writing compras", ""), ("writing", ""), ("-", "rename"), ("-", "replace")]
)
def test_a_killed_process_leaves_the_old_release_in_force_and_the_next_run_cleans_up(
    bench: Bench, step: str, call: str
) -> None:
    old = bench.publish().id
    change(bench)
    code = KILL.format(folder=str(bench.folder), step=step, call=call, status=KILLED)
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert run.returncode == KILLED, run.stderr
    assert in_force(bench) == old
    new = bench.publish().id
    assert in_force(bench) == new != old
    assert leftovers(bench) == set()
    assert {path.name for path in bench.releases.iterdir()} == {old, new, "latest", "latest.json"}


def test_a_release_is_named_after_what_it_holds_and_not_after_when(bench: Bench, tmp_path: Path) -> None:
    first = bench.publish()
    (bench.releases / "latest.json").unlink()
    first.path.chmod(0o755)
    first.path.rename(tmp_path / "aparte")
    again = bench.publish()
    assert again.created
    assert again.id == first.id
    for name in ("acuerdos.parquet", "acuerdos.csv", "manifest.json"):
        assert (again.path / name).read_bytes() == (tmp_path / "aparte" / name).read_bytes()


@pytest.mark.parametrize("cell", ["_x005F_x0041_", "<r>_x0041_ y \x01</r>"], ids=["another text", "no workbook at all"])
def test_a_workbook_that_its_writer_gets_wrong_is_left_out_and_all_else_is_published(bench: Bench, cell: str) -> None:
    bench.sql(f"update marts.acuerdos set materia = '{cell}'")
    release = bench.publish()
    assert set(release.published) == {"acuerdos", "compras"}
    assert not (release.path / "acuerdos.xlsx").exists()
    assert (release.path / "compras.xlsx").exists()
    assert "acuerdos.xlsx" not in zipfile.ZipFile(release.path / "acuerdos.zip").namelist()
    assert "acuerdos no viene en planilla" in (release.path / "LEEME.txt").read_text("utf-8")
    assert any(step.startswith("acuerdos.xlsx does not hold the rows of acuerdos.parquet") for step in bench.steps)
    assert audit(release.path) == []
