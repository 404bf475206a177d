"""Builds the pages of a release into a folder that opens without a server."""

import os
import stat
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal import numbers
from portal.contents import Contents

TEMPLATES = Path(__file__).parent / "templates"

PROGRAMMES = {
    "01": ("Gastos de funcionamiento", "Lo que cuesta que el Gobierno de Santiago funcione cada mes."),
    "02": ("Inversión regional", "El dinero que va a obras, programas y transferencias en la región."),
}


def build(release: Path, out: Path) -> Path:
    """Writes index.html and a Ficha Ciudadana per programme into `out`, and returns the path of index.html.

    release: the folder of a release, which the pages link to by relative addresses; nothing else is read.
    Raises FileNotFoundError where it is none.
    """
    contents = Contents(release)
    pages = _environment()
    files = os.path.relpath(release.absolute(), out.absolute())
    common = {"manifest": contents.manifest, "files": Path(files).as_posix()}
    fichas = {programa: contents.ficha(programa) for programa in PROGRAMMES}
    out.mkdir(parents=True, exist_ok=True)
    # The pages are for everybody, whatever the process that writes them lets others read by default.
    out.chmod(stat.S_IMODE(out.stat().st_mode) | 0o755)
    for programa, (title, explanation) in PROGRAMMES.items():
        page = pages.get_template("ficha.html").render(
            common,
            programa=programa,
            title=title,
            explanation=explanation,
            ficha=fichas[programa],
            missing=contents.why_missing("ficha_ciudadana"),
            kept=contents.why_kept("ficha_ciudadana"),
        )
        _write(out / f"ficha-{programa}.html", page)
    index = pages.get_template("index.html").render(common, contents=contents, fichas=fichas, programmes=PROGRAMMES)
    _write(out / "index.html", index)
    return out / "index.html"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        numero=numbers.number, porcentaje=numbers.percentage, fecha=numbers.long_date, peso=numbers.size
    )
    environment.globals["meses"] = numbers.MONTHS
    return environment


def _write(path: Path, page: str) -> None:
    """Puts the page in its place whole, so that no reader meets half of it."""
    fresh = path.with_name(f".{path.name}.nuevo")
    fresh.write_text(page, "utf-8", newline="\n")
    fresh.chmod(0o644)
    fresh.replace(path)
