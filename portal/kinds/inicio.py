"""The first page."""

from collections.abc import Iterator

from portal.contents import Contents
from portal.kinds import fichas
from portal.pages import Kind, Page
from portal.programmes import PROGRAMMES


def _pages(contents: Contents) -> Iterator[Page]:
    newest = fichas.newest(contents)
    sheets = [
        {
            "programa": programa,
            "titulo": title,
            "total": total,
            "pagina": fichas.path_of(programa, total["anio"], total["mes"]),
        }
        for programa, (title, _) in PROGRAMMES.items()
        if (total := newest.get(programa))
    ]
    initiatives = contents.rows(
        "select coalesce(estado, 'SIN DATO') as estado, count(*) as n from iniciativas group by 1 order by n desc, 1",
        "iniciativas",
    )
    commitments = contents.rows(
        "select estado, count(*) as n from compromisos_programa group by 1 order by n desc, 1", "compromisos_programa"
    )
    yield Page("index.html", "inicio.html", {"fichas": sheets, "iniciativas": initiatives, "compromisos": commitments})


KIND = Kind("inicio", ("ficha_ciudadana", "iniciativas", "compromisos_programa"), _pages, of_release=True)
