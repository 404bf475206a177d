"""A refused or missing file leaves the last good one of its name in force, and the next good one heals it."""

from pathlib import Path

import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import PATHS, csv_file, row

CORE = PATHS["core_acuerdos"]
REGISTER = PATHS["dte_rcv_compra"]
GOOD = csv_file("core_acuerdos", [row("core_acuerdos", 1), row("core_acuerdos", 2)])
BETTER = csv_file("core_acuerdos", [row("core_acuerdos", 3)])
BAD = b"<html>Su sesion expiro</html>"


def entries(bench: Bench, path: str) -> list[tuple[str, bool, int | None]]:
    """Fate, presence and rows of each content that the ledger lists under a name."""
    rows = bench.table("select * from '{raw}/archivos.parquet' order by presente desc")
    return [(r["estado"], r["presente"], r["filas"]) for r in rows if r["archivo"] == path]


def agreements(bench: Bench) -> list[str]:
    rows = bench.table(
        """select acuerdo from '{raw}/core_acuerdos/*.parquet' as t inner join '{raw}/archivos.parquet' as a
        on t._sha256 = a.sha256 where estado = 'ACEPTADO' order by acuerdo"""
    )
    return [r["acuerdo"] for r in rows]


def test_a_missing_file_stays_in_force_and_is_listed_as_missing(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    (bench.exports / CORE).unlink()
    for _ in range(2):
        bench.run()
        assert entries(bench, CORE) == [("ACEPTADO", False, 2)]
        assert agreements(bench) == ["1/2022", "2/2022"]
        assert [f.arrival.path for f in bench.report.stand_ins()] == [CORE]


def test_a_refused_file_leaves_the_content_before_it_in_force(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    bench.add({CORE: BAD})
    for _ in range(2):
        bench.run()
        assert entries(bench, CORE) == [("RECHAZADO", True, None), ("ACEPTADO", False, 2)]
        assert agreements(bench) == ["1/2022", "2/2022"]


def test_the_corrected_file_heals_by_itself(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    bench.add({CORE: BAD})
    bench.run()
    bench.add({CORE: BETTER})
    bench.run()
    assert entries(bench, CORE) == [("ACEPTADO", True, 1)]
    assert agreements(bench) == ["3/2022"]
    assert bench.report.stand_ins() == []


def test_what_comes_back_is_the_newest_good_content_and_no_older_one(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    for content in (BETTER, BAD, b""):
        bench.add({CORE: content})
        bench.run()
    assert agreements(bench) == ["3/2022"]


def test_a_file_that_never_was_good_leaves_nothing_in_force(ingest: Ingest) -> None:
    bench = ingest({CORE: BAD})
    (bench.exports / CORE).unlink()
    bench.run()
    assert entries(bench, CORE) == []


def test_a_file_that_moved_to_another_name_is_not_missing(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    (bench.exports / CORE).rename(bench.exports / "core/acuerdos_20250228.csv")
    bench.run()
    assert entries(bench, CORE) == []
    assert entries(bench, "core/acuerdos_20250228.csv") == [("ACEPTADO", True, 2)]


def test_a_file_under_a_name_that_refuses_it_leaves_its_own_name_in_force(ingest: Ingest) -> None:
    january, may = PATHS["presupuesto_ejecucion"], "presupuesto/ejecucion_2025_05_02.csv"
    bench = ingest({january: csv_file("presupuesto_ejecucion", [row("presupuesto_ejecucion")])})
    (bench.exports / january).rename(bench.exports / may)
    for _ in range(2):
        bench.run()
        assert bench.refusal(may) == "header_unknown"
        assert entries(bench, january) == [("ACEPTADO", False, 1)]


def test_a_missing_file_that_says_what_an_older_one_says_is_missed(ingest: Ingest) -> None:
    newer = "core/acuerdos_20260131.csv"
    bench = ingest({CORE: GOOD, newer: GOOD})
    (bench.exports / newer).unlink()
    bench.run()
    assert entries(bench, newer) == [("ACEPTADO", False, 2)]


def test_another_exports_folder_has_a_memory_of_its_own(ingest: Ingest, tmp_path: Path) -> None:
    bench = ingest({CORE: GOOD})
    samples, bench.exports = bench.exports, tmp_path / "real"
    bench.add({REGISTER: csv_file("dte_rcv_compra", [row("dte_rcv_compra")])})
    bench.run()
    assert agreements(bench) == []
    (samples / CORE).unlink()
    bench.exports = samples
    bench.run()
    assert agreements(bench) == ["1/2022", "2/2022"]


def test_what_stands_in_is_read_again_under_another_rule(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ingest({CORE: GOOD})
    (bench.exports / CORE).unlink()
    monkeypatch.setattr("ingest.contract.fingerprint", lambda *_: "another")
    bench.run()
    assert [f.read_now for f in bench.report.files] == [True]
    assert agreements(bench) == ["1/2022", "2/2022"]


def test_a_content_that_left_the_archive_is_named(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ingest({CORE: GOOD})
    (bench.exports / CORE).unlink()
    for archived in bench.archive.rglob("*"):
        if archived.is_file():
            archived.unlink()
    monkeypatch.setattr("ingest.contract.fingerprint", lambda *_: "another")
    bench.run()
    assert bench.refusal(CORE) == "unreadable"
    assert "no longer in the archive" in bench.ledger()[CORE]["detalle"]
    bench.add({CORE: GOOD})
    bench.run()
    assert entries(bench, CORE) == [("ACEPTADO", True, 2)]


def test_a_withdrawn_file_is_no_longer_in_force(ingest: Ingest) -> None:
    bench = ingest({CORE: GOOD})
    bench.correct(
        f"retiros: [{{archivo: {CORE}, motivo: De otro servicio, autor: Analista de datos, fecha: 2026-11-20}}]"
    )
    bench.run()
    assert agreements(bench) == ["1/2022", "2/2022"]
    assert "lies in the exports folder" in bench.report.corrections_to_review[0]
    (bench.exports / CORE).unlink()
    for _ in range(2):
        bench.run()
        assert (entries(bench, CORE), bench.report.corrections_to_review) == ([], [])
    bench.correct("")
    bench.run()
    assert entries(bench, CORE) == [("ACEPTADO", False, 2)]


def test_a_file_that_is_withdrawn_but_lies_there_is_no_new_name_that_another_moved_to(ingest: Ingest) -> None:
    newer = "core/acuerdos_20260131.csv"
    bench = ingest({CORE: GOOD, newer: GOOD})
    bench.correct(f"retiros: [{{archivo: {CORE}, motivo: Otro, autor: Analista de datos, fecha: 2026-11-20}}]")
    bench.add({newer: BAD})
    for _ in range(2):
        bench.run()
        assert entries(bench, newer) == [("RECHAZADO", True, None), ("ACEPTADO", False, 2)]
