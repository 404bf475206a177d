"""A web server for one person's look at a built site: on this machine alone, and for the site and releases alone."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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

    def __init__(self, *args: Any, shown: dict[str, Path], **named: Any) -> None:
        self._shown = shown
        super().__init__(*args, **named)

    def translate_path(self, path: str) -> str:
        """The file behind an address: below one of the folders that are shown, or nowhere."""
        _, *parts = Path(super().translate_path(path)).parts
        folder = self._shown.get(parts[0]) if parts else None
        return str(folder.joinpath(*parts[1:])) if folder else "/nowhere/at/all"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""


def make(out: Path, releases: Path, port: int) -> ThreadingHTTPServer:
    """A server bound to this machine's own address, which shows each folder under its name; port 0 takes a free one."""
    shown = {folder.name: folder for folder in (out.absolute(), releases.absolute())}
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, shown=shown, directory="/"))
