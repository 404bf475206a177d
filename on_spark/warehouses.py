"""Two warehouses held against each other: every relation, column, type and row."""

from pathlib import Path

import duckdb


def differences(one: Path, other: Path) -> list[str]:
    """What is not the same in both, a line each.

    Names, kinds, columns, types and descriptions of all tables and views; the rows of all tables, as often as they are.
    """
    with duckdb.connect() as con:
        con.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        described = (
            "select schema_name, {0}, comment from duckdb_{1}() where database_name = '{2}' and schema_name <> 'main'"
        )
        shapes = {
            "tables": "table_name",
            "views": "view_name",
            "columns": "table_name, column_index, column_name, data_type",
        }
        found = []
        for of, columns in shapes.items():
            left, right = ({*con.execute(described.format(columns, of, name)).fetchall()} for name in ("one", "other"))
            found += [f"{of}: {row}" for row in sorted(left ^ right, key=str)]
        tables = con.execute(
            "select distinct schema_name || '.' || table_name from duckdb_tables() where database_name = 'one'"
        ).fetchall()
        assert tables, "a warehouse without tables equals any other"
        for (table,) in sorted(tables):
            for left, right in (("one", "other"), ("other", "one")):
                query = f"select count(*) from (from {left}.{table} except all from {right}.{table})"
                if rows := con.execute(query).fetchall()[0][0]:
                    found.append(f"{table}: {rows} rows only in {left}")
        return found
