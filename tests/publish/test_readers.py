"""Every reader that an analyst may have at hand finds the same cells in every file of a release."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from publish.catalog import Dataset, read_catalog
from publish.forms import duckdb_file
from publish.labels import label
from tests.conftest import World

Rows = list[tuple[Any, ...]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def datasets(sample_world: World) -> list[Dataset]:
    catalog = read_catalog(sample_world.base / "internal" / "dbt" / "manifest.json")
    return [catalog.datasets[name] for name in sorted(sample_world.published)]


def _read(con: duckdb.DuckDBPyConnection, source: str, cells: str = "*") -> Rows:
    return con.execute(f"select {cells} from {source}").fetchall()


def _by_duckdb(path: Path) -> Rows:
    with duckdb.connect() as con:
        if path.suffix == ".parquet":
            return _read(con, f"read_parquet('{path}')")
        return _read(con, f"read_csv('{path}', all_varchar = true, header = true)")


def _by_pandas(path: Path) -> Rows:
    if path.suffix == ".parquet":
        frame = pandas.read_parquet(path, dtype_backend="pyarrow")
    else:
        frame = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    columns = [[None if pandas.isna(cell) else cell for cell in frame[name]] for name in frame.columns]
    return list(zip(*columns, strict=True))


def _by_polars(path: Path) -> Rows:
    frame = polars.read_parquet(path) if path.suffix == ".parquet" else polars.read_csv(path, infer_schema=False)
    return frame.rows()


def _by_pyarrow(path: Path) -> Rows:
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        table = pyarrow.csv.read_csv(
            path,
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


READERS = (_by_duckdb, _by_pandas, _by_polars, _by_pyarrow)


def _plain(rows: Rows) -> Rows:
    """Cells as Python's own types: a timestamp of pandas is one of the standard library."""
    return [tuple(cell.to_pydatetime() if isinstance(cell, pandas.Timestamp) else cell for cell in row) for row in rows]


def _as_csv(cell: Any) -> str | None:
    """A typed cell as the CSV writes it."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell)


def _differences(expected: Rows, found: Rows, names: Sequence[str]) -> list[str]:
    assert len(found) == len(expected)
    return [
        f"row {number}, {name}: {cell!r} and {other!r}"
        for number, (row, others) in enumerate(zip(expected, found, strict=True), 1)
        for name, cell, other in zip(names, row, others, strict=True)
        if cell != other or type(cell) is not type(other)
    ]


def test_four_readers_agree_on_every_cell_of_every_parquet_file(sample_world: World) -> None:
    for path in sorted(sample_world.release.glob("*.parquet")):
        if path.stem.endswith("_geo"):
            continue
        names = pyarrow.parquet.read_schema(path).names
        expected = _by_duckdb(path)
        assert expected
        for reader in READERS[1:]:
            assert _differences(expected, _plain(reader(path)), names) == [], (path.name, reader.__name__)


def test_four_readers_agree_on_every_cell_of_every_csv_file_and_with_the_parquet_file(sample_world: World) -> None:
    for parquet in sorted(sample_world.release.glob("*.parquet")):
        if parquet.stem.endswith("_geo"):
            continue
        names = pyarrow.parquet.read_schema(parquet).names
        expected = [tuple(_as_csv(cell) for cell in row) for row in _by_duckdb(parquet)]
        for reader in READERS:
            found = _plain(reader(parquet.with_suffix(".csv")))
            assert _differences(expected, found, names) == [], (parquet.stem, reader.__name__)


def test_the_duckdb_file_holds_every_cell_in_the_same_order(sample_world: World, datasets: list[Dataset]) -> None:
    with duckdb.connect(str(sample_world.release / "bodega.duckdb"), read_only=True) as con:
        for dataset in datasets:
            names = [column.name for column in dataset.columns]
            expected = _by_duckdb(sample_world.release / f"{dataset.name}.parquet")
            assert _differences(expected, _read(con, dataset.name), names) == [], dataset.name
        bare = con.execute(
            "select table_name, column_name from duckdb_columns() where not internal and comment is null union all "
            "select view_name, null from duckdb_views() where not internal and comment is null"
        ).fetchall()
        assert bare == []
        for view in duckdb_file.views():
            assert _read(con, view.name), view.name


def test_the_duckdb_file_comes_out_the_same_when_it_is_written_again(
    sample_world: World, datasets: list[Dataset], tmp_path: Path
) -> None:
    again = tmp_path / "otra.duckdb"
    duckdb_file.write(sample_world.release, datasets, again)
    assert again.read_bytes() == (sample_world.release / "bodega.duckdb").read_bytes()


def test_the_views_say_what_the_datasets_say(sample_world: World) -> None:
    """Each against the same figure, computed another way from the files."""
    with duckdb.connect(str(sample_world.release / "bodega.duckdb"), read_only=True) as con:
        paid = con.execute("select anio, mes, programa, monto_total, dias_promedio from pagos_por_mes").fetchall()
        months = con.execute("select distinct anio, mes from ficha_del_ultimo_mes").fetchall()
        initiatives = con.execute(
            "select count(*), count(distinct codigo_iniciativa) from seguimiento_iniciativas"
        ).fetchall()
    totals: dict[tuple[Any, ...], int] = {}
    took: dict[tuple[Any, ...], list[int]] = {}
    for day, programa, estado, total, kind, days in sample_world.query(
        "select fecha_pago, programa, estado, monto_total, tipo_documento, dias_pago from {pagos_proveedores} "
        "where fecha_pago is not null"
    ):
        if estado not in ("RECLAMADA", "ANULADA"):
            key = (day.year, day.month, programa)
            totals[key] = totals.get(key, 0) + (total or 0)
            took.setdefault(key, []).extend([days] if kind != "61" and days is not None else [])
    assert {tuple(row[:3]): row[3] or 0 for row in paid} == totals
    assert {tuple(row[:3]): row[4] for row in paid} == {
        key: (Decimal(sum(days)) / len(days)).quantize(Decimal("0.01"), ROUND_HALF_UP) if days else None
        for key, days in took.items()
    }
    assert months == [max(sample_world.query("select distinct anio, mes from {ficha_ciudadana}"))]
    assert initiatives == sample_world.query("select count(*), count(*) from {iniciativas}")


def test_the_workbook_holds_every_cell(sample_world: World, datasets: list[Dataset]) -> None:
    for dataset in datasets:
        source = sample_world.release / f"{dataset.name}.parquet"
        book = openpyxl.load_workbook(source.with_suffix(".xlsx"), read_only=True)
        head, *rows = book["Datos"].iter_rows(values_only=True, max_col=len(dataset.columns))
        assert list(head) == [label(column) for column in dataset.columns]
        expected = _by_duckdb(source)
        assert len(rows) == len(expected)
        different = [
            (number, column.name, cell, shown)
            for number, (row, shown_row) in enumerate(zip(expected, rows, strict=True), 1)
            for column, cell, shown in zip(dataset.columns, row, shown_row, strict=True)
            if not _shown_as(cell, shown)
        ]
        assert different == [], dataset.name
        book.close()


def _shown_as(cell: Any, shown: Any) -> bool:
    """Whether a spreadsheet shows a cell as it is: dates are moments there, and decimals floating numbers."""
    if isinstance(cell, datetime):
        return isinstance(shown, datetime) and abs(shown - cell) < timedelta(milliseconds=1)
    if isinstance(cell, date):
        return bool(shown == datetime.combine(cell, datetime.min.time()))
    if isinstance(cell, Decimal):
        return isinstance(shown, int | float) and shown == float(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return isinstance(shown, int | float) and not isinstance(shown, bool) and shown == cell
    return type(shown) is type(cell) and shown == cell
