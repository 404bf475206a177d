"""The published datasets and their dictionary, as dbt's manifest declares them.

What is not declared here is not published: the columns of a dataset are these and no others.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publish.errors import CatalogError
from publish.sql import quoted
from publish.themes import THEMES

# The model with one row and one column, `fecha_corte`: the newest date that the accepted files reach.
CUT_OFF_MODEL = "int_fecha_corte"

PRIVACY = ("abierta", "rut")

# What a release may hold: whole amounts in BIGINT, percentages in DECIMAL. HUGEINT would reach Parquet as DOUBLE.
_TYPE = re.compile(r"VARCHAR|BOOLEAN|SMALLINT|INTEGER|BIGINT|DATE|TIMESTAMP|DECIMAL\(\d+, ?[1-9]\d*\)")
_REF = re.compile(r"ref\(['\"](\w+)['\"]\)")
_ALIASES = {"TEXT": "VARCHAR", "STRING": "VARCHAR", "INT": "INTEGER", "BOOL": "BOOLEAN"}


@dataclass(frozen=True)
class Column:
    """A published column. unit: as citizens read it; free_text: a person could have typed anything in it.

    required: no cell of it may be empty. values: the only ones it may hold, empty where any may be. Both as an error of
    dbt's tests, whatever the row. meanings: of codes, pairs of the code and what it means, for whoever reads it.
    """

    name: str
    type: str
    description: str
    unit: str
    privacy: str
    free_text: bool
    required: bool = False
    values: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str], ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether its cells are texts, which the screening reads."""
        return self.type == "VARCHAR"

    @property
    def holds_codes(self) -> bool:
        """Whether its cells are codes, as the dictionary's unit says: digits alone are one of them."""
        return self.unit == "código"


@dataclass(frozen=True)
class Geography:
    """What a dataset with points is also published as: name of the files, and the columns of the point in degrees."""

    name: str
    latitude: str
    longitude: str


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values are those of columns of another dataset, wherever they are not empty.

    Where dbt only warns, a row may break it: each release looks whether one does (publish.metadata.keys.broken_keys).
    """

    columns: tuple[str, ...]
    dataset: str
    other_columns: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """A published dataset. order: the columns its files are sorted by; requires: exports it cannot do without.

    geography: where its rows have a point. keys: columns that no two rows share, an empty cell being a value.
    foreign_keys: to other published datasets. sources: the tables of the raw layer that its rows are made from, an
    export's bearing its name; none where the cut-off date is among what they are made from, which any file may move.
    """

    name: str
    title: str
    theme: str
    description: str
    grain: tuple[str, ...]
    order: tuple[str, ...]
    requires: tuple[str, ...]
    columns: tuple[Column, ...]
    relation: str
    geography: Geography | None = None
    keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def exports(self) -> list[str]:
        """The exports that it is made from, each of those that an entry of `requires` leaves a choice of."""
        return [export for entry in self.requires for export in alternatives(entry)]

    @property
    def key(self) -> tuple[str, ...]:
        """The grain, where it is a key: it need not be, once the RUT of natural persons is masked. Else nothing."""
        return self.grain if self.grain in self.keys else ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The key, where no part of it can be empty; else nothing."""
        required = {column.name for column in self.columns if column.required}
        return self.key if required.issuperset(self.key) else ()


def alternatives(required: str) -> list[str]:
    """The exports that an entry of `requires` names, any of which is enough: `a | b`."""
    return [export.strip() for export in required.split("|")]


@dataclass(frozen=True)
class Catalog:
    """Every published dataset by name, sorted, and the relation that holds the cut-off date."""

    datasets: Mapping[str, Dataset]
    cut_off: str


def read_catalog(manifest: Path) -> Catalog:
    """Reads dbt's target/manifest.json: the models under models/marts are the datasets.

    Raises CatalogError, naming dataset and column, where the dictionary is incomplete.
    """
    try:
        content = json.loads(manifest.read_text("utf-8"))
        nodes, lineage = content["nodes"].values(), _Lineage(content["parent_map"], content["sources"])
    except FileNotFoundError:
        raise CatalogError(f"{manifest} does not exist: run `dbt parse` first") from None
    except (ValueError, KeyError) as error:
        raise CatalogError(f"{manifest} is no manifest of dbt ({error!r}): run `dbt parse` again") from error
    models = [node for node in nodes if node["resource_type"] == "model"]
    marts = {node["name"]: node for node in models if node["fqn"][1] == "marts"}
    tests = [node for node in nodes if node["resource_type"] == "test" and node.get("test_metadata")]
    datasets = [
        _dataset(
            node,
            _Rules([test for test in tests if test["attached_node"] == node.get("unique_id")], marts.keys()),
            lineage.sources(str(node.get("unique_id"))),
        )
        for node in marts.values()
    ]
    cut_off = [_relation(node) for node in models if node["name"] == CUT_OFF_MODEL]
    if not datasets:
        raise CatalogError(f"{manifest} has no model under models/marts: nothing could be published")
    if not cut_off:
        raise CatalogError(f"{manifest} has no model {CUT_OFF_MODEL}: a release is named by its date")
    return Catalog({dataset.name: dataset for dataset in sorted(datasets, key=lambda each: each.name)}, cut_off[0])


class _Rules:
    """What dbt's tests of a model hold to be true of its rows. published: names of the datasets."""

    def __init__(self, tests: Sequence[Mapping[str, Any]], published: Collection[str]) -> None:
        self.required: set[str] = set()
        self.values: dict[str, tuple[str, ...]] = {}
        keys, foreign_keys = set(), set()
        for test in tests:
            name, arguments = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
            column, condition = str(test.get("column_name")), test["config"].get("where")
            warns = str(test["config"]["severity"]).lower() != "error"
            if name == "relationships" and condition in (None, f"{column} is not null"):
                target = _REF.fullmatch(arguments["to"])
                if target and target[1] in published:
                    foreign_keys.add(ForeignKey((column,), target[1], (arguments["field"],)))
            elif warns or condition:
                continue
            elif name == "not_null":
                self.required.add(column)
            elif name == "sin_vacios":
                self.required.update(arguments["columnas"])
            elif name == "accepted_values":
                self.values[column] = tuple(str(value) for value in arguments["values"])
            elif name == "unique":
                keys.add((column,))
            elif name == "clave_unica":
                keys.add(tuple(arguments["columnas"]))
        self.keys = tuple(sorted(keys))
        self.foreign_keys = tuple(sorted(foreign_keys, key=lambda key: (key.columns, key.dataset, key.other_columns)))


def reached(nodes: Iterable[str], following: Mapping[str, Sequence[str]]) -> set[str]:
    """These nodes of dbt's lineage and all that they lead to. following: dbt's child_map, or its parent_map."""
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += following.get(node, ())
    return found


class _Lineage:
    """What is made of what, by dbt's own account."""

    def __init__(self, parents: Mapping[str, Sequence[str]], sources: Mapping[str, Mapping[str, Any]]) -> None:
        self._parents = parents
        self._sources = {unique_id: str(source["name"]) for unique_id, source in sources.items()}

    def sources(self, model: str) -> tuple[str, ...]:
        """As `Dataset.sources`. model: its unique_id."""
        above = reached([model], self._parents)
        if any(node.endswith(f".{CUT_OFF_MODEL}") for node in above):
            return ()
        return tuple(sorted(self._sources[node] for node in above if node in self._sources))


def _dataset(node: Mapping[str, Any], rules: _Rules, sources: tuple[str, ...]) -> Dataset:
    name = node["name"]
    meta = _meta(node)
    columns = tuple(_column(name, column, rules) for column in node["columns"].values())
    if not columns:
        raise CatalogError(f"{name}: no column is declared, so none may be published; declare them in its YAML")
    dataset = Dataset(
        name=name,
        title=_required(name, meta, "titulo"),
        theme=_theme(name, meta),
        description=_required(name, node, "description"),
        grain=_names(name, meta, "grano"),
        order=_names(name, meta, "orden"),
        requires=_names(name, meta, "requiere", may_be_empty=True),
        columns=columns,
        relation=_relation(node),
        geography=_geography(name, meta),
        keys=rules.keys,
        foreign_keys=rules.foreign_keys,
        sources=sources,
    )
    declared = {column.name for column in columns}
    point = (dataset.geography.latitude, dataset.geography.longitude) if dataset.geography else ()
    for key, used in (("grano", dataset.grain), ("orden", dataset.order), ("geo", point)):
        if unknown := [column for column in used if column not in declared]:
            raise CatalogError(f"{name}: `{key}` names {', '.join(unknown)}, which its YAML does not declare")
    return dataset


def _theme(name: str, meta: Mapping[str, Any]) -> str:
    theme = _required(name, meta, "tema")
    if theme not in THEMES:
        raise CatalogError(
            f"{name}: `tema` is {theme!r}, which publish/themes.py does not know; it is one of {', '.join(THEMES)}"
        )
    return theme


def _geography(name: str, meta: Mapping[str, Any]) -> Geography | None:
    geo = meta.get("geo")
    if geo is None:
        return None
    return Geography(*(_required(name, geo, key) for key in ("nombre", "latitud", "longitud")))


def _column(dataset: str, column: Mapping[str, Any], rules: _Rules) -> Column:
    place = f"{dataset}.{column['name']}"
    meta = _meta(column)
    privacy = _required(place, meta, "privacidad")
    if privacy not in PRIVACY:
        raise CatalogError(f"{place}: `privacidad` is {privacy!r}, and only {' or '.join(PRIVACY)} is published")
    return Column(
        name=column["name"],
        type=_type(place, _required(place, column, "data_type")),
        description=_required(place, column, "description"),
        unit=_required(place, meta, "unidad"),
        privacy=privacy,
        free_text=meta.get("texto_libre") is True,
        required=column["name"] in rules.required,
        values=rules.values.get(column["name"], ()),
        meanings=_meanings(place, meta, rules.values.get(column["name"], ())),
    )


def _meanings(place: str, meta: Mapping[str, Any], values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    meanings = meta.get("significados") or {}
    if meanings and set(meanings) != set(values):
        raise CatalogError(f"{place}: `significados` must explain each of its accepted values, and no other")
    return tuple((str(code), str(meaning).strip()) for code, meaning in meanings.items())


def _type(place: str, declared: str) -> str:
    plain = re.sub(r"\s+", "", declared.upper()).replace("NUMERIC", "DECIMAL")
    plain = _ALIASES.get(plain, plain)
    if not _TYPE.fullmatch(plain):
        raise CatalogError(
            f"{place}: {declared} is not a type of a release; whole amounts are bigint, percentages decimal(18,2)"
        )
    return plain


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The meta of a node: dbt keeps it under `config`, and older ones beside it."""
    meta: Mapping[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return meta


def _required(place: str, values: Mapping[str, Any], key: str) -> str:
    value = str(values.get(key) or "").strip()
    if not value:
        raise CatalogError(f"{place}: `{key}` is missing; write it in the YAML of the dataset")
    return value


def _names(place: str, meta: Mapping[str, Any], key: str, may_be_empty: bool = False) -> tuple[str, ...]:
    value = meta.get(key)
    if not isinstance(value, list) or not (value or may_be_empty):
        raise CatalogError(f"{place}: `{key}` must be a list of names; write it in the YAML of the dataset")
    return tuple(str(name) for name in value)


def _relation(node: Mapping[str, Any]) -> str:
    return f"{quoted(node['schema'])}.{quoted(node['alias'])}"
