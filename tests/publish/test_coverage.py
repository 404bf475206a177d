from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from publish.metadata.coverage import periods
from publish.metadata.dcat import Period
from tests.publish.editions import small_edition


def test_the_period_is_that_of_the_months_or_years_of_the_rows(tmp_path: Path) -> None:
    template = small_edition().parts[0].dataset
    grains = {
        "mensual": ("anio", "mes"),
        "anual": ("anio", "programa"),
        "rendido": ("id", "periodo"),
        "vacio": ("anio",),
        "otro": ("codigo",),
    }
    datasets = [replace(template, name=name, grain=grain) for name, grain in grains.items()]
    rows = "(values (2023, 11, '2023-11'), (2024, 2, '2024-02')) as t (anio, mes, periodo)"
    with duckdb.connect() as con:
        for name in grains:
            where = "false" if name == "vacio" else "true"
            con.execute(f"copy (select * from {rows} where {where}) to '{tmp_path}/{name}.parquet'")
        assert periods(con, datasets, tmp_path) == {
            "mensual": Period(date(2023, 11, 1), date(2024, 2, 29)),
            "anual": Period(date(2023, 1, 1), date(2024, 12, 31)),
            "rendido": Period(date(2023, 11, 1), date(2024, 2, 29)),
        }
