"""The programme of government: its commitments, and a sheet for each."""

from collections.abc import Iterator

from portal.contents import Contents, by
from portal.kinds import resumen
from portal.pages import Kind, Page, file_name


def path_of(compromiso: str) -> str:
    """Where the page of a commitment is, below the site's folder."""
    return f"programa/{file_name(compromiso)}.html"


def _pages(contents: Contents) -> Iterator[Page]:
    commitments = contents.rows(
        "select * from compromisos_programa order by desafio, compromiso", "compromisos_programa"
    )
    initiatives = by(
        contents.rows(
            """
            select compromiso, codigo_iniciativa, nombre, estado, comunas, monto_total, gasto_acumulado
            from iniciativas where compromiso is not null order by codigo_iniciativa
            """,
            "iniciativas",
        ),
        "compromiso",
    )
    for each in commitments:
        values = {"compromiso": each, "iniciativas": initiatives.get(each["compromiso"], [])}
        yield Page(path_of(each["compromiso"]), "compromiso.html", values, printed=each["estado"] == "CUMPLIDO")
    values = {"por_desafio": by(commitments, "desafio"), "corte": contents.manifest["fecha_corte"]}
    yield Page("programa/index.html", "programa.html", values)
    yield from resumen.pages(contents, commitments)


KIND = Kind("programa", ("compromisos_programa", "iniciativas", "iniciativa_gasto"), _pages, of_release=True)
