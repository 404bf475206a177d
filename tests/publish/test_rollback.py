"""Going back to an earlier release."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from publish.errors import PublishError
from publish.keeping.retention import removed
from publish.keeping.rollback import roll_back, withdraw, withdrawn
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


def test_the_command_says_where_the_one_that_is_left_may_come_back(
    bench: Bench, two: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASES_DIR", str(bench.releases))
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "internal" / "bodega.duckdb"))
    umask = os.umask(0o022)
    try:
        back, forward = (CliRunner().invoke(app, ["rollback", each]).output for each in two)
    finally:
        os.umask(umask)
    assert f"left: {two[1]}\n" in back
    assert f"left: {two[0]}, which is the older of the two: a run that gives it again puts it in force" in forward


def test_going_to_the_one_in_force_changes_nothing(bench: Bench, two: tuple[str, str]) -> None:
    roll_back(bench.releases, two[1])
    assert in_force(bench) == two[1]
    assert bench.publish().id == two[1]


def test_an_unknown_or_damaged_release_is_refused_and_named(bench: Bench, two: tuple[str, str]) -> None:
    with pytest.raises(PublishError, match=rf"has no release '2020.*{two[0]}"):
        roll_back(bench.releases, "2020-01-01-0123456789ab")
    damaged = bench.releases / two[0] / "acuerdos.csv"
    damaged.chmod(0o644)
    damaged.write_text("x")
    with pytest.raises(PublishError, match=r"damaged: acuerdos\.csv"):
        roll_back(bench.releases, two[0])
    assert in_force(bench) == two[1]


def test_after_the_one_in_force_was_moved_away_an_earlier_one_takes_its_place(
    bench: Bench, two: tuple[str, str], tmp_path: Path
) -> None:
    (bench.releases / two[1]).chmod(0o755)
    (bench.releases / two[1]).rename(tmp_path / "aparte")
    assert roll_back(bench.releases, two[0]) == two[1]
    assert in_force(bench) == two[0]
    with pytest.raises(PublishError, match=r"was withdrawn: nothing is published until they change\.$"):
        bench.publish()


def test_a_withdrawn_release_is_deleted_noted_and_not_published_again(bench: Bench, two: tuple[str, str]) -> None:
    assert withdraw(bench.releases, two[0]) == two[1]
    assert {path.name for path in bench.releases.iterdir() if path.is_dir()} == {two[1], "latest"}
    assert removed(bench.releases) == [two[0]]
    bench.sql("update marts.acuerdos set monto = 7")
    third = bench.publish().id
    roll_back(bench.releases, two[1])
    withdraw(bench.releases, third)
    with pytest.raises(PublishError, match=f"{third}, which was withdrawn"):
        bench.publish()
    assert removed(bench.releases) == sorted([two[0], third])
    assert in_force(bench) == two[1]


def test_the_one_in_force_and_an_unknown_one_are_not_withdrawn(bench: Bench, two: tuple[str, str]) -> None:
    with pytest.raises(PublishError, match=f"{two[1]} is in force, so it is not withdrawn: first run again"):
        withdraw(bench.releases, two[1])
    for name in ("2020-01-01-0123456789ab", "latest", ".."):
        with pytest.raises(PublishError, match=rf"has no release '{re.escape(name)}': it has .*{two[0]}"):
            withdraw(bench.releases, name)
    assert in_force(bench) == two[1]
    assert withdrawn(bench.releases) == []


def test_a_withdrawal_that_broke_off_is_finished_by_the_next(
    bench: Bench, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "rmtree", fails)
    with pytest.raises(OSError, match="Input/output"):
        withdraw(bench.releases, two[0])
    monkeypatch.undo()
    withdraw(bench.releases, two[0])
    assert list(bench.releases.glob(f".*{two[0]}")) == []
    assert removed(bench.releases) == [two[0]]


@pytest.mark.parametrize("name", ["", ".", "..", "latest", "latest.json"])
def test_what_is_the_name_of_no_release_is_refused(bench: Bench, two: tuple[str, str], name: str) -> None:
    with pytest.raises(PublishError, match=rf"has no release '{re.escape(name)}': it has {', '.join(sorted(two))}"):
        roll_back(bench.releases, name)
    assert in_force(bench) == two[1]


def test_a_damaged_address_is_mended_by_going_back_to_what_is_in_force(bench: Bench, two: tuple[str, str]) -> None:
    address = bench.releases / "latest.json"
    before = address.read_bytes()
    address.write_bytes(b"{")
    assert roll_back(bench.releases, two[1]) == two[1]
    assert address.read_bytes() == before


def test_without_any_release_there_is_nothing_to_go_back_to(bench: Bench) -> None:
    bench.releases.mkdir()
    with pytest.raises(PublishError, match="no release is in force"):
        roll_back(bench.releases, "2020-01-01-0123456789ab")
    shutil.rmtree(bench.releases)


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"retiradas": null}', '{"retiradas": [7]}', "\udcff"])
def test_a_damaged_list_of_what_was_taken_away_lets_nothing_back(
    bench: Bench, two: tuple[str, str], damage: str
) -> None:
    roll_back(bench.releases, two[0])
    (bench.releases / "retiradas.json").write_bytes(damage.encode(errors="surrogateescape"))
    for attempt in (bench.publish, lambda: roll_back(bench.releases, two[1]), lambda: withdraw(bench.releases, two[1])):
        with pytest.raises(PublishError, match=r"retiradas\.json is damaged.*put it back from the last backup"):
            attempt()
    assert in_force(bench) == two[0]
    (bench.releases / "retiradas.json").write_text(f'{{"retiradas": ["{two[1]}"]}}', "utf-8")
    with pytest.raises(PublishError, match=f"{two[1]}, which was rolled back"):
        bench.publish()


def test_a_damaged_list_of_what_is_gone_is_told_before_a_release_is_made(bench: Bench, two: tuple[str, str]) -> None:
    (bench.releases / "eliminadas.json").write_text("{", "utf-8")
    bench.sql("update marts.acuerdos set monto = 5")
    with pytest.raises(PublishError, match=r"eliminadas\.json is damaged.*put it back from the last backup"):
        bench.publish()
    assert in_force(bench) == two[1]
