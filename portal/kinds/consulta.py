"""Questions for analysts, with their SQL: to be read, and to be run in the browser where the script is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from portal.contents import Contents
from portal.pages import Kind, Page

QUESTIONS = Path(__file__).with_name("preguntas.yml")


def questions() -> list[dict[str, Any]]:
    """The ten questions: `pregunta`, `lectura` (how to read the answer) and `consultas`, SQL over bodega.duckdb."""
    found: list[dict[str, Any]] = yaml.safe_load(QUESTIONS.read_text("utf-8"))
    return found


def _pages(contents: Contents) -> Iterator[Page]:
    yield Page("consulta.html", "consulta.html", {"preguntas": questions()})


KIND = Kind("consulta", (), _pages, of_release=True)
