"""The internal area is its owner's alone, the public sees what is public, and neither is found below the other."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.machine import folders, private
from orchestration.settings import Settings
from orchestration.variables import SettingsError

NOBODY = 65534


VARIABLES = {
    "exports": "EXPORTS_DIR",
    "warehouse": "WAREHOUSE_PATH",
    "raw": "RAW_DIR",
    "releases": "RELEASES_DIR",
    "portal": "PORTAL_DIR",
    "dagster_home": "DAGSTER_HOME",
}
USUAL = {"exports": "exports", "warehouse": "internal/bodega.duckdb", "releases": "releases", "portal": "portal"}


@pytest.fixture(autouse=True)
def everything_as_it_was() -> Iterator[None]:
    """The umask and the environment of the tests are put back."""
    before = os.umask(0o022)
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES.values():
            patch.delenv(variable, raising=False)
        yield
    os.umask(before)


def settings(base: Path, **places: str) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name, place in (USUAL | places).items():
            patch.setenv(VARIABLES[name], str(base / place))
        return Settings.from_environment()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def seen_by_others(folder: Path) -> list[Path]:
    return [p for p in (folder, *folder.rglob("*")) if not p.is_symlink() and mode(p) & 0o077]


def write_open(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("12.345.678-5")
    path.chmod(0o644)
    return path


def test_an_area_that_stood_open_is_closed_and_owners_keep_their_rights(tmp_path: Path) -> None:
    place = settings(tmp_path)
    internal = place.internal
    files = ["bodega.duckdb", "gate.json", "dbt.log", "ledgers/a.parquet", "dbt/run/a/b.sql", "old/x"]
    for name in files:
        write_open(internal / name)
    write_open(internal / "archive" / "ab" / "abcd").chmod(0o444)
    internal.chmod(0o755)
    folders.prepare(place)
    assert seen_by_others(internal) == []
    assert mode(internal) == 0o700
    assert mode(internal / "gate.json") == 0o600
    assert mode(internal / "archive" / "ab" / "abcd") == 0o400


def test_what_is_written_from_then_on_is_private_too(tmp_path: Path) -> None:
    place = settings(tmp_path)
    folders.prepare(place)
    (place.internal / "rechazos").mkdir()
    (place.internal / "rechazos" / "compras.csv").write_text("x")
    assert seen_by_others(place.internal) == []


def test_public_folders_are_open_to_all_with_those_on_the_way_to_them(tmp_path: Path) -> None:
    os.umask(0o077)
    place = settings(
        tmp_path,
        warehouse="var/internal/bodega.duckdb",
        releases="var/www/releases",
        portal="var/www/portal",
    )
    folders.prepare(place)
    for folder in (place.releases, place.portal, place.releases.parent, tmp_path / "var"):
        assert mode(folder) == 0o755
    assert mode(place.internal) == 0o700


def test_a_warehouse_beside_its_releases_leaves_their_folder_open_and_closes_its_own_members(tmp_path: Path) -> None:
    place = settings(tmp_path, warehouse="bodega.duckdb")
    tmp_path.chmod(0o755)
    opened = [write_open(member) for member in place.members if member.suffix and not member.is_dir()]
    opened += [write_open(folder / "a") for folder in (place.raw, place.archive, place.dagster_home, place.ledgers)]
    theirs = [write_open(tmp_path / "releases" / "2025" / "a.csv"), write_open(tmp_path / "exports" / "dte" / "a.csv")]
    folders.prepare(place)
    assert mode(tmp_path) == 0o755
    assert [p for p in (*opened, *(p.parent for p in opened if p.parent != tmp_path)) if mode(p) & 0o077] == []
    assert [mode(p) for p in theirs] == [0o644, 0o644]


def test_a_link_in_the_area_is_not_followed(tmp_path: Path) -> None:
    elsewhere = write_open(tmp_path / "elsewhere" / "a")
    place = settings(tmp_path)
    place.internal.mkdir()
    (place.internal / "archive").symlink_to(elsewhere.parent)
    (place.internal / "b").symlink_to(elsewhere)
    folders.prepare(place)
    assert mode(elsewhere) == 0o644
    assert mode(elsewhere.parent) & 0o055


def test_raw_rows_and_history_kept_elsewhere_are_closed_through_the_owners_own_link(tmp_path: Path) -> None:
    disk = write_open(tmp_path / "disk" / "raw" / "a.parquet")
    (tmp_path / "link").symlink_to(disk.parent)
    folders.prepare(settings(tmp_path, raw="link"))
    assert seen_by_others(disk.parent) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_named_unless_it_is_private_already(tmp_path: Path) -> None:
    place = settings(tmp_path)
    theirs = write_open(place.internal / "gate.json")
    os.chown(theirs, NOBODY, NOBODY)
    with pytest.raises(private.NotPrivateError, match=r"gate\.json is internal.*uid 65534.*give it to this one"):
        folders.prepare(place)
    theirs.chmod(0o600)
    folders.prepare(place)


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ({"warehouse": "releases/x/bodega.duckdb"}, "internal and must not be below the releases"),
        ({"warehouse": "portal/x/bodega.duckdb"}, "internal and must not be below the portal"),
        ({"raw": "releases/raw"}, "internal and must not be below the releases"),
        ({"warehouse": "link/bodega.duckdb"}, "internal and must not be below the releases"),
        ({"dagster_home": "link/dagster"}, "internal and must not be below the releases"),
        ({"exports": "releases/exports"}, "EXPORTS_DIR and must not be below the releases"),
        ({"exports": "link"}, "EXPORTS_DIR and must not be below the releases"),
        ({"exports": "portal"}, "EXPORTS_DIR and must not be below the portal"),
        ({"releases": "internal/archive/releases"}, "RELEASES_DIR and must not be below"),
        ({"portal": "internal/raw"}, "internal and must not be below the portal"),
        ({"exports": "internal/raw/exports"}, "EXPORTS_DIR and must not be below"),
    ],
)
def test_what_is_internal_received_or_public_is_kept_apart_by_whatever_links(
    tmp_path: Path, places: dict[str, str], says: str
) -> None:
    (tmp_path / "releases" / "x").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "releases" / "x")
    with pytest.raises(SettingsError, match=says):
        settings(tmp_path, **places)
