"""What a release says in words of its own, in its folder and in several forms at once; and how its JSON is written."""

import json
from collections.abc import Iterable, Mapping

from publish import pages
from publish.catalog import Dataset
from publish.edition import Carried

REGION = "Región Metropolitana de Santiago"

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/deed.es"

LICENCE_TEXT = f"""\
Datos abiertos del Gobierno de Santiago (Gobierno Regional Metropolitano)

Estos datos se publican bajo la licencia Creative Commons Atribución 4.0 Internacional (CC BY 4.0).

Usted puede copiarlos, compartirlos, transformarlos y usarlos con cualquier fin, también comercial, si:

- cita la fuente: «Gobierno de Santiago, datos abiertos», con la fecha de corte de la publicación que usó;
- indica si los cambió;
- no da a entender que el Gobierno de Santiago apoya el uso que les da.

Los datos se entregan tal como están, sin garantías.

Texto completo de la licencia: {LICENCE_URL}
"""

PRIVACY_NOTE = """\
Datos personales
----------------
Un RUT, y el nombre que lo acompaña, se publican solo cuando son de una persona jurídica. Donde un texto traía
datos de una persona, dice «[dato personal reservado]».
"""


def reading_notes(
    release_id: str,
    cut_off: str,
    datasets: Iterable[tuple[Dataset, int]],
    held: Mapping[str, str],
    kept: Mapping[str, str],
    notes: Iterable[str],
) -> str:
    """LEEME.txt.

    cut_off: ISO date; datasets: each published one with its rows; held: the others with the reason; kept: those that
    are there as an earlier release had them, with the reason; notes: what else a reader should know, in Spanish.
    """
    present = list(datasets)
    points = [(each.name, each.geography.name) for each, _ in present if each.geography]
    lines = [
        "Datos abiertos del Gobierno de Santiago",
        "=======================================",
        "",
        f"Publicación:    {release_id}",
        f"Fecha de corte: {cut_off} (hasta esa fecha llegan los datos)",
        "",
        "Qué contiene",
        "------------",
        *(f"- {dataset.name}: {dataset.title} ({rows_counted(rows)})" for dataset, rows in present),
        "",
        "Cada conjunto viene con el mismo contenido en varias formas:",
        "- .csv      texto UTF-8 separado por comas, punto decimal, fechas año-mes-día; una celda vacía es un dato",
        "            que no se conoce, nunca un cero.",
        "- .xlsx     planilla para personas, con su diccionario.",
        "- .parquet  el mismo contenido con sus tipos, para programas de análisis.",
        "- .zip      todo lo del conjunto en un archivo, con su diccionario y la licencia.",
        "- .diccionario.html  una página que explica cada columna.",
        *(
            f"Los puntos de {name} vienen además en {file}.geojson y .parquet (GeoParquet), para mapas."
            for name, file in points
        ),
        "bodega.duckdb trae todos los conjuntos en un archivo, con vistas para empezar.",
        "",
        "Además:",
        "- diccionario.csv y diccionario.json: qué significa cada columna y en qué unidad está.",
        "- calidad.html y calidad.json: qué controles se hicieron y qué resultó, qué se rechazó, qué tan al día está.",
        "- cambios.html, changes.json y cambios.csv: qué cambió respecto de la publicación anterior, fila por fila.",
        "- datapackage.json, catalogo.ttl, .jsonld y .rdf, oc4ids.json: descripción para programas y portales.",
        "- manifest.json: tamaño y huella (sha256) de cada archivo, para comprobar que llegó completo.",
        "- LICENCIA.txt: puede usar los datos con cualquier fin si cita la fuente.",
        "",
    ]
    for title, said in (
        ("Qué no se publica esta vez", held),
        ("Qué se mantiene de una publicación anterior", kept),
    ):
        if said:
            lines += [title, "-" * len(title), *(f"- {name}: {reason}" for name, reason in sorted(said.items())), ""]
    if told := [f"- {note}" for note in notes]:
        lines += ["Tenga en cuenta", "---------------", *told, ""]
    return "\n".join(lines) + "\n" + PRIVACY_NOTE


def rows_counted(rows: int) -> str:
    """How many rows, as people read it: «1.262 filas»."""
    return "1 fila" if rows == 1 else f"{pages.number(rows)} filas"


def kept(carried: Carried) -> str:
    """What is said of a dataset that is there as an earlier release had it."""
    return f"Se mantiene la versión de la publicación {carried.release}. {carried.reason}"


def as_json(value: object) -> str:
    """The value as JSON that people can read, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
