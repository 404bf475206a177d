"""Pages that cannot be made leave the release in force, and the run says which they are."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from orchestration import summary
from orchestration.alerts.outcome import failures
from orchestration.assets.release import PORTAL, build_assets
from orchestration.settings import Settings
from portal.build import KINDS
from portal.contents import Contents
from portal.pages import Kind, Page
from tests.conftest import World, places

pytestmark = pytest.mark.slow


def broken(contents: Contents) -> Iterator[Page]:
    raise KeyError("Rosa Díaz")


def made(settings: Settings) -> dict[str, str]:
    """What the step of the pages fails with, where it does."""
    assets = [each for each in build_assets(settings) if isinstance(each, dg.AssetsDefinition) and PORTAL in each.keys]
    turn = {"turn": dg.ResourceDefinition.none_resource()}
    return failures(dg.materialize(assets, resources=turn, raise_on_error=False).all_events)


def test_an_error_in_a_page_leaves_the_release_out_and_the_other_pages_new(
    sample_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in places(sample_world.exports, sample_world.base).items():
        monkeypatch.setenv(name, value)
    settings = dataclasses.replace(Settings.from_environment(0), portal=tmp_path / "portal")
    kinds = [Kind("mapa", kind.reads, broken) if kind.name == "mapa" else kind for kind in KINDS]
    monkeypatch.setattr("portal.build.KINDS", tuple(kinds))
    before = (sample_world.releases / "latest.json").read_bytes()
    told = "these pages are old or missing, and all the others are new: mapa (KeyError)"
    assert made(settings) == {"portal": told}
    assert (sample_world.releases / "latest.json").read_bytes() == before
    assert (settings.portal / "index.html").is_file()
    assert not (settings.portal / "mapa.html").exists()
    console = Console(record=True, width=200)
    summary.show(settings, console, has_old_pages=True)
    assert "index.html (not all of them are of this release)" in console.export_text()


def test_no_pages_are_made_of_a_release_that_is_no_longer_in_force(
    sample_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in places(sample_world.exports, sample_world.base).items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment(0)
    settings = dataclasses.replace(settings, releases=tmp_path / "releases", portal=tmp_path / "portal")
    settings.releases.mkdir()
    (settings.releases / "latest.json").write_text('{"id": "2020-01-01-0123456789ab"}', "utf-8")
    (settings.releases / sample_world.release.name).symlink_to(sample_world.release)
    assert "is no longer in force, 2020-01-01-0123456789ab is" in made(settings)["portal"]
    assert not settings.portal.exists()
