"""A release is read again from its bytes before it gets its name: whatever got in by another way stops it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publish import files
from publish.catalog import read_catalog
from publish.edition import Publisher
from publish.errors import PublishError
from publish.privacy import inspection
from publish.privacy.screening import read_screen, screen
from tests.publish.bench import Bench, column, opened

RUT, NAME = "16.067.432-6", "Rosa Elena Ñancupil Soto"


@pytest.fixture
def geographic(bench: Bench) -> Bench:
    """The bench with a dataset that has points."""
    bench.sql(
        "alter table marts.compras add column lat decimal(9, 6)",
        "alter table marts.compras add column lon decimal(9, 6)",
    )
    bench.sql("update marts.compras set lat = -33.443, lon = -70.651312")
    node = bench.node("compras")
    for name in ("lat", "lon"):
        node["columns"][name] = column(name, "decimal(9,6)")
    node["config"]["meta"]["geo"] = {"nombre": "compras_geo", "latitud": "lat", "longitud": "lon"}
    return bench


def inspect(bench: Bench, folder: Path) -> None:
    catalog = read_catalog(bench.manifest())
    with files.connect(bench.warehouse) as con:
        using = read_screen(con, bench.folder / "raw", catalog, Publisher())
        for dataset in catalog.datasets.values():
            screen(con, dataset, using)
        inspection.inspect(con, folder, list(catalog.datasets.values()), using)


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    return change


def swap(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change


def keep_one_row(name: str) -> Callable[[Path], None]:
    """A CSV that was cut off behind its first row."""

    def change(folder: Path) -> None:
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        assert len(lines) > 2
        (folder / name).write_text("".join(lines[:2]), "utf-8")

    return change


def put_in_json(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = json.loads((folder / name).read_text("utf-8"))
        content["nota"] = [{"dentro": f"vecina {RUT}"}]
        (folder / name).write_text(json.dumps(content), "utf-8")

    return change


def rewrite(name: str, change_table: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        pq.write_table(change_table(pq.read_table(folder / name)), folder / name)

    return change


def with_cell(table: pa.Table) -> pa.Table:
    cells = [f"expone {NAME}", *table["proveedor"].to_pylist()[1:]]
    return table.set_column(table.column_names.index("proveedor"), "proveedor", pa.array(cells))


def rename(name: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).rename(folder / new)

    return change


def fill_in(sheet: str) -> Callable[[Path], None]:
    """Another cell in a sheet of the workbook."""

    def change(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "compras.xlsx")
        book[sheet]["A2"] = NAME
        book.save(folder / "compras.xlsx")

    return change


def add_to_zip(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with zipfile.ZipFile(folder / "compras.zip", "a") as archive:
            archive.writestr(name, text)

    return change


def in_warehouse(statement: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with duckdb.connect(str(folder / "bodega.duckdb")) as con:
            con.execute(statement)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (fill_in("Datos"), r"compras\.xlsx holds personal data \(nombre\) in the sheet Datos"),
        (fill_in("Diccionario"), r"compras\.xlsx holds personal data \(nombre\) in the sheet Diccionario"),
        (add_to_zip("notas.txt", NAME), r"compras\.zip does not hold notas\.txt as it is beside it"),
        (append("LICENCIA.txt", "Otra cosa.\n"), r"acuerdos\.zip does not hold LICENCIA\.txt as it is beside it"),
        (swap("LICENCIA.txt", "Datos", "datos"), r"acuerdos\.zip does not hold LICENCIA\.txt as it is beside it"),
        (append("catalogo.ttl", f"# {RUT}\n"), r"catalogo\.ttl holds personal data \(RUT\)"),
        (append("catalogo.rdf", f"<!-- {RUT} -->\n"), r"catalogo\.rdf holds personal data \(RUT\)"),
        (append("cambios.csv", f"compras,quitada,{NAME},1,\n"), r"cambios\.csv holds personal data \(nombre\)"),
        (in_warehouse(f"update compras set proveedor = '{NAME}'"), r"bodega\.duckdb .* in the column proveedor"),
        (in_warehouse(f"comment on table compras is '{RUT}'"), r"bodega\.duckdb .*\(RUT\) in its comments"),
        (in_warehouse(f"create view v as select '{NAME}' as x"), r"bodega\.duckdb .*\(nombre\) in its comments"),
        (append("LEEME.txt", f"Consultas a {NAME}."), r"LEEME\.txt holds personal data \(nombre\) in its text"),
        (append("LICENCIA.txt", "vecina@correo.cl"), r"LICENCIA\.txt holds personal data \(correo\)"),
        (append("diccionario.csv", f"acuerdos,x,y,z,{RUT}\n"), r"diccionario\.csv holds personal data \(RUT\)"),
        (put_in_json("diccionario.json"), r"diccionario\.json holds personal data \(RUT\)"),
        (put_in_json("manifest.json"), r"manifest\.json holds personal data \(RUT\)"),
        (put_in_json("calidad.json"), r"calidad\.json holds personal data \(RUT\)"),
        (append("calidad.html", f"<p>{NAME.replace(' ', '&nbsp;')}</p>"), r"calidad\.html holds .* \(nombre\)"),
        (append("calidad.html", f'<p title="{RUT}">x</p>'), r"calidad\.html holds personal data \(RUT\)"),
        (swap("acuerdos.csv", "acuerdo,materia", f"acuerdo,{RUT}"), r"acuerdos\.csv .* \(RUT\) in its header"),
        (swap("acuerdos.csv", "Aprueba cancha", NAME), r"acuerdos\.csv .*\(nombre\) in the column materia"),
        (rewrite("compras.parquet", with_cell), r"compras\.parquet .*\(nombre\) in the statistics of proveedor"),
        (
            rewrite("compras.parquet", lambda t: t.replace_schema_metadata({"autor": "vecina@correo.cl"})),
            r"compras\.parquet holds personal data \(correo\) in its metadata",
        ),
        (
            rewrite("compras.parquet", lambda t: t.append_column(RUT, pa.array([1] * len(t)))),
            r"compras\.parquet holds personal data \(RUT\) in its columns' names",
        ),
        (rewrite("compras_geo.parquet", with_cell), r"compras_geo\.parquet holds personal data \(nombre\)"),
        (swap("compras_geo.geojson", "Andes Ltda.", NAME), r"compras_geo\.geojson .* in the property proveedor"),
        (rename("LEEME.txt", "LEEME_Rosa_Elena_Ñancupil_Soto.txt"), r"holds personal data \(nombre\) in its name"),
        (rename("LEEME.txt", "publicar.log"), r"publicar\.log is no file of a release"),
    ],
)  # fmt: skip
def test_personal_data_in_any_file_stop_the_release_and_are_not_told(
    geographic: Bench, tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = opened(geographic.publish().path, tmp_path)
    inspect(geographic, folder)
    change(folder)
    with pytest.raises(PublishError, match=message) as error:
        inspect(geographic, folder)
    assert not any(told in str(error.value) for told in (RUT, NAME, "Rosa", "vecina"))


@pytest.mark.parametrize(
    ("change", "file"),
    [
        (keep_one_row("acuerdos.csv"), "acuerdos.csv"),
        (swap("acuerdos.csv", "Aprueba cancha", "Andes Ltda."), "acuerdos.csv"),
        (in_warehouse("delete from acuerdos"), "bodega.duckdb"),
        (in_warehouse("update acuerdos set monto = monto + 1"), "bodega.duckdb"),
    ],
)
def test_a_file_with_other_rows_than_the_parquet_file_stops_the_release(
    bench: Bench, tmp_path: Path, change: Callable[[Path], None], file: str
) -> None:
    folder = opened(bench.publish().path, tmp_path)
    change(folder)
    with pytest.raises(PublishError, match=rf"{file} does not hold the rows of acuerdos\.parquet"):
        inspect(bench, folder)


def test_figures_in_keys_are_no_phones(geographic: Bench, tmp_path: Path) -> None:
    folder = opened(geographic.publish().path, tmp_path)
    with (folder / "cambios.csv").open("a") as file:
        file.write('compras,agregada,"{""folio"":987654321,""otro"":56987654321}",1,\n')
    inspect(geographic, folder)


def test_a_cell_outside_the_statistics_is_read_too(bench: Bench, tmp_path: Path) -> None:
    folder = opened(bench.publish().path, tmp_path)
    table = pa.table({"codigo_oc": ["1-1-SE24"] * 3, "proveedor": ["Andes", f"expone {NAME}", "zeta"]})
    (folder / "compras.parquet").unlink()
    pq.write_table(table, folder / "compras.parquet")
    with pytest.raises(PublishError, match="in the column proveedor"):
        inspect(bench, folder)


def test_a_description_with_personal_data_stops_the_release_and_leaves_none(bench: Bench) -> None:
    bench.node("acuerdos")["description"] = f"Consultas: {RUT}."
    with pytest.raises(PublishError, match="holds personal data"):
        bench.publish()
    assert list(bench.releases.iterdir()) == []


def test_without_the_second_look_they_would_be_published(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.node("acuerdos")["description"] = f"Consultas: {RUT}."
    monkeypatch.setattr(inspection, "inspect", lambda *_: None)
    assert RUT in (bench.publish().path / "diccionario.json").read_text("utf-8")
