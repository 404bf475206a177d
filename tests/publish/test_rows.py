"""Whether two relations hold the same rows, told by sums of hashes."""

import duckdb
import pytest

from publish import rows

CELLS = ["numero", "texto"]


def same(one: str, other: str, cells: list[str] = CELLS) -> bool:
    with duckdb.connect() as con:
        one, other = (f"(select * from ({rows_of}) as filas(numero, texto))" for rows_of in (one, other))
        return rows.same(con, one, other, cells)


def test_the_order_of_rows_does_not_count() -> None:
    assert same("values (1, 'a'), (2, 'b')", "values (2, 'b'), (1, 'a')")


@pytest.mark.parametrize(
    "other",
    [
        "values (1, 'a'), (1, 'a'), (3, null)",
        "values (1, 'a'), (2, 'b')",
        "values (1, 'a'), (2, 'b'), (3, '')",
        "values (1, 'b'), (2, 'a'), (3, null)",
    ],
    ids=["one row twice in place of another", "a row less", "an empty text for a NULL", "cells of rows exchanged"],
)
def test_other_rows_are_told(other: str) -> None:
    assert not same("values (1, 'a'), (2, 'b'), (3, null)", other)


def test_relations_without_rows_are_the_same_and_no_others() -> None:
    empty = "select 1, 'a' where false"
    assert same(empty, empty)
    assert not same(empty, "values (null, null)")


def test_without_cells_only_the_number_of_rows_counts() -> None:
    assert same("values (1, 'a')", "values (2, 'b')", [])
    assert not same("values (1, 'a')", "values (1, 'a'), (1, 'a')", [])
