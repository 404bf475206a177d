"""`make portal` on a machine that lacks its tools makes what it can, names what is missing, and fails."""

import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.__main__ import app
from tests.portal.conftest import MakeRelease


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch, node: str = "") -> None:
    """A machine with Python, and a Node that says to be of a version and does nothing."""
    folder.mkdir()
    if node:
        (folder / "node").write_text(f"#!/bin/sh\necho {node}\n")
        (folder / "node").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{Path(sys.executable).parent}")
    web = folder / "web"
    (web / "node_modules").mkdir(parents=True)
    for name in ("package-lock.json", "build.mjs", "node_modules/.package-lock.json"):
        (web / name).write_text("{}")
    monkeypatch.setattr("portal.node.WEB", web)


@pytest.mark.parametrize(
    ("node", "remedies"),
    [
        ("", ["Node 20 or newer is needed, with npm: apt install nodejs npm"] * 2),
        ("v18.20.4", ["Node 20 or newer is needed, and this machine has v18.20.4"] * 2),
        ("v20.1.0", ["Chromium is needed: apt install chromium"]),
    ],
)
def test_what_a_machine_lacks_is_named_and_the_pages_are_there(
    make_release: MakeRelease,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    node: str,
    remedies: list[str],
) -> None:
    machine(tmp_path / "tools", monkeypatch, node)
    done = CliRunner().invoke(app, ["build", str(make_release()), str(out)])
    assert done.exit_code == 1
    said = [line for line in done.output.splitlines() if line.startswith("not all of it:")]
    assert len(said) == len(remedies)
    assert [remedy for line, remedy in zip(said, remedies, strict=True) if remedy not in line] == []
    assert (out / "fichas" / "01-2024-12.html").is_file()
    assert list(out.rglob("*.pdf")) == []


def test_without_a_site_or_its_port_nothing_is_served_and_the_remedy_is_named(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["serve", str(tmp_path), str(tmp_path)])
    assert (said.exit_code, "has no site: make run makes one" in said.output) == (1, True)
    (tmp_path / "index.html").write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = CliRunner().invoke(app, ["serve", str(tmp_path), str(tmp_path), "--port", port])
    assert (said.exit_code, "cannot be had" in said.output) == (1, True)


def test_a_folder_that_is_no_release_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["build", str(tmp_path), str(tmp_path / "portal")])
    assert done.exit_code == 1
    assert "is no release: make run makes one" in done.output
