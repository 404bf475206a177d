"""What is kept of each run: the archive of received files, and rows that are there once however often one runs."""

import hashlib
import os
import stat
from pathlib import Path

import duckdb
import pytest

from ingest import batch, contract, pipeline
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, CSV_EXPORTS, PATHS, csv_file, document, dte, row, spending, workbook

CORE = PATHS["core_acuerdos"]
FILE = csv_file("core_acuerdos", [row("core_acuerdos", 1), row("core_acuerdos", 2, fecha="x"), row("core_acuerdos", 3)])


def read_now(bench: Bench) -> dict[str, bool]:
    return {f.arrival.path: f.read_now for f in bench.report.files}


def everything(bench: Bench) -> tuple[object, ...]:
    side = bench.table("select * exclude (_sha256) from '{raw}/filas_rechazadas/*.parquet' order by all")
    return bench.accepted("core_acuerdos"), bench.rejected(CORE), side, bench.counts(CORE)


def test_the_same_bytes_are_not_read_again(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE})
    first, written = everything(bench), sorted(bench.raw.rglob("core_acuerdos-*.parquet"))
    times = [p.stat().st_mtime_ns for p in written]
    assert read_now(bench) == {CORE: True}
    bench.run()
    assert read_now(bench) == {CORE: False}
    assert everything(bench) == first
    assert [p.stat().st_mtime_ns for p in sorted(bench.raw.rglob("core_acuerdos-*.parquet"))] == times


def test_a_refused_file_is_not_read_again_either(ingest: Ingest) -> None:
    bench = ingest({CORE: "<html>"})
    bench.run()
    assert (read_now(bench), bench.refusal(CORE)) == ({CORE: False}, "not_a_table")


def test_the_same_bytes_under_another_name_are_read_once(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE, "core/acuerdos_20250228.csv": FILE})
    rows = bench.table("select count(*) as n from '{raw}/core_acuerdos/*.parquet'")
    assert rows == [{"n": 2}]
    assert bench.counts(CORE) == bench.counts("core/acuerdos_20250228.csv") == (3, 2, 1, 0, 0)


def test_only_what_is_new_is_read(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE})
    bench.add({"core/acuerdos_20250228.csv": FILE + b"\n"})
    bench.run()
    assert read_now(bench) == {CORE: False, "core/acuerdos_20250228.csv": True}
    assert len(bench.accepted("core_acuerdos")) == 4


def test_a_file_that_changed_is_another_file(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE})
    bench.add({CORE: csv_file("core_acuerdos", [row("core_acuerdos", 9)])})
    bench.run()
    assert [r["acuerdo"] for r in bench.accepted("core_acuerdos")] == ["9/2022"]
    assert bench.table("select count(*) as n from '{raw}/core_acuerdos/*.parquet'") == [{"n": 3}]


def test_under_another_contract_a_file_is_read_again(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = ingest({CORE: FILE, PATHS["dte_xml"]: dte(document())})
    changed = contract.load()
    columns = [
        c.model_copy(update={"need": False}) if c.name == "fecha" else c for c in CONTRACTS["core_acuerdos"].columns
    ]
    changed["core_acuerdos"] = CONTRACTS["core_acuerdos"].model_copy(update={"columns": tuple(columns)})
    monkeypatch.setattr(contract, "load", lambda: changed)
    bench.run()
    assert read_now(bench) == {CORE: True, PATHS["dte_xml"]: False}
    assert bench.counts(CORE) == (3, 3, 0, 0, 0)
    assert [r["_fila"] for r in bench.accepted("core_acuerdos")] == [2, 3, 4]
    assert bench.rejected(CORE) == []
    assert bench.observed(CORE) == [(3, "fecha", "date_unreadable")]


def test_every_rule_of_reading_is_in_the_fingerprint() -> None:
    rules = {str(rule.relative_to(Path(batch.__file__).parent)) for rule in batch._RULES}
    assert rules >= {
        "batch.py",
        "cells.py",
        "contract.py",
        "engine.py",
        "geography.py",
        "reading/records.sql",
        "rows/spellings.sql",
    }
    for step, readers in {"control": 4, "reading": 6, "rows": 3}.items():
        assert len([rule for rule in rules if rule.startswith(step) and rule.endswith(".py")]) >= readers
    c = CONTRACTS["core_acuerdos"]
    prints = [contract.fingerprint(c, b"a"), contract.fingerprint(c, b"b"), contract.fingerprint(c)]
    prints.append(contract.fingerprint(c.model_copy(update={"key": ("sesion",)}), b"a"))
    assert len(set(prints)) == 4


def test_a_word_that_another_contract_lists_is_read_anew_as_no_name(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no person's name depends on the lists of all contracts."""
    path = PATHS["sagir_hitos"]
    bench = ingest({path: csv_file("sagir_hitos", [row("sagir_hitos", responsable="Cabildo")]), CORE: FILE})
    assert bench.reserved() == {("nombre", "Cabildo")}
    other = CONTRACTS["core_acuerdos"]
    columns = [
        c.model_copy(update={"type": (*c.type, "CABILDO")}) if c.name == "tipo_sesion" else c for c in other.columns
    ]
    changed = {**CONTRACTS, "core_acuerdos": other.model_copy(update={"columns": tuple(columns)})}
    monkeypatch.setattr(contract, "load", lambda: changed)
    bench.run()
    assert bench.reserved() == {("no_es_persona", "Cabildo")}


@pytest.mark.parametrize("moment", ["before the readings are declared", "between two tables"])
def test_what_a_crash_left_does_not_double_rows(
    ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    point = "raw.store.Store.complete" if moment.startswith("before") else "rows.fates.rejected_rows"
    with monkeypatch.context() as patch:
        patch.setattr(f"ingest.{point}", crash)
        with pytest.raises(Crash):
            ingest({CORE: FILE})
    assert list((tmp_path / "raw/core_acuerdos").glob("core_acuerdos-*.parquet"))
    (tmp_path / "exports").rename(tmp_path / "before")
    bench = Bench(tmp_path)
    bench.add({CORE: FILE, "core/acuerdos_20250228.csv": FILE + b"\n"})
    bench.run()
    assert bench.counts(CORE) == (3, 2, 1, 0, 0)
    assert bench.table("select count(*) as n from '{raw}/core_acuerdos/*.parquet'") == [{"n": 4}]
    assert bench.table("select count(*) as n from '{raw}/filas_rechazadas/*.parquet'") == [{"n": 2}]


def test_half_written_files_are_swept(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE})
    left = ["raw/core_acuerdos/core_acuerdos-abc-0.partial", "raw/archivos.partial", "archive/.99999.partial"]
    for name in left:
        (bench.raw.parent / name).write_bytes(b"half")
    before = everything(bench)
    bench.run()
    assert [name for name in left if (bench.raw.parent / name).exists()] == []
    assert everything(bench) == before


def test_every_table_is_there_even_without_files(ingest: Ingest) -> None:
    bench = ingest({})
    for export in [*CSV_EXPORTS, "dte_xml", "sagir_gasto"]:
        assert bench.table(f"select * from '{{raw}}/{export}/*.parquet'") == []
    for table in ("filas_rechazadas", "llaves_rechazadas", "observaciones", "reservados"):
        assert bench.table(f"select * from '{{raw}}/{table}/*.parquet'") == []
    assert bench.ledger() == {}
    assert bench.table("select * from '{raw}/puntos.parquet'") == []
    assert len(bench.table("select * from '{raw}/comunas.parquet'")) == 52


def test_no_column_changes_its_type_with_the_rows_that_are_there(ingest: Ingest) -> None:
    bench = ingest({path: csv_file(e, [row(e)]) for e, path in PATHS.items() if e in CSV_EXPORTS})
    bench.add({PATHS["sagir_gasto"]: workbook(spending("40048130-0", 1)), PATHS["dte_xml"]: dte(document())})
    bench.run()
    for export in PATHS:
        files = sorted((bench.raw / export).glob("*.parquet"))
        assert len(files) == 2
        with duckdb.connect() as con:
            types = [con.execute("describe from read_parquet(?)", [str(f)]).fetchall() for f in files]
        assert types[0] == types[1]


def test_the_archive_keeps_each_file_under_its_sha256(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE, "core/acuerdos_20250228.csv": FILE, "dte/a.xml": "<html>"})
    for content in (FILE, b"<html>"):
        sha256 = hashlib.sha256(content).hexdigest()
        kept = bench.archive / sha256[:2] / sha256
        assert kept.read_bytes() == content
        assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert sum(p.is_file() for p in bench.archive.rglob("*")) == 2


def test_only_the_owner_enters_the_internal_folders(ingest: Ingest) -> None:
    mask = os.umask(0)
    try:
        bench = ingest({CORE: FILE})
    finally:
        os.umask(mask)
    folders = [bench.raw, bench.archive, *(p for p in bench.archive.iterdir()), bench.raw / "core_acuerdos"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in folders} == {0o700}


def test_the_received_file_is_left_as_it_was(ingest: Ingest) -> None:
    bench = ingest({CORE: FILE})
    assert (bench.exports / CORE).read_bytes() == FILE


def test_without_an_exports_folder_the_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "corrections").mkdir()
    with pytest.raises(FileNotFoundError, match="EXPORTS_DIR"):
        pipeline.run(
            pipeline.Places(tmp_path / "no", *(tmp_path / name for name in ("corrections", "raw", "archive", "desk")))
        )


def test_files_beyond_a_batch_are_read_in_the_next(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_BYTES", 2 * len(FILE) + 10)
    files = {f"core/acuerdos_2025010{i}.csv": FILE + b"\n" * i for i in range(1, 6)}
    bench = ingest(files)
    assert [bench.counts(path) for path in files] == [(3 + i, 2, 1, 0, i) for i in range(1, 6)]
    assert len(list((bench.raw / "lecturas").iterdir())) == 3


def test_the_totals_of_a_run_are_in_thousands_of_pesos(ingest: Ingest) -> None:
    rows = [row("dte_rcv_compra", i, monto_total="1500") for i in (1, 2, 3)] + [row("dte_rcv_compra", 4, folio="x")]
    bench = ingest({CORE: FILE, PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", rows)})
    assert bench.report.totals_miles["core_acuerdos"] == {"monto": 2 * 277688}
    assert bench.report.totals_miles["dte_rcv_compra"]["monto_total"] == 5
    assert bench.report.totals_miles["sga_ordenes_compra"] == {}


def test_a_total_may_be_larger_than_any_amount(ingest: Ingest) -> None:
    miles, pesos = 10**12 - 1, 10**15 - 1
    rows = [row("core_acuerdos", i, monto=str(miles)) for i in range(1, 15)]
    refunds = [row("dte_rcv_compra", i, monto_total=f"-{pesos}", monto_neto="-500") for i in range(1, 15)]
    bench = ingest(
        {CORE: csv_file("core_acuerdos", rows), PATHS["dte_rcv_compra"]: csv_file("dte_rcv_compra", refunds)}
    )
    assert bench.report.totals_miles["core_acuerdos"] == {"monto": 14 * miles}
    assert bench.report.totals_miles["dte_rcv_compra"]["monto_total"] == -14 * 10**12
    assert bench.report.totals_miles["dte_rcv_compra"]["monto_neto"] == -7
