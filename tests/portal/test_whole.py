"""Scripts are renewed where their sources are others, and only where the site has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import whole
from portal.node import NoNodeError
from tests.portal.conftest import MakeRelease


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bundles made, each of which is its number. Stands for Node, which tests in a browser have."""
    made: list[str] = []

    @contextmanager
    def bundled() -> Iterator[Path]:
        made.append(f"{len(made)}")
        folder = tmp_path / f"bundle{len(made)}"
        folder.mkdir()
        (folder / "mapa.js").write_text(made[-1])
        yield folder

    monkeypatch.setattr("portal.scripts.bundled", bundled)
    monkeypatch.setattr("portal.pdf.print_sheets", lambda _: 0)
    return made


def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "web").mkdir(exist_ok=True)
    for name in ("build.mjs", "package-lock.json"):
        (tmp_path / "web" / name).write_text(text)
    monkeypatch.setattr("portal.node.WEB", tmp_path / "web")


def test_a_run_renews_the_scripts_of_a_site_after_an_upgrade(
    make_release: MakeRelease, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundles: list[str]
) -> None:
    release = make_release()
    source(tmp_path, monkeypatch, "old")
    whole.keep(release, out, print)
    assert bundles == []
    whole.make(release, out, print)
    whole.make(release, out, print)
    whole.keep(release, out, print)
    assert bundles == ["0"]
    source(tmp_path, monkeypatch, "new")
    whole.keep(release, out, print)
    assert (out / "web" / "mapa.js").read_text() == "1"
    (out / "web" / "mapa.js").write_text("damaged")
    whole.keep(release, out, print)
    assert (out / "web" / "mapa.js").read_text() == "2"


def test_a_run_that_cannot_renew_them_keeps_them_and_says_so(
    make_release: MakeRelease, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundles: list[str]
) -> None:
    release = make_release()
    source(tmp_path, monkeypatch, "old")
    whole.make(release, out, print)
    source(tmp_path, monkeypatch, "new")

    def fails() -> None:
        raise NoNodeError("Node 20 or newer is needed.")

    monkeypatch.setattr("portal.scripts.bundled", fails)
    made = whole.keep(release, out, print)
    assert made.missing == ("scripts (search, filters of the map, SQL): Node 20 or newer is needed.",)
    assert (out / "web" / "mapa.js").read_text() == bundles[-1]
