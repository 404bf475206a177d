import json
import os
import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from portal.build import build
from tests.portal.conftest import FICHA, MakeRelease


class Page(HTMLParser):
    """The links, tags and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text("utf-8")
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.pieces: list[str] = []
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.pieces))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "portal"


def test_the_first_page_names_the_release_and_its_date(make_release: MakeRelease, out: Path) -> None:
    path = build(make_release(), out)
    assert path == out / "index.html"
    text = Page(path).text
    assert "2025-01-31-0123456789ab" in text
    assert "31 de enero de 2025" in text
    assert "Título de fuentes" in text
    assert "1.234 filas" in text
    assert "15 controles revisaron los datos publicados; 3 dieron una advertencia" in text
    assert "en los textos: 1.444." in text


def test_every_link_leads_to_a_file_and_nothing_is_fetched_from_elsewhere(make_release: MakeRelease, out: Path) -> None:
    build(make_release(), out)
    pages = sorted(out.iterdir())
    assert [path.name for path in pages] == ["ficha-01.html", "ficha-02.html", "index.html"]
    for path in pages:
        page = Page(path)
        assert {link for link in page.links if not link.startswith("#") and not (out / link).is_file()} == set()
        assert page.tags.isdisjoint({"script", "iframe", "img", "link"})
        assert "http" not in page.source
        assert "@import" not in page.source
        assert "url(" not in page.source


def test_what_was_received_and_refused_is_counted(make_release: MakeRelease, out: Path) -> None:
    text = Page(build(make_release(), out)).text
    assert "Filas leídas: 1.210. Aceptadas: 1.207. Rechazadas: 2. Repetidas: 0." in text
    assert "Rechazado no es una tabla 1" in text
    assert "core_acuerdos falta un dato obligatorio 2" in text


def test_the_ficha_shows_the_newest_month_in_chilean_numbers(make_release: MakeRelease, out: Path) -> None:
    build(make_release(), out)
    text = Page(out / "ficha-01.html").text
    assert "enero de 2025" in text
    assert "8.795.139" in text
    assert "1.713.930 ejecutados de 8.795.139 M$ vigentes." in text
    assert "19,49 %" in text
    assert "diciembre" not in text
    assert "19,48 %" in Page(out / "index.html").text


def test_what_is_not_known_reads_as_no_data_and_its_bar_is_empty(make_release: MakeRelease, out: Path) -> None:
    build(make_release(), out)
    page = Page(out / "ficha-01.html")
    assert "32 Préstamos sin dato" in page.text
    assert "-500 ejecutados de 0 M$" in page.text
    assert '<rect width="0"' in page.source


def test_a_bar_never_leaves_its_frame(make_release: MakeRelease, out: Path) -> None:
    build(make_release(), out)
    page = Page(out / "ficha-02.html")
    assert '<rect width="100"' in page.source
    assert "más que lo presupuestado" in page.text


def test_texts_of_the_data_are_no_markup(make_release: MakeRelease, out: Path) -> None:
    build(make_release(), out)
    assert "Con &lt;b&gt;marcas&lt;/b&gt;." in (out / "index.html").read_text("utf-8")
    assert "Sueldos &amp; honorarios." in (out / "ficha-01.html").read_text("utf-8")


def test_a_dataset_that_is_not_published_is_said_so_where_it_would_stand(make_release: MakeRelease, out: Path) -> None:
    held = {name: f"Falló {name}." for name in ("ficha_ciudadana", "fuentes", "filas_rechazadas")}
    build(make_release(held), out)
    assert "La Ficha Ciudadana no está en esta publicación. Falló ficha_ciudadana." in Page(out / "ficha-01.html").text
    text = Page(out / "index.html").text
    assert "Título de ficha_ciudadana : Falló ficha_ciudadana." in text
    assert "La lista de archivos recibidos no está en esta publicación. Falló fuentes." in text
    assert "La lista de filas rechazadas no está en esta publicación. Falló filas_rechazadas." in text


def test_a_programme_without_data_is_said_so(make_release: MakeRelease, out: Path) -> None:
    build(make_release(ficha_ciudadana=f"select * from ({FICHA}) where programa = '01'"), out)
    assert "Esta publicación no trae datos del programa 02." in Page(out / "ficha-02.html").text


def test_building_again_replaces_the_pages(make_release: MakeRelease, out: Path) -> None:
    release = make_release()
    build(release, out)
    first = (out / "index.html").read_bytes()
    (out / "index.html").write_text("viejo")
    build(release, out)
    assert (out / "index.html").read_bytes() == first


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"manifest\.json"):
        build(tmp_path, tmp_path / "portal")


def test_all_may_read_the_pages_however_private_the_process_that_writes_them_is(
    make_release: MakeRelease, out: Path
) -> None:
    release = make_release()
    before = os.umask(0o077)
    try:
        build(release, out)
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == 0o755
    assert {stat.S_IMODE(page.stat().st_mode) for page in out.iterdir()} == {0o644}


def test_what_is_kept_from_an_earlier_release_says_so_where_citizens_look(make_release: MakeRelease, out: Path) -> None:
    folder = make_release()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    sheet = next(each for each in manifest["conjuntos"] if each["nombre"] == "ficha_ciudadana")
    sheet["conservado"] = {"publicacion": "2024-11-30-ab", "fecha_corte": "2024-11-30", "motivo": "Falló un control."}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    build(folder, out)
    assert "Este conjunto está como en la publicación 2024-11-30-ab" in Page(out / "index.html").text
    assert (
        "no son nuevas. Cifras de la publicación 2024-11-30-ab. Falló un control." in Page(out / "ficha-02.html").text
    )
