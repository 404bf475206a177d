"""Who may read and change what stands where releases live, however private the process that writes there is."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from publish.errors import PublishError
from publish.keeping import place
from publish.keeping.rollback import roll_back
from tests.publish.bench import Bench


@pytest.fixture(autouse=True)
def a_process_that_writes_for_itself_alone() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_may_read_a_release_and_its_address(bench: Bench) -> None:
    release = bench.publish()
    assert mode(bench.releases) == 0o755
    assert mode(release.path) == 0o555
    assert {mode(path) for path in release.path.iterdir()} == {0o444}
    assert mode(bench.releases / place.LATEST) == 0o644


def test_a_releases_folder_that_was_closed_is_opened_and_keeps_what_else_it_allows(bench: Bench) -> None:
    bench.releases.mkdir(exist_ok=True)
    bench.releases.chmod(0o2770)
    bench.publish()
    assert mode(bench.releases) == 0o2775


def test_until_it_is_finished_nobody_else_reads_it(bench: Bench) -> None:
    os.umask(0o000)
    seen: set[int] = set()

    def look(_: str) -> None:
        folders = (bench.releases / name for name in (place.WORKING,))
        seen.update(mode(folder) for folder in folders if folder.exists())

    bench.publish(look)
    assert seen == {0o700}


def test_one_that_was_left_read_only_before_it_got_its_name_is_swept(bench: Bench) -> None:
    left = bench.releases / place.WORKING
    left.mkdir(parents=True)
    (left / "a.csv").touch()
    left.chmod(0o555)
    bench.publish()
    assert not left.exists()


@pytest.mark.parametrize("said", ["", "{", "{}", "[]"])
def test_where_latest_is_damaged_the_link_tells_and_the_next_release_mends_it(bench: Bench, said: str) -> None:
    first = bench.publish().id
    (bench.releases / place.LATEST).write_text(said)
    assert place.in_force(bench.releases) == first
    assert bench.publish().id == first
    assert json.loads((bench.releases / place.LATEST).read_text("utf-8"))["id"] == first


def test_where_latest_is_damaged_another_release_can_be_put_in_force(bench: Bench) -> None:
    first = bench.publish().id
    bench.sql("update marts.acuerdos set monto = 666")
    second = bench.publish().id
    (bench.releases / place.LATEST).write_text("")
    assert roll_back(bench.releases, first) == second
    assert json.loads((bench.releases / place.LATEST).read_text("utf-8"))["id"] == first


def test_where_nothing_says_what_is_in_force_that_is_said(bench: Bench) -> None:
    bench.publish()
    (bench.releases / place.LATEST).write_text("{")
    (bench.releases / place.LATEST_LINK).unlink()
    with pytest.raises(PublishError, match=r"latest\.json is damaged, and the link latest leads to no release"):
        place.in_force(bench.releases)
