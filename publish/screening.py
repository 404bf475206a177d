"""Screens a dataset for personal data: replaces what was found in free text, and stops what has no business elsewhere.

Each column is read by its distinct values, and corrected by a join, so that the cost follows the variety of a
column and not its rows.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from publish.catalog import Catalog, Column, Dataset, quoted
from publish.errors import PublishError
from publish.privacy import Hit, Reserved, Scanner, masked

BATCH = 50_000

# The dataset and column that hold the codes of the run's portfolio, which look like RUTs and are none.
PORTFOLIO = ("iniciativas", "codigo_iniciativa")


@dataclass
class Screening:
    """What the screening of a dataset found.

    replaced: per column of free text, the table (valor, reemplazo) of its corrected values. masked: per column, how
    many hits that replaces in all its rows. reasons: in Spanish, why the dataset must be held back, if it must.
    """

    replaced: dict[str, str] = field(default_factory=dict)
    masked: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def read_scanner(con: duckdb.DuckDBPyConnection, raw_dir: Path, catalog: Catalog) -> Scanner:
    """A scanner that knows the reserved values of the files of this run's ledger, and its portfolio.

    Raises PublishError where there are no reserved values' files: without them nothing could be recognised.
    """
    files = raw_dir / "reservados" / "*.parquet"
    try:
        values = con.execute(
            """select distinct tipo, valor from read_parquet(?)
            where valor is not null and _sha256 in (select sha256 from read_parquet(?))""",
            [str(files), str(raw_dir / "archivos.parquet")],
        ).fetchall()
    except duckdb.IOException as error:
        raise PublishError(f"no file {files}: ingest the exports first, else no reserved name is recognised") from error
    return Scanner(Reserved.of(values), _portfolio(con, catalog))


def _portfolio(con: duckdb.DuckDBPyConnection, catalog: Catalog) -> list[str]:
    name, column = PORTFOLIO
    if name not in catalog.datasets:
        return []
    rows = con.execute(f"select distinct {quoted(column)} from {catalog.datasets[name].relation}").fetchall()
    return [row[0] for row in rows]


def screen(con: duckdb.DuckDBPyConnection, dataset: Dataset, scanner: Scanner) -> Screening:
    """Screens every text column of the dataset; nothing is written but temporary tables of `con`."""
    screening = Screening()
    for number, column in enumerate(dataset.columns):
        if column.is_text and (found := _scan(con, dataset, column, scanner)):
            table = f"temp.correccion_{dataset.name}_{number}"
            cells, hits = _corrections(con, dataset, column, found, table)
            if column.free_text:
                screening.replaced[column.name] = table
                screening.masked[column.name] = hits
            else:
                screening.reasons.append(_reason(column, cells, found))
    return screening


def _scan(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, column: Column, scanner: Scanner
) -> list[tuple[str, list[Hit]]]:
    """The distinct values of the column that hold personal data, each with what was found."""
    name = quoted(column.name)
    con.execute(f"select distinct {name} from {dataset.relation} where {name} is not null")
    found = []
    while batch := con.fetchmany(BATCH):
        found += [(value, hits) for (value,) in batch if (hits := scanner.hits(value, column.free_text))]
    return found


def _corrections(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, column: Column, found: list[tuple[str, list[Hit]]], table: str
) -> tuple[int, int]:
    """Makes the table (valor, reemplazo, datos) of the values found; returns their cells and hits in all rows."""
    corrections = pa.table(
        {
            "valor": [value for value, _ in found],
            "reemplazo": [masked(value, hits) for value, hits in found],
            "datos": [len(hits) for _, hits in found],
        }
    )
    con.register("correcciones", corrections)
    con.execute(f"create temp table {table} as select * from correcciones")
    con.unregister("correcciones")
    cells, hits = con.execute(
        f"""
        select count(*), cast(sum(c.datos) as bigint)
        from {dataset.relation} as t
        inner join {table} as c on c.valor = t.{quoted(column.name)}
        """
    ).fetchall()[0]
    return cells, hits


def _reason(column: Column, cells: int, found: list[tuple[str, list[Hit]]]) -> str:
    """Why the dataset is held back, in Spanish; it never tells what was found."""
    kinds = sorted({hit.kind.value for _, hits in found for hit in hits})
    where = "1 celda" if cells == 1 else f"{cells} celdas"
    return (
        f"La columna {column.name} trae datos personales ({', '.join(kinds)}) en {where} donde no debe haberlos; "
        "el conjunto se retiene hasta que se corrija su origen."
    )
