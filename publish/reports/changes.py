"""What changed against the release before: columns, rows by their key, totals.

A row that was published and is gone is always named by its key, in cambios.csv; changes.json counts and gives examples.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from publish import pages, sql
from publish.catalog import Column, Dataset
from publish.keeping.verify import sha256
from publish.keeping.versions import Version
from publish.sql import quoted

# Units whose sum over all rows says something when it moves.
ADDITIVE = frozenset({"M$", "CLP", "documentos", "iniciativas", "acuerdos", "filas"})

# changes.json names this many keys of each kind; cambios.csv names them all.
EXAMPLES = 1000

# The page, which people read, names fewer.
SHOWN = 20

_LINES = "conjunto varchar, cambio varchar, clave varchar, filas bigint, columnas varchar"


@dataclass
class DatasetChanges:
    """What changed in a dataset, as changes.json names it. estado: nuevo, igual, cambiado, retirado or conservado."""

    nombre: str
    estado: str
    columnas_agregadas: list[str] = field(default_factory=list)
    columnas_quitadas: list[str] = field(default_factory=list)
    columnas_cambiadas: list[dict[str, str]] = field(default_factory=list)
    clave_cambiada: dict[str, list[str]] | None = None
    filas: dict[str, int] = field(default_factory=dict)
    totales: list[dict[str, Any]] = field(default_factory=list)
    claves: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether columns or rows are not those of the release before, whatever the dataset's state is called."""
        columns = self.columnas_agregadas or self.columnas_quitadas or self.columnas_cambiadas or self.clave_cambiada
        return bool(columns or any(self.filas[kind] for kind in _KINDS))


def compare(
    con: duckdb.DuckDBPyConnection,
    before: Mapping[str, Version],
    after: Mapping[str, Version],
    lines: Path,
    mask: Callable[[Column, str], str],
) -> list[DatasetChanges]:
    """The changes of every dataset of either release, in the order of their names.

    lines: where cambios.csv goes, one line a key that was added, changed or removed (with the columns that changed); a
    dataset that is new altogether is not listed key by key. mask: takes from a cell of the release before what is known
    of persons by now.
    """
    con.execute(f"create or replace temp table lineas_de_cambio ({_LINES})")
    found = [
        _compare(con, name, before.get(name), after.get(name), mask) for name in sorted(before.keys() | after.keys())
    ]
    con.execute(f"copy (from lineas_de_cambio order by all) to {sql.text(lines)} (format csv, header)")
    con.execute("drop table lineas_de_cambio")
    return found


def as_json(release: str, before: str | None, changes: list[DatasetChanges]) -> str:
    """changes.json. before: the id of the release before, if there was one."""
    content = {"publicacion": release, "anterior": before, "conjuntos": [asdict(each) for each in changes]}
    return json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"


def as_html(release: str, before: str | None, changes: list[DatasetChanges], datasets: Mapping[str, Dataset]) -> str:
    """The readable changelog. datasets: of this release, for their titles."""
    titles = {name: dataset.title for name, dataset in datasets.items()}
    return pages.render("cambios.html", release=release, before=before, changes=changes, titles=titles, shown=SHOWN)


def _compare(
    con: duckdb.DuckDBPyConnection,
    name: str,
    before: Version | None,
    after: Version | None,
    mask: Callable[[Column, str], str],
) -> DatasetChanges:
    changes = DatasetChanges(name, "igual")
    if before and after:
        _compare_columns(before.dataset, after.dataset, changes)
    _compare_rows(con, before, after, changes, mask)
    _compare_totals(con, before, after, changes)
    if not before:
        changes.estado = "nuevo"
    elif not after:
        changes.estado = "retirado"
    elif changes.differs:
        changes.estado = "cambiado"
    return changes


def _compare_columns(before: Dataset, after: Dataset, changes: DatasetChanges) -> None:
    old, new = ({c.name: c for c in dataset.columns} for dataset in (before, after))
    changes.columnas_agregadas = [name for name in new if name not in old]
    changes.columnas_quitadas = [name for name in old if name not in new]
    for name in [name for name in new if name in old]:
        for what, was, is_now in (("tipo", old[name].type, new[name].type), ("unidad", old[name].unit, new[name].unit)):
            if was != is_now:
                changes.columnas_cambiadas.append({"columna": name, "cambio": what, "antes": was, "ahora": is_now})
    if before.grain != after.grain:
        changes.clave_cambiada = {"antes": list(before.grain), "ahora": list(after.grain)}


def _compare_rows(
    con: duckdb.DuckDBPyConnection,
    before: Version | None,
    after: Version | None,
    changes: DatasetChanges,
    mask: Callable[[Column, str], str],
) -> None:
    changes.claves = {kind: [] for kind in _KINDS} if before else {}
    if not before:
        counted = {"agregada": _rows(con, after)}
    elif after and before.dataset.grain == after.dataset.grain and sha256(before.parquet) == sha256(after.parquet):
        counted = {}
    else:
        counted = _list_keys(con, before, after, changes, mask)
    changes.filas = {
        "antes": _rows(con, before),
        "ahora": _rows(con, after),
        **{kind: int(counted.get(one, 0)) for kind, one in _KINDS.items()},
    }


def _list_keys(
    con: duckdb.DuckDBPyConnection,
    before: Version,
    after: Version | None,
    changes: DatasetChanges,
    mask: Callable[[Column, str], str],
) -> dict[str, int]:
    """Names every key that differs; returns the rows of each kind of change."""
    con.execute(f"create or replace temp table claves as {_keys_compared(before, after)}")
    _mask_old_keys(con, before.dataset, mask)
    con.execute("insert into lineas_de_cambio select ?, cambio, clave, filas, columnas from claves", [changes.nombre])
    for kind, one in _KINDS.items():
        rows = con.execute(
            "select clave, columnas from claves where cambio = ? order by all limit ?", [one, EXAMPLES]
        ).fetchall()
        changes.claves[kind] = [
            json.loads(key) | ({"columnas": columns.split(" ")} if columns else {}) for key, columns in rows
        ]
    counted = dict(con.execute("select cambio, sum(filas) from claves group by cambio").fetchall())
    con.execute("drop table claves")
    return counted


def _mask_old_keys(con: duckdb.DuckDBPyConnection, before: Dataset, mask: Callable[[Column, str], str]) -> None:
    texts = [column for column in before.columns if column.name in before.grain and column.is_text]
    keys = con.execute("select distinct clave from claves where cambio = 'quitada'").fetchall() if texts else []
    for (key,) in keys:
        values = json.loads(key)
        masked = values | {c.name: mask(c, values[c.name]) for c in texts if values[c.name] is not None}
        if masked != values:
            text = json.dumps(masked, ensure_ascii=False, separators=(",", ":"))
            con.execute("update claves set clave = ? where clave = ?", [text, key])


_KINDS = {"agregadas": "agregada", "cambiadas": "cambiada", "quitadas": "quitada"}


def _keys_compared(before: Version, after: Version | None) -> str:
    """Query for the keys that differ: cambio, clave (JSON), filas, columnas. Rows that share a key are one set."""
    if not after or before.dataset.grain != after.dataset.grain:
        parts = [_keys_of(version, change) for version, change in ((before, "quitada"), (after, "agregada")) if version]
        return " union all ".join(parts)
    key = after.dataset.grain
    old = {c.name: c.type for c in before.dataset.columns}
    common = [c.name for c in after.dataset.columns if c.name in old and c.name not in key]
    changed_type = {c.name for c in after.dataset.columns if old.get(c.name) != c.type}
    told = [f"cast({quoted(name)} as varchar)" if name in changed_type else quoted(name) for name in common]
    joined = " and ".join(f"antes.{quoted(k)} is not distinct from ahora.{quoted(k)}" for k in key)
    differs = {name: f"antes.suma_{i} <> ahora.suma_{i}" for i, name in enumerate(common)}
    columns = ", ".join(f"case when {condition} then '{name}' end" for name, condition in differs.items()) or "null"
    either = " or ".join(differs.values()) or "false"
    both = [f"coalesce(antes.{quoted(k)}, ahora.{quoted(k)})" for k in key]
    names = ", ".join(f"'{k}', {value}" for k, value in zip(key, both, strict=True))
    # Few rows differ: which may is told by one sum a key, and only those are looked at column by column.
    return f"""
    with filas as ({_hashed(before, key, told, -1)} union all {_hashed(after, key, told, 1)}),
    posibles as materialized (
        select llave from filas group by llave having sum(n) <> 0 or sum(suma) <> 0
    ),
    antes as ({_summed(before, key, told)}),
    ahora as ({_summed(after, key, told)}),
    comparadas as (
        select json_object({names}) as clave, coalesce(antes.n, 0) as antes_n, coalesce(ahora.n, 0) as ahora_n,
            {either} as distintas, concat_ws(' ', {columns}) as columnas
        from antes full join ahora on {joined}
    )
    select 'quitada' as cambio, clave, antes_n - ahora_n as filas, null as columnas
    from comparadas where antes_n > ahora_n
    union all
    select 'agregada', clave, ahora_n - antes_n, null from comparadas where ahora_n > antes_n
    union all
    select 'cambiada', clave, ahora_n, columnas from comparadas where antes_n = ahora_n and distintas"""


def _hashed(version: Version, key: tuple[str, ...], columns: list[str], sign: int) -> str:
    row = f"cast(hash({', '.join(columns)}) as hugeint)" if columns else "0"
    return f"select {_hash_of(key)} as llave, {sign} as n, {sign} * {row} as suma from {_table(version)}"


def _hash_of(key: tuple[str, ...]) -> str:
    return f"hash({', '.join(map(quoted, key))})"


def _summed(version: Version, key: tuple[str, ...], columns: list[str]) -> str:
    keys = ", ".join(quoted(k) for k in key)
    sums = "".join(f", sum(hash({column})) as suma_{i}" for i, column in enumerate(columns))
    return f"""select {keys}, count(*) as n{sums} from {_table(version)}
        where {_hash_of(key)} in (select llave from posibles) group by {keys}"""


def _keys_of(version: Version, change: str) -> str:
    key = version.dataset.grain
    names = ", ".join(f"'{k}', {quoted(k)}" for k in key)
    return f"""select '{change}' as cambio, json_object({names}) as clave, count(*) as filas, null as columnas
        from {_table(version)} group by {", ".join(quoted(k) for k in key)}"""


def _compare_totals(
    con: duckdb.DuckDBPyConnection, before: Version | None, after: Version | None, changes: DatasetChanges
) -> None:
    old, new = _totals(con, before), _totals(con, after)
    units = {c.name: c.unit for version in (before, after) if version for c in version.dataset.columns}
    changes.totales = [
        {"columna": name, "unidad": units[name], "antes": old.get(name), "ahora": new.get(name)}
        for name in units
        if (name in old or name in new) and old.get(name) != new.get(name)
    ]


def _totals(con: duckdb.DuckDBPyConnection, version: Version | None) -> dict[str, int | None]:
    if not version:
        return {}
    names = [c.name for c in version.dataset.columns if c.unit in ADDITIVE and not c.is_text]
    if not names:
        return {}
    sums = ", ".join(f"cast(sum({quoted(name)}) as hugeint)" for name in names)
    return dict(zip(names, con.execute(f"select {sums} from {_table(version)}").fetchall()[0], strict=True))


def _rows(con: duckdb.DuckDBPyConnection, version: Version | None) -> int:
    return int(con.execute(f"select count(*) from {_table(version)}").fetchall()[0][0]) if version else 0


def _table(version: Version) -> str:
    return sql.parquet(version.parquet)
