"""What the pages show, read from a release's manifest and its Parquet files."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

Row = Mapping[str, Any]

_ENGINE: dict[str, str | bool | int | float | list[str]] = {
    # Beside all that the process of a run holds by then. Over ten million documents the pages take 552 MB and 13 CPU
    # seconds with it, 519 MB with 200.
    "memory_limit": "300MB",
    # Else the allocator keeps what the engine has freed, beside what the limit allows.
    "allocator_flush_threshold": "16MB",
    "allocator_bulk_deallocation_flush_threshold": "16MB",
}


class Contents:
    """A release as the pages need it. Raises FileNotFoundError where the folder is no release."""

    def __init__(self, release: Path) -> None:
        self.folder = release
        self.manifest: Mapping[str, Any] = self._json("manifest.json")
        self.files: Mapping[str, Mapping[str, Any]] = {file["nombre"]: file for file in self.manifest["archivos"]}
        self.datasets: Mapping[str, Mapping[str, Any]] = {each["nombre"]: each for each in self.manifest["conjuntos"]}
        # What the pages ask for is small; the tables that they ask need not be.
        self._spill = TemporaryDirectory(prefix="bodega-portal-")
        self._con = duckdb.connect(config=_ENGINE | {"temp_directory": self._spill.name})
        for name in self.datasets:
            self._con.read_parquet(str(release / f"{name}.parquet")).create_view(name)

    @property
    def id(self) -> str:
        """The id of the release."""
        return str(self.manifest["id"])

    @cached_property
    def base_url(self) -> str:
        """Where the public reaches the folder of releases, without a slash at its end."""
        return str(self.datapackage["id"]).removesuffix(f"/{self.id}/datapackage.json")

    @cached_property
    def datapackage(self) -> Mapping[str, Any]:
        """The Data Package: names, contact, licence, and the fields of every dataset."""
        return self._json("datapackage.json")

    def key(self, dataset: str) -> list[str]:
        """The columns that tell every published row of a dataset from the others, an empty cell being a value.

        Empty where the release holds none unique: the grain need not be, once the RUT of natural persons is masked.
        """
        schemas = [each["schema"] for each in self.datapackage.get("resources", ()) if each["name"] == dataset]
        keys = [key for each in schemas for key in (each.get("primaryKey"), *each.get("uniqueKeys", ())) if key]
        grain = self.dictionary[dataset]["grano"]
        return list(grain) if grain in keys else []

    @cached_property
    def dictionary(self) -> Mapping[str, Mapping[str, Any]]:
        """Per dataset its grain and its columns with type, unit and description."""
        return {each["nombre"]: each for each in self._json("diccionario.json")["conjuntos"]}

    @cached_property
    def quality(self) -> Mapping[str, Any]:
        """The quality report: every check, freshness by two clocks, rejections, reconciliation."""
        return self._json("calidad.json")

    @property
    def reconciliation(self) -> list[Row]:
        """Per year and programme how much of the spending is explained, newest first; none of kept figures."""
        return sorted(self.quality["conciliacion"]["programas"] or (), key=itemgetter("anio"), reverse=True)

    @cached_property
    def changes(self) -> Mapping[str, Mapping[str, Any]]:
        """Per dataset what is new against the release before."""
        return {each["nombre"]: each for each in self._json("changes.json")["conjuntos"]}

    def why_missing(self, dataset: str) -> str:
        """In Spanish, why the dataset is not in the release; '' if it is."""
        if dataset in self.datasets:
            return ""
        reasons = {held["nombre"]: held["motivo"] for held in self.manifest["no_publicados"]}
        return str(reasons.get(dataset, "No está entre los conjuntos de datos de esta publicación."))

    def why_kept(self, dataset: str) -> str:
        """In Spanish, why the dataset is there as an earlier release had it; '' if it is new."""
        kept = self.datasets.get(dataset, {}).get("conservado")
        return f"Cifras de la publicación {kept['publicacion']}. {kept['motivo']}" if kept else ""

    def notices(self, datasets: Iterable[str]) -> list[tuple[str, str]]:
        """What a reader of these datasets must know first: a heading and why, for each missing and each kept one."""
        titles = {held["nombre"]: held["titulo"] for held in self.manifest["no_publicados"]}
        missing = [
            (f"«{titles.get(name, name)}» no está en esta publicación.", self.why_missing(name))
            for name in datasets
            if name not in self.datasets
        ]
        kept = [
            (f"Las cifras de «{self.datasets[name]['titulo']}» no son nuevas.", self.why_kept(name))
            for name in datasets
            if self.why_kept(name)
        ]
        return missing + kept

    def themes(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """The datasets under the titles of their themes, as the release orders them; an older one has but names."""
        titles = {each["nombre"]: each["titulo"] for each in self.manifest.get("temas", ())}
        found = by(self.datasets.values(), "tema")
        return [(titles.get(name, name), found[name]) for name in titles or sorted(found)]

    def rows(self, sql: str, *needs: str) -> list[Row]:
        """The rows of a query in which each dataset is a table of its name.

        needs: the datasets that the query reads; where one is not in the release there are no rows.
        """
        if any(name not in self.datasets for name in needs):
            return []
        found = self._con.execute(sql)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _json(self, name: str) -> Mapping[str, Any]:
        content: Mapping[str, Any] = json.loads((self.folder / name).read_text("utf-8"), parse_float=Decimal)
        return content


def by(rows: Iterable[Row], *columns: str) -> dict[Any, list[Row]]:
    """The rows under the value of a column, or under the tuple of several, each group in the order of the rows."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = tuple(row[column] for column in columns)
        groups.setdefault(key if len(columns) > 1 else key[0], []).append(row)
    return groups
