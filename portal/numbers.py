"""Numbers, dates and sizes as people in Chile write them."""

from datetime import date
from decimal import Decimal

NO_DATA = "sin dato"

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


def number(value: int | Decimal | None) -> str:
    """1234567 as 1.234.567 and 88.68 as 88,68, with the decimals it has; NULL is no data, never 0."""
    if value is None:
        return NO_DATA
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def percentage(value: Decimal | None) -> str:
    """88.68 as 88,68 %."""
    return NO_DATA if value is None else f"{number(value)} %"


def long_date(iso: str) -> str:
    """2025-01-31 as 31 de enero de 2025."""
    day = date.fromisoformat(iso)
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def size(count: int) -> str:
    """Bytes in the largest unit that leaves at least one of it, with one decimal."""
    for bytes_in_unit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count >= bytes_in_unit:
            return f"{number(round(Decimal(count) / bytes_in_unit, 1))} {unit}"
    return f"{count} B"
