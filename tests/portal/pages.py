"""What a reader, or a browser, finds in a page."""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "link", "input", "br", "img", "hr", "wbr"}


@dataclass
class Figure:
    """A figure of a page: the row it is of (dataset and key), its column, the value in the markup and what is read."""

    row: str
    column: str
    value: str | None
    text: str = ""


class Page(HTMLParser):
    """The links, tags, texts and figures of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text("utf-8")
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.ids: set[str] = set()
        self.repeated_ids: set[str] = set()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.figures: list[Figure] = []
        self._open: list[tuple[str, str | None, Figure | None]] = []
        self._pieces: list[str] = []
        self.feed(self.source)
        self.close()

    @property
    def json_ld(self) -> dict[str, Any]:
        """What it tells search engines."""
        told: dict[str, Any] = json.loads(self.source.partition('ld+json">')[2].partition("</script>")[0])
        return told

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        own = {found["id"] or ""} if "id" in found else set()
        self.repeated_ids |= self.ids & own
        self.ids |= own
        self.handlers += [name for name in found if name.startswith("on")]
        self.links += [found["href"] or ""] if tag == "a" and "href" in found else []
        if "src" in found or (tag == "link" and found.get("rel") != "canonical"):
            self.fetched.append(found.get("src") or found.get("href") or "")
        figure = None
        if "data-c" in found:
            rows = [row for _, row, _ in self._open if row]
            figure = Figure(rows[-1], found["data-c"] or "", found.get("value"))
            self.figures.append(figure)
        if tag not in VOID:
            self._open.append((tag, found.get("data-fila"), figure))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        opened, _, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] in ("script", "style"):
            return
        self._pieces.append(data)
        for _, _, figure in self._open:
            if figure:
                figure.text += data

    @property
    def index(self) -> list[list[str]]:
        """The index that the page of the search carries."""
        found = re.search(r'<script type="application/json" id="indice">(.*?)</script>', self.source)
        assert found
        entries: list[list[str]] = json.loads(found[1])
        return entries

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._pieces))


def pages_below(folder: Path) -> dict[str, Page]:
    """Every page of a site by its path."""
    return {path.relative_to(folder).as_posix(): Page(path) for path in sorted(folder.rglob("*.html"))}
