"""A web server for one person's look at a built site: on this machine alone, and for the site and releases alone."""

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOST = "404.html"
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
    ".duckdb": "application/octet-stream",
    ".wasm": "application/wasm",
    ".js": "text/javascript",
}


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def __init__(self, *args: Any, shown: dict[str, Path], lost: Path, **named: Any) -> None:
        self._shown, self._lost = shown, lost
        super().__init__(*args, **named)

    def translate_path(self, path: str) -> str:
        """The file behind an address: below one of the folders that are shown, or nowhere."""
        _, *parts = Path(super().translate_path(path)).parts
        folder = self._shown.get(parts[0]) if parts else None
        return str(folder.joinpath(*parts[1:])) if folder else "/nowhere/at/all"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers with the site's own page where there is none."""
        if code != HTTPStatus.NOT_FOUND or not self._lost.is_file():
            super().send_error(code, message, explain)
            return
        page = self._lost.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""


def make(out: Path, releases: Path, port: int) -> ThreadingHTTPServer:
    """A server bound to this machine's own address, which shows each folder under its name; port 0 takes a free one."""
    shown = {folder.name: folder for folder in (out.absolute(), releases.absolute())}
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, shown=shown, lost=out / LOST, directory="/"))
