"""Finds the header of a file, below whatever banner stands above it, and judges whether it can be trusted.

What a header or a banner has swallowed gets no fate, and both readings of the file swallow it alike (see
control/comparison.py). So a file where that may be is refused.
"""

from dataclasses import dataclass
from itertools import chain, pairwise

import duckdb

from ingest.cells import Layout, cells_of, has_key
from ingest.contract import MONTHS, Contract, normalise
from ingest.refusal import RefusedFile

# A banner is a few rows; past this many records nobody would look for the header either.
SEARCHED_RECORDS = 100
# A spreadsheet has no more columns. A line of millions of cells would take all the memory there is.
MAX_COLUMNS = 16_384
# An unknown column is named in the ledger: so much of it is enough to find it.
SHOWN_CHARACTERS = 40
# What may stand between cells, as a spreadsheet writes them.
_DELIMITERS = {";": "semicolons", ",": "commas", "|": "bars"}


@dataclass(frozen=True)
class Header:
    """Where a file's data begin, how its columns stand, and which of them the contract does not know.

    first_row: number of the first record below the header. rows: records that the header takes. month: the one that
    it names for the whole file, if any. lines: of the file, down to the header's last.
    """

    layout: Layout
    first_row: int
    rows: int
    unknown: list[str]
    month: int | None
    lines: int = 0


@dataclass(frozen=True)
class _Line:
    """A line of a file above its data, cut into cells by itself, though it may stand within quotes.

    opens: the line with which its record begins. is_row: whether its cells have a key, and not that alone. is_torn:
    whether its record has several lines, and text behind a quote that closes.
    """

    number: int
    record: int
    opens: int
    cells: list[str]
    is_row: bool
    is_torn: bool


def find(con: duckdb.DuckDBPyConnection, number: int, contract: Contract) -> Header:
    """The header of file `number` in `registros`.

    Raises RefusedFile where no row has every required column, or the first that has them is not to be trusted: it
    names a column twice or several months, it or the banner has swallowed other lines, rows stand above it, or another
    header below it.
    """
    if contract.format.type == "xml":
        positions = {c.name: {0: i} for i, c in enumerate(contract.columns)}
        return Header(Layout.of(contract, positions, len(contract.columns)), 1, 0, [], None)
    _check_width(con, number, contract)
    records = con.execute(
        f"""select {cells_of(contract)}
        from (select * from registros where archivo_n = ? order by fila limit ?) order by fila""",
        [number, SEARCHED_RECORDS],
    ).fetchall()
    rows = [cells for (cells,) in records]
    best: list[str] = []
    for above, cells in enumerate(_candidates(rows, contract.format.header_rows)):
        positions_found = contract.positions(cells)
        if positions_found is not None:
            width = max(j for j, cell in enumerate(cells, 1) if cell.strip())
            header = _judged(con, number, Layout.of(contract, positions_found, width), cells, above)
            _check_below(con, number, header, cells)
            return header
        best = max(best, cells, key=lambda cells: _known(cells, contract))
    raise _unknown_header(rows, best, contract)


def _check_width(con: duckdb.DuckDBPyConnection, number: int, contract: Contract) -> None:
    """Raises RefusedFile where a record has more cells than any table; their delimiters are counted, none is cut."""
    if contract.format.type != "csv":
        return
    wide = con.execute(
        """select min(fila) from (select * from registros where archivo_n = $number order by fila limit $searched)
        where strlen(texto) - strlen(replace(texto, $delimiter, '')) >= $most""",
        {
            "number": number,
            "searched": SEARCHED_RECORDS,
            "delimiter": contract.format.delimiter,
            "most": MAX_COLUMNS,
        },
    ).fetchall()[0][0]
    if wide:
        raise RefusedFile(
            "unreadable",
            f"Row {wide} has more than {MAX_COLUMNS} cells, which no table does. Delete what stands beside the table "
            "and export the file again.",
        )


def _judged(con: duckdb.DuckDBPyConnection, number: int, layout: Layout, cells: list[str], above: int) -> Header:
    """The header of these cells below so many records. Raises RefusedFile where it is not to be trusted."""
    contract = layout.contract
    height = contract.format.header_rows
    used = {cell.position for cell in layout.cells}
    lines = _lines_above(con, number, layout, above + height)
    _check_banner([line for line in lines if line.record <= above], contract)
    _check_line_breaks([line for line in lines if line.record > above], cells, used, height)
    _check_names(cells, contract)
    return Header(
        layout=layout,
        first_row=above + height + 1,
        rows=height,
        unknown=[cell.strip()[:SHOWN_CHARACTERS] for j, cell in enumerate(cells) if cell.strip() and j not in used],
        month=_month(contract, cells),
        lines=len(lines),
    )


def _lines_above(con: duckdb.DuckDBPyConnection, number: int, layout: Layout, last: int) -> list[_Line]:
    """The lines of the file down to the record `last`; of a workbook, its rows."""
    form = layout.contract.format
    quoted = form.type == "csv" and form.quote
    parts = "string_split(texto, chr(10))" if quoted else "[texto]"
    torn = "contains(texto, chr(10)) and not bien_entrecomillado(texto, $delimiter)" if quoted else "false"
    found = con.execute(
        f"""
        with renglones as (
            select fila, celdas, {torn} as rota, unnest({parts}) as texto, generate_subscripts({parts}, 1) as renglon
            from registros where archivo_n = $number and fila <= $last
        ),
        cortados as (select fila, renglon, rota, {cells_of(layout.contract)} as celdas from renglones)
        select fila, celdas, {has_key(layout)}, rota from cortados order by fila, renglon""",
        {"number": number, "last": last} | ({"delimiter": form.delimiter} if quoted else {}),
    ).fetchall()
    opens: dict[int, int] = {}
    return [
        _Line(n, record, opens.setdefault(record, n), [c or "" for c in cells], key and _filled(cells) > 1, torn)
        for n, (record, cells, key, torn) in enumerate(found, 1)
    ]


def _check_below(con: duckdb.DuckDBPyConnection, number: int, header: Header, cells: list[str]) -> None:
    """Raises RefusedFile where another header stands below, as of a second export, whose columns stand elsewhere.

    Its rows would be read by the first one's places. Where they are the same it is a row that is rejected. cells: of
    the header; what another one is found by is that it prints the same names, in whichever letters a program writes all
    of them: to fold every row would take ten times as long.
    """
    contract = header.layout.contract
    height = contract.format.header_rows
    spots = [c.position for c in header.layout.cells if c.column.need and not c.column.by_month]
    spelled = [_spellings(cells[spot].strip()) for spot in spots if spot is not None]
    named = " and ".join(f"({' or '.join('contains(texto, ?)' for _ in each)})" for each in spelled)
    alike = con.execute(
        f"select fila from registros where archivo_n = ? and fila >= ? and {named}",
        [number, header.first_row, *chain.from_iterable(spelled)],
    ).fetchall()
    if not alike:
        return
    rows = {place + step for (place,) in alike for step in range(1 - height, height)}
    found = con.execute(
        f"""select fila, {cells_of(contract)} from registros
        where archivo_n = ? and fila in (select unnest(?)) order by fila""",
        [number, list(rows)],
    ).fetchall()
    harmless = (None, contract.positions(cells))
    for (row, _), other in zip(found, _candidates([cells for _, cells in found], height), strict=False):
        if contract.positions(other) not in harmless:
            raise RefusedFile(
                "header_unknown",
                f"Row {row} is a second header, and its columns stand in another order. Export the file again with one "
                "header above all rows, or as two files.",
            )


def _spellings(name: str) -> list[str]:
    return list(dict.fromkeys([name, name.upper(), name.lower(), normalise(name)]))


def _filled(cells: list[str | None]) -> int:
    return sum(bool(cell and cell.strip()) for cell in cells)


def _check_banner(banner: list[_Line], contract: Contract) -> None:
    """Raises RefusedFile where more stands above the header than a banner."""
    for line in banner:
        is_data = line.is_row or _is_like_a_header(line.cells, contract)
        if line.is_torn or (is_data and line.opens != line.number):
            raise _swallowed(line.opens)
        if is_data:
            raise RefusedFile(
                "header_unknown",
                f"Line {line.number} stands above the header and is no banner: it is a row, or another header. "
                "Export the file again with one header above all rows.",
            )


def _is_like_a_header(cells: list[str], contract: Contract) -> bool:
    """Whether a line names half of the columns that a header must have, wherever they stand."""
    names = {normalise(cell) for cell in cells}
    required = [normalise(c.header) for c in contract.columns if c.need]
    return 2 * sum(name in names for name in required) >= len(required)


def _check_line_breaks(lines: list[_Line], cells: list[str], used: set[int | None], height: int) -> None:
    """Raises RefusedFile where the header goes on over a line end that stands in the name of no column."""
    in_names = sum(cell.count("\n") for j, cell in enumerate(cells) if j in used)
    if len(lines) - height > in_names:
        raise _swallowed(lines[0].number)


def _swallowed(line: int) -> RefusedFile:
    return RefusedFile(
        "header_unknown",
        f"A quote that opens in line {line} takes what stands below into the banner or the header. Close it, or write "
        "that cell in one line, and export the file again.",
    )


def _check_names(cells: list[str], contract: Contract) -> None:
    """Raises RefusedFile where a column stands twice."""
    if twice := contract.named_twice(cells):
        raise RefusedFile(
            "header_unknown",
            f"The header has {', '.join(twice)} more than once: which is meant cannot be told. "
            "Export it again with each column once.",
        )


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


def _delimiter_of_header(rows: list[list[str]], contract: Contract) -> str | None:
    """The name of what a row has to be cut by to look like a header: what is agreed, where it is all in quotes."""
    if contract.format.type != "csv":
        return None
    texts = [contract.format.delimiter.join(row) for row in rows]
    for other, name in _DELIMITERS.items():
        for text in texts:
            if other in text and _is_like_a_header([cell.strip('" ') for cell in text.split(other)], contract):
                return name
    return "tabs" if any(_is_header_in_one_cell(row, contract) for row in rows) else None


def _is_header_in_one_cell(row: list[str], contract: Contract) -> bool:
    """Whether the names stand one behind the other: a tab was read as a blank."""
    filled = [normalise(cell) for cell in row if cell and cell.strip()]
    required = [normalise(c.header) for c in contract.columns if c.need]
    return len(filled) == 1 and 2 * sum(f" {name} " in f" {filled[0]} " for name in required) >= len(required)


def _known(cells: list[str], contract: Contract) -> int:
    names = {normalise(cell) for cell in cells}
    return sum(normalise(c.header) in names for c in contract.columns)


def _unknown_header(rows: list[list[str]], best: list[str], contract: Contract) -> RefusedFile:
    if not any(cell and cell.strip() for row in rows for cell in row):
        return RefusedFile("empty", "The file holds nothing but blanks. Export it again.")
    if not _known(best, contract):
        delimiter = contract.format.delimiter
        other, agreed = _delimiter_of_header(rows, contract), _DELIMITERS.get(delimiter, delimiter)
        if other and other == agreed:
            return RefusedFile(
                "header_unknown",
                "Each of its lines is quoted as a whole, and so is one cell. Export it again without that.",
            )
        if other:
            return RefusedFile(
                "header_unknown",
                f"Its cells are parted by {other}, and not by {agreed} as agreed. Export it again so.",
            )
        return RefusedFile(
            "header_unknown", "No row has the columns of this export. Check that it is the right report."
        )
    names = {normalise(cell) for cell in best}
    missing = [c.header for c in contract.columns if c.need and not c.by_month and normalise(c.header) not in names]
    monthly = [c.header.replace("{MES}", "<month>") for c in contract.columns if c.by_month]
    return RefusedFile(
        "header_unknown",
        f"The header lacks {', '.join(missing or monthly)}. "
        f"Export it again with every column, in {contract.format.encoding}.",
    )
