"""The whole site of a release: its pages, and with the tools for it also scripts and PDF."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from portal import pdf, scripts
from portal.build import SCRIPTS, SHEETS, build
from portal.node import NoNodeError


@dataclass(frozen=True)
class Made:
    """What was made. index: the first page. missing: what could not be, with its remedy, in words for an operator."""

    index: Path
    missing: tuple[str, ...]


def make(release: Path, out: Path, say: Callable[[str], None]) -> Made:
    """Makes pages, scripts and PDF: what `make portal` does. say: gets a line for what takes long.

    release, out, and what is raised: as for portal.build.build. What lacks a tool is left out and said.
    """
    return _made(release, out, say, with_scripts=True, with_pdf=True)


def keep(release: Path, out: Path, say: Callable[[str], None]) -> Made:
    """Makes pages, and renews scripts and PDF where the site has them: what a run does. As `make` for the rest."""
    return _made(release, out, say, with_scripts=(out / SCRIPTS).is_dir(), with_pdf=(out / SHEETS).is_file())


def _made(release: Path, out: Path, say: Callable[[str], None], with_scripts: bool, with_pdf: bool) -> Made:
    missing = []
    with ExitStack() as stack:
        fresh = None
        if with_scripts and not scripts.are_current(out):
            try:
                fresh = stack.enter_context(scripts.bundled())
            except NoNodeError as error:
                missing.append(f"scripts (search, filters of the map, SQL): {error}")
        index = build(release, out, fresh)
    if fresh:
        scripts.note(out)
        say("scripts bundled")
    if with_pdf:
        try:
            say(f"PDF made: {pdf.print_sheets(out)}")
        except NoNodeError as error:
            missing.append(f"PDF of the sheets: {error}")
    return Made(index, tuple(missing))
