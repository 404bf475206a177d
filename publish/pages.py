"""The pages of a release: plain HTML that needs no script and no other file, and prints."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

# Of those who read: a file that came at nine in the evening came that day, though in UTC it is the next one by then.
HERE = ZoneInfo("America/Santiago")
TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, filters: dict[str, Callable[..., str]] | None = None, /, **values: Any) -> str:
    """A template of templates/ with those values, and with filters of its own beside `numero` and `dia`.

    Raises jinja2.UndefinedError where the template asks for a value that is not given.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(numero=number, dia=day, **(filters or {}))
    return environment.get_template(template).render(**values)


def number(value: float | None) -> str:
    """1234567 as 1.234.567 and 88.6 as 88,60; None is no data, never 0."""
    if value is None:
        return "sin dato"
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def day(value: date) -> str:
    """31-01-2025."""
    return f"{value:%d-%m-%Y}"
