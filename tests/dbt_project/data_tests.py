"""dbt's data tests, run as dbt runs them, on plain tables that may be spoiled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class DataTest:
    """A data test of dbt's manifest.

    Args:
        name: its name, unique in the project.
        kind: name of the generic test; 'singular' for one written as a file of its own.
        arguments: arguments of the generic test, without its model.
        relation: relation that it is declared on, as schema.table; empty for a singular one.
        reads: relations that its SQL reads.
        sql: one row with one boolean: whether it fails or warns, as its severity, its limit and its fail_calc say.
    """

    name: str
    kind: str
    arguments: Mapping[str, Any]
    relation: str
    reads: frozenset[str]
    sql: str

    def fails(self, connection: duckdb.DuckDBPyConnection) -> bool:
        row = connection.execute(self.sql).fetchone()
        assert row is not None
        return bool(row[0])


class Project:
    """Data tests and relations of a dbt project that has run, told by its manifest."""

    def __init__(self, manifest: Path) -> None:
        content = json.loads(manifest.read_text("utf-8"))
        self._nodes: dict[str, dict[str, Any]] = content["nodes"] | content["sources"]
        nodes = [node for node in content["nodes"].values() if node["resource_type"] == "test"]
        self.tests = {test.name: test for test in map(self._test, nodes)}
        assert len(self.tests) == len(nodes), "two data tests have one name"

    def copied(self, warehouse: Path) -> duckdb.DuckDBPyConnection:
        """Every relation that a data test reads as a plain table in memory: no constraint, view or file in the way."""
        wanted = frozenset().union(*(test.reads for test in self.tests.values()))
        connection = duckdb.connect()
        connection.execute(f"set timezone = 'UTC'; attach '{warehouse}' as bodega (read_only)")
        for schema in sorted({relation.partition(".")[0] for relation in wanted}):
            connection.execute(f"create schema {schema}")
        for node in self._nodes.values():
            if self._local(node) in wanted:
                connection.execute(f"create table memory.{self._local(node)} as from {node['relation_name']}")
        connection.execute("detach bodega")
        return connection

    def relation(self, name: str) -> str:
        """Relation of the model or seed that SQL names as `ref('name')`."""
        (model,) = re.findall(r"ref\('(\w+)'\)", name)
        (found,) = (
            self._local(node)
            for node in self._nodes.values()
            if node["name"] == model and node["resource_type"] in ("model", "seed")
        )
        return found

    def on(self, relation: str, *kinds: str) -> list[DataTest]:
        """Generic tests of some kinds that are declared on a relation."""
        return [test for test in self.tests.values() if test.relation == relation and test.kind in kinds]

    def reading(self, relations: Iterable[str]) -> list[DataTest]:
        """Data tests that read any of some relations."""
        wanted = set(relations)
        return [test for test in self.tests.values() if test.reads & wanted]

    def named_in(self, sql: str) -> set[str]:
        """Relations that SQL names and data tests read."""
        named = set(re.findall(r"\b[a-z]+\.\w+", sql))
        return {relation for test in self.tests.values() for relation in test.reads if relation in named}

    def _test(self, node: dict[str, Any]) -> DataTest:
        generic = node.get("test_metadata")
        read = [self._nodes[unique_id] for unique_id in node["depends_on"]["nodes"]]
        sql = node["compiled_code"]
        for source in read:
            sql = sql.replace(source["relation_name"], self._local(source))
        config = node["config"]
        limit = f"limit {config['limit']}" if config["limit"] else ""
        threshold = config["warn_if"] if config["severity"].upper() == "WARN" else config["error_if"]
        return DataTest(
            name=node["name"],
            kind=generic["name"] if generic else "singular",
            arguments={k: v for k, v in generic["kwargs"].items() if k != "model"} if generic else {},
            relation=self._local(self._nodes[node["attached_node"]]) if node.get("attached_node") else "",
            reads=frozenset(map(self._local, read)),
            sql=f"select {config['fail_calc']} {threshold} from (\n{sql}\n{limit}\n) as dbt_internal_test",
        )

    @staticmethod
    def _local(node: dict[str, Any]) -> str:
        return f"raw.{node['name']}" if node["resource_type"] == "source" else f"{node['schema']}.{node['name']}"
