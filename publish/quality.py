"""Adds to the quality report what only the release knows: what was held back, and what was replaced."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publish.errors import PublishError
from publish.privacy import Scanner
from publish.texts import as_json

_TAG = re.compile(r"(<[^>]*>)")


@dataclass(frozen=True)
class Report:
    """Completes the quality report. held: per dataset the reason; masked: per dataset.column the hits replaced."""

    held: Mapping[str, str]
    masked: Mapping[str, int]
    scanner: Scanner

    def complete_json(self, report: str) -> str:
        """The report with `no_publicados` and `datos_personales_reservados`, and no personal data in any text.

        Raises PublishError where it is no JSON object, since the public would get a report that nothing can read.
        """
        try:
            content = json.loads(report)
        except ValueError as error:
            raise PublishError(f"calidad.json is no JSON ({error})") from error
        if not isinstance(content, dict):
            raise PublishError("calidad.json must be a JSON object")
        content |= {"no_publicados": self.held, "datos_personales_reservados": self.masked}
        return as_json(self._screened(content))

    def complete_html(self, page: str) -> str:
        """The page with the same two lists at the end of its body, and no personal data in it."""
        sections = _section(
            "Conjuntos que no se publican",
            "Todos los conjuntos de datos se publican.",
            [f"<strong>{html.escape(name)}</strong>: {html.escape(reason)}" for name, reason in self.held.items()],
        ) + _section(
            "Datos personales reservados",
            "No se encontraron datos personales en los textos publicados.",
            [f"{html.escape(column)}: {count}" for column, count in self.masked.items()],
        )
        body, end, rest = self._screened_page(page).rpartition("</body>")
        return body + sections + end + rest if end else rest + sections

    def _screened_page(self, page: str) -> str:
        """The page with its texts screened as a person reads them; its tags and entities stay as they are."""
        return "".join(part if part.startswith("<") else self._screened_text(part) for part in _TAG.split(page))

    def _screened_text(self, text: str) -> str:
        read = html.unescape(text)
        screened = self._mask(read)
        return text if screened == read else html.escape(screened)

    def _mask(self, text: str) -> str:
        """The text without personal data: a figure alone is a figure, a word alone ("Compras") a name of ours."""
        return self.scanner.mask(text, lone_words=False, bare_ruts=not text.strip().isdecimal())

    def _screened(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, list):
            return [self._screened(each) for each in value]
        if isinstance(value, dict):
            return {key: self._screened(each) for key, each in value.items()}
        return value


def _section(title: str, nothing: str, items: list[str]) -> str:
    content = "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>" if items else f"<p>{nothing}</p>"
    return f"<section><h2>{title}</h2>{content}</section>\n"
