"""Whether a release keeps its word, from a copy of its folder alone: hashes, columns, keys, one table in every form.

The manifest, which holds the hashes of all else, is held against the latest.json beside the folder, where there is one.
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from publish import rows, sql
from publish.errors import PublishError
from publish.files import MEMORY_LIMIT
from publish.forms import duckdb_file, reading_back
from publish.keeping import place, versions
from publish.keeping.verify import MANIFEST, problems, sha256
from publish.keeping.versions import Version
from publish.sql import quoted


def audit(folder: Path) -> list[str]:
    """What is wrong with the release in the folder, one sentence each; none if it is whole and consistent.

    Raises PublishError where this machine has not enough memory and disk to tell.
    """
    try:
        ident = json.loads((folder / MANIFEST).read_text("utf-8"))["id"]
        held = versions.read(folder)
        package = json.loads((folder / "datapackage.json").read_text("utf-8"))
        schemas = {r["name"]: r["schema"] for r in package["resources"] if "schema" in r}
    except (OSError, ValueError, LookupError, TypeError, PublishError) as error:
        return [f"{folder} is no release ({type(error).__name__}: {error})"]
    found = [*_announced(folder, ident), *problems(folder, ident)]
    with TemporaryDirectory(prefix="bodega-verify-") as spill, _engine(spill) as con:
        try:
            con.execute(f"attach {sql.text(folder / duckdb_file.NAME)} as publicada (read_only)")
        except duckdb.Error as error:
            return [*found, f"{duckdb_file.NAME} cannot be read ({error})"]
        for name, version in held.items():
            try:
                found += _wrong(con, version, schemas.get(name, {}), held)
            except duckdb.OutOfMemoryException as error:
                # Of the machine, and nothing that is wrong with the release.
                raise PublishError(
                    f"{name} could not be verified ({error}): set TMPDIR to a folder with more space, and try again"
                ) from error
            except (duckdb.Error, zipfile.BadZipFile, KeyError) as error:
                found.append(f"{name} cannot be read ({error!r})")
    return found


def _announced(folder: Path, ident: str) -> list[str]:
    """Whether the manifest is the one that latest.json beside the folder names, where it names this release."""
    latest = folder.parent / place.LATEST
    if not latest.exists():
        return []
    try:
        said = json.loads(latest.read_text("utf-8"))
        names, announced = said["id"], said["sha256"]
    except (ValueError, LookupError, TypeError) as error:
        return [f"{latest} cannot be read ({error!r})"]
    if names not in (ident, folder.name) and folder.name != place.LATEST_LINK:
        return []
    here = sha256(folder / MANIFEST)
    if here == announced:
        return []
    return [f"{MANIFEST} is not the one that {latest} names for {names}: its sha256 is {here} instead of {announced}"]


def _engine(spill: str) -> duckdb.DuckDBPyConnection:
    """An engine for a machine that has other work; what does not fit its memory goes into a folder."""
    return duckdb.connect(
        config={"autoinstall_known_extensions": False, "memory_limit": MEMORY_LIMIT, "temp_directory": spill}
    )


def _wrong(
    con: duckdb.DuckDBPyConnection, version: Version, schema: dict[str, Any], held: dict[str, Version]
) -> Iterator[str]:
    name, dataset = version.dataset.name, version.dataset
    declared = {column.name: column.type for column in dataset.columns}
    written = rows.types(con, dataset.relation)
    if written != declared:
        yield f"{name}.parquet has the columns {written}, and the dictionary says {declared}"
        return
    number = _count(con, f"select count(*) from {dataset.relation}")
    if number != version.summary["filas"]:
        yield f"{name}.parquet has {number} rows, and the manifest says {version.summary['filas']}"
    yield from _forms(con, version, declared)
    yield from reading_back.unlike(con, dataset, version.parquet.parent)
    for key in [schema.get("primaryKey"), *schema.get("uniqueKeys", [])]:
        if key and (twice := _count(con, _repeated(dataset.relation, key))):
            yield f"{name}: {twice} values of the key {', '.join(key)} stand there more than once"
    if empty := [c for c in schema.get("primaryKey", []) if _count(con, _nulls(dataset.relation, c))]:
        yield f"{name}: the key has empty cells in {', '.join(empty)}"
    for key in schema.get("foreignKeys", []):
        target = held[key["reference"]["resource"]].dataset.relation
        if lost := _count(con, sql.dangling(dataset.relation, key["fields"], target, key["reference"]["fields"])):
            yield f"{name}: {lost} rows point by {', '.join(key['fields'])} to no row of {key['reference']['resource']}"


def _forms(con: duckdb.DuckDBPyConnection, version: Version, declared: dict[str, str]) -> Iterator[str]:
    """Where the CSV or the table of the DuckDB file is not the Parquet file. declared: the types of its columns."""
    dataset, csv = version.dataset, sql.csv(version.parquet.with_suffix(".csv"))
    cells = ", ".join(f"cast({quoted(c.name)} as {c.type}) as {quoted(c.name)}" for c in dataset.columns)
    as_text = f"(select {cells} from {csv})"
    # In a CSV an empty text and a NULL are the same empty cell.
    blank = ", ".join(
        f"nullif({quoted(c.name)}, '') as {quoted(c.name)}" if c.is_text else quoted(c.name) for c in dataset.columns
    )
    table = f"publicada.{quoted(dataset.name)}"
    written = [(f"{dataset.name}.csv", as_text, f"(select {blank} from {dataset.relation})")]
    columns = rows.types(con, table)
    if columns == declared:
        written.append((f"{duckdb_file.NAME}'s {dataset.name}", table, dataset.relation))
    else:
        yield f"{duckdb_file.NAME}'s {dataset.name} has the columns {columns}, and the dictionary says {declared}"
    for form, left, right in written:
        if rows.same(con, left, right, [quoted(name) for name in declared]):
            continue
        differ = f"(from {left} except all from {right}) union all (from {right} except all from {left})"
        if number := _count(con, f"select count(*) from ({differ})"):
            yield f"{form} differs from {dataset.name}.parquet in {number} rows"


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _repeated(relation: str, key: list[str]) -> str:
    columns = ", ".join(quoted(column) for column in key)
    return f"select count(*) from (select 1 from {relation} group by {columns} having count(*) > 1)"


def _nulls(relation: str, column: str) -> str:
    return f"select count(*) from {relation} where {quoted(column)} is null"
