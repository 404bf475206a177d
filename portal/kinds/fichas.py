"""The Fichas Ciudadanas: a sheet for each programme and month, and the list of them."""

from collections.abc import Iterator
from typing import Any

from portal.contents import Contents, Row, by
from portal.pages import Kind, Page
from portal.programmes import PROGRAMMES, told

Month = tuple[int, int]


def path_of(programa: str, anio: int, mes: int) -> str:
    """Where the sheet of a programme and month is, below the site's folder."""
    return f"fichas/{programa}-{anio}-{mes:02}.html"


def newest(contents: Contents) -> dict[str, Row]:
    """Per programme the TOTAL of its newest month."""
    rows = contents.rows(
        """
        select * from ficha_ciudadana where subtitulo = 'TOTAL'
        qualify row_number() over (partition by programa order by anio desc, mes desc) = 1
        """,
        "ficha_ciudadana",
    )
    return {row["programa"]: row for row in rows}


def _pages(contents: Contents) -> Iterator[Page]:
    rows = contents.rows(
        "select * from ficha_ciudadana order by programa, anio, mes, subtitulo = 'TOTAL', subtitulo", "ficha_ciudadana"
    )
    printed = by(
        contents.rows(
            "select * from contraste_fichas where not coincide order by subtitulo, campo", "contraste_fichas"
        ),
        "programa",
        "anio",
    )
    sheets = {programa: by(each, "anio", "mes") for programa, each in by(rows, "programa").items()}
    lists = []
    for programa, months in sheets.items():
        title, explanation = told(programa)
        years = by([{"anio": anio, "mes": mes} for anio, mes in reversed(months)], "anio")
        totals = {month: lines[-1] for month, lines in months.items() if lines[-1]["subtitulo"] == "TOTAL"}
        lists.append(
            {"programa": programa, "titulo": title, "explicacion": explanation, "anios": years, "totales": totals}
        )
        for month in totals:
            values = {
                "programa": programa,
                "titulo": title,
                "explicacion": explanation,
                "contraste": printed.get((programa, month[0]), []) if month[1] == 12 else [],
                **_sheet(months, month),
            }
            yield Page(path_of(programa, *month), "ficha.html", values, printed=True)
    for programa, (title, _) in PROGRAMMES.items():
        month = max(sheets.get(programa, {}), default=None)
        # An address that was public before each month had its own.
        yield Page(f"ficha-{programa}.html", "ficha_nueva.html", {"programa": programa, "titulo": title, "mes": month})
    yield Page("fichas/index.html", "fichas.html", {"programas": lists})


def _sheet(months: dict[Month, list[Row]], month: Month) -> dict[str, Any]:
    """What the sheet of a month shows: its lines beside those of a year before, and how each moved over the year."""
    anio, mes = month
    order = sorted(months)
    place = order.index(month)
    before = {row["subtitulo"]: row for row in months.get((anio - 1, mes), [])}
    moved: dict[str, list[tuple[int, Any]]] = {}
    for each in range(1, mes + 1):
        for row in months.get((anio, each), []):
            moved.setdefault(row["subtitulo"], []).append((each, row["porcentaje_ejecucion"]))
    return {
        "anio": anio,
        "mes": mes,
        "total": months[month][-1],
        "lineas": months[month][:-1],
        "antes": before,
        "movimiento": moved,
        "anterior": order[place - 1] if place else None,
        "siguiente": order[place + 1] if place + 1 < len(order) else None,
    }


KIND = Kind("fichas", ("ficha_ciudadana", "contraste_fichas"), _pages)
