"""From a published amount back to its source rows."""

import json
import random
import shutil
import time
from decimal import Decimal

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from orchestration import trace as tracing
from orchestration.settings import Settings
from orchestration.state import ledgers
from orchestration.state.ledgers import TraceError
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
            with pytest.raises(TraceError, match="is no amount that is traced; these are: campo=ejecutado, "):
                ask(settings, dataset, key, column)
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
        (
            "contraste_fichas",
            {"anio": "2023", "campo": "porcentaje_ejecucion"},
            "publicado",
            "no amount that is traced; these are: campo=ejecutado, campo=presupuesto_vigente$",
        ),
        ("ficha_ciudadana", {"anio": "2023"}, "ejecutado", "fit this key: give more of"),
        ("ficha_ciudadana", {"anio": "1999"}, "ejecutado", "has this key"),
        ("ficha_ciudadana", {"anio": "abc"}, "ejecutado", "anio=abc cannot be: anio is INTEGER"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_ask(
    sample_world: World, dataset: str, key: dict[str, str], column: str, message: str
) -> None:
    with pytest.raises(TraceError, match=message):
        ask(settings_below(sample_world.base), dataset, key, column)


SHEET = ("ficha_ciudadana", {"anio": "2024", "mes": "12", "programa": "01", "subtitulo": "TOTAL"}, "ejecutado")


@pytest.fixture(scope="module")
def older(sample_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str, tracing.Answer]:
    """A world that has moved on: its December is gone, and its warehouse says something else.

    With its release, which was in force before, and what was answered then to the question SHEET.
    """
    base = tmp_path_factory.mktemp("older") / "world"
    shutil.copytree(sample_world.base, base, symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    settings = settings_below(base)
    release = tracing.release_in_force(settings)
    before = ask(settings, *SHEET)
    ledger = pq.read_table(settings.raw / "archivos.parquet")
    december = pc.match_substring(ledger["archivo"], "ejecucion_2024_12")
    pq.write_table(ledger.filter(pc.invert(december)), settings.raw / "archivos.parquet")
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("update marts.ficha_ciudadana set ejecutado = ejecutado + 1000")
    return settings, release, before


def test_an_older_release_is_traced_in_the_files_it_was_made_of(older: tuple[Settings, str, tracing.Answer]) -> None:
    settings, release, before = older
    assert before.adds_up
    assert ask(settings, *SHEET, release) == before
    rebuilt = settings.internal / "traces" / release / "bodega.duckdb"
    with duckdb.connect(str(rebuilt)) as con:
        con.execute("update marts.ficha_ciudadana set ejecutado = ejecutado + 1000")
    assert ask(settings, *SHEET, release) == before, "the figure is the one published, whatever a warehouse holds"


def later(settings: Settings, release: str, said: list[dict[str, object]]) -> str:
    """A release of what the world has by now, whose manifest says this of its datasets."""
    ident = "2025-02-28-0123456789ab"
    shutil.copytree(settings.releases / release, settings.releases / ident, copy_function=shutil.copy)
    (settings.releases / ident).chmod(0o755)
    manifest = settings.releases / ident / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(json.dumps({"conjuntos": said}), "utf-8")
    ledgers.keep(settings, ident)
    return ident


def test_a_figure_that_a_release_keeps_is_that_of_the_release_it_comes_from(
    older: tuple[Settings, str, tracing.Answer],
) -> None:
    settings, release, before = older
    columns = ["anio", "mes", "programa", "subtitulo", "ejecutado"]
    kept = {"publicacion": release, "fecha_corte": "2025-01-31", "motivo": "Falló."}
    ident = later(
        settings,
        release,
        [
            {"nombre": "ficha_ciudadana", "columnas": columns, "conservado": kept},
            {"nombre": "conciliacion", "columnas": ["anio"]},
        ],
    )
    told: list[str] = []
    answer = tracing.trace(settings, *SHEET, ident, told.append)
    assert (answer.figure, answer.contributions) == (before.figure, before.contributions)
    assert f"ficha_ciudadana was held back in {ident}, which keeps that of {release}" in told[0]
    with pytest.raises(TraceError, match=f"{ident} does not have compras"):
        ask(settings, "compras", {}, "monto_total", ident)
    with pytest.raises(TraceError, match=f"conciliacion has no programa, .*, ejecutado in {ident}"):
        ask(settings, "conciliacion", {}, "ejecutado", ident)
    published = settings.releases / ident / "ficha_ciudadana.parquet"
    published.chmod(0o644)
    published.write_bytes(b"x")
    with pytest.raises(TraceError, match=r"ficha_ciudadana\.parquet cannot be read: `bodega verify`"):
        ask(settings, *SHEET, ident)
    (settings.ledgers / f"{release}.parquet").unlink()
    with pytest.raises(TraceError, match=f"keeps ficha_ciudadana of {release}, whose ledger is no longer kept"):
        ask(settings, *SHEET, ident)


def test_a_release_that_is_not_kept_is_named_with_those_that_are(sample_world: World) -> None:
    with pytest.raises(TraceError, match="is not kept; kept are: 2025-01-31-"):
        ask(settings_below(sample_world.base), "ficha_ciudadana", {}, "ejecutado", "1999-12-31-000000000000")


def test_a_key_is_parsed_as_a_person_writes_it() -> None:
    assert tracing.parse_key("anio=2023 item= nombre='Dos palabras'") == {
        "anio": "2023",
        "item": "",
        "nombre": "Dos palabras",
    }
    with pytest.raises(TraceError, match="mes has no value"):
        tracing.parse_key("anio=2023 mes")
    with pytest.raises(TraceError, match="close its quotes"):
        tracing.parse_key("anio='2023")
    with pytest.raises(TraceError, match="KEY names mes more than once"):
        tracing.parse_key("mes=1 anio=2023 mes=2")
