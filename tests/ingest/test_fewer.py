"""Rows that a source gave and no longer gives are noticed, although what is left of it is well formed."""

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
import time_machine

from ingest.fewer import Fewer
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, csv_file, row
from tests.ingest.test_failures import unreadable_medium

REGISTER, AGREEMENTS = "dte_rcv_compra", "core_acuerdos"
MONTH = "dte/rcv_compra_202501.csv"
FIRST, SECOND, THIRD = (f"core/acuerdos_2025{date}.csv" for date in ("0131", "0228", "0331"))


def rows(export: str, good: int, bad: int = 0) -> bytes:
    day = next(c.name for c in CONTRACTS[export].columns if c.type == "date" and c.need)
    return csv_file(
        export,
        [row(export, n) | ({day: "ayer"} if n > good else {}) for n in range(1, good + bad + 1)],
    )


def fewer(bench: Bench) -> dict[str, tuple[int, int]]:
    """What the run found, by file: the rows it has, and those that there were."""
    return {each.path: (each.rows, each.before) for each in bench.run().fewer}


@pytest.fixture
def bench(ingest: Ingest) -> Bench:
    """A good run over a month and a snapshot of a hundred rows each."""
    bench = ingest({})
    for path, export in ((MONTH, REGISTER), (FIRST, AGREEMENTS)):
        bench.add({path: rows(export, 100)})
    assert bench.run().fewer == []
    return bench


def test_a_file_that_comes_again_with_far_fewer_rows_is_told_until_they_are_back(bench: Bench) -> None:
    bench.add({MONTH: rows(REGISTER, 79)})
    assert fewer(bench) == fewer(bench) == {MONTH: (79, 100)}
    # Half mended is not mended: it is compared with what there was before.
    bench.add({MONTH: rows(REGISTER, 70)})
    assert fewer(bench) == {MONTH: (70, 100)}
    bench.add({MONTH: rows(REGISTER, 80)})
    assert fewer(bench) == {}


def test_rows_that_are_rejected_are_rows_that_are_gone(bench: Bench) -> None:
    bench.add({MONTH: rows(REGISTER, good=50, bad=50)})
    assert fewer(bench) == {MONTH: (50, 100)}


def test_of_a_file_whose_rows_were_mostly_rejected_it_is_known_where_they_are(bench: Bench) -> None:
    bench.add({MONTH: rows(REGISTER, good=49, bad=51)})
    assert fewer(bench) == {}
    # What it had before is remembered all the same.
    bench.add({MONTH: rows(REGISTER, good=49)})
    assert fewer(bench) == {MONTH: (49, 100)}


def test_a_snapshot_is_compared_with_the_one_before_it(bench: Bench) -> None:
    bench.add({SECOND: rows(AGREEMENTS, 40)})
    (found,) = bench.run().fewer
    assert (found.path, found.follows, found.rows, found.before) == (SECOND, AGREEMENTS, 40, 100)
    # An older one beside it changes nothing.
    bench.add({"core/acuerdos_20241231.csv": rows(AGREEMENTS, 500)})
    assert fewer(bench) == {SECOND: (40, 100)}
    bench.add({THIRD: rows(AGREEMENTS, 101)})
    assert fewer(bench) == {}


def withdraw(bench: Bench, path: str) -> None:
    bench.correct(f"retiros: [{{archivo: {path}, motivo: doble, autor: analista, fecha: 2025-03-01}}]")


def test_the_snapshot_before_one_that_is_withdrawn_is_compared_with_nothing(bench: Bench) -> None:
    bench.add({SECOND: rows(AGREEMENTS, 300)})
    bench.run()
    (bench.exports / SECOND).unlink()
    withdraw(bench, SECOND)
    assert fewer(bench) == {}


def test_what_is_withdrawn_and_lies_in_the_folder_all_the_same_is_told_of_as_before(bench: Bench) -> None:
    bench.add({MONTH: rows(REGISTER, 50)})
    bench.run()
    withdraw(bench, MONTH)
    assert fewer(bench) == fewer(bench) == {MONTH: (50, 100)}


def test_a_memory_from_before_rows_were_counted_is_compared_with_from_then_on(bench: Bench) -> None:
    memory = bench.raw / "vigentes.parquet"
    counted = [name for name in pq.read_schema(memory).names if "aceptadas" in name or name == "menos_desde"]
    pq.write_table(pq.read_table(memory).drop_columns(counted), memory)
    bench.add({MONTH: rows(REGISTER, 50)})
    assert fewer(bench) == {}
    bench.add({MONTH: rows(REGISTER, 25)})
    assert fewer(bench) == {MONTH: (25, 50)}


def test_what_stays_so_for_longer_than_the_export_may_be_late_is_as_it_should_be(bench: Bench) -> None:
    late = timedelta(days=CONTRACTS[REGISTER].late_after_days)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        bench.add({MONTH: rows(REGISTER, 40)})
        assert fewer(bench) == {MONTH: (40, 100)}
        clock.shift(late)
        assert fewer(bench) == {MONTH: (40, 100)}
        clock.shift(timedelta(seconds=1))
        assert fewer(bench) == {}
        bench.add({MONTH: rows(REGISTER, 20)})
        assert fewer(bench) == {MONTH: (20, 40)}


@pytest.mark.parametrize(("before", "now"), [(100, 81), (100, 80), (12, 3), (9, 0)])
def test_a_little_less_or_a_few_rows_are_no_matter(ingest: Ingest, before: int, now: int) -> None:
    bench = ingest({MONTH: rows(REGISTER, before)})
    bench.add({MONTH: rows(REGISTER, now, bad=1)})
    assert fewer(bench) == {}


def test_a_file_that_is_refused_or_missing_has_the_rows_that_stand_in_for_it(bench: Bench) -> None:
    bench.add({MONTH: b"<html>"})
    (bench.exports / FIRST).unlink()
    assert fewer(bench) == {}
    bench.add({MONTH: rows(REGISTER, 50)})
    bench.add({FIRST: rows(AGREEMENTS, 50)})
    assert fewer(bench) == {MONTH: (50, 100), FIRST: (50, 100)}


def test_what_an_export_that_cannot_be_read_was_compared_with_is_kept(bench: Bench) -> None:
    bench.may_fail = True
    bench.add({FIRST: rows(AGREEMENTS, 50)})
    told = bench.run().fewer
    mend = unreadable_medium(bench)
    assert bench.run().fewer == told == [Fewer(AGREEMENTS, FIRST, told[0].sha256, AGREEMENTS, 50, 100)]
    mend()
    (bench.exports / SECOND).unlink()
    assert fewer(bench) == {FIRST: (50, 100)}
