"""How names, texts and published files stand in SQL, whatever they hold."""

from collections.abc import Sequence
from pathlib import Path


def quoted(name: str) -> str:
    """A name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A text or a path, with its quotes."""
    return "'" + str(value).replace("'", "''") + "'"


def parquet(path: Path) -> str:
    """The rows of a Parquet file."""
    return f"read_parquet({text(path)})"


def csv(path: Path) -> str:
    """The rows of a published CSV file, every cell as the text that it is."""
    return f"read_csv({text(path)}, all_varchar = true, header = true, delim = ',', quote = '\"')"


def dangling(here: str, columns: Sequence[str], there: str, other_columns: Sequence[str]) -> str:
    """Query for the number of rows that point to no row.

    here, there: the rows that point and those that they point to. columns, other_columns: of the one and of the other,
    in the same order. A row with an empty cell in its key points nowhere, and is not counted.
    """
    same = " and ".join(
        f"a.{quoted(own)} = b.{quoted(other)}" for own, other in zip(columns, other_columns, strict=True)
    )
    whole = " and ".join(f"a.{quoted(column)} is not null" for column in columns)
    return f"select count(*) from {here} as a where {whole} and not exists (select 1 from {there} as b where {same})"
