"""bodega.duckdb: the published rows with their comments, for browsers and older versions too, the same every time."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from publish.edition import Carried
from publish.errors import PublishError
from publish.forms import duckdb_file
from tests.publish.tables import PAGOS, column, parquet

MANY = """
    select i::varchar as codigo, case when i % 3 > 0 then 'Materia de ' || hash(i % 900) end as materia,
           case when i % 5 > 0 then 2000 + i % 25 end as anio,
           case when i % 7 > 0 then hash(i) % 90000000 end as monto_total,
           (i % 10000) / 100 as porcentaje_ejecucion, null as latitud, date '2020-01-01' + (i % 999)::int as fecha_pago,
           case when i % 4 > 0 then timestamp '2020-01-01' end as recibido_en, i % 11 > 3 as cedida
    from range({rows}) as t(i)
"""


def publish_many(folder: Path, rows: int) -> None:
    cells = ", ".join(f"cast({each.name} as {each.type}) as {each.name}" for each in PAGOS.columns)
    with duckdb.connect() as con:
        many = MANY.format(rows=rows)
        con.execute(f"copy (select {cells} from ({many})) to '{folder / 'pagos.parquet'}' (format parquet)")


def test_holds_the_published_rows_and_what_each_column_is(tmp_path: Path) -> None:
    source = parquet(tmp_path)
    duckdb_file.write(tmp_path, [PAGOS], tmp_path / "bodega.duckdb")
    with duckdb.connect(str(tmp_path / "bodega.duckdb"), read_only=True) as con:
        assert con.execute("from pagos").fetchall() == con.execute(f"from read_parquet('{source}')").fetchall()
        comments = dict(con.execute("select column_name, comment from duckdb_columns() where not internal").fetchall())
        (about,) = con.execute("select comment from duckdb_tables()").fetchall()[0]
    assert comments["monto_total"] == "Qué es monto_total. Unidad: CLP."
    assert set(comments) == {column.name for column in PAGOS.columns}
    assert about.startswith("Pagos. Pagos de cada mes.")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["bodega.duckdb", "pagos.parquet"]


def test_is_written_as_the_oldest_readers_need_it(tmp_path: Path) -> None:
    """DuckDB 1.0 refuses a file with a key, and one of a newer storage version."""
    parquet(tmp_path)
    required = tuple(replace(each, required=each.name == "codigo") for each in PAGOS.columns)
    duckdb_file.write(tmp_path, [replace(PAGOS, keys=(("codigo",),), columns=required)], tmp_path / "bodega.duckdb")
    with duckdb.connect(str(tmp_path / "bodega.duckdb"), read_only=True) as con:
        (tags,) = con.execute("select tags from duckdb_databases() where database_name = 'bodega'").fetchall()[0]
        kinds = {row[0] for row in con.execute("select constraint_type from duckdb_constraints()").fetchall()}
        (about,) = con.execute("select comment from duckdb_tables()").fetchall()[0]
    assert tags["storage_version"].startswith("v1.0.0")
    assert kinds == {"NOT NULL"}
    assert about.endswith("Clave: codigo.")


@pytest.mark.slow
def test_same_rows_give_the_same_bytes_whatever_the_memory_held(tmp_path: Path) -> None:
    publish_many(tmp_path, 150_000)
    written = []
    for name in ("uno", "dos", "tres"):
        duckdb_file.write(tmp_path, [PAGOS], tmp_path / f"{name}.duckdb")
        written.append((tmp_path / f"{name}.duckdb").read_bytes())
    assert written[0] == written[1] == written[2]


@pytest.mark.slow
def test_same_rows_give_the_same_bytes_however_little_memory_there_is(tmp_path: Path) -> None:
    publish_many(tmp_path, 500_000)
    written = []
    for limit in ("600MB", "25MB"):
        duckdb_file.write(tmp_path, [PAGOS], tmp_path / f"{limit}.duckdb", memory_limit=limit)
        written.append((tmp_path / f"{limit}.duckdb").read_bytes())
    assert written[0] == written[1]


def test_rows_that_are_written_in_several_parts_are_all_there_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "PART_ROWS", 3)
    publish_many(tmp_path, 10)
    duckdb_file.write(tmp_path, [PAGOS], tmp_path / "bodega.duckdb")
    with duckdb.connect(str(tmp_path / "bodega.duckdb"), read_only=True) as con:
        codes = con.execute("select codigo from pagos").fetchall()
    assert codes == [(str(number),) for number in range(10)]


def test_a_file_that_lacks_published_rows_is_an_error_that_names_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_many(tmp_path, 10)
    whole = duckdb_file._table
    # The last part is never inserted.
    monkeypatch.setattr(duckdb_file, "PART_ROWS", 9)
    monkeypatch.setattr(
        duckdb_file, "_table", lambda *given: [s for s in whole(*given) if "file_row_number >= 9" not in s]
    )
    with pytest.raises(PublishError, match="pagos: the rows of the DuckDB file are not those of the Parquet file"):
        duckdb_file.write(tmp_path, [PAGOS], tmp_path / "bodega.duckdb")


def test_a_refused_statement_is_an_error_that_says_why(tmp_path: Path) -> None:
    parquet(tmp_path)
    required = tuple(replace(each, required=True) for each in PAGOS.columns)
    with pytest.raises(PublishError, match="NOT NULL"):
        duckdb_file.write(tmp_path, [replace(PAGOS, columns=required)], tmp_path / "bodega.duckdb")


def test_a_view_is_left_out_where_its_datasets_are_not_there(tmp_path: Path) -> None:
    parquet(tmp_path)
    duckdb_file.write(tmp_path, [PAGOS], tmp_path / "bodega.duckdb")
    with duckdb.connect(str(tmp_path / "bodega.duckdb"), read_only=True) as con:
        assert con.execute("select view_name from duckdb_views() where not internal").fetchall() == []
    assert len(duckdb_file.views()) == 3


def test_a_view_is_left_out_where_a_version_was_kept_from_before_one_of_its_columns_came(tmp_path: Path) -> None:
    view = duckdb_file.views()[0]
    columns = tuple(column(name, "BIGINT") for name in ("anio", "mes", "programa", "subtitulo"))
    older = replace(PAGOS, name=view.requires[0], columns=columns, order=("anio",))
    parquet(tmp_path, older, "(2024, 12, 1, 21)")
    kept = {older.name: Carried("2024-12-31-ab", date(2024, 12, 31), "Falló un control.")}
    duckdb_file.write(tmp_path, [older], tmp_path / "bodega.duckdb", kept)
    with duckdb.connect(str(tmp_path / "bodega.duckdb"), read_only=True) as con:
        assert con.execute("select view_name from duckdb_views() where not internal").fetchall() == []
        assert con.execute(f"select count(*) from {older.name}").fetchall() == [(1,)]
    # A view that asks for what a new dataset does not have is a mistake.
    with pytest.raises(duckdb.BinderException):
        duckdb_file.write(tmp_path, [older], tmp_path / "bodega.duckdb")
