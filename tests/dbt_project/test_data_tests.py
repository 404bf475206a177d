"""Each data test of dbt sees its bad row, and no other data test does.

"Alone" is meant within the layer: dbt's tests guard the build and the checks of Great Expectations the publication, and
both look at keys and lists on purpose. Among dbt's tests, one that never sees a row that all others let pass is of no
use, and one that no row can fail is a lie; both break the build here.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import World
from tests.dbt_project.bad_rows import BAD_ROWS
from tests.dbt_project.data_tests import DataTest, Project
from tests.dbt_project.rules import RULES, Parts, Warehouse, implied, traced_anew

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def good(sample_world: World) -> Iterator[Warehouse]:
    """The samples' warehouse, on which every data test passes."""
    internal = sample_world.base / "internal"
    project = Project(internal / "dbt" / "manifest.json")
    with project.copied(internal / "bodega.duckdb") as connection:
        yield Warehouse(project, connection)


def bad_rows(warehouse: Warehouse, test: DataTest) -> Parts:
    """Bad rows of each part of a test: those written for it, else those that its arguments tell."""
    if test.name in BAD_ROWS:
        return {"written": iter([BAD_ROWS[test.name]])}
    return RULES[test.kind](warehouse, test)


def seen_by(warehouse: Warehouse, sql: str) -> set[str]:
    """Data tests that fail once SQL has spoiled the good warehouse."""
    relations = warehouse.project.named_in(sql)
    sql += traced_anew(warehouse, relations)
    warehouse.connection.begin()
    try:
        warehouse.connection.execute(sql)
        tests = warehouse.project.reading(warehouse.project.named_in(sql))
        return {test.name for test in tests if test.fails(warehouse.connection)}
    finally:
        warehouse.connection.rollback()


def faults(warehouse: Warehouse, test: DataTest) -> list[str]:
    """What keeps a test from being the only one that sees some bad row; each of its parts must be seen by it."""
    found = []
    alone = False
    others: list[set[str]] = []
    expected = {test.name} | implied(warehouse, test)
    for part, candidates in bad_rows(warehouse, test).items():
        seen = False
        for sql in candidates:
            failed = seen_by(warehouse, sql)
            seen |= test.name in failed
            alone |= failed == expected
            others.append(failed - expected)
            if seen and alone:
                break
        if not seen:
            found.append(f"{test.name}: no bad row is seen ({part})")
    if not alone:
        fewest = min(map(sorted, others), key=len)
        found.append(f"{test.name}: not alone, at least {fewest} see the bad row too")
    return found


def test_every_data_test_has_a_bad_row_and_every_bad_row_a_data_test(good: Warehouse) -> None:
    by_hand = {test.name for test in good.project.tests.values() if test.kind not in RULES}
    assert by_hand - set(BAD_ROWS) == set()
    assert set(BAD_ROWS) - set(good.project.tests) == set()


def test_good_rows_pass_every_data_test(good: Warehouse) -> None:
    assert [test.name for test in good.project.tests.values() if test.fails(good.connection)] == []


def test_each_data_test_alone_sees_some_bad_row(good: Warehouse) -> None:
    assert [fault for test in good.project.tests.values() for fault in faults(good, test)] == []


_CHILD = (
    "insert into intermediate.int_presupuesto_niveles "
    "select * replace (2 as nivel, '99' as item, '{moneda}' as moneda, true as es_hoja) "
    "from intermediate.int_presupuesto_niveles where rowid = ("
    "select min(rowid) from intermediate.int_presupuesto_niveles where nivel = 1 and {where})"
)
_WITHOUT_CHILDREN = "es_hoja and presupuesto_vigente > 2"


@pytest.mark.parametrize(
    ("sql", "seen"),
    [
        (_CHILD.format(moneda="P", where=_WITHOUT_CHILDREN), False),
        # Its only child is in dollars: nothing is left that adds up to it.
        (_CHILD.format(moneda="D", where=_WITHOUT_CHILDREN), True),
        # Beside children in pesos a line in dollars is no part of the sum.
        (_CHILD.format(moneda="D", where="not es_hoja"), False),
        # An ítem without its own row is worth its asignaciones.
        (
            "delete from intermediate.int_presupuesto_niveles where rowid = "
            "(select min(rowid) from intermediate.int_presupuesto_niveles where nivel = 2 and not es_hoja)",
            False,
        ),
    ],
    ids=["the same currency", "only another currency", "another currency beside", "no row of the item"],
)
def test_a_line_of_the_budget_is_compared_with_what_stands_below_it_in_its_currency(
    good: Warehouse, sql: str, seen: bool
) -> None:
    assert ("presupuesto_padre_igual_a_hijos" in seen_by(good, sql)) == seen


def test_a_data_test_that_no_row_fails_is_found_out(good: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = replace(good.project.tests["accepted_values_compras_moneda__CLP__CLF__USD__UTM__EUR"], sql="select false")
    monkeypatch.setitem(good.project.tests, blind.name, blind)

    assert faults(good, blind)[0] == f"{blind.name}: no bad row is seen (moneda)"


def test_a_data_test_that_says_what_another_says_is_found_out(good: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    test = good.project.tests["unique_compras_codigo_oc"]
    monkeypatch.setitem(good.project.tests, "gemelo", replace(test, name="gemelo"))

    assert faults(good, test) == [f"{test.name}: not alone, at least ['gemelo'] see the bad row too"]
