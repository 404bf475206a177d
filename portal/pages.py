"""What a page is, and how its template becomes bytes."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from portal import numbers, qr
from portal.contents import Contents
from portal.programmes import PROGRAMMES

TEMPLATES = Path(__file__).parent / "templates"

# Where the link to a printed page's PDF goes, once the PDF is there (portal/pdf.py). No text of the data can be this:
# templates escape.
PDF_MARK = "<!--pdf-->"
PDF_LINK = '<a href="{name}" type="application/pdf">Hoja en PDF</a>'

# The council, and the recommendation of an initiative.
ACRONYMS = re.compile(r"\b(?:core|rs)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """A page of the site.

    path: below the site's folder, with / between folders. template: its file in templates/. values: what the template
    shows. printed: whether it is a sheet that also comes as PDF. reads: the datasets that it shows, where they are not
    all that its kind reads. anywhere: whether servers show it at any address, so that its links start at their root.
    """

    path: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    printed: bool = False
    reads: tuple[str, ...] | None = None
    anywhere: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of pages.

    name: of its module, unique. reads: the datasets that its pages show. pages: makes them. of_release: whether its
    pages name the release or link to its files, and so change with every release; only these know `contents` and
    `archivos`.
    """

    name: str
    reads: tuple[str, ...]
    pages: Callable[[Contents], Iterator[Page]]
    of_release: bool = False


class Renderer:
    """Turns pages into HTML. One for a build.

    contents: the release. out: the site's folder. scripts: names of the scripts that the site has.
    """

    def __init__(self, contents: Contents, out: Path, scripts: frozenset[str]) -> None:
        self._contents = contents
        self.files = _way(out, contents.folder)
        # Whatever a web server calls them, the site is to the releases as it is in the file system.
        self.address = urljoin(f"{contents.base_url}/{contents.id}/", f"{_way(contents.folder, out)}/")
        self.scripts = scripts

    def render(self, kind: Kind, page: Page) -> str:
        """The HTML of a page."""
        depth = urlsplit(self.address).path if page.anywhere else "../" * page.path.count("/")
        values: dict[str, Any] = {
            "raiz": depth,
            "ruta": page.path,
            "direccion": urljoin(self.address, page.path),
            "avisos": self._contents.notices(kind.reads if page.reads is None else page.reads),
            "guiones": self.scripts,
        }
        if kind.of_release:
            values |= {"contents": self._contents, "archivos": f"{depth}{self.files}"}
        return _environment().get_template(page.template).render({**values, **page.values})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        numero=numbers.number,
        cuantos=numbers.counted,
        porcentaje=numbers.percentage,
        miles=numbers.thousands,
        pesos=numbers.pesos,
        fecha=numbers.long_date,
        dia=numbers.short_date,
        peso=numbers.size,
        celda=numbers.cell,
        frase=sentence,
        nombre_de_archivo=file_name,
    )
    environment.globals.update(
        meses=numbers.MONTHS,
        programas_del_presupuesto=PROGRAMMES,
        qr=qr.svg,
        pdf_mark=Markup(PDF_MARK),
        dato=figure,
        fila=row_of,
        largo=length,
    )
    return environment


def _way(start: Path, end: Path) -> str:
    return Path(os.path.relpath(end.absolute(), start.absolute())).as_posix()


FORMS: Mapping[str, Callable[[Any], str]] = {
    "numero": numbers.number,
    "porcentaje": numbers.percentage,
    "miles": numbers.thousands,
    "miles_entero": lambda value: numbers.thousands(None if value is None else int(value)),
    "pesos": numbers.pesos,
    "dias": lambda value: numbers.number(numbers.shortest(value)),
    "fecha": numbers.long_date,
    "dia": numbers.short_date,
}


def row_of(dataset: str, *key: object) -> Markup:
    """The attribute that says which row of a dataset the figures inside an element are of, by the dataset's grain.

    A part of the key that is NULL is nothing between its bars.
    """
    parts = ("" if part is None else str(part) for part in key)
    return Markup(f'data-fila="{escape(dataset)}:{escape("|".join(parts))}"')


def figure(row: Mapping[str, Any], column: str, form: str = "numero") -> Markup:
    """A figure of a row as people read it, with its column and the value that the dataset has, to be held against it.

    form: a name of FORMS.
    """
    value = row[column]
    if value is None:
        return Markup(f'<span data-c="{escape(column)}">{escape(numbers.NO_DATA)}</span>')
    return Markup(f'<data data-c="{escape(column)}" value="{escape(value)}">{escape(FORMS[form](value))}</data>')


def length(value: Decimal | int | None, whole: Decimal | int | None = 100) -> str:
    """How long a bar is, as a percentage of its frame: never outside it, and nothing for what is not known."""
    if not value or not whole:
        return "0"
    part = round(Decimal(100) * value / whole, 1)
    return f"{min(max(part, Decimal(0)), Decimal(100)).normalize():f}"


def sentence(text: str | None) -> str:
    """A value in capitals as words of a sentence: EN EJECUCIÓN as En ejecución, APROBADO CORE as Aprobado CORE."""
    return ACRONYMS.sub(lambda found: found[0].upper(), text.capitalize()) if text else numbers.NO_DATA


def file_name(text: str) -> str:
    """A code as part of a file's name: letters of ASCII in lower case, digits and - alone."""
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in text.lower())
