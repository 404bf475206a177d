"""What the ledger says of each file, and which names no pattern matches."""

import hashlib
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, csv_file, document, dte, row, spending, workbook

CORE = csv_file("core_acuerdos", [row("core_acuerdos")])
RECEIVED = datetime(2025, 3, 4, 15, 6, 7)

NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "core/acuerdos_20250131.csv": (
        "core_acuerdos",
        {"sistema": "PORTAL CORE", "modo": "snapshot", "fecha_dato": date(2025, 1, 31), "periodo": "2025-1-31"},
    ),
    "dte/rcv_compra_202402.csv": (
        "dte_rcv_compra",
        {"sistema": "DTE", "modo": "period", "fecha_dato": date(2024, 2, 29), "periodo": "2024-2", "mes": 2},
    ),
    "presupuesto/ejecucion_2023_01_01.csv": (
        "presupuesto_ejecucion",
        {"modo": "period", "fecha_dato": date(2023, 1, 31), "periodo": "2023-1-1", "anio": 2023, "mes": 1},
    ),
    "sga/ordenes_compra_2025_4.csv": (
        "sga_ordenes_compra",
        {"modo": "period", "fecha_dato": date(2025, 4, 30), "periodo": "2025-4", "anio": 2025, "mes": 4},
    ),
    "sga/ordenes_compra_2025_11.csv": (
        "sga_ordenes_compra",
        {"fecha_dato": date(2025, 11, 30), "periodo": "2025-11", "mes": 11},
    ),
    "dte/pagos_20240630.csv": ("dte_pagos", {"modo": "upsert", "fecha_dato": date(2024, 6, 30)}),
    "sagir/gasto_2025.xlsx": (
        "sagir_gasto",
        {"modo": "period", "fecha_dato": None, "periodo": "2025", "anio": 2025, "mes": None},
    ),
    "dte/factura 635.xml": (
        "dte_xml",
        {"modo": "upsert", "fecha_dato": None, "periodo": "", "anio": None, "mes": None},
    ),
}

UNKNOWN = [
    "leeme.txt",
    "acuerdos_20250131.csv",
    "core/acuerdos_20251332.csv",
    "core/acuerdos_20250229.csv",
    "core/acuerdos_20250100.csv",
    "core/acuerdos_2025013.csv",
    "core/acuerdos_20250131.CSV",
    "core/acuerdos_20250131.csv.bak",
    "core/otra/acuerdos_20250131.csv",
    "otra/core/acuerdos_20250131.csv",
    "core/acuerdos_20250131 (1).csv",
    "dte/rcv_compra_202300.csv",
    "dte/rcv_compra_202313.csv",
    "dte/sub/a.xml",
    "presupuesto/ejecucion_2025_01_03.csv",
    "sga/ordenes_compra_2025_0.csv",
    "sga/ordenes_compra_2025_13.csv",
    "sagir/gasto_25.xlsx",
    "sagir/gasto_0025.xlsx",
    "core/acuerdos_00000131.csv",
    "sagir/~$gasto_2025.xlsx",
]
HIDDEN = ["core/.acuerdos_20250131.csv", ".git/config"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(tmp_path_factory.mktemp("ledger"))
    for path, (export, _) in NAMES.items():
        kind = CONTRACTS[export].format.type
        bench.add({path: csv_file(export, [row(export)]) if kind == "csv" else content(kind)})
    bench.add(dict.fromkeys([*UNKNOWN, *HIDDEN], CORE))
    for file in bench.exports.rglob("*.*"):
        os.utime(file, (RECEIVED.timestamp() - _offset(), RECEIVED.timestamp() - _offset()))
    bench.run()
    return bench


def _offset() -> float:
    """What the local clock is behind UTC on that day, in seconds."""
    offset = RECEIVED.astimezone().utcoffset()
    return -offset.total_seconds() if offset else 0


def content(kind: str) -> bytes | str:
    return workbook(spending("40048130-0", 1)) if kind == "xlsx" else dte(document())


@pytest.mark.parametrize("path", NAMES)
def test_a_files_name_says_its_period_and_how_far_it_reaches(bench: Bench, path: str) -> None:
    export, expected = NAMES[path]
    said = bench.ledger()[path]
    assert said["export"] == export
    assert {name: said[name] for name in expected} == expected
    assert (said["estado"], said["motivo"], said["detalle"]) == ("ACEPTADO", None, None)


@pytest.mark.parametrize("path", NAMES)
def test_a_file_is_known_by_its_content_and_its_time_of_change(bench: Bench, path: str) -> None:
    content = (bench.exports / path).read_bytes()
    said = bench.ledger()[path]
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    assert said["bytes"] == len(content)
    assert said["recibido_en"] == RECEIVED


def test_files_that_no_pattern_matches_are_in_the_report_alone(bench: Bench) -> None:
    assert sorted(bench.report.unknown) == sorted(UNKNOWN)
    assert sorted(bench.ledger()) == sorted(NAMES)
    assert len(bench.accepted("core_acuerdos")) == 1


def test_the_newest_state_is_the_one_with_the_newest_date_in_its_name(ingest: Ingest) -> None:
    bench = ingest({f"core/acuerdos_{day}.csv": CORE for day in ("20241231", "20250131", "20250201")})
    order = sorted(bench.ledger().values(), key=lambda r: r["orden"])
    assert [r["fecha_dato"] for r in order] == [date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 1)]


def test_of_a_period_the_file_that_arrived_last_is_the_newest(ingest: Ingest) -> None:
    bench = ingest({})
    for number, name in enumerate(("sga/ordenes_compra_2025_1.csv", "sga/ordenes_compra_2025_01.csv")):
        bench.add({name: csv_file("sga_ordenes_compra", [row("sga_ordenes_compra", number)])})
        os.utime(bench.exports / name, (1_700_000_000 + number * 40_000_000,) * 2)
    bench.run()
    ledger = bench.ledger()
    assert {r["periodo"] for r in ledger.values()} == {"2025-1"}
    assert max(ledger.values(), key=lambda r: r["orden"])["archivo"] == "sga/ordenes_compra_2025_01.csv"


def test_documents_without_a_date_are_ordered_by_their_names(ingest: Ingest) -> None:
    bench = ingest({f"dte/{name}.xml": dte(document(i)) for i, name in enumerate(("b", "a", "c"))})
    order = sorted(bench.ledger().values(), key=lambda r: r["orden"])
    assert [r["archivo"] for r in order] == ["dte/a.xml", "dte/b.xml", "dte/c.xml"]


def test_a_name_that_is_no_utf8_is_shown_with_its_bytes_escaped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    folder = bench.exports / "dte"
    folder.mkdir()
    (folder / os.fsdecode(b"factura_a\xf1o.xml")).write_bytes(dte(document()).encode())
    bench.run()
    assert list(bench.ledger()) == ["dte/factura_a\\xf1o.xml"]


def test_a_budget_of_another_month_than_its_name_says_is_refused(ingest: Ingest) -> None:
    january = csv_file("presupuesto_ejecucion", [row("presupuesto_ejecucion")])
    bench = ingest({"presupuesto/ejecucion_2023_01_01.csv": january, "presupuesto/ejecucion_2023_02_01.csv": january})
    assert bench.refusal("presupuesto/ejecucion_2023_01_01.csv") is None
    assert bench.refusal("presupuesto/ejecucion_2023_02_01.csv") == "header_unknown"


def test_the_rows_of_a_budget_that_is_refused_for_its_name_are_in_no_total(ingest: Ingest) -> None:
    january = csv_file("presupuesto_ejecucion", [row("presupuesto_ejecucion")])
    bench = ingest({"presupuesto/ejecucion_2023_02_01.csv": january})
    assert bench.refusal("presupuesto/ejecucion_2023_02_01.csv") == "header_unknown"
    assert set(bench.report.totals_miles["presupuesto_ejecucion"].values()) == {0}


def test_a_file_whose_name_gives_a_day_that_has_not_come_is_refused_and_moves_no_date(ingest: Ingest) -> None:
    today = datetime.now(UTC).date()
    later = today + timedelta(days=1)
    good, ahead = (f"core/acuerdos_{day:%Y%m%d}.csv" for day in (today, later))
    bench = ingest({good: CORE, ahead: CORE})
    assert bench.refusal(good) is None
    assert bench.refusal(ahead) == "unreadable"
    assert f"data of {later}, a day that has not come" in bench.ledger()[ahead]["detalle"]


def test_the_month_that_runs_is_taken_in_and_one_that_has_not_begun_is_not(ingest: Ingest) -> None:
    today = datetime.now(UTC).date()
    later = today.replace(day=1) + timedelta(days=31)
    register = csv_file("dte_rcv_compra", [row("dte_rcv_compra")])
    running, ahead = (f"dte/rcv_compra_{day:%Y%m}.csv" for day in (today, later))
    bench = ingest({running: register, ahead: register})
    assert bench.refusal(running) is None
    assert bench.refusal(ahead) == "unreadable"
