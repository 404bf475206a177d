"""Finds the header of a file, below whatever banner stands above it."""

from itertools import pairwise

import duckdb

from ingest.contract import MONTHS, Contract, normalise
from ingest.fates import Layout, cells_of
from ingest.refusal import RefusedFile

# A banner is a few rows; past this many records nobody would look for the header either.
SEARCHED_RECORDS = 100
# An unknown column is named in the ledger; a header that has swallowed rows must not carry them there.
SHOWN_CHARACTERS = 40


class Header:
    """Where a file's data begin, how its columns stand, and which of them the contract does not know.

    first_row: number of the first record below the header. rows: records that the header takes. month: the one that
    it names for the whole file, if any.
    """

    def __init__(self, layout: Layout, first_row: int, rows: int, unknown: list[str], month: int | None) -> None:
        self.layout = layout
        self.first_row = first_row
        self.rows = rows
        self.unknown = unknown
        self.month = month


def find(con: duckdb.DuckDBPyConnection, number: int, contract: Contract) -> Header:
    """The header of file `number` in `registros`.

    Raises RefusedFile where no row has every required column, or one has those of several months.
    """
    if contract.format.type == "xml":
        positions = {c.name: {0: i} for i, c in enumerate(contract.columns)}
        return Header(Layout.of(contract, positions, len(contract.columns)), 1, 0, [], None)
    records = con.execute(
        f"""select {cells_of(contract)}
        from (select * from registros where archivo_n = ? order by fila limit ?) order by fila""",
        [number, SEARCHED_RECORDS],
    ).fetchall()
    rows = [cells for (cells,) in records]
    best: list[str] = []
    for i, header in enumerate(_candidates(rows, contract.format.header_rows)):
        positions_found = contract.positions(header)
        if positions_found is not None:
            width = max(j for j, cell in enumerate(header, 1) if cell.strip())
            used = {spot for spots in positions_found.values() for spot in spots.values()}
            unknown = [
                cell.strip()[:SHOWN_CHARACTERS] for j, cell in enumerate(header) if cell.strip() and j not in used
            ]
            height = contract.format.header_rows
            return Header(
                Layout.of(contract, positions_found, width), i + 1 + height, height, unknown, _month(contract, header)
            )
        best = max(best, header, key=lambda cells: _known(cells, contract))
    raise _unknown_header(rows, best, contract)


def _month(contract: Contract, header: list[str]) -> int | None:
    """The month that the header names for the whole file. Raises RefusedFile where it names several."""
    named = contract.months_named(header)
    if len(set(named)) > 1:
        raise RefusedFile(
            "header_unknown",
            f"The header has amounts of {' and of '.join(MONTHS[n - 1] for n in named)}: which are the file's cannot "
            "be told. Export it again with those of its own month alone.",
        )
    return named[0] if named else None


def _candidates(rows: list[list[str]], height: int) -> list[list[str]]:
    """Every row as a header; with two header rows, each pair as 'above / below', merged cells filled to the right."""
    texts = [[cell or "" for cell in row] for row in rows]
    if height == 1:
        return texts
    pairs = []
    for above, below in pairwise(texts):
        header, merged = [], ""
        for top, bottom in zip(above, below, strict=True):
            merged = top.strip() or merged
            is_month = normalise(merged) in MONTHS
            header.append(f"{merged} / {bottom}" if bottom.strip() and is_month else top.strip() or bottom)
        pairs.append(header)
    return pairs


def _known(cells: list[str], contract: Contract) -> int:
    names = {normalise(cell) for cell in cells}
    return sum(normalise(c.header) in names for c in contract.columns)


def _unknown_header(rows: list[list[str]], best: list[str], contract: Contract) -> RefusedFile:
    if not any(cell and cell.strip() for row in rows for cell in row):
        return RefusedFile("empty", "The file holds nothing but blanks. Export it again.")
    if not _known(best, contract):
        return RefusedFile(
            "header_unknown", "No row has the columns of this export. Check that it is the right report."
        )
    names = {normalise(cell) for cell in best}
    missing = [
        c.header for c in contract.columns if c.need and "{MES}" not in c.header and normalise(c.header) not in names
    ]
    return RefusedFile(
        "header_unknown",
        f"The header lacks {', '.join(missing) or 'the columns by month'}. "
        f"Export it again with every column, in {contract.format.encoding}.",
    )
