"""The map of the region: a table of every initiative, and the same as points over its comunas."""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator

from portal import outlines
from portal.contents import Contents, Row
from portal.pages import Kind, Page

FILTERS = {
    "comuna": "Comuna",
    "etapa": "Etapa",
    "estado": "Estado",
    "tipo": "Tipo",
    "division": "División",
    "anio": "Año del acuerdo CORE",
}
INITIATIVES = """
    select codigo_iniciativa, nombre, comunas, etapa, estado, tipo, division, alcance,
           latitud, longitud, origen_punto, monto_total, gasto_acumulado, year(fecha_core) as anio
    from iniciativas order by strip_accents(comunas) nulls last, strip_accents(nombre), codigo_iniciativa
"""
REGIONAL = "REGIONAL"
OUTSIDE = """
    select codigo_iniciativa from iniciativa_trazabilidad
    where list_contains(string_split(alertas, ' | '), 'PUNTO_FUERA_DE_SU_COMUNA')
"""
# Radius of a point, and the angle that lays points of one place around it as seeds in a sunflower: none hides another.
RADIUS = 3.2
# Points of regional initiatives stand in rows of so many beside the map.
PER_ROW = 40
TURN = math.pi * (3 - math.sqrt(5))


def _pages(contents: Contents) -> Iterator[Page]:
    rows = contents.rows(INITIATIVES, "iniciativas")
    comunas = contents.rows(
        "select codigo_iniciativa, list(comuna order by comuna) as comunas from iniciativas_comunas group by all",
        "iniciativas_comunas",
    )
    places = {row["codigo_iniciativa"]: row["comunas"] for row in comunas}
    choices = {
        column: sorted({str(row[column]) for row in rows if row[column] is not None}, key=_plain)
        for column in FILTERS
        if column != "comuna"
    }
    choices["comuna"] = sorted({comuna for each in places.values() for comuna in each}, key=_plain)
    outside = {row["codigo_iniciativa"] for row in contents.rows(OUTSIDE, "iniciativa_trazabilidad")}
    points = _points(rows)
    drawn = [rows[number] for number in points]
    values = {
        "iniciativas": rows,
        "fuera": outside,
        "de_sagir": [row for row in drawn if row["origen_punto"] == "SAGIR"],
        "de_comuna": [row for row in drawn if row["origen_punto"] == "COMUNA"],
        "comunas_de": places,
        "filtros": FILTERS,
        "opciones": choices,
        "region": outlines.region(),
        "ancho": outlines.WIDTH,
        "puntos": points,
        "radio": RADIUS,
        "aparte": [number for number, row in enumerate(rows) if row["alcance"] == REGIONAL],
        "por_fila": PER_ROW,
    }
    yield Page("mapa.html", "mapa.html", values)


def _points(rows: list[Row]) -> dict[int, tuple[float, float]]:
    """Where the initiative of each row is drawn. A regional one is nowhere in particular: it is shown apart."""
    region = outlines.region()
    taken: Counter[tuple[float, float]] = Counter()
    points = {}
    for number, row in enumerate(rows):
        if row["latitud"] is None or row["alcance"] == REGIONAL:
            continue
        x, y = region.place(float(row["latitud"]), float(row["longitud"]))
        seed, away = taken[x, y], 2 * RADIUS * math.sqrt(taken[x, y])
        taken[x, y] += 1
        points[number] = (round(x + away * math.cos(seed * TURN), 1), round(y + away * math.sin(seed * TURN), 1))
    return points


def _plain(text: str) -> str:
    """A text as it is sorted: Ñuñoa among the N, and no accent after Z."""
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each)).casefold()


KIND = Kind("mapa", ("iniciativas", "iniciativas_comunas", "iniciativa_trazabilidad"), _pages)
