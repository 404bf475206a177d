"""Each form of a dataset beside its Parquet file holds what that file holds; one that does not is named."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.catalog import Geography
from publish.forms import geography, reading_back, xlsx, zips
from tests.publish.tables import FACTS, PAGOS, column, parquet

POINTS = replace(
    PAGOS,
    columns=(*PAGOS.columns, column("longitud", "DECIMAL(9,6)", "grados")),
    geography=Geography("pagos_geo", "latitud", "longitud"),
)
ROWS = """
    ('03', 'a', 2024, 1, 88.68, -33.437800, date '2024-12-31', timestamp '2024-12-31 23:59:58', true, -70.651300),
    ('04', 'b', 2024, 2, 10.00, -33.500000, null, null, false, -70.700000),
    ('05', null, null, null, null, null, null, null, null, null)
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        yield con


@pytest.fixture
def folder(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Path:
    published = parquet(tmp_path, POINTS, ROWS)
    assert POINTS.geography
    geography.write(con, POINTS.geography, published, tmp_path)
    xlsx.write(POINTS, published, tmp_path / "pagos.xlsx", FACTS)
    (tmp_path / "pagos.csv").write_text("codigo\n" * 9, "utf-8")
    zips.write(tmp_path, ["pagos.csv", "pagos.parquet", "pagos.xlsx"], tmp_path / "pagos.zip")
    return tmp_path


def in_sheet(cell: str, value: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "pagos.xlsx")
        book["Datos"][cell] = value
        book.save(folder / "pagos.xlsx")

    return change


def without_row(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "pagos.xlsx")
    book["Datos"].delete_rows(2)
    book.save(folder / "pagos.xlsx")


def in_geojson(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "pagos_geo.geojson"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def in_geoparquet(query: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "pagos_geo.parquet"
        with duckdb.connect() as con:
            con.execute(f"create table t as from read_parquet('{path}')")
            con.execute(f"copy ({query}) to '{path}' (format parquet, geoparquet_version 'BOTH')")

    return change


def displaced(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # Where the list of members begins, as the end of the zip says it: beyond that end.
    content[-6:-2] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)


def another_file(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pagos.parquet", b"otro")


def nothing(path: Path) -> None:
    zipfile.ZipFile(path, "w").close()


def damaged(path: Path) -> None:
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        # Behind the header of the member: its first bytes are no stream that can be unpacked.
        begin = archive.getinfo("pagos.csv").header_offset + 30 + len("pagos.csv")
    path.write_bytes(content[:begin] + b"\xff" * 4 + content[begin + 4 :])


def encrypted(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        content[archive.start_dir + 8] |= 1
    path.write_bytes(content)


def test_what_was_written_is_what_was_published(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    assert list(reading_back.unlike(con, POINTS, folder)) == []


WORKBOOK = "pagos.xlsx does not hold the rows of pagos.parquet"
GEOJSON = "pagos_geo.geojson does not hold the rows of pagos.parquet"
ELSEWHERE = "cast('POINT (-70 -33)' as geometry('OGC:CRS84'))"
GEOPARQUET = "pagos_geo.parquet does not hold the rows of pagos.parquet"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (in_sheet("A2", "04"), WORKBOOK),
        (in_sheet("B3", None), WORKBOOK),
        (in_sheet("B4", "c"), WORKBOOK),
        (in_sheet("C2", 2023), WORKBOOK),
        (in_sheet("D2", 2), WORKBOOK),
        (in_sheet("D2", "uno"), WORKBOOK),
        (in_sheet("E2", 88.69), WORKBOOK),
        (in_sheet("F2", -33.4379), WORKBOOK),
        (in_sheet("G2", datetime(2024, 12, 30)), WORKBOOK),
        (in_sheet("H2", datetime(2024, 12, 31, 23, 59, 59)), WORKBOOK),
        (in_sheet("I2", value=False), WORKBOOK),
        (in_sheet("A5", "06"), WORKBOOK),
        (in_sheet("K1", "Otra"), WORKBOOK),
        (without_row, WORKBOOK),
        (in_geojson("-33.4378]", "-33.4379]"), GEOJSON),
        (in_geojson('"materia":"a"', '"materia":"z"'), GEOJSON),
        (in_geojson('"monto_total":2', '"monto_total":3'), GEOJSON),
        (in_geojson("]}\n", ""), GEOJSON),
        (in_geoparquet("select * replace (3 as monto_total) from t"), GEOPARQUET),
        (in_geoparquet(f"select * replace ({ELSEWHERE} as geometry) from t"), GEOPARQUET),
        (in_geoparquet("from t limit 1"), GEOPARQUET),
    ],
)  # fmt: skip
def test_a_form_with_another_value_is_named(
    con: duckdb.DuckDBPyConnection, folder: Path, change: Callable[[Path], None], wrong: str
) -> None:
    change(folder)
    assert wrong in list(reading_back.unlike(con, POINTS, folder))


@pytest.mark.parametrize("change", [another_file, nothing])
def test_a_zip_that_does_not_hold_the_file_beside_it_is_named(
    con: duckdb.DuckDBPyConnection, folder: Path, change: Callable[[Path], None]
) -> None:
    change(folder / "pagos.zip")
    assert list(reading_back.unlike(con, POINTS, folder)) == [
        "pagos.zip does not hold pagos.parquet as it is beside it"
    ]


@pytest.mark.parametrize("change", [damaged, encrypted, displaced])
def test_a_zip_that_cannot_be_unpacked_is_no_zip(
    con: duckdb.DuckDBPyConnection, folder: Path, change: Callable[[Path], None]
) -> None:
    change(folder / "pagos.zip")
    with pytest.raises(zipfile.BadZipFile, match=r"pagos\.zip"):
        list(reading_back.unlike(con, POINTS, folder))


def test_a_form_that_the_release_does_not_have_is_not_missed(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for name in ("pagos.xlsx", "pagos.zip", "pagos_geo.parquet", "pagos_geo.geojson"):
        (folder / name).unlink()
    assert list(reading_back.unlike(con, POINTS, folder)) == []


def test_points_of_which_there_are_none_are_those_of_no_row(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    published = parquet(tmp_path, POINTS, "('05', null, null, null, null, null, null, null, null, null)")
    assert POINTS.geography
    geography.write(con, POINTS.geography, published, tmp_path)
    assert list(reading_back.unlike(con, POINTS, tmp_path)) == []


def test_points_are_read_back_in_less_memory_than_they_fill(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = f"('05', '{'texto ' * 200}', 2024, 1, null, -33.4378, null, null, true, -70.6513)"
    one, published = parquet(tmp_path, POINTS, row), tmp_path / "many" / "pagos.parquet"
    published.parent.mkdir()
    con.execute(f"copy (select one.* from '{one}' as one, range(60_000)) to '{published}' (format parquet)")
    assert POINTS.geography
    geography.write(con, POINTS.geography, published, published.parent)
    con.execute("set memory_limit = '200MB'")
    assert list(reading_back.unlike(con, POINTS, published.parent)) == []


# The number is never empty: a row without any cell is none to a spreadsheet, and each dataset has a key.
CELLS = st.tuples(
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["ñ" * 32_768, "😀" * 16_383, "😀" * 16_384, "<r>a & b</r>"]),
    st.integers(-(2**63), 2**63 - 1),
    st.none() | st.decimals(Decimal(-(10**15)), Decimal(10**15), places=2),
    st.none() | st.dates(date(1800, 1, 1)),
    st.none() | st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)).map(lambda m: m.replace(microsecond=0)),
    st.none() | st.booleans(),
)
TYPES = ("VARCHAR", "BIGINT", "DECIMAL(18,2)", "DATE", "TIMESTAMP", "BOOLEAN")
ARROW = (pa.string(), pa.int64(), pa.decimal128(18, 2), pa.date32(), pa.timestamp("us"), pa.bool_())
ANY = replace(PAGOS, columns=tuple(column(f"c{n}", kind) for n, kind in enumerate(TYPES)))


@settings(deadline=None, max_examples=80)
@given(st.lists(CELLS, min_size=1, max_size=8))
def test_whatever_a_cell_holds_its_workbook_is_recognised(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    columns = zip(*rows, strict=True)
    arrays = [pa.array(cells, kind) for cells, kind in zip(columns, ARROW, strict=True)]
    pq.write_table(pa.table(arrays, names=[each.name for each in ANY.columns]), folder / "pagos.parquet")
    xlsx.write(ANY, folder / "pagos.parquet", folder / "pagos.xlsx", FACTS)
    with duckdb.connect() as con:
        assert list(reading_back.unlike(con, ANY, folder)) == []
