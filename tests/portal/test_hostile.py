"""Texts of the data are texts on the page, whatever they look like."""

from pathlib import Path
from typing import Any

from portal.build import build
from tests.portal.conftest import ROWS, MakeRelease
from tests.portal.pages import pages_below

HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 12345 * 6789 }}{% raw %}",
    "\"><img src=x onerror='alert(1)'>",
    "</td></table></script>",
    "\u202eal revés\u200f",
    "a & b <!--pdf-->",
)
# One page of each kind that shows what people wrote.
SHOWING = {
    "index.html", "fichas/01-2024-12.html", "programa/index.html", "programa/pg-01.html",
    "programa/resumen-2025-01.html", "iniciativas/40012345-0.html", "iniciativas/index.html",
    "iniciativas/comuna-13120.html", "iniciativas/regionales.html", "mapa.html", "dinero/02-2024.html",
    "dinero/transferencias.html", "datos/iniciativas.html", "calidad.html",
}  # fmt: skip
# Codes are text of a contract's form, months and years are numbers: only what people write can be hostile.
WRITTEN = {
    "nombre", "descripcion", "comunas", "unidad_tecnica", "division", "tipologia", "tipo", "etapa", "estado", "materia",
    "ejecutor", "proveedor", "titulo", "desafio", "denominacion", "eje_erd", "objetivo_erd", "origen_punto", "hito",
    "id_licitacion", "acuerdo_core", "alertas", "comuna", "estado_rendicion", "resultado", "tipo_documento",
    "motivo", "export",
}  # fmt: skip


def poisoned(text: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of the hand-made release with the text wherever a person could have written."""
    return {
        name: [{**row, **{column: text for column in row if column in WRITTEN}} for row in rows]
        for name, rows in ROWS.items()
    }


def test_a_hostile_text_is_shown_as_text_and_nowhere_run(make_release: MakeRelease, out: Path) -> None:
    text = " ".join(HOSTILE)
    plain = out.with_name("plain")
    release = make_release(**poisoned("Inocente"))
    build(release, plain)
    release.parent.rename(release.parent.with_name("releases-before"))
    build(make_release(**poisoned(text)), out)
    before, after = pages_below(plain), pages_below(out)
    assert set(before) == set(after)
    # The same elements as with a harmless text in its place: none is added, none is closed, none is a handler.
    for path, page in after.items():
        assert page.tags == before[path].tags, path
        assert page.handlers == [], path
        for tag in ("<script", "<!--", "<td", "</table", "<svg"):
            assert page.source.count(tag) == before[path].source.count(tag), (path, tag)
        assert "83810205" not in page.source, path
    # Wherever the harmless one is read, this one is, to its last letter.
    shown = " ".join(text.split()).casefold()
    told = {path: page.text.casefold().count("inocente") for path, page in before.items()}
    assert {path: page.text.casefold().count(shown) for path, page in after.items()} == told
    assert {path for path, count in told.items() if count} >= SHOWING
    # In the index of the search it is a text of JSON, whole.
    assert [entry for entry in after["buscar.html"].index if text in entry]
