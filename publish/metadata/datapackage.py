"""The release as a Data Package, version 2: every file, and what each column of the CSV files means."""

from collections.abc import Collection
from typing import Any

from publish import texts
from publish.catalog import Column, Dataset
from publish.edition import Edition, FileEntry, Part
from publish.metadata.keys import Broken
from publish.metadata.media import media_type
from publish.rows import MOMENT

NAME = "bodega-gobierno-santiago"
TITLE = "Datos abiertos del Gobierno de Santiago"
DESCRIPTION = (
    "Presupuesto, iniciativas de inversión, pagos, transferencias y acuerdos del Gobierno de Santiago (Gobierno "
    "Regional Metropolitano), con el registro de los archivos de origen y de las filas que no se pudieron usar."
)
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# What names the licence, where texts.LICENCE_URL is its page for people.
LICENCE_IRI = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_TITLE = "Creative Commons Atribución 4.0 Internacional"

_SCALARS: dict[str, dict[str, Any]] = {
    "VARCHAR": {"type": "string"},
    "BOOLEAN": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    "SMALLINT": {"type": "integer"},
    "INTEGER": {"type": "integer"},
    "BIGINT": {"type": "integer"},
    "DATE": {"type": "date", "format": "%Y-%m-%d"},
    "TIMESTAMP": {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
}
_DECIMAL: dict[str, Any] = {"type": "number", "decimalChar": "."}


def datapackage(edition: Edition, broken: Collection[Broken] = ()) -> str:
    """datapackage.json of a release.

    broken: the foreign keys that rows of this release do not hold to (metadata/keys.py): named, not promised.
    Source: https://datapackage.org/standard/data-package/, version 2.0.
    """
    present = {part.dataset.name for part in edition.parts}
    resources = [
        _resource(edition, part, file, present, broken)
        for part in edition.parts
        for file in sorted(part.files, key=lambda each: each.name)
    ]
    publisher = edition.publisher
    package = {
        "$schema": PROFILE,
        "id": edition.address("datapackage.json"),
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": edition.id,
        "created": f"{edition.received:{MOMENT}}",
        "homepage": publisher.url,
        "licenses": [{"name": texts.LICENCE, "title": LICENCE_TITLE, "path": texts.LICENCE_URL}],
        "contributors": [{"title": publisher.name, "path": publisher.url, "roles": ["publisher"]}],
        "sources": _sources(edition, [export for part in edition.parts for export in part.dataset.exports]),
        "resources": resources,
    }
    return texts.as_json({key: value for key, value in package.items() if value != []})


def _resource(
    edition: Edition, part: Part, file: FileEntry, present: Collection[str], broken: Collection[Broken]
) -> dict[str, Any]:
    stem, _, kind = file.name.rpartition(".")
    dataset = part.dataset
    resource: dict[str, Any] = {
        "name": stem if kind == "csv" else f"{stem}-{kind}",
        "title": dataset.title,
        "description": dataset.description,
        "path": file.name,
        "format": kind,
        "mediatype": media_type(file.name),
        "hash": f"sha256:{file.sha256}",
        "bytes": file.bytes,
    }
    if sources := _sources(edition, dataset.exports):
        resource["sources"] = sources
    if part.carried:
        resource["carriedFrom"] = {
            "release": part.carried.release,
            "cutOff": part.carried.since.isoformat(),
            "reason": part.carried.reason,
        }
    if kind != "csv":
        # Or frictionless takes a Parquet file or a workbook for a table, and checks neither its bytes nor its hash.
        return resource | {"type": "file"}
    return resource | {
        "type": "table",
        "encoding": "utf-8",
        "rowCount": part.rows,
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n", "header": True},
        "schema": _schema(dataset, present, broken),
    }


def _schema(dataset: Dataset, present: Collection[str], broken: Collection[Broken]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in dataset.columns],
        "missingValues": [""],
    }
    if dataset.primary_key:
        schema["primaryKey"] = list(dataset.primary_key)
    if other := [list(key) for key in dataset.keys if key != dataset.primary_key]:
        schema["uniqueKeys"] = other
    links: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for key in dataset.foreign_keys:
        if key.dataset in present:
            target = {"resource": key.dataset, "fields": list(key.other_columns)}
            links[(dataset.name, key) in broken].append({"fields": list(key.columns), "reference": target})
    if links[False]:
        schema["foreignKeys"] = links[False]
    if links[True]:
        schema["brokenForeignKeys"] = links[True]
    return schema


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        **_SCALARS.get(column.type, _DECIMAL),
        "description": column.description,
        "unit": column.unit,
    }
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.values:
        field["categories"] = list(column.values)
        constraints["enum"] = list(column.values)
    if constraints:
        field["constraints"] = constraints
    return field


def _sources(edition: Edition, exports: Collection[str]) -> list[dict[str, str]]:
    return [{"title": f"{edition.publisher.name}: {export}"} for export in sorted(set(exports))]
