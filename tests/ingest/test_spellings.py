"""Every spelling that the contract names, read through a file: its value, NULL, or the reason it is unreadable."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cl import rut

from ingest import engine, geography
from tests.ingest.bench import Bench
from tests.ingest.tables import CONTRACTS, PATHS, csv_file, row

UNREADABLE = object()

# An optional column of each type, to read its spellings through.
COLUMNS = {
    "text": ("sgd_documentos", "unidad"),
    "code": ("dte_pagos", "asignacion"),
    "code of letters": ("sagir_iniciativas", "compromiso"),
    "integer": ("core_acuerdos", "votos_favor"),
    "pesos": ("sisrec_rendiciones", "monto_aprobado"),
    "miles": ("core_acuerdos", "monto"),
    "decimal": ("programa_compromisos", "avance"),
    "date": ("dte_pagos", "fecha_pago"),
    "timestamp": ("sgd_documentos", "fecha_termino"),
    "rut": ("dte_pagos", "rut_cesionario"),
    "initiative": ("core_acuerdos", "codigo_iniciativa"),
    "flag": ("sgd_documentos", "efectos_terceros"),
    "list": ("sagir_iniciativas", "tipologia"),
    # These are required wherever they stand.
    "list of codes": ("dte_pagos", "programa"),
    "month": ("sisrec_rendiciones", "periodo"),
    "comuna": ("sagir_iniciativas", "comunas"),
}
REASONS = {
    "text": "value_not_in_list",
    "code": "code_unreadable",
    "code of letters": "code_unreadable",
    "integer": "code_unreadable",
    "pesos": "amount_unreadable",
    "miles": "amount_unreadable",
    "decimal": "amount_unreadable",
    "date": "date_unreadable",
    "timestamp": "date_unreadable",
    "month": "date_unreadable",
    "rut": "rut_invalid",
    "initiative": "code_unreadable",
    "flag": "value_not_in_list",
    "list": "value_not_in_list",
    "list of codes": "value_not_in_list",
    "comuna": "value_not_in_list",
}
NULLS = ["", " ", "-", "N/A", "NA", "n/a", "S/N", "SN", "s/n", "null", "NULL", "NO APLICA", "SIN INFORMACIÓN"]
ERRORS = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"]

MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
WHOLE_AMOUNTS = {
    "1234567": 1234567,
    "1.234.567": 1234567,
    "1,234,567": 1234567,
    "$ 1.234.567": 1234567,
    "$1,234,567.00": 1234567,
    "-1.234": -1234,
    "(1.234)": -1234,
    " $ - ": 0,
    "$-": 0,
    "0": 0,
    "-0": 0,
    "$ 0 ": 0,
    "$0.00": 0,
    "1.234": 1234,
    "1,234": 1234,
    "12,0": 12,
    "1.234,00": 1234,
    "1234,00": 1234,
    "1234.0": 1234,
    "$-1.234": -1234,
    "-$1.234": -1234,
    "$ (1.234)": -1234,
    "($1.234)": -1234,
    "\u00a0$\u00a01.234": 1234,
    "999999999999": 999999999999,
    "$ 999.999.999.999": 999999999999,
    "-0000000999999999999": -999999999999,
    "1.234,5": UNREADABLE,
    "1,234.50": UNREADABLE,
    "1234,50": UNREADABLE,
    "12.34": UNREADABLE,
    "1.23.456": UNREADABLE,
    "1.234,567": UNREADABLE,
    "1.2345": UNREADABLE,
    "(1.234": UNREADABLE,
    "1.234)": UNREADABLE,
    "-(1.234)": UNREADABLE,
    "1-": UNREADABLE,
    "1 234": UNREADABLE,
    "$": UNREADABLE,
    "$ 1.234 CLP": UNREADABLE,
    "1e6": UNREADABLE,
    "mil": UNREADABLE,
    "1000000000000000": UNREADABLE,
    "999999999999999999": UNREADABLE,
    "-1.000.000.000.000.000,00": UNREADABLE,
    "99999999999999999999": UNREADABLE,
    "٣": UNREADABLE,
}

CASES: dict[str, dict[str, Any]] = {
    "text": {
        "Dirección de Obras": "Dirección de Obras",
        "  DIPIR  ": "DIPIR",
        "\tDIPIR\u00a0": "DIPIR",
        "#1": "#1",
        "Depto. #N/A": "Depto. #N/A",
        "Sin información": "Sin información",
        'Sala "B", piso 2': 'Sala "B", piso 2',
    },
    "code": {"004": "004", "4": "004", "04": "004", "0": "000", "1234": UNREADABLE, "4A": UNREADABLE, "-4": UNREADABLE},
    "code of letters": {"PG-07": "PG-07", "PG-7": UNREADABLE, "pg-07": UNREADABLE, "PG-071": UNREADABLE},
    "integer": {"30": 30, "030": 30, "-1": -1, "3,5": UNREADABLE, "1.000": UNREADABLE, "x": UNREADABLE},
    "pesos": WHOLE_AMOUNTS
    | {"M$817.390": UNREADABLE, "999999999999999": 999999999999999, "(999.999.999.999.999)": -999999999999999},
    "miles": WHOLE_AMOUNTS
    | {"1000000000000": UNREADABLE, "M$1.000.000.000.000": UNREADABLE}
    | {"M$817.390": 817390, "M$ 817,390": 817390, "-M$5": -5, "M$(1.234)": -1234, "M$ -": 0, "M$": UNREADABLE},
    "decimal": {
        "1234,50": Decimal("1234.5"),
        "1234.50": Decimal("1234.5"),
        "-33,447": Decimal("-33.447"),
        "-70.6513": Decimal("-70.6513"),
        "1.234": Decimal("1.234"),
        "1.234.567": Decimal(1234567),
        "1,234,567": Decimal(1234567),
        "1.234,50": Decimal("1234.5"),
        "1,234.50": Decimal("1234.5"),
        "-1.234.567,8": Decimal("-1234567.8"),
        "0": Decimal(0),
        "100": Decimal(100),
        "0,00000001": Decimal("0.00000001"),
        "1.23.456": UNREADABLE,
        "1.234,567,8": UNREADABLE,
        "45,5 %": UNREADABLE,
        "$ 5": UNREADABLE,
        ",5": UNREADABLE,
        "5,": UNREADABLE,
        "1e3": UNREADABLE,
        "nan": UNREADABLE,
        "999.999.999.999.999,5": Decimal("999999999999999.5"),
        "1000000000000000": UNREADABLE,
        "1,000,000,000,000,000.5": UNREADABLE,
    },
    "date": {
        "07-04-2024": date(2024, 4, 7),
        "07/04/2024": date(2024, 4, 7),
        "07.04.2024": date(2024, 4, 7),
        "7-4-2024": date(2024, 4, 7),
        "07-4-2024": date(2024, 4, 7),
        "2024-04-07": date(2024, 4, 7),
        "02-01-1900": date(1900, 1, 2),
        "1900-12-31": date(1900, 12, 31),
        "31-12-9999": date(9999, 12, 31),
        "07-04-24": date(2024, 4, 7),
        "07-04-99": date(2099, 4, 7),
        "29-02-2024": date(2024, 2, 29),
        "36526": date(2000, 1, 1),
        "73050": date(2099, 12, 31),
        "45389": date(2024, 4, 7),
        **{f"26-{month}-24": date(2024, number, 26) for number, month in enumerate(MONTHS, 1)},
        "26-ABR-24": date(2024, 4, 26),
        **dict.fromkeys(("30-12-1899", "30/12/1899", "30.12.1899", "1899-12-30")),
        **dict.fromkeys(("1900-01-01", "01-01-1900", "1-1-1900", "01-1-1900", "01/01/1900", "01.01.1900")),
        **dict.fromkeys(
            (
                "5/24/2024",
                "24/5/2024",
                "31-02-2024",
                "29-02-2023",
                "31-02-24",
                "31-abr-24",
                "26-apr-24",
                "2024-13-01",
                "2024-02-30",
                "7 de abril",
                "20240407",
                "36525",
                "73051",
                "0",
                "00-01-2024",
                "2024/04/07",
                "07-04/2024",
                "07-04-2024 10:00",
                *("01-01-0000", "1-1-0000", "01/01/0000", "0000-01-01", "31-12-0000", "15-02-0024", "0024-02-15"),
                *("31-12-1899", "1899-12-31"),
            ),
            UNREADABLE,
        ),
    },
    "timestamp": {
        "07-04-2024 09:30": datetime(2024, 4, 7, 9, 30),
        "07-04-2024 09:30:15": datetime(2024, 4, 7, 9, 30, 15),
        "2024-04-07T23:59": datetime(2024, 4, 7, 23, 59),
        "2024-04-07 00:00:00": datetime(2024, 4, 7),
        "07/04/2024 09:30": datetime(2024, 4, 7, 9, 30),
        "26-abr-24 09:30": datetime(2024, 4, 26, 9, 30),
        "45389 09:30": datetime(2024, 4, 7, 9, 30),
        "30-12-1899 00:00:00": None,
        "1900-01-01 00:00": None,
        "1900-01-01T00:00:00": None,
        "1900-01-01 25:00": UNREADABLE,
        "07-04-2024": UNREADABLE,
        "07-04-2024 24:00": UNREADABLE,
        "07-04-2024 09:60": UNREADABLE,
        "07-04-2024 9:30": UNREADABLE,
        "31-02-2024 09:30": UNREADABLE,
        "01-01-0000 10:00": UNREADABLE,
        "0000-01-01T10:00:00": UNREADABLE,
        "09:30": UNREADABLE,
    },
    "month": {
        "2024-03": "2024-03",
        "03-2024": "2024-03",
        "202403": "2024-03",
        "2024-13": UNREADABLE,
        "00-2024": UNREADABLE,
        "3-2024": UNREADABLE,
        "marzo 2024": UNREADABLE,
        "03/2024": UNREADABLE,
        "1900-01": "1900-01",
        "12-9999": "9999-12",
        **dict.fromkeys(("0000-01", "01-0000", "000001", "01-0024", "1899-12"), UNREADABLE),
    },
    "rut": {
        "12.345.678-5": "12345678-5",
        "12345678-5": "12345678-5",
        "123456785": "12345678-5",
        " 12.345.678 - 5 ": "12345678-5",
        "12 345 678-5": "12345678-5",
        "76.765.569-k": "76765569-K",
        "76765569K": "76765569-K",
        "1-9": "1-9",
        "99.999.999-9": "99999999-9",
        "1.000.005-k": "1000005-K",
        "01.000.005-k": "1000005-K",
        "12.345.678-4": UNREADABLE,
        "12.345.678-K": UNREADABLE,
        "0-0": UNREADABLE,
        "100.000.000-7": UNREADABLE,
        "12.345678-5": UNREADABLE,
        "12,345,678-5": UNREADABLE,
        "12345678--5": UNREADABLE,
        "12345678": UNREADABLE,
        "-5": UNREADABLE,
        "RUT 12345678-5": UNREADABLE,
    },
    "initiative": {
        "40012345-0": "40012345-0",
        "40012345": "40012345-0",
        "40012345-17": "40012345-17",
        "40012345-01": "40012345-1",
        "40012345-00": "40012345-0",
        "2401SC0626": "2401SC0626",
        "2401sc0626": "2401SC0626",
        "2401ABCDE12": "2401ABCDE12",
        "4001234-0": UNREADABLE,
        "40012345-123": UNREADABLE,
        "40012345-": UNREADABLE,
        "40012345-K": UNREADABLE,
        "2401S0626": UNREADABLE,
        "2401ABCDEF12": UNREADABLE,
        "2401SC1": UNREADABLE,
        "40.012.345-0": UNREADABLE,
    },
    "flag": {
        **dict.fromkeys(("SI", "SÍ", "si", "Sí", "1", "VERDADERO", "verdadero", "X", "x"), True),
        **dict.fromkeys(("NO", "no", "No", "0", "FALSO", "Falso"), False),
        **dict.fromkeys(("TRUE", "2", "quizás", "S"), UNREADABLE),
    },
    "list": {
        **{value: value for value in ("MIDESO", "FRIL", "C-33", "FIC", "8%", "GLOSA", "OTRO")},
        "fril": "FRIL",
        " Glosa ": "GLOSA",
        "ótro": "OTRO",
        "FRIL.": UNREADABLE,
        "8": UNREADABLE,
    },
    "list of codes": {"01": "01", "1": "01", "2": "02", "3": UNREADABLE, "001": UNREADABLE, "0": UNREADABLE},
    "comuna": {
        "Santiago": "13101",
        "13101": "13101",
        "ÑUÑOA": "13120",
        "Ñuñoa": "13120",
        "nunoa": "13120",
        "MAIPU": "13119",
        "Tiltil": "13303",
        "Til Til": "13303",
        "TIL-TIL": "13303",
        "til til": "13303",
        "San José de Maipo": "13203",
        "Santiago - Maipú": "13101 13119",
        "Maipú, Santiago": "13101 13119",
        "Maipú/Santiago": "13101 13119",
        "Til Til - Santiago, Maipú/Ñuñoa": "13101 13119 13120 13303",
        "13119, 13101": "13101 13119",
        "Santiago - SANTIAGO": "13101",
        "REGIONAL": "REGIONAL",
        "Regional": "REGIONAL",
        "Región Metropolitana": "REGIONAL",
        "REGION METROPOLITANA": "REGIONAL",
        "Valparaíso": UNREADABLE,
        "05101": UNREADABLE,
        "Santiago - Valparaíso": UNREADABLE,
        "Santiago,": UNREADABLE,
        "Santiago y Maipú": UNREADABLE,
        "Santiago Maipú": UNREADABLE,
        "Regional - Santiago": UNREADABLE,
    },
}
# A list has no spelling for nothing but those of every type.
EVERYWHERE: dict[str, Any] = dict.fromkeys(NULLS) | dict.fromkeys(ERRORS, UNREADABLE)


@dataclass(frozen=True)
class Spelling:
    """A cell of one type; fila: the row that it stands in, in the file of its export."""

    kind: str
    cell: str
    value: Any
    path: str
    fila: int

    @property
    def export(self) -> str:
        return COLUMNS[self.kind][0]

    @property
    def column(self) -> str:
        return COLUMNS[self.kind][1]


def _spellings() -> Iterator[Spelling]:
    """Each kind in a file of its own: the day in the name tells the kind."""
    for day, (kind, cases) in enumerate(CASES.items(), 1):
        path = PATHS[COLUMNS[kind][0]].replace("20250131", f"202501{day:02d}")
        for fila, (cell, value) in enumerate((cases | EVERYWHERE).items(), 2):
            yield Spelling(kind, cell, value, path, fila)


SPELLINGS = list(_spellings())


def _key(export: str, number: int) -> dict[str, str]:
    """A key beyond the 99 that the good rows have."""
    return {
        "sgd_documentos": {"id_documento": f"SGD-2024-{number:06d}"},
        "core_acuerdos": {"acuerdo": f"{number}/2023"},
        "programa_compromisos": {"compromiso": f"PG-{number:02d}"},
        "sisrec_rendiciones": {"id_transferencia": f"T-2023-{number:05d}"},
        "sagir_iniciativas": {"codigo_iniciativa": f"5{number:07d}-0"},
        "dte_pagos": {"folio": str(number)},
    }[export]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    rows: dict[str, list[dict[str, str]]] = {}
    for s in SPELLINGS:
        rows.setdefault(s.path, []).append(row(s.export, **(_key(s.export, s.fila) | {s.column: s.cell})))
    export = {s.path: s.export for s in SPELLINGS}
    return Bench(tmp_path_factory.mktemp("spellings"), {p: csv_file(export[p], r) for p, r in rows.items()})


@pytest.fixture(scope="module")
def read(bench: Bench) -> dict[tuple[str, int], dict[str, Any]]:
    """The accepted rows by file and row number."""
    return {
        (r["archivo"], r["_fila"]): r
        for export in {s.export for s in SPELLINGS}
        for r in bench.table(
            f"""select l.archivo, t.* from '{{raw}}/{export}/*.parquet' as t
            inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256"""
        )
    }


@pytest.fixture(scope="module")
def faults(bench: Bench) -> dict[tuple[str, int], tuple[str | None, str]]:
    """Column and reason of each rejected row and each observed cell, by file and row number."""
    return {
        (path, fila): (column, reason)
        for path in {s.path for s in SPELLINGS}
        for fila, column, reason in bench.rejected(path) + bench.observed(path)
    }


@pytest.mark.parametrize("s", SPELLINGS, ids=lambda s: f"{s.kind}: {s.cell!r}")
def test_a_spelling_has_its_value_or_its_reason(
    s: Spelling, read: dict[tuple[str, int], dict[str, Any]], faults: dict[tuple[str, int], tuple[str | None, str]]
) -> None:
    required = CONTRACTS[s.export].column(s.column).need
    fault = faults.get((s.path, s.fila))
    if s.value is UNREADABLE:
        assert fault == (s.column, REASONS[s.kind])
    elif s.value is None and required:
        assert fault == (s.column, "required_missing")
    else:
        assert fault is None
        assert read[s.path, s.fila][s.column] == s.value
        assert type(read[s.path, s.fila][s.column]) is type(s.value)
    if fault and not required:
        assert read[s.path, s.fila][s.column] is None
    assert ((s.path, s.fila) in read) == (fault is None or not required)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute((Path(engine.__file__).parent / "rows" / "spellings.sql").read_text("utf-8"))
        geography.register_names(con)
        yield con


def _read(con: duckdb.DuckDBPyConnection, macro: str, cells: list[str]) -> list[Any]:
    rows = con.execute(f"select {macro} from (select unnest(?::varchar[]) as x)", [cells]).fetchall()
    return [value for (value,) in rows]


RUT = "leer_rut(x, numero_rut(x), digito_rut(x))"


@settings(max_examples=200)
@given(st.integers(1, 99_999_999))
def test_every_spelling_of_a_rut_is_read_as_stdnum_reads_it(con: duckdb.DuckDBPyConnection, number: int) -> None:
    digit = rut.calc_check_digit(str(number))
    dotted = rut.format(f"{number:08d}{digit}").lstrip("0.") if number > 999_999 else f"{number}-{digit}"
    cells = [f"{number}-{digit}", f"{number}{digit}", dotted, dotted.lower(), f"{number} - {digit}"]
    assert _read(con, RUT, cells) == [f"{number}-{digit}"] * len(cells)


@settings(max_examples=100)
@given(st.integers(1, 99_999_999), st.sampled_from("0123456789Kk"))
def test_a_rut_is_read_exactly_when_its_digit_holds(con: duckdb.DuckDBPyConnection, number: int, digit: str) -> None:
    holds = rut.calc_check_digit(str(number)) == digit.upper()
    (value,) = _read(con, RUT, [f"{number}-{digit}"])
    assert value == (f"{number}-{digit.upper()}" if holds else None)


@settings(max_examples=200)
@given(st.integers(1 - 10**15, 10**15 - 1))
def test_every_spelling_of_an_amount_gives_the_amount(con: duckdb.DuckDBPyConnection, amount: int) -> None:
    plain, points = str(abs(amount)), f"{abs(amount):,}".replace(",", ".")
    commas = f"{abs(amount):,}"
    sign = "-" if amount < 0 else ""
    cells = [f"{sign}{plain}", f"{sign}{points}", f"{sign}{commas}", f"{sign}$ {points}", f"$ {sign}{points}"]
    cells += [f"{sign}{points},00", f"{sign}${commas}.00", f"{sign}{plain},0"]
    cells += [f"({points})", f"($ {commas})"] if amount < 0 else [f"  $ {points} ".strip()]
    assert _read(con, "leer_pesos(x)", cells) == [amount] * len(cells)
    thousands = amount if abs(amount) < 10**12 else None
    assert _read(con, "leer_miles(x)", [c.replace("$", "M$") for c in cells]) == [thousands] * len(cells)


@settings(max_examples=200)
@given(st.decimals(1 - 10**15, 10**15 - 1, places=4))
def test_every_spelling_of_a_decimal_gives_the_decimal(con: duckdb.DuckDBPyConnection, value: Decimal) -> None:
    points = f"{value:,.4f}"
    commas = points.translate(str.maketrans(".,", ",."))
    cells = [f"{value:.4f}", f"{value:.4f}".replace(".", ","), points, commas]
    assert _read(con, "leer_decimal(x)", cells) == [value] * len(cells)


@settings(max_examples=200)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_spelling_of_a_day_gives_the_day(con: duckdb.DuckDBPyConnection, day: date) -> None:
    month = MONTHS[day.month - 1]
    cells = [f"{day:%d-%m-%Y}", f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}", f"{day:%d-%m-%y}"]
    cells += [f"{day.day}-{day.month}-{day.year}", f"{day:%d}-{month}-{day:%y}", f"{day:%d}-{month.upper()}-{day:%y}"]
    cells.append(str((day - date(1899, 12, 30)).days))
    assert _read(con, "leer_fecha(x)", cells) == [day] * len(cells)


@settings(max_examples=200)
@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_is_read_from_1900_on(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """No year but those of four digits tells its century, and no date is one that Python cannot hold."""
    year = f"{day.year:04d}"
    cells = [f"{day:%d-%m}-{year}", f"{day:%d/%m}/{year}", f"{day:%d.%m}.{year}", f"{year}-{day:%m-%d}"]
    assert _read(con, "leer_fecha(x)", cells) == [day if day > date(1900, 1, 1) else None] * len(cells)


@settings(max_examples=25)
@given(st.lists(st.one_of(st.text(max_size=20), st.text("0123456789.,-$()kK: T/", max_size=20)), max_size=20))
def test_no_text_breaks_a_reader(con: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    readers = ["leer_texto", "leer_entero", "leer_pesos", "leer_miles", "leer_decimal", "leer_fecha", "leer_mes"]
    readers += ["leer_iniciativa", "leer_bandera", "leer_comunas", "es_fecha_hora_nula"]
    calls = [f"{reader}(x)" for reader in readers] + [RUT, "leer_fecha_hora(parte_fecha(x), parte_hora(x))"]
    assert len(_read(con, f"({', '.join(calls)})", texts)) == len(texts)


def test_every_comuna_is_known_by_its_name_and_its_code(con: duckdb.DuckDBPyConnection) -> None:
    table = geography.comunas()
    names, codes = table["comuna"].to_pylist(), table["cut"].to_pylist()
    assert len(codes) == 52
    for cells in (names, [n.upper() for n in names], codes):
        assert _read(con, "leer_comunas(x)", cells) == codes
