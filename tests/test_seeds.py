"""The project's own reference tables."""

import csv

from tests.conftest import PROJECT


def test_the_printed_fichas_stand_in_the_order_that_tells_the_number_of_each_row() -> None:
    with (PROJECT / "dbt_project" / "seeds" / "fichas_2023.csv").open(encoding="utf-8", newline="") as file:
        keys = [(row["programa"], row["subtitulo"]) for row in csv.DictReader(file)]
    assert keys == sorted(keys)
