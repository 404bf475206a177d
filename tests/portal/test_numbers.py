from datetime import datetime
from decimal import Decimal

import pytest

from portal.numbers import counted, long_date, number, percentage, short_date, shortest, size


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-1234, "-1.234"),
        (1234567, "1.234.567"),
        (Decimal("88.68"), "88,68"),
        (Decimal("1234.50"), "1.234,50"),
        (None, "sin dato"),
    ],
)
def test_numbers_are_written_as_in_chile(value: int | Decimal | None, written: str) -> None:
    assert number(value) == written


def test_one_of_something_is_told_in_the_singular() -> None:
    assert [counted(count, "fila", "filas") for count in (0, 1, 1234)] == ["0 filas", "1 fila", "1.234 filas"]


def test_a_percentage_that_is_not_known_is_no_zero() -> None:
    assert percentage(None) == "sin dato"
    assert percentage(Decimal("99.99")) == "99,99\xa0%"


def test_dates_are_written_out() -> None:
    assert long_date("2025-01-01") == "1 de enero de 2025"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-02-01T02:59:59Z", "31-01-2025"),
        ("2025-02-01T03:00:00Z", "01-02-2025"),
        ("2025-07-01T03:30:00Z", "30-06-2025"),
    ],
)
def test_a_moment_is_told_as_the_day_that_it_was_in_santiago(moment: str, day: str) -> None:
    assert short_date(moment) == day
    assert long_date(moment).startswith(f"{int(day[:2])} de ")


def test_a_moment_without_a_zone_stays_as_it_is_written() -> None:
    assert short_date(datetime(2025, 1, 31, 23, 59)) == "31-01-2025"


@pytest.mark.parametrize(
    ("count", "written"),
    [(999, "999\xa0B"), (1000, "1,0\xa0KB"), (404_000_000, "404,0\xa0MB"), (2_400_000_000, "2,4\xa0GB")],
)
def test_sizes_have_one_decimal_and_a_unit(count: int, written: str) -> None:
    assert size(count) == written


@pytest.mark.parametrize(("value", "written"), [("30.00", "30"), ("46.50", "46,5"), ("100.00", "100"), ("0.00", "0")])
def test_days_have_the_decimals_that_they_need(value: str, written: str) -> None:
    assert number(shortest(Decimal(value))) == written
