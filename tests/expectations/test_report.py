"""The page of the results and its JSON."""

import json
import re

from expectations import CheckResult, report

RESULTS = [
    CheckResult("fuentes", "tiene_filas", "error", True, "1 fila o más", "Sin casos", "El conjunto no está vacío."),
    CheckResult("fuentes", "archivo_rechazado", "warning", False, "ninguno", "1 caso: dte/a.xml", "Todo se pudo leer."),
    CheckResult("documentos", "clave_unica", "error", False, "1 vez", "1 caso: <b>SGD</b>", "Nada se cuenta doble."),
]


def test_the_page_shows_everything_by_dataset() -> None:
    page = report.as_html(RESULTS)

    for result in RESULTS:
        assert result.meaning in page
        assert result.threshold in page
        assert result.check in page
    assert "dte/a.xml" in page
    assert page.index('<details id="controles-documentos"') < page.index('<details id="controles-fuentes"')
    assert '<a href="#controles-fuentes">fuentes</a>' in page
    assert page.index("archivo_rechazado") < page.index("tiene_filas"), "what failed comes first"
    assert "3 comprobaciones," in page
    assert "1 error</span>" in page
    assert "1 advertencia</span>" in page
    assert "✗ Error" in page
    assert "! Advertencia" in page
    assert "✓ Cumple" in page


def test_the_page_asks_nothing_of_third_parties() -> None:
    page = report.as_html(RESULTS)

    assert not re.search(r"https?:|//|<script|<link|<img|@import|url\(", page)
    assert '<html lang="es-CL">' in page


def test_texts_are_escaped() -> None:
    page = report.as_html(RESULTS)

    assert "<b>SGD" not in page
    assert "&lt;b&gt;SGD" in page


def test_a_page_without_results() -> None:
    assert "0 comprobaciones" in report.as_html([])


def test_json_holds_every_field() -> None:
    first = json.loads(report.as_json(RESULTS))["controles"][0]

    assert first == {
        "dataset": "fuentes",
        "check": "tiene_filas",
        "severity": "error",
        "success": True,
        "threshold": "1 fila o más",
        "observed": "Sin casos",
        "meaning": "El conjunto no está vacío.",
    }
    assert len(json.loads(report.as_json(RESULTS))["controles"]) == len(RESULTS)
