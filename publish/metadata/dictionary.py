"""The dictionary of the published datasets: for programs, and a page of each dataset for whoever prints it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from publish import pages, texts
from publish.catalog import Dataset
from publish.edition import Carried, Publisher
from publish.labels import label

# The types of a release, as somebody who never programmed reads them.
_TYPES = {
    "VARCHAR": "texto",
    "BOOLEAN": "sí o no",
    "SMALLINT": "número entero",
    "INTEGER": "número entero",
    "BIGINT": "número entero",
    "DATE": "fecha",
    "TIMESTAMP": "fecha y hora",
}


@dataclass(frozen=True)
class Facts:
    """What a dataset's own files say of its release. Nothing that depends on their bytes, such as the release's id.

    release_cut_off: how far the data of the release reach. carried: where the dataset keeps an older version.
    """

    release_cut_off: date
    publisher: Publisher
    carried: Carried | None = None

    @property
    def cut_off(self) -> date:
        """How far the dataset's data reach; what is kept reaches as far as it did."""
        return self.carried.since if self.carried else self.release_cut_off

    @property
    def day(self) -> str:
        """The cut-off date as people write it in Chile."""
        return pages.day(self.cut_off)

    def citation(self, dataset: Dataset) -> str:
        """How the dataset is quoted, as the licence asks for: source, what it is, its date, where it is."""
        return (
            f"Gobierno de Santiago, datos abiertos: «{dataset.title}», fecha de corte {self.day}. "
            f"{self.publisher.base_url}/latest/{dataset.name}.csv. Licencia CC BY 4.0."
        )


def page_name(dataset: Dataset) -> str:
    """The file of the dataset's page."""
    return f"{dataset.name}.diccionario.html"


def tables(datasets: Iterable[Dataset]) -> tuple[str, str]:
    """The dictionary of the datasets, as JSON and as CSV."""
    described = [_described(dataset) for dataset in datasets]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["conjunto", "columna", "tipo", "unidad", "descripcion"])
    for dataset in described:
        for column in dataset["columnas"]:
            writer.writerow([dataset["nombre"], *(column[key] for key in ("nombre", "tipo", "unidad", "descripcion"))])
    return texts.as_json({"conjuntos": described}), table.getvalue()


def page(dataset: Dataset, facts: Facts) -> str:
    """The dataset's dictionary as a page that needs no other file, and prints."""
    return pages.render(
        "diccionario.html",
        {"etiqueta": label, "tipo": plain_type},
        dataset=dataset,
        facts=facts,
        licence_url=texts.LICENCE_URL,
        privacy=privacy_note(),
    )


def plain_type(declared: str) -> str:
    """A column's type in plain words: «número con 2 decimales»."""
    if declared.startswith("DECIMAL"):
        return f"número con {scale(declared)} decimales"
    return _TYPES[declared]


def scale(declared: str) -> int:
    """The decimals of DECIMAL(p,s)."""
    return int(declared.rstrip(")").partition(",")[2])


def privacy_note() -> str:
    """What the release says on personal data, without its heading, in one line."""
    return " ".join(texts.PRIVACY_NOTE.partition("---\n")[2].split())


def _described(dataset: Dataset) -> dict[str, Any]:
    return {
        "nombre": dataset.name,
        "titulo": dataset.title,
        "tema": dataset.theme,
        "descripcion": dataset.description,
        "grano": list(dataset.grain),
        "orden": list(dataset.order),
        "geografia": dataset.geography
        and {
            "nombre": dataset.geography.name,
            "latitud": dataset.geography.latitude,
            "longitud": dataset.geography.longitude,
        },
        "columnas": [
            {
                "nombre": column.name,
                "tipo": column.type,
                "tipo_en_palabras": plain_type(column.type),
                "unidad": column.unit,
                "descripcion": column.description,
                "privacidad": column.privacy,
                "texto_libre": column.free_text,
            }
            for column in dataset.columns
        ],
    }
