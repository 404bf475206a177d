"""What changed between two releases, key by key."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.catalog import Column, Dataset
from publish.keeping.versions import Version
from publish.reports import changes

TYPES = {"anio": "INTEGER", "item": "VARCHAR", "monto": "BIGINT", "nota": "VARCHAR"}
Row = tuple[int, str | None, int | None, str | None]


def dataset(columns: dict[str, str] = TYPES, grain: tuple[str, ...] = ("anio", "item")) -> Dataset:
    declared = tuple(
        Column(name, kind, f"Columna {name}.", "M$" if name == "monto" else "texto", "abierta", free_text=False)
        for name, kind in columns.items()
    )
    return Dataset("gasto", "Gasto", "tema", "Gasto.", grain, grain, (), declared, "marts.gasto")


class Releases:
    """Two versions of a dataset on the disk, and what is said of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, Version] = {}

    def hold(self, release: str, rows: list[Any], declared: Dataset | None = None) -> None:
        declared = declared or dataset()
        kinds = {"INTEGER": pa.int32(), "BIGINT": pa.int64(), "VARCHAR": pa.string()}
        schema = pa.schema([(c.name, kinds[c.type]) for c in declared.columns])
        path = self.folder / f"{release}.parquet"
        pq.write_table(pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema), path)
        self.versions[release] = Version(declared, path, {}, release, date(2024, 12, 31))

    def compare(self, mask: Callable[[Column, str], str] = lambda column, value: value) -> changes.DatasetChanges:
        before, after = ({"gasto": v} if (v := self.versions.get(name)) else {} for name in ("before", "after"))
        with duckdb.connect() as con:
            (found,) = changes.compare(con, before, after, self.folder / "cambios.csv", mask)
        return found

    def lines(self) -> list[dict[str, str]]:
        with (self.folder / "cambios.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path)


def test_a_row_that_is_gone_is_named_by_its_key(releases: Releases) -> None:
    releases.hold("before", [(2023, "01", 5, "a"), (2024, None, 7, "b")])
    releases.hold("after", [(2023, "01", 5, "a")])
    found = releases.compare()
    assert (found.estado, found.filas["quitadas"]) == ("cambiado", 1)
    assert found.claves["quitadas"] == [{"anio": 2024, "item": None}]
    assert releases.lines() == [
        {"conjunto": "gasto", "cambio": "quitada", "clave": '{"anio":2024,"item":null}', "filas": "1", "columnas": ""}
    ]


def test_a_changed_row_names_its_columns_and_the_total_moves(releases: Releases) -> None:
    releases.hold("before", [(2023, "01", 5, "a"), (2023, "02", 1, None)])
    releases.hold("after", [(2023, "01", 6, "b"), (2023, "02", 1, None)])
    found = releases.compare()
    assert found.claves["cambiadas"] == [{"anio": 2023, "item": "01", "columnas": ["monto", "nota"]}]
    assert found.totales == [{"columna": "monto", "unidad": "M$", "antes": 6, "ahora": 7}]


def test_the_same_data_in_another_order_is_no_change(releases: Releases) -> None:
    rows = [(2023, "01", 5, "a"), (2023, None, 1, None)]
    releases.hold("before", rows)
    releases.hold("after", rows[::-1])
    assert (releases.compare().estado, releases.lines()) == ("igual", [])


def test_columns_that_came_went_or_changed_their_type_are_named(releases: Releases) -> None:
    releases.hold("before", [(2023, "01", 5, "a")])
    other = dataset({"anio": "INTEGER", "item": "VARCHAR", "monto": "VARCHAR", "fuente": "VARCHAR"})
    releases.hold("after", [(2023, "01", "5", "x")], other)
    found = releases.compare()
    assert (found.columnas_agregadas, found.columnas_quitadas) == (["fuente"], ["nota"])
    assert found.columnas_cambiadas == [{"columna": "monto", "cambio": "tipo", "antes": "BIGINT", "ahora": "VARCHAR"}]
    assert (found.estado, found.filas["cambiadas"]) == ("cambiado", 0)


def test_another_key_takes_every_row_away_and_brings_every_row(releases: Releases) -> None:
    releases.hold("before", [(2023, "01", 5, "a")])
    releases.hold("after", [(2023, "01", 5, "a")], dataset(grain=("item",)))
    found = releases.compare()
    assert found.clave_cambiada == {"antes": ["anio", "item"], "ahora": ["item"]}
    assert found.claves == {"agregadas": [{"item": "01"}], "cambiadas": [], "quitadas": [{"anio": 2023, "item": "01"}]}


def test_another_unit_is_a_change_even_where_every_cell_is_the_same(releases: Releases) -> None:
    declared = dataset()
    pesos = tuple(replace(c, unit="CLP") if c.name == "monto" else c for c in declared.columns)
    releases.hold("before", [(2023, "01", 5, "a")])
    releases.hold("after", [(2023, "01", 5, "a")], replace(declared, columns=pesos))
    found = releases.compare()
    assert found.columnas_cambiadas == [{"columna": "monto", "cambio": "unidad", "antes": "M$", "ahora": "CLP"}]
    assert found.estado == "cambiado"


@pytest.mark.parametrize(("held", "estado", "named"), [("before", "retirado", 2), ("after", "nuevo", 0)])
def test_a_dataset_that_goes_is_named_row_by_row_and_one_that_comes_as_a_whole(
    releases: Releases, held: str, estado: str, named: int
) -> None:
    releases.hold(held, [(2023, "01", 5, "a"), (2023, "02", 5, "a")])
    found = releases.compare()
    assert (found.estado, len(releases.lines())) == (estado, named)


def test_what_is_known_of_persons_by_now_is_taken_from_the_keys_of_the_release_before(releases: Releases) -> None:
    releases.hold("before", [(2023, "Rosa Soto", 5, "a")])
    releases.hold("after", [])
    releases.compare(lambda column, value: "[reservado]" if value == "Rosa Soto" else value)
    assert [line["clave"] for line in releases.lines()] == ['{"anio":2023,"item":"[reservado]"}']


def test_beyond_the_examples_every_key_is_still_in_the_table(releases: Releases) -> None:
    releases.hold("before", [(year, "01", 5, "a") for year in range(changes.EXAMPLES + 5)])
    releases.hold("after", [])
    found = releases.compare()
    assert len(found.claves["quitadas"]) == changes.EXAMPLES
    assert (found.filas["quitadas"], len(releases.lines())) == (changes.EXAMPLES + 5, changes.EXAMPLES + 5)


def test_the_first_release_says_that_there_was_none_before(releases: Releases) -> None:
    releases.hold("after", [(2023, "01", 5, "a")])
    said = json.loads(changes.as_json("hoy", None, [releases.compare()]))
    assert (said["publicacion"], said["anterior"]) == ("hoy", None)
    assert said["conjuntos"][0]["estado"] == "nuevo"


def test_the_page_says_what_changed_in_words(releases: Releases) -> None:
    releases.hold("before", [(2023, "01", 1_234_567, "<b>"), (2024, None, 7, "b")])
    releases.hold("after", [(2023, "01", 2_000_000, "<b>")])
    page = changes.as_html("hoy", "ayer", [releases.compare()], {"gasto": dataset()})
    assert "comparada con la anterior, <code>ayer</code>" in page
    assert '<td class="numero">1.234.574</td><td class="numero">2.000.000</td>' in page
    assert "<li>anio 2024, item vacío</li>" in page
    assert "anio 2023, item 01: <code>monto</code>" in page


def test_the_page_of_a_first_release_compares_with_nothing(releases: Releases) -> None:
    releases.hold("after", [(2023, "01", 5, "a")])
    page = changes.as_html("hoy", None, [releases.compare()], {"gasto": dataset()})
    assert "No hay una anterior" in page
    assert "Filas nuevas" not in page


rows = st.lists(
    st.tuples(
        st.integers(2020, 2022),
        st.sampled_from(["01", "02", None]),
        st.one_of(st.none(), st.integers(-2, 2)),
        st.sampled_from(["a", "", None]),
    ),
    max_size=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=rows, after=rows)
def test_rows_are_conserved_whatever_the_two_releases_hold(
    releases: Releases, before: list[Row], after: list[Row]
) -> None:
    """antes - quitadas + agregadas = ahora, and a key is silent only where its rows are the very same."""
    releases.hold("before", before)
    releases.hold("after", after)
    found = releases.compare().filas
    assert found["antes"] - found["quitadas"] + found["agregadas"] == found["ahora"]
    silent = {key for row in before + after if (key := row[:2])} - {
        (k["anio"], k["item"]) for line in releases.lines() if (k := json.loads(line["clave"]))
    }
    for key in silent:
        old, new = (sorted((r for r in held if r[:2] == key), key=repr) for held in (before, after))
        assert _columns(old) == _columns(new)


def _columns(held: list[Row]) -> list[list[str]]:
    # Rows that share a key are one set: what is compared is what each column holds.
    return [sorted(repr(cell) for cell in column) for column in zip(*held, strict=True)]
