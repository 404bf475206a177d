"""The programme of government: its commitments, a sheet for each, and the summary of the month on one page."""

from collections.abc import Iterator

from portal.contents import Contents, by
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
    challenges = contents.rows(
        """
        select desafio, grouping(desafio) = 1 as todos, count(*) as compromisos,
               count(*) filter (where estado = 'CUMPLIDO') as cumplidos,
               count(*) filter (where estado = 'EN CURSO') as en_curso,
               count(*) filter (where estado = 'NO INICIADO') as no_iniciados,
               count(*) filter (where avance is null) as sin_avance,
               cast(avg(avance) as decimal(18, 2)) as avance_promedio,
               cast(sum(monto_iniciativas) as bigint) as monto_iniciativas,
               cast(sum(gasto_acumulado) as bigint) as gasto_acumulado
        from compromisos_programa group by rollup (desafio) order by todos, desafio nulls last
        """,
        "compromisos_programa",
    )
    values = {"compromisos": commitments, "desafios": challenges, "por_desafio": by(commitments, "desafio")}
    yield Page("programa/index.html", "programa.html", values)
    yield Page("programa/resumen.html", "resumen.html", values, printed=True)


KIND = Kind("programa", ("compromisos_programa", "iniciativas"), _pages, of_release=True)
