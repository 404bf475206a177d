"""The server for one's own look shows a site and its releases, and nothing else."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from portal import serve


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    for name in ("portal", "releases", "internal"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.parquet").write_text(name)
    with serve.make(tmp_path / "portal", tmp_path / "releases", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def asked(port: int, path: str) -> tuple[int, str, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.headers["Content-Type"], answer.read().decode()


def test_the_site_and_its_releases_are_shown_with_their_types(port: int) -> None:
    assert asked(port, "/portal/a.parquet") == (200, "application/vnd.apache.parquet", "portal")
    assert asked(port, "/releases/a.parquet")[2] == "releases"


@pytest.mark.parametrize(
    "path", ["/", "//", "/internal/a.parquet", "/portal/../internal/a.parquet", "/portal/%2e%2e/internal/a.parquet"]
)
def test_nothing_else_is(port: int, path: str) -> None:
    assert asked(port, path)[0] == 404


@pytest.mark.parametrize("path", ["/", "/portal/a/b.html", "/internal/a.parquet"])
def test_where_there_is_no_page_the_sites_own_says_so(port: int, tmp_path: Path, path: str) -> None:
    (tmp_path / "portal" / "404.html").write_text("Esta página no existe", "utf-8")
    assert asked(port, path) == (404, "text/html; charset=utf-8", "Esta página no existe")
