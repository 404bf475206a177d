"""From a published amount back to its source rows."""

import json
import random
import shutil
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from orchestration import trace as tracing
from orchestration.settings import Settings
from tests.conftest import World
from tests.orchestration.places import settings_below

pytestmark = pytest.mark.slow

FIGURES = 200


def ask(settings: Settings, dataset: str, key: dict[str, str], column: str, release: str = "") -> tracing.Answer:
    return tracing.trace(
        settings, dataset, key, column, release or tracing.release_in_force(settings), lambda text: None
    )


def amounts(world: World) -> list[tuple[str, str, list[str]]]:
    """Dataset, column and key columns of every amount that can be traced."""
    with duckdb.connect(str(settings_below(world.base).warehouse), read_only=True) as con:
        views = con.execute(
            "select table_name[7:] from information_schema.tables where table_schema = 'trace'"
        ).fetchall()
        found = []
        for (dataset,) in sorted(views):
            names = [r[0] for r in con.execute(f"describe trace.traza_{dataset}").fetchall()]
            keys = [n for n in names if not n.startswith("_") and n not in ("columna", "valor")]
            columns = con.execute(f"select distinct columna from trace.traza_{dataset} order by 1").fetchall()
            found += [(dataset, column, keys) for (column,) in columns]
    return found


def test_the_contributions_of_random_figures_add_up_and_are_found_at_once(sample_world: World) -> None:
    settings = settings_below(sample_world.base)
    chance = random.Random(20241231)
    asked = amounts(sample_world)
    assert {dataset for dataset, _, _ in asked} >= {"ficha_ciudadana", "conciliacion", "iniciativa_trazabilidad"}
    questions = asked + chance.choices(asked, k=max(0, FIGURES - len(asked)))
    slowest = 0.0
    for dataset, column, keys in questions:
        relation = tracing.UNMASKED.get(dataset, f"marts.{dataset}")
        with duckdb.connect(str(settings.warehouse), read_only=True) as con:
            rows = con.execute(f"select {', '.join(keys)} from {relation} order by all").fetchall()
        row = chance.choice(rows)
        key = {name: "" if value is None else str(value) for name, value in zip(keys, row, strict=True)}
        if dataset == "contraste_fichas" and key["campo"] == "porcentaje_ejecucion":
            continue
        began = time.monotonic()
        answer = ask(settings, dataset, key, column)
        slowest = max(slowest, time.monotonic() - began)
        assert answer.adds_up, (dataset, key, column, answer.figure, answer.total)
        assert answer.contributions or not answer.figure
    assert slowest < 2


def test_every_mart_with_amounts_can_be_traced(sample_world: World) -> None:
    manifest = json.loads((sample_world.base / "internal" / "dbt" / "manifest.json").read_text("utf-8"))
    traced = {dataset for dataset, _, _ in amounts(sample_world)}
    with_amounts = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["fqn"][1] == "marts"
        and any(column["config"]["meta"].get("unidad") in ("M$", "CLP") for column in node["columns"].values())
    }
    assert with_amounts
    assert with_amounts - traced == set()


def test_a_figure_of_the_ficha_is_made_of_its_budget_lines(sample_world: World) -> None:
    key = {"anio": "2023", "mes": "12", "programa": "02", "subtitulo": "31"}
    answer = ask(settings_below(sample_world.base), "ficha_ciudadana", key, "ejecutado")
    assert answer.figure == answer.total == Decimal(47_095_731)
    assert {c.archivo for c in answer.contributions} == {"presupuesto/ejecucion_2023_12_02.csv"}
    lines = (sample_world.exports / "presupuesto" / "ejecucion_2023_12_02.csv").read_text("latin-1").splitlines()
    assert [Decimal(lines[c.fila - 1].split(";")[-1]) for c in answer.contributions] == [
        c.valor for c in answer.contributions
    ]


@pytest.mark.parametrize(
    ("dataset", "key", "column", "message"),
    [
        ("fichas", {}, "ejecutado", "has no amounts to trace"),
        ("ficha_ciudadana", {"ano": "2023"}, "ejecutado", "its keys are anio, mes, programa, subtitulo"),
        ("ficha_ciudadana", {"anio": "2023"}, "gastado", "is no amount that is traced"),
        ("ficha_ciudadana", {"anio": "2023"}, "ejecutado", "fit this key: give more of"),
        ("ficha_ciudadana", {"anio": "1999"}, "ejecutado", "has this key"),
        ("ficha_ciudadana", {"anio": "abc"}, "ejecutado", "anio=abc cannot be: anio is INTEGER"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_ask(
    sample_world: World, dataset: str, key: dict[str, str], column: str, message: str
) -> None:
    with pytest.raises(tracing.TraceError, match=message):
        ask(settings_below(sample_world.base), dataset, key, column)


def test_an_older_release_is_traced_in_the_files_it_was_made_of(sample_world: World, tmp_path: Path) -> None:
    shutil.copytree(sample_world.base, tmp_path / "world", symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    settings = settings_below(tmp_path / "world")
    release = tracing.release_in_force(settings)
    key = {"anio": "2024", "mes": "12", "programa": "01", "subtitulo": "TOTAL"}
    before = ask(settings, "ficha_ciudadana", key, "ejecutado")
    ledger = pq.read_table(settings.raw / "archivos.parquet")
    december = pc.match_substring(ledger["archivo"], "ejecucion_2024_12")
    pq.write_table(ledger.filter(pc.invert(december)), settings.raw / "archivos.parquet")
    after = ask(settings, "ficha_ciudadana", key, "ejecutado", release)
    assert after == before
    assert (settings.internal / "traces" / release / "bodega.duckdb").exists()


def test_a_release_that_is_not_kept_is_named_with_those_that_are(sample_world: World) -> None:
    with pytest.raises(tracing.TraceError, match="is not kept; kept are: 2025-01-31-"):
        ask(settings_below(sample_world.base), "ficha_ciudadana", {}, "ejecutado", "1999-12-31-000000000000")


def test_a_key_is_parsed_as_a_person_writes_it() -> None:
    assert tracing.parse_key("anio=2023 item= nombre='Dos palabras'") == {
        "anio": "2023",
        "item": "",
        "nombre": "Dos palabras",
    }
    with pytest.raises(tracing.TraceError, match="mes has no value"):
        tracing.parse_key("anio=2023 mes")
    with pytest.raises(tracing.TraceError, match="close its quotes"):
        tracing.parse_key("anio='2023")
    with pytest.raises(tracing.TraceError, match="KEY names mes more than once"):
        tracing.parse_key("mes=1 anio=2023 mes=2")
