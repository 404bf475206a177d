"""Screens a dataset for personal data: replaces what was found in free text, and stops what has no business elsewhere.

Each column is read by its distinct values, and corrected by a join, so that the cost follows the variety of a
column and not its rows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from publish.catalog import Catalog, Column, Dataset
from publish.edition import Publisher
from publish.errors import PublishError
from publish.privacy.own_words import own_words
from publish.privacy.scanning import MASK, Hit, Kind, Reserved, Scanner, masked
from publish.sql import quoted

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


@dataclass(frozen=True)
class Screen:
    """What the texts of a release are read with.

    cells: for the tables. reports: for what the project itself says, where its own words are no names. files: per
    received file whose name holds personal data, the name to publish: the same in every dataset, and like no other.
    found: per dataset and column where the screening found some, the table (valor, reemplazo, datos) of its values.
    """

    cells: Scanner
    reports: Scanner
    files: Mapping[str, str]
    found: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, column: Column) -> Scanner:
        """What a column is read with: the project's own words are no names where nobody could have typed anything."""
        return self.cells if column.free_text else self.reports


def read_screen(con: duckdb.DuckDBPyConnection, raw_dir: Path, catalog: Catalog, publisher: Publisher) -> Screen:
    """The screen that knows the reserved values of the files of this run's ledger, and its portfolio.

    publisher: whose own words are no names in what the project says. Raises PublishError where there are no reserved
    values' files: without them nothing could be recognised.
    """
    files = raw_dir / "reservados" / "*.parquet"
    ledger = str(raw_dir / "archivos.parquet")
    try:
        values = con.execute(
            """select distinct tipo, valor from read_parquet(?)
            where valor is not null and _sha256 in (select sha256 from read_parquet(?))""",
            [str(files), ledger],
        ).fetchall()
    except duckdb.IOException as error:
        raise PublishError(f"no file {files}: ingest the exports first, else no reserved name is recognised") from error
    reserved, portfolio = Reserved.of(values), _portfolio(con, catalog)
    cells = Scanner(reserved, portfolio)
    # A name stands twice in the ledger where the content before a refused one stays in force: it is named once.
    received = con.execute(
        "select archivo, first(sha256 order by presente desc, sha256) from read_parquet(?) group by all order by all",
        [ledger],
    ).fetchall()
    return Screen(
        cells, Scanner(reserved.without(own_words(catalog, publisher)), portfolio), _names_to_publish(received, cells)
    )


def _names_to_publish(received: list[tuple[str, str]], scanner: Scanner) -> dict[str, str]:
    """Masked names stay apart by the file's own hash, which is published beside them: it is a hash of no RUT."""
    names: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for file, sha256 in received:
        if hits := scanner.hits(file):
            name = masked(file, hits, f"{MASK}-{sha256[:8]}")
            taken[name] += 1
            names[file] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return names


def hits_of(scanner: Scanner, column: Column, value: str) -> list[Hit]:
    """The personal data in a cell of the column."""
    is_code = column.holds_codes and value.strip().isdecimal()
    hits = scanner.hits(value, lone_words=column.free_text, bare_ruts=column.free_text and not is_code)
    # Nine digits alone are a folio there, and no phone.
    return [hit for hit in hits if not (is_code and hit.kind is Kind.PHONE)]


def _portfolio(con: duckdb.DuckDBPyConnection, catalog: Catalog) -> list[str]:
    name, column = PORTFOLIO
    if name not in catalog.datasets:
        return []
    rows = con.execute(f"select distinct {quoted(column)} from {catalog.datasets[name].relation}").fetchall()
    return [row[0] for row in rows]


def screen(con: duckdb.DuckDBPyConnection, dataset: Dataset, using: Screen) -> Screening:
    """Screens every text column of the dataset; nothing is written but temporary tables of `con`.

    A dataset may be screened again, as an older release has it: what was found before is forgotten.
    """
    screening = Screening()
    for number, column in enumerate(dataset.columns):
        using.found.pop((dataset.name, column.name), None)
        if column.is_text and (found := scan(con, dataset.relation, column, using.of(column))):
            table = f"temp.correccion_{dataset.name}_{number}"
            using.found[dataset.name, column.name] = table
            cells, hits = _corrections(con, dataset, column, using.files, found, table)
            if column.free_text:
                screening.replaced[column.name] = table
                screening.masked[column.name] = hits
            else:
                screening.reasons.append(_reason(column, cells, found))
    return screening


def scan(
    con: duckdb.DuckDBPyConnection, relation: str, column: Column, scanner: Scanner
) -> list[tuple[str, list[Hit]]]:
    """The distinct values of a column of the relation that hold personal data, each with what was found."""
    name = quoted(column.name)
    con.execute(f"select distinct {name} from {relation} where {name} is not null")
    return [(value, hits) for value in _fetched(con) if (hits := hits_of(scanner, column, value))]


def clean_values(dataset: Dataset, column: Column, using: Screen) -> str:
    """SQL for the distinct values of a column in the warehouse in which the screening found nothing."""
    name = quoted(column.name)
    table = using.found.get((dataset.name, column.name))
    unfit = f" and {name} not in (select valor from {table})" if table else ""
    return f"select distinct {name} from {dataset.relation} where {name} is not null{unfit}"


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    while batch := con.fetchmany(BATCH):
        yield from (value for (value,) in batch)


def _corrections(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    column: Column,
    files: Mapping[str, str],
    found: list[tuple[str, list[Hit]]],
    table: str,
) -> tuple[int, int]:
    """Makes the table (valor, reemplazo, datos) of the values found; returns their cells and hits in all rows."""
    corrections = pa.table(
        {
            "valor": [value for value, _ in found],
            "reemplazo": [files.get(value) or masked(value, hits) for value, hits in found],
            "datos": [len(hits) for _, hits in found],
        }
    )
    con.register("correcciones", corrections)
    con.execute(f"create or replace temp table {table} as select * from correcciones")
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
