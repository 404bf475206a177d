"""The map of the region: a table of every initiative, which the script draws as points and filters alike."""

from collections.abc import Iterator

from portal.contents import Contents
from portal.pages import Kind, Page

FILTERS = {
    "comuna": "Comuna",
    "etapa": "Etapa",
    "estado": "Estado",
    "tipo": "Tipo",
    "division": "División",
    "anio": "Año",
}
INITIATIVES = """
    select i.codigo_iniciativa, i.nombre, i.comunas, i.etapa, i.estado, i.tipo, i.division, i.alcance,
           i.latitud, i.longitud, i.origen_punto, i.monto_total, i.gasto_acumulado, year(i.fecha_core) as anio
    from iniciativas as i order by i.comunas nulls last, i.nombre, i.codigo_iniciativa
"""


def _pages(contents: Contents) -> Iterator[Page]:
    rows = contents.rows(INITIATIVES, "iniciativas")
    comunas = contents.rows(
        "select codigo_iniciativa, list(comuna order by comuna) as comunas from iniciativas_comunas group by all",
        "iniciativas_comunas",
    )
    places = {row["codigo_iniciativa"]: row["comunas"] for row in comunas}
    choices = {
        column: sorted({str(row[column]) for row in rows if row[column] is not None})
        for column in FILTERS
        if column != "comuna"
    }
    choices["comuna"] = sorted({comuna for each in places.values() for comuna in each})
    values = {"iniciativas": rows, "comunas_de": places, "filtros": FILTERS, "opciones": choices}
    yield Page("mapa.html", "mapa.html", values)


KIND = Kind("mapa", ("iniciativas", "iniciativas_comunas"), _pages)
