"""Numbers, dates and sizes as people in Chile write them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

NO_DATA = "sin dato"
# Between a figure and its unit, so that no line breaks there.
GAP = "\N{NO-BREAK SPACE}"
# Of those who read: a file that came at nine in the evening came that day, though in UTC it is the next one by then.
HERE = ZoneInfo("America/Santiago")

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


def number(value: int | Decimal | None) -> str:
    """1234567 as 1.234.567 and 88.68 as 88,68, with the decimals it has; NULL is no data, never 0."""
    if value is None:
        return NO_DATA
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def counted(count: int, one: str, many: str) -> str:
    """1 iniciativa, 1.234 iniciativas: how many there are, with the word that agrees. one, many: that word."""
    return f"{number(count)} {one if count == 1 else many}"


def shortest(value: Decimal) -> Decimal:
    """30.00 as 30 and 46.50 as 46.5: what is counted in whole units most of the time."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def percentage(value: Decimal | None) -> str:
    """88.68 as 88,68 %."""
    return NO_DATA if value is None else f"{number(value)}{GAP}%"


def thousands(value: int | None) -> str:
    """An amount of M$, thousands of pesos: 1234567 as M$ 1.234.567."""
    return NO_DATA if value is None else f"M${GAP}{number(value)}"


def pesos(value: int | None) -> str:
    """An amount of CLP: 1234567 as $ 1.234.567."""
    return NO_DATA if value is None else f"${GAP}{number(value)}"


def long_date(value: str | date | None) -> str:
    """2025-01-31, or a moment of that day in Santiago, as 31 de enero de 2025."""
    if value is None:
        return NO_DATA
    day = _day_here(value)
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def short_date(value: str | date | None) -> str:
    """2025-01-31, or a moment of that day in Santiago, as 31-01-2025."""
    return NO_DATA if value is None else f"{_day_here(value):%d-%m-%Y}"


def _day_here(value: str | date) -> date:
    """The day of a date, of a moment without zone as it is written, and of one with a zone as it is here."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(HERE) if isinstance(moment, datetime) and moment.tzinfo else moment


def yes_or_no(value: bool | None) -> str:
    """sí, no, or that it is not known."""
    return NO_DATA if value is None else "sí" if value else "no"


def size(count: int) -> str:
    """Bytes in the largest unit that leaves at least one of it, with one decimal."""
    for bytes_in_unit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count >= bytes_in_unit:
            return f"{number(round(Decimal(count) / bytes_in_unit, 1))}{GAP}{unit}"
    return f"{count}{GAP}B"


def cell(value: object, measures: bool = True) -> str:
    """Any value of a dataset as a table shows it; NULL is an empty cell there, as in the files.

    measures: whether its number is an amount, and no name as a year is.
    """
    match value:
        case None:
            return ""
        case bool():
            return yes_or_no(value)
        case int() | Decimal():
            return number(value) if measures else str(value)
        case date():
            return short_date(value)
        case _:
            return str(value)
