"""Random tables: what was written is read back, and one damage has one fate and touches one row."""

import csv
import io
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stdnum.cl import rut

from ingest import geography
from ingest.cells import cells_of
from ingest.contract import Column
from ingest.reading import csv_file, records
from ingest.refusal import RefusedFile
from tests.ingest.bench import Bench
from tests.ingest.tables import (
    CONTRACTS,
    CSV_EXPORTS,
    PATHS,
    dte_set,
    encoded,
    headers,
    key_column,
    line,
    row,
    spending,
    workbook,
)
from tests.ingest.test_csv_rows import bad_cell

# A cell as it is written, and the value that it stands for.
Cell = tuple[str, Any]

NULLS = ["", "  ", "-", "N/A", "NA", "n/a", "S/N", "SN", "s/n", "null", "NULL", "NO APLICA", "SIN INFORMACIÓN"]
COMUNAS = dict(zip(*(geography.comunas()[name].to_pylist() for name in ("comuna", "cut")), strict=True))
MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
# 1900-01-01 is a spelling of nothing.
FIRST_DAY, LAST_DAY = date(1900, 1, 2), date(9999, 12, 31)
DAYS = st.one_of(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.dates(FIRST_DAY, LAST_DAY),
    st.sampled_from([FIRST_DAY, date(1999, 12, 31), date(2100, 1, 1), LAST_DAY]),
)

run_few = settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def one_of(value: Any, *spellings: str) -> st.SearchStrategy[Cell]:
    return st.sampled_from([(s, value) for s in spellings])


def amount(value: int) -> st.SearchStrategy[Cell]:
    points, sign = f"{abs(value):,}".replace(",", "."), "-" if value < 0 else ""
    spellings = [str(value), f"{sign}{points}", f" {sign}$ {points} ", f"{sign}${abs(value):,}.00"]
    return one_of(value, *spellings, *([f"({points})"] if value < 0 else []), *(["$ -"] if not value else []))


def decimal(value: Decimal) -> st.SearchStrategy[Cell]:
    points = f"{value:,.4f}"
    return one_of(
        value, f"{value:.4f}", f"{value:.4f}".replace(".", ","), points, points.translate(str.maketrans(".,", ",."))
    )


def day_spellings(value: date) -> list[str]:
    spellings = [f"{value:{f}}" for f in ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d")]
    spellings.append(f"{value.day}-{value.month}-{value.year}")
    if 2000 <= value.year < 2100:
        # Of this century alone: the year's two digits, and a spreadsheet's serial number.
        month, serial = MONTHS[value.month - 1], str((value - date(1899, 12, 30)).days)
        spellings += [f"{value:%d-%m-%y}", f"{value:%d}-{month}-{value:%y}", serial]
    return spellings


def moment(value: datetime) -> st.SearchStrategy[Cell]:
    hours = ["%H:%M:%S"] if value.second else ["%H:%M:%S", "%H:%M"]
    return one_of(value, *(f"{d}{s}{value:{h}}" for d in day_spellings(value.date()) for s in " T" for h in hours))


def month(value: date) -> st.SearchStrategy[Cell]:
    return one_of(f"{value:%Y-%m}", f"{value:%Y-%m}", f"{value:%m-%Y}", f"{value:%Y%m}")


def taxpayer(number: int) -> st.SearchStrategy[Cell]:
    digit = rut.calc_check_digit(str(number))
    dotted = f"{number:,}".replace(",", ".") + f"-{digit}"
    return one_of(f"{number}-{digit}", dotted, dotted.lower(), f"{number}-{digit}", f"{number}{digit}", f" {dotted} ")


def initiative(parts: tuple[int, int]) -> st.SearchStrategy[Cell]:
    code, part = parts
    spellings = [f"{code}-{part}", f"{code}-{part:02d}"] + ([str(code)] if not part else [])
    return one_of(f"{code}-{part}", *spellings)


def comunas(names: list[str]) -> st.SearchStrategy[Cell]:
    value = " ".join(sorted({COMUNAS[n] for n in names}))
    return one_of(
        value, *(sep.join(names) for sep in (" - ", ", ", "/")), " - ".join(names).upper(), value.replace(" ", ",")
    )


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def listed(value: str) -> st.SearchStrategy[Cell]:
    return one_of(
        value, value, value.lower(), f" {value.title()} ", plain(value), *([value[1:]] if value[0] == "0" else [])
    )


def text(quoted: bool, delimiter: str) -> st.SearchStrategy[Cell]:
    """Any text that is no spelling of nothing, with quotes, delimiters and line ends where the format has them."""
    letters = "abzñÑéü 09'\".()%" + (";,\n" if quoted else ",")
    texts = st.text(letters.replace(delimiter, "" if not quoted else delimiter), min_size=1, max_size=12)
    cells = texts.map(lambda t: (t, " ".join(t.split())))
    return cells.filter(lambda cell: cell[1] not in NULLS)


def code(column: Column) -> st.SearchStrategy[Cell]:
    if column.width is None:
        return st.from_regex(re.compile(column.pattern or "", re.ASCII), fullmatch=True).map(lambda c: (c, c))
    width = column.width
    numbers = st.integers(0, 10**width - 1)
    return numbers.flatmap(lambda n: one_of(f"{n:0{width}d}", f"{n:0{width}d}", str(n)))


SCALARS: dict[str, st.SearchStrategy[Cell]] = {
    "integer": st.integers(-(10**9), 10**9).map(lambda n: (str(n), n)),
    "pesos": st.integers(-(10**12), 10**12).flatmap(amount),
    "miles": st.integers(-(10**9), 10**9).flatmap(amount).map(lambda c: (c[0].replace("$", "M$"), c[1])),
    "decimal": st.decimals(-(10**9), 10**9, places=4).flatmap(decimal),
    "date": DAYS.flatmap(lambda d: one_of(d, *day_spellings(d))),
    "timestamp": st.builds(datetime.combine, DAYS, st.times().map(lambda t: time(t.hour, t.minute, t.second))).flatmap(
        moment
    ),
    "month": DAYS.flatmap(month),
    "rut": st.integers(1, 99_999_999).flatmap(taxpayer),
    "initiative": st.tuples(st.integers(10_000_000, 99_999_999), st.integers(0, 99)).flatmap(initiative),
    "comuna": st.one_of(
        st.lists(st.sampled_from(sorted(COMUNAS)), min_size=1, max_size=3).flatmap(comunas),
        one_of("REGIONAL", "Regional", "REGIÓN METROPOLITANA"),
    ),
    "flag": st.one_of(one_of(True, "SI", "sí", "1", "VERDADERO", "x"), one_of(False, "no", "0", "Falso")),
}


def cell(export: str, column: Column) -> st.SearchStrategy[Cell]:
    """Any accepted cell of a column, its empty spellings too where it may be empty."""
    if isinstance(column.type, tuple):
        values = st.sampled_from(column.type).flatmap(listed)
    elif column.type == "text":
        form = CONTRACTS[export].format
        values = text(bool(form.quote), form.delimiter)
    elif column.type == "code":
        values = code(column)
    else:
        values = SCALARS[column.type]
    if column.need:
        return values
    nothing = [*NULLS, "30-12-1899", "1900-01-01"] if column.type == "date" else NULLS
    return st.one_of(values, one_of(None, *nothing))


@dataclass(frozen=True)
class Table:
    """A file, the values of its rows by their number in it, and what is ignored in it."""

    export: str
    names: list[str]
    cells: dict[int, dict[str, str]]
    values: dict[int, dict[str, Any]]
    others: dict[int, str]

    def content(self) -> bytes:
        rows = {fila: line(self.export, [r[n] for n in self.names]) for fila, r in self.cells.items()}
        return encoded(self.export, "".join(f"{text}\n" for _, text in sorted((rows | self.others).items())))


def header_like(header: str) -> st.SearchStrategy[str]:
    return st.sampled_from([header, header.upper(), header.lower(), f" {header} ", plain(header).replace(" ", "  ")])


@st.composite
def tables(draw: st.DrawFn, export: str) -> Table:
    """A table of an export: columns in any order, accepted spellings, and rows that are no data between the others."""
    columns = CONTRACTS[export].columns
    names = draw(st.permutations([c.name for c in columns]))
    delimiter = CONTRACTS[export].format.delimiter
    ignored = st.lists(
        st.sampled_from(["", delimiter * 3, "  ", f"TOTAL{delimiter}1", f"Nota al pie{delimiter}"]), max_size=2
    )
    others: dict[int, str] = dict(enumerate(["Gobierno de Santiago"] * draw(st.integers(0, 3)), 1))
    others[len(others) + 1] = line(export, [draw(header_like(h)) for h in headers(export, names)])
    cells: dict[int, dict[str, str]] = {}
    values: dict[int, dict[str, Any]] = {}
    for number in range(1, draw(st.integers(1, 4)) + 1):
        for no_data in draw(ignored):
            others[len(others) + len(cells) + 1] = no_data
        made = {c.name: draw(cell(export, c)) for c in columns}
        key = row(export, number)[key_column(export)]
        made[key_column(export)] = (key, int(key) if columns_type(export) == "integer" else key)
        fila = len(others) + len(cells) + 1
        cells[fila] = {name: written for name, (written, _) in made.items()}
        values[fila] = {"_fila": fila} | {name: value for name, (_, value) in made.items()}
    return Table(export, names, cells, values, others)


def columns_type(export: str) -> object:
    return CONTRACTS[export].column(key_column(export)).type


def read(export: str, content: bytes, check: Callable[[Bench], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(Bench(Path(folder), {PATHS[export]: content}))


@pytest.mark.parametrize("export", CSV_EXPORTS)
@run_few
@given(st.data())
def test_what_was_written_is_read_back(export: str, data: st.DataObject) -> None:
    table = data.draw(tables(export))

    def check(bench: Bench) -> None:
        assert bench.rejected(PATHS[export]) == bench.observed(PATHS[export]) == []
        assert bench.accepted(export) == list(table.values.values())
        rows, no_data = len(table.cells), len(table.others) - 1
        assert bench.counts(PATHS[export]) == (rows + no_data, rows, 0, 0, no_data)

    read(export, table.content(), check)


def damage(column: Column) -> st.SearchStrategy[tuple[str, str | None]]:
    """A cell that is damaged, and the contract's reason for it; None where it then says that there is no value."""
    cell, reason = bad_cell(column)
    bad: list[tuple[str, str | None]] = [(cell, reason), ("#N/A", reason), (f" {cell} ", reason)]
    missing = "required_missing" if column.need else None
    return st.sampled_from([*bad, ("", missing), ("N/A", missing), (" - ", missing)])


@pytest.mark.parametrize("export", CSV_EXPORTS)
@run_few
@given(st.data())
def test_one_damaged_cell_has_its_fate_and_touches_no_other_row(export: str, data: st.DataObject) -> None:
    table = data.draw(tables(export))
    fila = data.draw(st.sampled_from(sorted(table.cells)))
    column = data.draw(st.sampled_from(CONTRACTS[export].columns))
    cell, reason = data.draw(damage(column))
    table.cells[fila][column.name] = cell
    expected = {**table.values, fila: table.values[fila] | {column.name: None}}
    if column.need:
        del expected[fila]

    def check(bench: Bench) -> None:
        fault = [(fila, column.name, reason)] if reason else []
        assert bench.rejected(PATHS[export]) == (fault if column.need else [])
        assert bench.observed(PATHS[export]) == ([] if column.need else fault)
        assert bench.accepted(export) == list(expected.values())
        assert sum(bench.counts(PATHS[export])[1:]) == bench.counts(PATHS[export])[0]

    read(export, table.content(), check)


MILES = st.one_of(
    st.integers(-(10**9), 10**9).map(lambda n: (n, n)),
    st.integers(-(10**9), 10**9).map(lambda n: (float(n), n)),
    SCALARS["miles"],
    st.sampled_from([(nothing, None) for nothing in [None, *NULLS]]),
)


@run_few
@given(st.lists(st.lists(MILES, min_size=24, max_size=24), min_size=1, max_size=4), st.integers(1, 6), st.data())
def test_what_was_written_in_a_workbook_is_read_back(rows: list[list[Any]], banner: int, data: st.DataObject) -> None:
    """One cell of it is damaged; the others keep their values, and so does the sum."""
    spoiled = data.draw(st.integers(0, 24 * len(rows) - 1))
    row_at, cell_at = divmod(spoiled, 24)
    cells = [[written for written, _ in amounts] for amounts in rows]
    values = [[value for _, value in amounts] for amounts in rows]
    cells[row_at][cell_at], values[row_at][cell_at] = data.draw(st.sampled_from(["#REF!", "x", 1.5, "1,5", True])), None
    content = workbook(*(spending(f"4004813{i}-0", *r) for i, r in enumerate(cells)), ["TOTAL", 9], banner=banner)

    def check(bench: Bench) -> None:
        path = PATHS["sagir_gasto"]
        name = ("gasto_proyectado", "gasto_real")[cell_at % 2] + f"_{cell_at // 2 + 1}"
        assert bench.counts(path) == (banner + len(rows) + 1, len(rows), 0, 0, banner + 1)
        assert bench.observed(path) == [(banner + 3 + row_at, name, "amount_unreadable")]
        read_back = [[r["gasto_proyectado"], r["gasto_real"]] for r in bench.accepted("sagir_gasto")]
        assert [v for pair in read_back for v in pair] == [v for r in values for v in r]

    read("sagir_gasto", content, check)


DOCUMENT = {c.header: c for c in CONTRACTS["dte_xml"].columns if c.kept and c.type != "lines" and "[" not in c.header}


def element(path: str, cells: dict[str, str]) -> str:
    """The XML of the cells below a path, in their order."""
    below: dict[str, list[str]] = {}
    for header in cells:
        if header.startswith(path):
            below.setdefault(header[len(path) :].partition("/")[0], []).append(header)
    return "".join(
        f"<{tag}>{escape(cells[path + tag]) if path + tag in cells else element(f'{path}{tag}/', cells)}</{tag}>"
        for tag in below
    )


def document_cell(column: Column) -> st.SearchStrategy[Cell]:
    if isinstance(column.type, tuple):
        values = st.sampled_from(column.type).flatmap(listed)
    else:
        values = text(True, ";") if column.type == "text" else SCALARS[column.type]
    return values if column.need else st.one_of(values, st.sampled_from([(n, None) for n in NULLS]))


@run_few
@given(
    st.lists(st.fixed_dictionaries({h: document_cell(c) for h, c in DOCUMENT.items()}), min_size=1, max_size=4),
    st.data(),
)
def test_what_was_written_in_documents_is_read_back(made: list[dict[str, Cell]], data: st.DataObject) -> None:
    """One cell of one of them is damaged; the others keep their values."""
    cells = [{h: written for h, (written, _) in d.items()} for d in made]
    folio = "Encabezado/IdDoc/Folio"
    for number, each in enumerate(cells, 1):
        each[folio] = str(number)
    spoiled = data.draw(st.integers(1, len(cells)))
    header = data.draw(st.sampled_from(sorted(DOCUMENT)))
    column = DOCUMENT[header]
    cells[spoiled - 1][header], reason = data.draw(damage(column))
    values: list[dict[str, object]] = [
        {"_fila": i, **{c.name: i if h == folio else d[h][1] for h, c in DOCUMENT.items()}}
        for i, d in enumerate(made, 1)
    ]
    values[spoiled - 1][column.name] = None
    content = dte_set(*(f"<Documento>{element('', each)}</Documento>" for each in cells)).encode()

    def check(bench: Bench) -> None:
        path = PATHS["dte_xml"]
        fault = [(spoiled, column.name, reason)] if reason else []
        assert bench.rejected(path) == (fault if column.need else [])
        assert bench.observed(path) == ([] if column.need else fault)
        kept = [v for v in values if not (column.need and v["_fila"] == spoiled)]
        found = [{name: r[name] for name in kept[0]} for r in bench.accepted("dte_xml")] if kept else []
        assert found == kept
        assert bench.counts(path)[0] == len(cells) == sum(bench.counts(path)[1:])

    read("dte_xml", content, check)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield con


def _records(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))


def _ends_inside_quotes(content: str) -> bool:
    return _records(content + "\nfin")[-1] != ["fin"]


@settings(max_examples=150)
@given(st.text('ab;"\n', min_size=1, max_size=40))
def test_records_and_cells_are_those_of_the_csv_module(con: duckdb.DuckDBPyConnection, content: str) -> None:
    """Wherever quotes and line ends stand, however wrongly."""
    contract = CONTRACTS["core_acuerdos"]
    expected = [[c.strip(" \n") for c in cells] or [""] for cells in _records(content)]
    records.create(con)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content.encode())
        file.flush()
        if _ends_inside_quotes(content):
            with pytest.raises(RefusedFile, match="ends inside quotes"):
                csv_file.load(con, Path(file.name), 0, contract)
            return
        csv_file.load(con, Path(file.name), 0, contract)
    found = con.execute(f"select {cells_of(contract)} from registros order by fila").fetchall()
    assert expected == [cells for (cells,) in found]


@settings(max_examples=150)
@given(st.lists(st.text('a;" \n', max_size=5), min_size=1, max_size=4))
@example(['a"', ";", "b"])
@example(['a";"b', "c"])
@example(["", "", 'a"'])
def test_cells_that_all_stand_in_quotes_are_cut_where_each_ends(
    con: duckdb.DuckDBPyConnection, cells: list[str]
) -> None:
    """However much like a cell's end a quote in it looks."""
    records.create(con)
    written = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = con.execute("select celdas_entre_comillas(?, ';')", [written]).fetchall()
    assert [cell.strip(" \n") for cell in cells] == found[0][0]


@settings(max_examples=150)
@given(st.text("ab;\n", min_size=1, max_size=40))
def test_without_quotes_a_line_is_a_record(con: duckdb.DuckDBPyConnection, content: str) -> None:
    contract = CONTRACTS["presupuesto_ejecucion"]
    records.create(con)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content.encode())
        file.flush()
        csv_file.load(con, Path(file.name), 0, contract)
    found = con.execute(f"select {cells_of(contract)} from registros order by fila").fetchall()
    assert [record.split(";") for record in content.removesuffix("\n").split("\n")] == [cells for (cells,) in found]
