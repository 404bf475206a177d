"""Bad rows of the generic tests whose arguments say what a bad row is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from tests.dbt_project.data_tests import DataTest, Project

#: Rows of a relation that are tried as the one to spoil: what sets off one test alone may take a row of some kind.
TRIED_ROWS = 300

#: More than any tolerance of a test.
MUCH = 1_000_000


@dataclass(frozen=True)
class Warehouse:
    """The copy that bad rows are put into, and the project whose tests guard it."""

    project: Project
    connection: duckdb.DuckDBPyConnection

    def types(self, relation: str) -> dict[str, str]:
        return {name: kind for name, kind, *_ in self.connection.execute(f"describe {relation}").fetchall()}

    def rows(self, relation: str) -> list[int]:
        """Up to `TRIED_ROWS` rows from all over a relation."""
        found = self.connection.execute(f"select rowid from {relation} order by rowid").fetchall()
        return [row for (row,) in found[:: max(1, len(found) // TRIED_ROWS)]]

    def unseen(self, relation: str, column: str) -> str:
        """SQL of a value that the column does not hold."""
        match self.types(relation)[column]:
            case "VARCHAR":
                return f"coalesce({column}, '') || ' (nunca visto)'"
            case "DATE" | "TIMESTAMP":
                return f"(select max({column}) + interval 1 day from {relation})"
            case "INTEGER" | "BIGINT":
                return f"(select max({column}) + 1 from {relation})"
            case other:
                raise NotImplementedError(f"no unseen value of {other} for {relation}.{column}")


#: What a test looks at -> the bad rows (SQL) that may show that it sees it, each on its own.
Parts = dict[str, Iterator[str]]


def _update(warehouse: Warehouse, relation: str, column: str, value: str) -> Iterator[str]:
    for row in warehouse.rows(relation):
        yield f"update {relation} set {column} = {value} where rowid = {row}"


def _copy(warehouse: Warehouse, relation: str, changes: Mapping[str, str]) -> Iterator[str]:
    replaced = ", ".join(f"{value} as {column}" for column, value in changes.items())
    for row in warehouse.rows(relation):
        yield (
            f"insert into {relation} select * {f'replace ({replaced})' if replaced else ''} from {relation} "
            f"where rowid = {row}"
        )


def _empty(warehouse: Warehouse, relation: str, column: str) -> Iterator[str]:
    # A row beside the good ones where others refer to it, else the good one itself.
    yield from _update(warehouse, relation, column, "null")
    yield from _copy(warehouse, relation, {column: "null"})


def _not_null(warehouse: Warehouse, test: DataTest) -> Parts:
    column = test.arguments["column_name"]
    return {column: _empty(warehouse, test.relation, column)}


def _no_blanks(warehouse: Warehouse, test: DataTest) -> Parts:
    return {column: _empty(warehouse, test.relation, column) for column in test.arguments["columnas"]}


def _keys(test: DataTest) -> list[str]:
    return list(test.arguments["columnas"]) if test.kind == "clave_unica" else [test.arguments["column_name"]]


def _repeated(warehouse: Warehouse, test: DataTest) -> Parts:
    own = _keys(test)
    others = {
        column
        for other in warehouse.project.on(test.relation, "unique", "clave_unica")
        for column in _keys(other)
        if column not in own
    }

    def bad_rows() -> Iterator[str]:
        yield from _copy(warehouse, test.relation, {})
        for column in sorted(others):
            yield from _copy(warehouse, test.relation, {column: warehouse.unseen(test.relation, column)})

    return {", ".join(own): bad_rows()}


def _outside_list(warehouse: Warehouse, test: DataTest) -> Parts:
    # A reference to nothing is a value that no row holds, too.
    column = test.arguments["column_name"]
    unseen = warehouse.unseen(test.relation, column)

    def bad_rows() -> Iterator[str]:
        yield from _update(warehouse, test.relation, column, unseen)
        yield from _copy(warehouse, test.relation, {column: unseen})

    return {column: bad_rows()}


def _outside_bounds(warehouse: Warehouse, test: DataTest) -> Parts:
    column = test.arguments["column_name"]
    beyond = {"minimo": "{} - 1", "maximo": "{} + 1"}
    return {
        bound: _update(warehouse, test.relation, column, value.format(test.arguments[bound]))
        for bound, value in beyond.items()
        if test.arguments.get(bound) is not None
    }


def _no_rows(_: Warehouse, test: DataTest) -> Parts:
    return {"rows": iter([f"delete from {test.relation}"])}


def _lost_or_added_in_raw(warehouse: Warehouse, test: DataTest) -> Parts:
    raw = f"raw.{test.arguments['export']}"
    added = _copy(warehouse, raw, {"_fila": warehouse.unseen(raw, "_fila")})
    lost = (f"delete from {raw} where rowid = {row}" for row in warehouse.rows(raw))
    return {"lost": lost, "added": added}


def _contributions(warehouse: Warehouse, test: DataTest) -> Parts:
    bad_rows: dict[str, dict[str, str]] = {
        column: {"columna": f"'{column}'", "valor": str(MUCH)} for column in test.arguments["columnas"]
    }
    bad_rows["unknown column"] = {"columna": "'nunca vista'", "valor": "0"}
    bad_rows["unknown row"] = {"_fila": "null", "valor": "0"}
    key = test.arguments["clave"][0]
    bad_rows["not published"] = {key: warehouse.unseen(test.relation, key), "valor": "0"}
    return {part: _copy(warehouse, test.relation, changes) for part, changes in bad_rows.items()}


RULES: dict[str, Callable[[Warehouse, DataTest], Parts]] = {
    "not_null": _not_null,
    "sin_vacios": _no_blanks,
    "unique": _repeated,
    "clave_unica": _repeated,
    "accepted_values": _outside_list,
    "relationships": _outside_list,
    "entre": _outside_bounds,
    "con_filas": _no_rows,
    "cuadra_con_bitacora": _lost_or_added_in_raw,
    "traza_cuadra": _contributions,
}


def implied(warehouse: Warehouse, test: DataTest) -> set[str]:
    """Tests that no bad row of a test can spare: a relation without rows leaves all that refers to it an orphan."""
    if test.kind != "con_filas":
        return set()
    return {
        other.name
        for other in warehouse.project.tests.values()
        if other.kind == "relationships" and warehouse.project.relation(other.arguments["to"]) == test.relation
    }


def traced_anew(warehouse: Warehouse, relations: set[str]) -> str:
    """SQL that makes the traces of spoiled datasets say what these say, so that no test of a trace sees the bad row."""
    statements = [""]
    for test in warehouse.project.tests.values():
        if test.kind != "traza_cuadra" or test.relation in relations:
            continue
        dataset = warehouse.project.relation(test.arguments["dataset"])
        if dataset not in relations:
            continue
        key = ", ".join(test.arguments["clave"])
        where = test.arguments.get("donde") or "true"
        statements.append(f"delete from {test.relation}")
        statements += [
            # A row that stands twice is the matter of another test: the trace knows its key once.
            f"insert into {test.relation} by name "
            f"select distinct {key}, '{column}' as columna, 1 as _fila, {column} as valor "
            f"from {dataset} where {column} is not null and {where}"
            for column in test.arguments["columnas"]
        ]
    return "; ".join(statements)
