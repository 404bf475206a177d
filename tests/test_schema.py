"""Nobody who reads the releases is broken by accident: docs/schema-changes.md, held as far as a test can."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.schema_lock import POLICY, SNAPSHOT, Entry, current, differences, faults, fingerprint, log

COLUMNS = {"acuerdo": "varchar [código]", "monto": "bigint [M$]", "fecha": "date [fecha]"}


def schema(columns: dict[str, str] | None = None, **changed: Any) -> dict[str, Any]:
    return {"acuerdos": {"grain": ["acuerdo"], "columns": columns or dict(COLUMNS), "retiring": {}} | changed}


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(change.name, change.breaking) for change in differences(old, new)]


# ---- the schema of the project


def test_the_schema_is_that_of_its_snapshot() -> None:
    found = differences(json.loads(SNAPSHOT.read_text("utf-8")), current())
    assert [f"{'BREAKING ' if change.breaking else ''}{change.name}: {change.text}" for change in found] == [], (
        "the schema changed: read docs/schema-changes.md, run `python -m tests.schema_lock`, and add to the log"
    )


def test_the_log_holds_to_the_policy_and_knows_the_snapshot() -> None:
    assert faults(log(POLICY.read_text("utf-8")), json.loads(SNAPSHOT.read_text("utf-8"))) == []


# ---- what is breaking


@pytest.mark.parametrize(
    ("new", "name"),
    [
        ({}, "acuerdos"),
        (schema({name: kind for name, kind in COLUMNS.items() if name != "monto"}), "acuerdos.monto"),
        (schema(COLUMNS | {"monto": "decimal(18,2) [M$]"}), "acuerdos.monto"),
        (schema(COLUMNS | {"monto": "bigint [CLP]"}), "acuerdos.monto"),
        (schema(grain=["acuerdo", "fecha"]), "acuerdos"),
        (schema(dict(reversed(COLUMNS.items()))), "acuerdos"),
        (schema({"sesion": "bigint [número]"} | COLUMNS), "acuerdos.sesion"),
    ],
    ids=["dataset", "column", "type", "unit", "key", "order", "new column ahead"],
)
def test_what_breaks_a_reader_is_told(new: dict[str, Any], name: str) -> None:
    assert told(schema(), new) == [(name, True)]


def test_a_renamed_column_is_one_that_is_gone() -> None:
    renamed = {"acuerdo": COLUMNS["acuerdo"], "fecha": COLUMNS["fecha"], "monto_total": COLUMNS["monto"]}
    assert told(schema(), schema(renamed)) == [("acuerdos.monto", True), ("acuerdos.monto_total", False)]


def test_a_column_at_the_end_and_a_dataset_break_nobody() -> None:
    new = schema(COLUMNS | {"votos": "bigint [votos]"}) | {"compras": schema()["acuerdos"]}
    assert told(schema(), new) == [("acuerdos.votos", False), ("compras", False)]


def test_a_retirement_is_told_and_breaks_nobody() -> None:
    retired = schema(retiring={"acuerdos.monto": "2026-03-01"})
    assert told(schema(), retired) == [("acuerdos.monto", False)]


# ---- how a retirement is written


def _marts(folder: Path, description: str) -> Path:
    columns = [
        {"name": name, "data_type": "BIGINT", "description": text, "config": {"meta": {"unidad": "M$"}}}
        for name, text in (("monto", description), ("monto_clp", "Monto."))
    ]
    model = {
        "name": "acuerdos",
        "description": "Acuerdos.",
        "config": {"meta": {"grano": ["monto"]}},
        "columns": columns,
    }
    (folder / "acuerdos.yml").write_text(yaml.safe_dump({"models": [model]}), "utf-8")
    return folder


def test_a_description_says_since_when_a_column_retires_and_what_to_use(tmp_path: Path) -> None:
    marts = _marts(tmp_path, "En retiro desde 2026-03-01: use monto_clp. Monto aprobado.")
    assert current(marts) == {
        "acuerdos": {
            "grain": ["monto"],
            "columns": {"monto": "bigint [M$]", "monto_clp": "bigint [M$]"},
            "retiring": {"acuerdos.monto": "2026-03-01"},
        }
    }


@pytest.mark.parametrize(
    "description",
    [
        "En retiro. Monto aprobado.",
        "En retiro desde marzo: use monto_clp. Monto aprobado.",
        "En retiro desde 2026-03-01: use otra_cosa. Monto aprobado.",
        "En retiro desde 2026-03-01: use monto_clp.",
    ],
)
def test_a_retirement_without_date_successor_or_meaning_is_refused(tmp_path: Path, description: str) -> None:
    with pytest.raises(ValueError, match=r"acuerdos\.monto: begin with"):
        current(_marts(tmp_path, description))


# ---- the log


def entries(*rows: tuple[str, str, str, str], known: dict[str, Any]) -> list[Entry]:
    """Rows of a log (version, day, kind, name), the last of which knows the schema."""
    return [
        Entry(version, date.fromisoformat(day), kind, name, fingerprint(known)) for version, day, kind, name in rows
    ]


FIRST = ("1.0", "2025-01-01", "first", "all")
RETIRING = ("1.1", "2025-02-01", "retiring", "acuerdos.monto")
WITHOUT = schema({"acuerdo": COLUMNS["acuerdo"], "fecha": COLUMNS["fecha"]})


def test_a_snapshot_that_the_log_does_not_know_is_refused() -> None:
    known = entries(FIRST, known=schema())
    assert faults(known, schema()) == []
    changed = copy.deepcopy(schema())
    changed["acuerdos"]["columns"]["monto"] = "bigint [CLP]"
    assert faults(known, changed) == [f"no entry of the log has the snapshot {fingerprint(changed)}"]
    assert faults([], changed) != []


def test_a_column_is_removed_after_a_year_of_notice() -> None:
    gone = ("2.0", "2026-02-01", "removed", "acuerdos.monto")
    assert faults(entries(FIRST, RETIRING, gone, known=WITHOUT), WITHOUT) == []


@pytest.mark.parametrize(
    ("rows", "known", "fault"),
    [
        ([FIRST, RETIRING, ("2.0", "2026-01-31", "removed", "acuerdos.monto")], WITHOUT, "without the notice"),
        ([FIRST, ("2.0", "2026-02-01", "removed", "acuerdos.monto")], WITHOUT, "without the notice"),
        ([FIRST, RETIRING, ("2.0", "2026-02-01", "removed", "acuerdos.monto")], schema(), "and is there"),
        ([FIRST, RETIRING, ("1.2", "2026-02-01", "removed", "acuerdos.monto")], WITHOUT, "raises the first number"),
        ([FIRST, ("1.1", "2025-03-01", "urgent", "acuerdos.monto")], WITHOUT, "raises the first number"),
        ([FIRST, ("1.1", "2025-03-01", "corrected", "acuerdos.monto")], schema(), "raises the first number"),
        ([FIRST, ("0.9", "2025-03-01", "added", "acuerdos.monto")], schema(), "versions rise"),
        ([FIRST, ("1.1", "2025-03-01", "improved", "acuerdos.monto")], schema(), "the kind is one of"),
        ([FIRST], schema(retiring={"acuerdos.monto": "2025-02-01"}), "the log does not say so"),
        ([FIRST, RETIRING], schema(retiring={"acuerdos.monto": "2025-02-02"}), "the log does not say so"),
    ],
)
def test_a_log_against_the_policy_is_refused(
    rows: list[tuple[str, str, str, str]], known: dict[str, Any], fault: str
) -> None:
    (found,) = faults(entries(*rows, known=known), known)
    assert fault in found


def test_personal_data_leave_without_notice() -> None:
    assert faults(entries(FIRST, ("2.0", "2025-03-01", "urgent", "acuerdos.monto"), known=WITHOUT), WITHOUT) == []


def test_the_log_is_read_as_it_is_written() -> None:
    text = "# Policy\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Log\n\nRows.\n\n"
    table = "| version | day | kind | what | why | mark |\n|---|---|---|---|---|---|\n"
    assert log(text + table + "| 1.0 | 2025-01-01 | first | all | because | `abc` |\n") == [
        Entry("1.0", date(2025, 1, 1), "first", "all", "abc")
    ]
