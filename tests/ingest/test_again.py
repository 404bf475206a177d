"""A month of a monthly export can be read again alone, and the raw layer is then as if all had been read at once."""

from pathlib import Path

import pytest

from ingest.pipeline import Again
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, csv_file, row

REGISTER = "dte_rcv_compra"
CORE = "core/acuerdos_20250131.csv"


def register(month: int, *folios: int, **cells: str) -> dict[str, bytes]:
    return {f"dte/rcv_compra_2025{month:02}.csv": csv_file(REGISTER, [row(REGISTER, n, **cells) for n in folios])}


def budget(programme: int) -> dict[str, bytes]:
    rows = [row("presupuesto_ejecucion", 31, programa=str(programme))]
    return {f"presupuesto/ejecucion_2025_01_0{programme}.csv": csv_file("presupuesto_ejecucion", rows)}


FILES: dict[str, bytes] = {
    **register(1, 1, 2),
    **register(2, 3, 4),
    **register(3, 5, monto_total="?"),
    **budget(1),
    **budget(2),
    CORE: csv_file("core_acuerdos", [row("core_acuerdos", 1)]),
}


def raw(bench: Bench) -> dict[str, bytes]:
    """Every file of rows, by its place."""
    tables = [p for p in bench.raw.rglob("*-*.parquet") if p.parent != bench.raw]
    return {str(p.relative_to(bench.raw)): p.read_bytes() for p in tables}


def read_now(bench: Bench) -> set[str]:
    return {f.arrival.path for f in bench.report.files if f.read_now}


@pytest.fixture
def at_once(ingest: Ingest) -> Bench:
    return ingest(FILES)


def test_the_exports_that_come_by_month_are_those_whose_names_say_it() -> None:
    assert [name for name, c in CONTRACTS.items() if c.monthly] == [
        "dte_rcv_compra",
        "presupuesto_ejecucion",
        "sga_ordenes_compra",
    ]


def test_the_files_of_that_month_and_export_are_read_again_and_no_other(at_once: Bench) -> None:
    before = raw(at_once)
    at_once.run(Again(frozenset({REGISTER}), "2025-02"))
    assert read_now(at_once) == {*register(2)}
    at_once.run(Again(frozenset({REGISTER, "presupuesto_ejecucion"}), "2025-01"))
    assert read_now(at_once) == {*register(1), *budget(1), *budget(2)}
    assert raw(at_once) == before


def test_damaged_rows_are_as_they_were_once_their_month_is_read_again(at_once: Bench) -> None:
    before = raw(at_once)
    damaged = next(p for p in (at_once.raw / REGISTER).glob("*.parquet") if "vacio" not in p.name)
    month = at_once.table(
        f"""select mes from '{{raw}}/archivos.parquet' where sha256 in (select _sha256 from '{damaged}')"""
    )[0]["mes"]
    damaged.unlink()
    assert raw(at_once) != before
    at_once.run(Again(frozenset({REGISTER}), f"2025-{month:02}"))
    assert raw(at_once) == before


def test_files_that_came_one_by_one_give_the_same_raw_layer_as_all_at_once(at_once: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one_by_one = Bench(tmp_path / "other")
    for path, content in FILES.items():
        one_by_one.add({path: content})
        one_by_one.run()
    assert raw(one_by_one) == raw(at_once)
    one_by_one.run(Again(frozenset({"presupuesto_ejecucion"}), "2025-01"))
    assert raw(one_by_one) == raw(at_once)


def test_what_a_replaced_file_gave_is_left_as_it_was(at_once: Bench) -> None:
    """Figures of earlier releases are traced to it."""
    replaced = raw(at_once)
    at_once.add(register(2, 3, 9))
    at_once.run()
    at_once.run(Again(frozenset({REGISTER}), "2025-02"))
    assert replaced.items() <= raw(at_once).items()
    assert at_once.counts("dte/rcv_compra_202502.csv")[1] == 2


def test_a_month_whose_file_is_gone_is_read_from_the_archive(at_once: Bench) -> None:
    before = raw(at_once)
    (at_once.exports / "dte/rcv_compra_202502.csv").unlink()
    at_once.run(Again(frozenset({REGISTER}), "2025-02"))
    assert read_now(at_once) == {*register(2)}
    assert raw(at_once) == before


def test_a_content_that_the_archive_has_lost_stays_as_it_was_read(at_once: Bench) -> None:
    (at_once.exports / "dte/rcv_compra_202502.csv").unlink()
    before = raw(at_once)
    for path in at_once.archive.rglob("*"):
        if path.is_file() and path.read_bytes() == register(2, 3, 4)["dte/rcv_compra_202502.csv"]:
            path.unlink()
    at_once.run(Again(frozenset({REGISTER}), "2025-02"))
    assert read_now(at_once) == set()
    assert at_once.refusal("dte/rcv_compra_202502.csv") is None
    assert raw(at_once) == before
