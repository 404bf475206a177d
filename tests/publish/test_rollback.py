"""Going back to an earlier release."""

import json
import shutil

import pytest

from publish.errors import PublishError
from publish.rollback import roll_back, withdrawn
from tests.publish.bench import Bench


def in_force(bench: Bench) -> str:
    latest = json.loads((bench.releases / "latest.json").read_text("utf-8"))["id"]
    assert str((bench.releases / "latest").readlink()) == latest
    return str(latest)


@pytest.fixture
def two(bench: Bench) -> tuple[str, str]:
    """Two releases, the second one in force."""
    first = bench.publish().id
    bench.sql("update marts.acuerdos set monto = 666")
    return first, bench.publish().id


def test_the_earlier_release_is_in_force_again(bench: Bench, two: tuple[str, str]) -> None:
    assert roll_back(bench.releases, two[0]) == two[1]
    assert in_force(bench) == two[0]
    assert (bench.releases / two[1]).is_dir()


def test_the_next_run_does_not_undo_it(bench: Bench, two: tuple[str, str]) -> None:
    roll_back(bench.releases, two[0])
    with pytest.raises(PublishError, match="was rolled back"):
        bench.publish()
    assert in_force(bench) == two[0]


def test_other_data_are_published_as_ever(bench: Bench, two: tuple[str, str]) -> None:
    roll_back(bench.releases, two[0])
    bench.sql("update marts.acuerdos set monto = 5")
    assert in_force(bench) == two[0] != bench.publish().id == in_force(bench)


def test_going_forward_again_lifts_the_mark(bench: Bench, two: tuple[str, str]) -> None:
    roll_back(bench.releases, two[0])
    roll_back(bench.releases, two[1])
    assert in_force(bench) == two[1]
    assert bench.publish().id == two[1]
    assert withdrawn(bench.releases) == []


def test_going_to_the_one_in_force_changes_nothing(bench: Bench, two: tuple[str, str]) -> None:
    roll_back(bench.releases, two[1])
    assert in_force(bench) == two[1]
    assert bench.publish().id == two[1]


def test_an_unknown_or_damaged_release_is_refused_and_named(bench: Bench, two: tuple[str, str]) -> None:
    with pytest.raises(PublishError, match=rf"has no release 2020.*{two[0]}"):
        roll_back(bench.releases, "2020-01-01-0123456789ab")
    damaged = bench.releases / two[0] / "acuerdos.csv"
    damaged.chmod(0o644)
    damaged.write_text("x")
    with pytest.raises(PublishError, match=r"damaged: acuerdos\.csv"):
        roll_back(bench.releases, two[0])
    assert in_force(bench) == two[1]


def test_without_any_release_there_is_nothing_to_go_back_to(bench: Bench) -> None:
    bench.releases.mkdir()
    with pytest.raises(PublishError, match="no release is in force"):
        roll_back(bench.releases, "2020-01-01-0123456789ab")
    shutil.rmtree(bench.releases)
