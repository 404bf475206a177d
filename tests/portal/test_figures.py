"""What is read on a page is what the dataset says: every figure that names its row and column is held against them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import lxml.html
import pytest

from portal.build import build
from portal.numbers import MONTHS, NO_DATA, number
from portal.pages import file_name, sentence
from tests.conftest import World
from tests.portal.conftest import CODE, SCHEMA, MakeRelease
from tests.portal.pages import Figure, Page, pages_below

Values = dict[str, list[dict[str, str | None]]]


def read_back(text: str) -> str:
    """The value that a person reads: a number without signs and points, a date as ISO."""
    if written := re.fullmatch(r"(\d+) de (\w+) de (\d{4})", text):
        return date(int(written[3]), MONTHS.index(written[2]) + 1, int(written[1])).isoformat()
    if written := re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})", text):
        return f"{written[3]}-{written[2]}-{written[1]}"
    bare = re.sub(r"^(M\$|\$)\s|\s%$", "", text)
    assert re.fullmatch(r"-?\d{1,3}(\.\d{3})*(,\d+)?", bare), text
    return bare.replace(".", "").replace(",", ".")


def rows_of(release: Path, dataset: str) -> Values:
    """The rows of a dataset as text, by the key that pages name them by."""
    key = SCHEMA[dataset]["grain"]
    found: Values = defaultdict(list)
    with duckdb.connect() as con:
        cursor = con.execute(f"select columns(*)::varchar from '{release / dataset}.parquet'")
        names = [column[0] for column in cursor.description or ()]
        for row in cursor.fetchall():
            values = dict(zip(names, row, strict=True))
            found["|".join(values[column] or "" for column in key)].append(values)
    return found


def wrong(release: Path, site: Path) -> Iterator[tuple[str, Figure]]:
    """The figures of a site that are not the dataset's."""
    datasets: dict[str, Values] = {}
    for path, page in pages_below(site).items():
        for figure in page.figures:
            dataset, _, key = figure.row.partition(":")
            rows = datasets.setdefault(dataset, rows_of(release, dataset) if dataset not in datasets else {})[key]
            if not any(same(figure, row[figure.column]) for row in rows):
                yield path, figure


def same(figure: Figure, value: str | None) -> bool:
    if value is None or figure.value is None:
        return value == figure.value and figure.text == NO_DATA
    if re.match(r"\d{4}-\d{2}-\d{2}", value):
        return value[:10] == figure.value[:10] == read_back(figure.text)
    return Decimal(value) == Decimal(figure.value) == Decimal(read_back(figure.text))


def test_every_figure_of_every_page_is_the_dataset_s(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    assert list(wrong(release, out)) == []
    sheet = pages_below(out)["fichas/01-2024-12.html"]
    assert {figure.column for figure in sheet.figures} == {"presupuesto_vigente", "ejecutado", "porcentaje_ejecucion"}
    # Total and three lines with three figures each, beside them the total of the year before and one line's share.
    assert len(sheet.figures) == 4 * 3 + 3 + 1


def test_a_figure_that_is_not_the_dataset_s_is_found(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    place = out / "iniciativas" / f"{CODE}.html"
    text = place.read_text("utf-8")
    assert text.count(">M$\xa01.250<") == 1
    place.write_text(text.replace(">M$\xa01.250<", ">M$\xa01.251<"), "utf-8")
    assert [figure.text for _, figure in wrong(release, out)] == ["M$\xa01.251"]


@pytest.mark.slow
def test_the_summaries_of_the_samples_add_up_to_the_dataset(sample_world: World) -> None:
    folder = sample_world.base / "portal" / "programa"
    spent, fulfilled = sample_world.query(
        "select sum(gasto_acumulado), count(*) filter (where estado = 'CUMPLIDO') from {compromisos_programa}"
    )[0]
    *before, newest = [Page(path).text for path in sorted(folder.glob("resumen-*.html"))]
    assert len(before) >= 24
    assert f"Compromisos cumplidos {fulfilled} de " in newest
    # What was spent in each month adds up to what the commitments have spent in all.
    monthly = [re.search(r"Gastado en el mes M\$ ([\d.]+)", text) for text in before]
    assert sum(int(found[1].replace(".", "")) for found in monthly if found) == spent


@pytest.mark.slow
def test_every_figure_of_the_samples_pages_is_the_dataset_s(sample_world: World) -> None:
    site = sample_world.base / "portal"
    pages = pages_below(site)
    assert list(wrong(sample_world.release, site)) == []
    sheets = [page for path, page in pages.items() if path.startswith("fichas/0")]
    initiatives = [page for path, page in pages.items() if re.match(r"iniciativas/\d{4}", path)]
    assert len(sheets) == sample_world.query("select count(*) from {ficha_ciudadana} where subtitulo = 'TOTAL'")[0][0]
    assert len(initiatives) == sample_world.query("select count(*) from {iniciativas}")[0][0]
    assert all(len(page.figures) >= 10 for page in [*sheets, *initiatives])


def told(path: Path) -> str:
    """The words of a page, each blank alike."""
    return re.sub(r"\s+", " ", Page(path).text)


def lines(path: Path, place: int) -> list[list[str]]:
    """The cells of each row in the body of a page's table. place: which of its tables, the first being 0."""
    table = lxml.html.parse(str(path)).getroot().xpath("//table")[place]
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.xpath("./tbody/tr")]


def rows(world: World, dataset: str) -> list[dict[str, Any]]:
    """The rows of a published dataset."""
    with duckdb.connect() as con:
        found = con.read_parquet(str(world.release / f"{dataset}.parquet")).to_arrow_table()
    return [*found.to_pylist()]


def total(values: Iterable[int | None]) -> int | None:
    """What is known, summed; nothing is known of nothing."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def grouped(rows: Iterable[dict[str, Any]], *columns: str) -> dict[Any, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[column] for column in columns)].append(row)
    return found


def summed(rows: list[dict[str, Any]], *columns: str) -> list[str]:
    return [number(total(row[column] for row in rows)) for column in columns]


def accounted(transfers: list[dict[str, Any]]) -> list[str]:
    """Transfers as a table shows their sums."""
    left = [row["saldo_por_rendir"] for row in transfers]
    known = [each for each in left if each is not None]
    return [
        number(len(transfers)),
        *summed(transfers, "monto_transferido", "monto_rendido", "monto_reintegrado"),
        number(sum(each for each in known if each > 0) if known else None),
        number(sum(-each for each in known if each < 0) if known else None),
    ]


def receivers(transfers: list[dict[str, Any]]) -> list[list[str]]:
    """Each who received, as a table shows the sums of all of theirs, in the order of names."""
    found = []
    for (rut,), own in grouped(transfers, "rut_ejecutor").items():
        name = max(row["ejecutor"] for row in own) if rut else "Personas naturales o sin determinar"
        late = sum(row["estado_rendicion"] == "ATRASADA" for row in own)
        found.append([name, *accounted(own), number(late)])
    return sorted(found)


def thousands(pesos: int | None) -> str:
    """An amount in pesos as M$, rounded half up."""
    return NO_DATA if pesos is None else f"M$ {number((Decimal(pesos) / 1000).quantize(Decimal(1), ROUND_HALF_UP))}"


@pytest.mark.slow
def test_the_sums_of_transfers_are_those_of_their_rows(sample_world: World) -> None:
    page = sample_world.base / "portal" / "dinero" / "transferencias.html"
    transfers = rows(sample_world, "transferencias")
    states = {sentence(state): own for (state,), own in grouped(transfers, "estado_rendicion").items()}
    assert {name: cells for name, *cells in lines(page, 0)} == {name: accounted(own) for name, own in states.items()}
    years = grouped([row | {"anio": row["fecha_transferencia"].year} for row in transfers], "anio")
    assert lines(page, 1) == [[str(year), *accounted(own)] for (year,), own in sorted(years.items(), reverse=True)]
    owing = {row["rut_ejecutor"] for row in transfers if (row["saldo_por_rendir"] or 0) > 0}
    listed = receivers([row for row in transfers if row["rut_ejecutor"] in owing])
    assert len(listed) <= 50
    assert sorted(lines(page, 2)) == listed


@pytest.mark.slow
def test_the_sums_of_a_comuna_are_those_of_its_initiatives_and_their_transfers(sample_world: World) -> None:
    folder = sample_world.base / "portal" / "iniciativas"
    initiatives = {row["codigo_iniciativa"]: row for row in rows(sample_world, "iniciativas")}
    transfers = grouped(rows(sample_world, "transferencias"), "codigo_iniciativa")
    places = {
        f"comuna-{cut}": {row["codigo_iniciativa"] for row in own}
        for (cut,), own in grouped(rows(sample_world, "iniciativas_comunas"), "cut").items()
    }
    places["regionales"] = {code for code, row in initiatives.items() if row["alcance"] in (None, "REGIONAL")}
    with_receivers = 0
    for name, codes in places.items():
        here = [initiatives[code] for code in sorted(codes)]
        given = [row for code in sorted(codes) for row in transfers.get((code,), [])]
        amount, spent = summed(here, "monto_total", "gasto_acumulado")
        expected = f"Monto total M$ {amount} Gastado hasta ahora M$ {spent} "
        if given:
            owed = total(None if (left := row["saldo_por_rendir"]) is None else max(left, 0) for row in given)
            sent = thousands(total(row["monto_transferido"] for row in given))
            expected += f"Transferido {sent} Falta por rendir {thousands(owed)} "
            assert sorted(lines(folder / f"{name}.html", 1)) == receivers(given), name
            with_receivers += 1
        assert expected.replace(f"M$ {NO_DATA}", NO_DATA) in told(folder / f"{name}.html"), name
    assert {path.stem for path in folder.glob("comuna-*.html")} | {"regionales"} == places.keys()
    assert with_receivers > 10


@pytest.mark.slow
def test_what_an_initiative_owes_is_that_of_its_transfers_and_its_trace(sample_world: World) -> None:
    folder = sample_world.base / "portal" / "iniciativas"
    traces = {row["codigo_iniciativa"]: row for row in rows(sample_world, "iniciativa_trazabilidad")}
    transfers = grouped(rows(sample_world, "transferencias"), "codigo_iniciativa")
    looked_at = 0
    for (code,), own in transfers.items():
        if code not in traces or any(row["saldo_por_rendir"] is None for row in own):
            continue
        left = [row["saldo_por_rendir"] for row in own]
        owed, beyond = sum(each for each in left if each > 0), -sum(each for each in left if each < 0)
        assert owed - beyond == traces[code]["saldo_por_rendir"], code
        text = told(folder / f"{file_name(code)}.html")
        assert f"Falta por rendir transferido, menos rendido y devuelto $ {number(owed)} " in text, code
        assert (f"no rebaja lo que falta $ {number(beyond)} " in text) == (beyond > 0), code
        looked_at += 1
    assert looked_at > 10


@pytest.mark.slow
def test_the_sums_of_the_initiatives_by_state_are_those_of_their_rows(sample_world: World) -> None:
    states = grouped(rows(sample_world, "iniciativas"), "estado")
    expected = sorted(
        [sentence(state), number(len(own)), *summed(own, "monto_total", "gasto_acumulado")]
        for (state,), own in states.items()
    )
    assert sorted(lines(sample_world.base / "portal" / "iniciativas" / "index.html", 0)) == expected


@pytest.mark.slow
def test_a_summary_tells_what_was_fulfilled_and_spent_by_its_month(sample_world: World) -> None:
    folder = sample_world.base / "portal" / "programa"
    commitments = rows(sample_world, "compromisos_programa")
    names = {row["codigo_iniciativa"]: row["compromiso"] for row in rows(sample_world, "iniciativas")}
    spending = [
        ((row["anio"], row["mes"]), names.get(row["codigo_iniciativa"]), row["gasto_real"])
        for row in rows(sample_world, "iniciativa_gasto")
        if row["gasto_real"] is not None
    ]
    cut_off = date.fromisoformat(sample_world.manifest["fecha_corte"])
    summaries = sorted(folder.glob("resumen-*.html"))
    assert summaries
    for path in summaries:
        year, month = (int(part) for part in path.stem.split("-")[1:])
        is_newest = (year, month) == (cut_off.year, cut_off.month)
        has_spending = any(when == (year, month) and who for when, who, _ in spending)
        expected = []
        for challenge in [*{row["desafio"] for row in commitments}, "Todos"]:
            own = [row for row in commitments if challenge in (row["desafio"], "Todos")]
            codes = {row["compromiso"] for row in own}
            done = [row for row in own if row["estado"] == "CUMPLIDO"]
            by_then = [
                day for row in done if (day := row["fecha_cumplimiento"]) and (day.year, day.month) <= (year, month)
            ]
            this_month = sum(amount for when, who, amount in spending if who in codes and when == (year, month))
            so_far = sum(amount for when, who, amount in spending if who in codes and when <= (year, month))
            expected.append([challenge or "Sin desafío informado", number(len(own))])
            if is_newest:
                states = [sum(row["estado"] == state for row in own) for state in ("EN CURSO", "NO INICIADO")]
                shares = [row["avance"] for row in own if row["avance"] is not None]
                mean = (sum(shares, Decimal(0)) / len(shares)).quantize(Decimal("0.01"), ROUND_HALF_UP)
                complete = all(share >= 100 for share in shares)
                expected[-1] += [number(len(done)), *map(number, states)]
                expected[-1] += [f"{number(mean if complete else min(mean, Decimal('99.99')))} %"]
            else:
                expected[-1] += [number(len(by_then))]
            expected[-1] += summed(own, "monto_iniciativas")
            expected[-1] += [number(this_month)] if has_spending else []
            expected[-1] += summed(own, "gasto_acumulado") if is_newest else [number(so_far)]
        assert sorted(lines(path, 0)) == sorted(expected), path.name


@pytest.mark.slow
def test_the_sums_of_the_budget_s_lines_are_those_of_the_ficha(sample_world: World) -> None:
    fichas = grouped(rows(sample_world, "ficha_ciudadana"), "programa", "anio")
    assert fichas
    for (programa, anio), own in fichas.items():
        text = told(sample_world.base / "portal" / "dinero" / f"{programa}-{anio}.html")
        newest = max(row["mes"] for row in own)
        for row in own:
            if row["mes"] == newest:
                name = "Gastos" if row["subtitulo"] == "TOTAL" else f"{row['subtitulo']} {row['nombre']}"
                sums = f"M$ {number(row['ejecutado'])} de M$ {number(row['presupuesto_vigente'])}"
                assert f" {name} {sums} " in text, (programa, anio, name)


@pytest.mark.slow
def test_the_sums_of_the_items_are_those_of_their_lines(sample_world: World) -> None:
    for (programa, anio), own in grouped(rows(sample_world, "ejecucion_presupuestaria"), "programa", "anio").items():
        text = told(sample_world.base / "portal" / "dinero" / f"{programa}-{anio}.html")
        newest = max(row["mes"] for row in own)
        items = grouped([row for row in own if row["mes"] == newest], "moneda", "subtitulo", "item")
        for (_, _, item), lines_of_item in items.items():
            spent, budget = summed(lines_of_item, "ejecucion_acumulada", "presupuesto_vigente")
            assert f"Ítem {item}: M$ {spent} de M$ {budget} " in text if item else "Sin ítem" in text


@pytest.mark.slow
def test_what_is_late_and_unpaid_is_counted_as_its_documents_are(sample_world: World) -> None:
    page = sample_world.base / "portal" / "dinero" / "pagos.html"
    documents = rows(sample_world, "pagos_proveedores")
    late = [row for row in documents if row["fecha_pago"] is None and row["dentro_plazo"] is False]
    assert late
    said = f"{number(len(late))} documentos recibidos hace más de 30 días, por $ {summed(late, 'monto_total')[0]}."
    assert said in told(page)
    undated = grouped(rows(sample_world, "pago_oportuno"), "anio")
    for (year,), own in undated.items():
        count = total(row["documentos_sin_recepcion"] for row in own)
        assert (f"De {number(count)} no se sabe cuándo" in told(page)) == bool(count), year
