"""Adds to the report on the checks what only the release knows.

What was held back, kept from before or masked; how fresh the data are; what was rejected; and how much of the spending
documents explain. All figures come from the release's own files.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from publish import pages
from publish.edition import Edition
from publish.errors import PublishError
from publish.privacy.scanning import Scanner
from publish.reports import freshness, reception, reconciliation
from publish.rows import MOMENT
from publish.texts import as_json

_TAG = re.compile(r"(<[^>]*>)")
_MAIN = re.compile(r"<main[^>]*>")


def sections(
    con: duckdb.DuckDBPyConnection, folder: Path, edition: Edition, paces: Mapping[str, freshness.Pace]
) -> dict[str, Any]:
    """The sections of the report that the release's datasets tell, with their keys in calidad.json.

    folder: holds the Parquet files of the edition's parts. What would be told by a dataset that is not in the release,
    or is there as an earlier one had it, is None. Amounts are in M$; dates are ISO, moments in UTC. paces: what is
    expected of each export.
    """
    datasets = [part.dataset for part in edition.parts]
    carried = {part.dataset.name: part.carried for part in edition.parts if part.carried}
    new = {dataset.name: dataset for dataset in datasets if dataset.name not in carried}
    files = reception.FILES in new
    found = freshness.sources(con, folder, edition.cut_off, paces) if files else None
    return {
        "versiones_anteriores": {name: version.said() for name, version in carried.items()},
        "frescura": {
            "fecha_corte": edition.cut_off.isoformat(),
            "fuentes": found,
            "conjuntos": None if found is None else freshness.of_datasets(datasets, carried, found),
        },
        "rechazos": reception.rejections(con, folder, new),
        "conciliacion": {
            "unidad": "M$",
            "programas": reconciliation.programmes(con, folder) if reconciliation.RECONCILIATION in new else None,
            "filas": reception.fates(con, folder, with_detail=reception.REJECTED in new) if files else None,
        },
    }


@dataclass(frozen=True)
class Report:
    """Completes the report on the checks.

    held: per dataset the reason; masked: per dataset.column the hits replaced; sections: as `sections` gives them.
    """

    held: Mapping[str, str]
    masked: Mapping[str, int]
    scanner: Scanner
    sections: Mapping[str, Any]

    def complete_json(self, report: str) -> str:
        """The report with `no_publicados`, `datos_personales_reservados` and the sections, without personal data.

        Raises PublishError where it is no JSON object, since the public would get a report that nothing can read.
        """
        try:
            content = json.loads(report)
        except ValueError as error:
            raise PublishError(f"calidad.json is no JSON ({error})") from error
        if not isinstance(content, dict):
            raise PublishError("calidad.json must be a JSON object")
        content |= {"no_publicados": self.held, "datos_personales_reservados": self.masked, **self.sections}
        return as_json(self._screened(content))

    def complete_html(self, page: str) -> str:
        """The page with the same at the head of its main part, or else at its end, and no personal data in it."""
        filters = {"fecha": _day, "momento": _moment}
        told = pages.render("calidad.html", filters, held=self.held, masked=self.masked, **self.sections)
        main = _MAIN.search(page)
        place = main.end() if main else len(page) if (end := page.rfind("</body>")) < 0 else end
        return self._screened_page(page[:place] + told + page[place:])

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


def _day(iso: str) -> str:
    return pages.day(date.fromisoformat(iso))


def _moment(iso: str) -> str:
    """2025-01-31T02:05:06Z as 30-01-2025 a las 23:05, as the clocks of those who read it said then."""
    return datetime.strptime(iso, MOMENT).replace(tzinfo=UTC).astimezone(pages.HERE).strftime("%d-%m-%Y a las %H:%M")
