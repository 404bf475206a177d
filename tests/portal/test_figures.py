"""What is read on a page is what the dataset says: every figure that names its row and column is held against them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from portal.build import build
from portal.numbers import MONTHS, NO_DATA
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
