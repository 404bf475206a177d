"""`make portal` on a machine that lacks its tools makes what it can, names what is missing, and fails."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.__main__ import app
from tests.portal.conftest import MakeRelease


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with Python and nothing else."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))


@pytest.mark.usefixtures("bare")
def test_without_node_the_pages_are_there_and_the_remedy_is_named(make_release: MakeRelease, out: Path) -> None:
    done = CliRunner().invoke(app, ["build", str(make_release()), str(out)])
    assert done.exit_code == 1
    assert "need Node 20 with npm: apt install nodejs npm" in done.output
    assert "the PDF of the sheets" in done.output
    assert (out / "fichas" / "01-2024-12.html").is_file()
    assert list(out.rglob("*.pdf")) == []
    assert not (out / "web").exists()


def test_without_chromium_it_is_named(
    make_release: MakeRelease, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "node").write_text("#!/bin/sh\nexit 0\n")
    (tools / "node").chmod(0o755)
    (tmp_path / "web" / "node_modules").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr("portal.pdf.PRINTER", tmp_path / "web" / "pdf.mjs")
    done = CliRunner().invoke(app, ["build", str(make_release()), str(out)])
    assert done.exit_code == 1
    assert "need Chromium: apt install chromium" in done.output
    assert (out / "fichas" / "index.html").is_file()


def test_a_folder_that_is_no_release_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["build", str(tmp_path), str(tmp_path / "portal")])
    assert done.exit_code == 1
    assert "is no release: make run makes one" in done.output
