"""What does not change with the data: about, glossary, privacy."""

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


KIND = Kind("acerca", (), _pages, of_release=True)
