"""What a release says to whoever opens its folder: licence, reading notes, dictionary."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from publish.catalog import Catalog, Dataset

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


def reading_notes(release_id: str, cut_off: str, datasets: Iterable[tuple[Dataset, int]], held: dict[str, str]) -> str:
    """LEEME.txt. cut_off: ISO date; datasets: each published one with its rows; held: the others with the reason."""
    lines = [
        "Datos abiertos del Gobierno de Santiago",
        "=======================================",
        "",
        f"Publicación:    {release_id}",
        f"Fecha de corte: {cut_off} (hasta esa fecha llegan los datos)",
        "",
        "Qué contiene",
        "------------",
        *(f"- {dataset.name}: {dataset.title} ({rows} filas)" for dataset, rows in datasets),
        "",
        "Cada conjunto viene dos veces, con el mismo contenido:",
        "- .csv      texto UTF-8 separado por comas, punto decimal, fechas año-mes-día; una celda vacía es un dato",
        "            que no se conoce, nunca un cero.",
        "- .parquet  el mismo contenido con sus tipos, para programas de análisis.",
        "",
        "Además:",
        "- diccionario.csv y diccionario.json: qué significa cada columna y en qué unidad está.",
        "- calidad.html y calidad.json: qué controles se hicieron y qué resultó.",
        "- manifest.json: tamaño y huella (sha256) de cada archivo, para comprobar que llegó completo.",
        "- LICENCIA.txt: puede usar los datos con cualquier fin si cita la fuente.",
        "",
    ]
    if held:
        lines += ["Qué no se publica esta vez", "--------------------------"]
        lines += [f"- {name}: {reason}" for name, reason in sorted(held.items())] + [""]
    return "\n".join(lines) + "\n" + PRIVACY_NOTE


def own_words(catalog: Catalog) -> str:
    """All that a release says of itself, whatever its data: a name in it ("Consejo Regional") is a common word."""
    datasets = list(catalog.datasets.values())
    as_json, _ = dictionary(datasets)
    notes = reading_notes("", "", [(dataset, 0) for dataset in datasets], {})
    return "\n".join([LICENCE_TEXT, notes, as_json])


def dictionary(datasets: Iterable[Dataset]) -> tuple[str, str]:
    """The dictionary of the datasets, as JSON and as CSV."""
    described = [_described(dataset) for dataset in datasets]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["conjunto", "columna", "tipo", "unidad", "descripcion"])
    for dataset in described:
        for column in dataset["columnas"]:
            writer.writerow([dataset["nombre"], *(column[key] for key in ("nombre", "tipo", "unidad", "descripcion"))])
    return as_json({"conjuntos": described}), table.getvalue()


def as_json(value: object) -> str:
    """The value as JSON that people can read, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _described(dataset: Dataset) -> dict[str, Any]:
    return {
        "nombre": dataset.name,
        "titulo": dataset.title,
        "tema": dataset.theme,
        "descripcion": dataset.description,
        "grano": list(dataset.grain),
        "columnas": [
            {
                "nombre": column.name,
                "tipo": column.type,
                "unidad": column.unit,
                "descripcion": column.description,
                "privacidad": column.privacy,
                "texto_libre": column.free_text,
            }
            for column in dataset.columns
        ],
    }
