"""What the pages promise, done: every query for analysts runs on a release as it is, and its figures are right."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.conftest import PROJECT, World

PAGES = [page for folder in (".", "docs", "corrections", "bench") for page in sorted((PROJECT / folder).glob("*.md"))]
ANALYSTS = (PROJECT / "docs" / "analysts.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", ANALYSTS, re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", ANALYSTS, re.DOTALL)
# What each of the ten questions is answered with, by its number: text, then queries.
QUESTIONS = {
    int(number): text
    for number, text in re.findall(r"^### (\d+)\. [^\n]+\?\n(.*?)(?=^### |\Z)", ANALYSTS, re.DOTALL | re.MULTILINE)
}


@pytest.fixture
def release(sample_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The samples' release, with its folder as the working directory."""
    monkeypatch.chdir(sample_world.release)
    return sample_world


def answer(question: int) -> list[dict[str, Any]]:
    """The rows of the first query of a question."""
    query = re.search(r"```sql\n(.*?)```", QUESTIONS[question], re.DOTALL)
    assert query
    with duckdb.connect() as con:
        found = con.execute(query[1])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def rows_of(world: World, dataset: str) -> Iterator[dict[str, str]]:
    with (world.release / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def percent(part: int, whole: int) -> float:
    """Two decimals, half up; what is not complete never reads 100."""
    rounded = (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return float(min(rounded, Decimal("99.99")) if part < whole else rounded)


def anchors(page: str) -> set[str]:
    """Where links may lead to within a page, as the forges name its headings."""
    prose = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ +(.+?) *$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    """Whether a link of a page names no file of ours, or no heading of it."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or bool(anchor and anchor not in anchors(target.read_text("utf-8")))


def test_what_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One page\n## It is, as `it` was\n```sh\n# no heading\n```\n", "utf-8")
    good = ["page.md", "#one-page", "page.md#it-is-as-it-was"]
    bad = ["other.md", "#no-heading", "page.md#it-is", "other.md#one-page"]
    assert [link for link in good + bad if leads_nowhere(page, link)] == bad


def test_every_link_leads_to_a_file_and_a_heading_that_exist() -> None:
    found = [
        (page.name, link, leads_nowhere(page, link))
        for page in PAGES
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
        if not link.startswith(("http://", "https://"))
    ]
    assert {"README.md", "operations.md", "scale.md"} <= {page for page, _, _ in found}
    assert [(page, link) for page, link, nowhere in found if nowhere] == []


def test_there_are_ten_questions_each_with_how_to_read_it_and_a_query() -> None:
    assert list(QUESTIONS) == list(range(1, 11))
    for text in QUESTIONS.values():
        reading, query, _ = text.partition("```sql\n")
        assert len(reading.split()) >= 20
        assert query


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_analysts_page_runs_and_only_that_for_what_stands_still_may_find_none(
    release: World, query: str
) -> None:
    with duckdb.connect() as con:
        assert con.execute(query).fetchall() or "having coalesce(meses_sin_movimiento > 2, true)" in query


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_analysts_page_runs(release: World, program: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(program, "docs/analysts.md", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.slow
def test_lateness_is_that_of_the_monthly_figures(release: World) -> None:
    documents: Counter[tuple[int, str]] = Counter()
    in_time: Counter[tuple[int, str]] = Counter()
    for row in rows_of(release, "pago_oportuno"):
        key = int(row["anio"]), row["programa"]
        documents[key] += int(row["documentos_pagados"])
        in_time[key] += int(row["documentos_en_plazo"])
    found = {(row["anio"], row["programa"]): row for row in answer(1)}
    assert {key: row["documentos"] for key, row in found.items()} == documents
    assert {key: row["en_plazo"] for key, row in found.items()} == in_time
    assert all(row["porcentaje_en_plazo"] == percent(in_time[key], documents[key]) for key, row in found.items())


@pytest.mark.slow
def test_comunas_get_what_their_initiatives_cost(release: World) -> None:
    cost = {row["codigo_iniciativa"]: row["monto_total"] for row in rows_of(release, "iniciativas")}
    shared = Counter(row["codigo_iniciativa"] for row in rows_of(release, "iniciativas_comunas"))
    expected: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows_of(release, "iniciativas_comunas"):
        amount = int(cost[row["codigo_iniciativa"]] or 0)
        total = expected[row["comuna"]]
        total[0] += 1
        total[1] += amount
        total[2] += amount if shared[row["codigo_iniciativa"]] > 1 else 0
    assert {
        row["comuna"]: [row["iniciativas"], row["monto_total_miles"], row["monto_compartido_miles"]]
        for row in answer(2)
    } == expected  # fmt: skip


@pytest.mark.slow
def test_execution_is_that_of_the_ficha_and_of_the_year_before(release: World) -> None:
    ficha = {
        (int(row["anio"]), int(row["mes"]), row["programa"], row["subtitulo"]): row
        for row in rows_of(release, "ficha_ciudadana")
        if row["subtitulo"] != "TOTAL"
    }
    newest = max(anio for anio, *_ in ficha)
    found = {(row["anio"], row["mes"], row["programa"], row["subtitulo"]): row for row in answer(4)}
    assert found.keys() == {key for key in ficha if key[0] == newest}
    for (anio, *rest), row in found.items():
        own, before = ficha[anio, *rest], ficha[anio - 1, *rest]
        assert (row["vigente"], row["ejecutado"]) == (int(own["presupuesto_vigente"]), int(own["ejecutado"]))
        assert row["ejecutado_un_anio_antes"] == int(before["ejecutado"])
        assert (row["porcentaje"], row["porcentaje_un_anio_antes"]) == tuple(
            float(line["porcentaje_ejecucion"]) if line["porcentaje_ejecucion"] else None for line in (own, before)
        )


@pytest.mark.slow
def test_who_owes_accounts_is_the_same_in_sql_in_pandas_and_by_hand(release: World) -> None:
    owed: Counter[str] = Counter()
    for row in rows_of(release, "transferencias"):
        if row["estado_rendicion"] == "ATRASADA":
            owed[row["rut_ejecutor"]] += int(row["saldo_por_rendir"])
    found = answer(5)
    assert {row["rut_ejecutor"] or "": row["saldo_clp"] for row in found} == owed
    names: dict[str, Any] = {}
    exec(next(program for program in PROGRAMS if "pandas" in program), names)
    of_pandas: pd.DataFrame = names["respuesta"]
    assert [tuple(row) for row in of_pandas.astype(object).where(of_pandas.notna(), None).to_numpy()] == [
        tuple(row.values()) for row in found
    ]


@pytest.mark.slow
def test_what_is_explained_adds_up(release: World) -> None:
    spent, backed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows_of(release, "conciliacion"):
        if row["ejecutado"]:
            spent[row["anio"], row["programa"]] += int(row["ejecutado"])
            backed[row["anio"], row["programa"]] += int(row["respaldo_total"])
    assert {(str(row["anio"]), row["programa"]): row["porcentaje"] for row in answer(9)} == {
        key: percent(backed[key], spent[key]) for key in spent
    }


@pytest.mark.slow
def test_every_rejected_row_has_its_reason_counted(release: World) -> None:
    expected = Counter((row["export"], row["motivo"], row["columna"]) for row in rows_of(release, "filas_rechazadas"))
    found = {(row["export"], row["motivo"], row["columna"] or ""): row["filas_rechazadas"] for row in answer(10)}
    assert found == expected
