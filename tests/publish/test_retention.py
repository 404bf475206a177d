"""Which releases stay."""

import os
import shutil
from pathlib import Path

import pytest

from publish.keeping import retention
from publish.keeping.retention import Kept


def release(number: int, day: str) -> str:
    return f"{day}-{number:012x}"


IDS = [
    release(n, day)
    for n, day in enumerate(["2024-01-31", "2024-01-31", "2024-02-28", "2024-02-29", "2024-03-31", "2024-03-31"])
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n, name in enumerate(IDS):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
        (tmp_path / name / "manifest.json").chmod(0o444)
        os.utime(tmp_path / name, ns=(n, n))
        (tmp_path / name).chmod(0o555)
    (tmp_path / "latest.json").write_text("{}")
    return tmp_path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_all_are_kept_by_default(folder: Path) -> None:
    assert retention.clean(folder, None, IDS[-1]) == []
    assert left(folder) == IDS


@pytest.mark.parametrize(("keep", "gone"), [(1, [0, 2, 4]), (2, [0, 2]), (3, [0, 2]), (4, [0]), (9, [])])
def test_the_newest_and_the_last_of_each_month_stay(folder: Path, keep: int, gone: list[int]) -> None:
    assert retention.clean(folder, keep, IDS[-1]) == [IDS[n] for n in gone]
    assert left(folder) == sorted(set(IDS) - {IDS[n] for n in gone})


def test_the_one_in_force_stays_whatever_its_age(folder: Path) -> None:
    assert retention.clean(folder, 1, IDS[0]) == [IDS[2], IDS[4]]


def test_one_that_was_left_by_going_back_is_the_last_of_nothing(folder: Path) -> None:
    assert retention.clean(folder, 1, IDS[4], [IDS[5]]) == [IDS[0], IDS[2], IDS[5]]


def test_a_deletion_that_was_cut_is_finished(folder: Path) -> None:
    (folder / IDS[0]).chmod(0o755)
    (folder / IDS[0]).rename(folder / f"{retention.DELETING}{IDS[0]}")
    retention.clean(folder, None, IDS[-1])
    assert left(folder) == IDS[1:]


def test_one_that_cannot_be_deleted_is_named_and_deleted_by_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        # As Python says it, without the folder.
        raise PermissionError(1, "Operation not permitted", "manifest.json")

    monkeypatch.setattr(shutil, "rmtree", fails)
    with pytest.raises(PermissionError, match=rf"'{folder}/\.borrando-{IDS[0]}'$"):
        retention.clean(folder, 1, IDS[-1])
    monkeypatch.undo()
    assert retention.clean(folder, 1, IDS[-1]) == [IDS[2], IDS[4]]
    assert left(folder) == [IDS[1], IDS[3], IDS[5]]


def test_what_is_no_release_is_left_alone(folder: Path) -> None:
    (folder / "otra-carpeta").mkdir()
    retention.clean(folder, 1, IDS[-1])
    assert (folder / "otra-carpeta").exists()
    assert (folder / "latest.json").exists()


def test_of_one_moment_the_id_decides() -> None:
    same = [Kept(name, "2024-01", 5) for name in ("b", "a")]
    assert retention.superfluous(sorted(same, key=lambda k: (k.made, k.id)), 1, "b") == ["a"]
