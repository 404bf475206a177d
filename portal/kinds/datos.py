"""The datasets: the list, and a page each with its dictionary, preview, downloads, freshness, checks and changes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.contents import Contents, by
from portal.pages import Kind, Page

PREVIEW = 25
NUMBER = re.compile("bigint|integer|smallint|decimal|double", re.IGNORECASE)
# Units of numbers that name something and measure nothing.
NAMES = {"año", "mes", "número", "número de fila"}
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "html": "text/html",
    "geojson": "application/geo+json",
}
# In the words of who downloads.
FORMATS = {
    "csv": "CSV, para cualquier programa",
    "parquet": "Parquet, para analistas",
    "xlsx": "Planilla de cálculo",
    "zip": "Todo junto, comprimido",
    "html": "Diccionario en una página",
    "geojson": "Mapa, GeoJSON",
}


def _pages(contents: Contents) -> Iterator[Page]:
    yield Page("datos/index.html", "datos.html")
    checks = by(contents.quality["controles"], "dataset")
    freshness = {each["conjunto"]: each for each in contents.quality["frescura"]["conjuntos"] or []}
    for name, dataset in contents.datasets.items():
        files = [{**contents.files[file], "forma": _format(file)} for file in dataset["archivos"]]
        preview = contents.rows(f"from {name} limit {PREVIEW}", name)
        values = {
            "conjunto": dataset,
            "ficheros": files,
            "diccionario": contents.dictionary[name],
            "clave": contents.key(name),
            "medidas": {each["nombre"] for each in contents.dictionary[name]["columnas"] if _measures(each)},
            "muestra": preview,
            "controles": sorted(checks.get(name, []), key=lambda check: (check["success"], check["check"])),
            "frescura": freshness.get(name),
            "cambio": contents.changes.get(name),
            "esquema": _schema(contents, dataset, files),
        }
        yield Page(f"datos/{name}.html", "conjunto.html", values)
    # An address that was given to the public stays, and says why there is nothing.
    for held in contents.manifest["no_publicados"]:
        yield Page(f"datos/{held['nombre']}.html", "conjunto_retenido.html", {"conjunto": held})


def _measures(column: Mapping[str, Any]) -> bool:
    """Whether a column holds amounts or counts, by its type and unit; a year names, as a code does."""
    return NUMBER.match(column["tipo"]) is not None and column["unidad"] not in NAMES


def _format(file: str) -> str:
    extension = file.rpartition(".")[2]
    return FORMATS.get(extension, extension)


def _modified(contents: Contents, dataset: Mapping[str, Any]) -> str:
    """When the newest file that it depends on came; of a release that does not say so, how far its data reach."""
    kept = dataset.get("conservado") or {}
    return str(dataset.get("recibido_en") or kept.get("fecha_corte", contents.manifest["fecha_corte"]))


def _schema(contents: Contents, dataset: Mapping[str, Any], files: list[Any]) -> dict[str, Any]:
    """The dataset as search engines read it: schema.org Dataset, its files at the addresses of these very bytes."""
    package = contents.datapackage
    columns = contents.dictionary[dataset["nombre"]]["columnas"]
    publisher = {
        "@type": "GovernmentOrganization",
        "name": package["contributors"][0]["title"],
        "url": package["contributors"][0]["path"],
    }
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": dataset["titulo"],
        # Search engines ask for 50 to 5000 characters.
        "description": f"{dataset['descripcion']} Datos abiertos del Gobierno de Santiago."[:5000],
        "identifier": f"cl-gobierno-santiago:{dataset['nombre']}",
        "inLanguage": "es-CL",
        "isAccessibleForFree": True,
        "license": package["licenses"][0]["path"],
        "creator": publisher,
        "publisher": publisher,
        "dateModified": _modified(contents, dataset),
        "version": contents.id,
        "spatialCoverage": "Región Metropolitana de Santiago, Chile",
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": package["title"],
            "url": f"{contents.base_url}/latest/catalogo.ttl",
        },
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": each["nombre"],
                "description": each["descripcion"],
                "unitText": each["unidad"],
            }
            for each in columns
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": each["nombre"],
                "encodingFormat": MEDIA_TYPES.get(each["nombre"].rpartition(".")[2], "application/octet-stream"),
                "contentUrl": f"{contents.base_url}/{contents.id}/{each['nombre']}",
                "contentSize": str(each["bytes"]),
                "sha256": each["sha256"],
            }
            for each in files
        ],
    }


KIND = Kind("datos", (), _pages, of_release=True)
