"""The dictionary: each column with its name, what it is and its unit, for programs and for people."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date

from publish.edition import Carried
from publish.labels import label
from publish.metadata import dictionary
from tests.publish.tables import FACTS, PAGOS, column


def test_json_and_csv_hold_every_column() -> None:
    as_json, as_csv = dictionary.tables([PAGOS])
    (dataset,) = json.loads(as_json)["conjuntos"]
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    names = [each.name for each in PAGOS.columns]
    assert [each["nombre"] for each in dataset["columnas"]] == [row["columna"] for row in rows] == names
    assert rows[3] == {
        "conjunto": "pagos",
        "columna": "monto_total",
        "tipo": "BIGINT",
        "unidad": "CLP",
        "descripcion": "Qué es monto_total.",
    }


def test_page_stands_alone_and_holds_every_column() -> None:
    page = dictionary.page(PAGOS, FACTS)
    assert not re.search(r"<script|<link|<img|\bsrc=|@import", page)
    for each in PAGOS.columns:
        assert label(each) in page
        assert f"<code>{each.name}</code>" in page
        assert each.description in page
    assert "número con 2 decimales" in page
    assert "31-01-2025" in page
    assert "CC BY 4.0" in page


def test_page_escapes_what_a_description_holds() -> None:
    page = dictionary.page(replace(PAGOS, description="Menos de <b>3 & más"), FACTS)
    assert "Menos de &lt;b&gt;3 &amp; más" in page


def test_page_of_a_kept_version_says_its_date_and_the_reason() -> None:
    carried = Carried("2024-12-31-abc", date(2024, 12, 31), "Faltan los pagos de enero.")
    page = dictionary.page(PAGOS, replace(FACTS, carried=carried))
    assert "31-12-2024" in page
    assert "Faltan los pagos de enero." in page


def test_page_explains_the_codes() -> None:
    coded = replace(column("estado", "VARCHAR"), meanings=(("A", "Abierta"), ("C", "Cerrada")))
    assert "<code>A</code>: Abierta" in dictionary.page(replace(PAGOS, columns=(coded,)), FACTS)


def test_label_spells_as_spanish_does_and_shows_the_unit_of_an_amount() -> None:
    assert label(column("anio", "INTEGER", "año")) == "Año"
    assert label(column("rut_proveedor", "VARCHAR", "RUT")) == "RUT proveedor"
    assert label(column("ejecucion_acumulada", "BIGINT", "M$")) == "Ejecución acumulada (M$)"
