"""What does not change with the data: about, glossary, privacy, and what stands where there is no page."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from portal.contents import Contents
from portal.pages import Kind, Page

GLOSSARY = Path(__file__).with_name("glosario.yml")


def _pages(contents: Contents) -> Iterator[Page]:
    yield Page("acerca.html", "acerca.html")
    yield Page("glosario.html", "glosario.html", {"terminos": yaml.safe_load(GLOSSARY.read_text("utf-8"))})
    yield Page("privacidad.html", "privacidad.html")
    # Web servers know it under this name.
    yield Page("404.html", "no_existe.html", anywhere=True)


KIND = Kind("acerca", (), _pages, of_release=True)
