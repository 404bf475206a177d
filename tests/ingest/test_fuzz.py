"""Damaged files: no crash, no hang, no loss. For longer: `make fuzz`."""

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from ingest.reading import records
from ingest.rows import fates
from tests.ingest import fuzz
from tests.ingest.bench import Bench
from tests.ingest.tables import PATHS, spending, workbook

SECONDS, CASES = 30, 210


def test_no_damage_crashes_hangs_or_loses_anything() -> None:
    done, failed = fuzz.fuzz(SECONDS, first=0, cases=CASES)
    assert failed == {}
    assert done >= fuzz.BATCH


def test_a_case_is_its_seed() -> None:
    assert fuzz.case(17) == fuzz.case(17) != fuzz.case(17 + len(fuzz.FILES))


def test_damaged_files_have_every_end(tmp_path: Path) -> None:
    """Fuzzing is of use only where many files come through, and many do not."""
    bench = Bench(tmp_path, dict(fuzz.case(seed) for seed in range(2 * len(fuzz.FILES))))
    entries = bench.ledger().values()
    assert {e["estado"] for e in entries} == {"ACEPTADO", "RECHAZADO"}
    assert sum(e["rechazadas"] or 0 for e in entries) > 0


def test_a_loss_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports/core").mkdir(parents=True)
    sample = fuzz.SAMPLES / fuzz.FILES[0]
    (tmp_path / "exports" / fuzz.FILES[0]).write_bytes(sample.read_bytes())
    assert fuzz.faults(tmp_path) == []
    whole = fates.accepted_rows
    monkeypatch.setattr(fates, "accepted_rows", lambda layout: f"select * from ({whole(layout)}) limit 1")
    (tmp_path / "exports" / fuzz.FILES[0]).write_bytes(sample.read_bytes() + b"\n")
    assert any("in the raw layer" in fault for fault in fuzz.faults(tmp_path))


SPENDING = PATHS["sagir_gasto"]


def test_a_loss_in_a_workbook_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports" / SPENDING).parent.mkdir(parents=True)
    (tmp_path / "exports" / SPENDING).write_bytes(workbook(spending("40048130-0", 1), spending("40048131-0", 2)))
    whole = records.insert
    monkeypatch.setattr(
        "ingest.reading.xlsx_file.insert", lambda con, batch, number: whole(con, batch.slice(0, 4), number)
    )
    (fault,) = fuzz.faults(tmp_path)
    assert "two independent readings" in fault.lower()


@pytest.mark.parametrize(
    ("cell", "ambiguous"),
    [
        ('<c r="E4" t="inlineStr"><is><t>7</t></is></c>', False),
        ('<c r="E4" t="inlineStr"><is><r><t>7</t></r><r><t>8</t></r></is></c>', False),
        ('<c r="E4"><f>3+4</f><v>7</v></c>', False),
        ('<c r="E4"/>', False),
        ('<c r="E4" t="inlineStr"><is><t>7</t><t>8</t></is></c>', True),
        ('<c r="E4" t="inlieStr"><is><t>7</t></is></c>', True),
        ('<c r="E4"><v>7</v>r="F4"><v>8</v></c>', True),
        ('<c r="E4"><v>7</v><v>8</v></c>', True),
    ],
)
def test_readers_may_disagree_on_cells_that_may_not_be_alone(tmp_path: Path, cell: str, ambiguous: bool) -> None:
    path = tmp_path / "exports" / SPENDING
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(workbook(spending("40048130-0", 7)))) as source, zipfile.ZipFile(path, "w") as new:
        for name in source.namelist():
            sheet = source.read(name).decode()
            new.writestr(name, re.sub(r'<c r="E4".*?</c>', cell, sheet) if "worksheets/" in name else sheet)
    assert fuzz._has_ambiguous_cell(path) == ambiguous
    assert fuzz.faults(tmp_path) == []


@pytest.mark.parametrize(
    ("worker", "fault"),
    [
        ("import os; os.abort()", "ended with -6"),
        ("raise ValueError('roto')", "ValueError: roto"),
        ("import time; time.sleep(60)", "not done after 1 seconds"),
    ],
)
def test_a_crash_and_a_hang_are_seen(monkeypatch: pytest.MonkeyPatch, worker: str, fault: str) -> None:
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **more: run([command[0], "-c", worker], **more))
    (found,) = fuzz.run_apart({}, timeout=1 if "sleep" in worker else 30)
    assert fault in found
