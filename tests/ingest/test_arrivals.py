"""A file that is still being written is left alone; one at rest is taken in, whatever its date says."""

import os
import threading
import time
from pathlib import Path

import pytest

from ingest import contract
from ingest.arriving import arrivals
from ingest.arriving.arrivals import Arrival, Unknown
from ingest.arriving.listing import is_growing, listing

NAME = "core/acuerdos_20250131.csv"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    file = tmp_path / "exports" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a;b\n1;2\n")
    return tmp_path / "exports"


def find(exports: Path, settle: float = 0) -> tuple[list[Arrival], list[Unknown]]:
    return arrivals.find(exports, contract.load(), exports.parent / "archive", settle)[:2]


def archived(exports: Path) -> list[Path]:
    return [p for p in (exports.parent / "archive").rglob("*") if p.is_file()]


def age(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


def test_a_file_changed_a_moment_ago_is_left_alone_where_files_must_have_been_at_rest(exports: Path) -> None:
    age(exports / NAME, 50)
    found, unknown = find(exports, settle=60)
    assert found == []
    assert [(u.path, u.growing) for u in unknown] == [(NAME, True)]
    assert "still growing" in unknown[0].why
    assert archived(exports) == []


@pytest.mark.parametrize("seconds", [70, -86_400], ids=["at rest", "dated tomorrow by a wrong clock"])
def test_a_file_at_rest_is_taken_in(exports: Path, seconds: float) -> None:
    age(exports / NAME, seconds)
    found, unknown = find(exports, settle=60)
    assert [a.path for a in found] == [NAME]
    assert unknown == []


def test_nothing_has_to_rest_where_nobody_asks_for_it(exports: Path) -> None:
    assert [a.path for a in find(exports)[0]] == [NAME]


def test_a_file_that_grows_while_it_is_copied_is_left_alone_and_leaves_nothing_in_the_archive(exports: Path) -> None:
    over = threading.Event()
    (exports / NAME).write_bytes(b"1;2\n" * 4_000_000)

    def write() -> None:
        with (exports / NAME).open("ab", buffering=0) as file:
            for _ in range(10_000):
                file.write(b"3;4\n")
                if over.wait(0.0005):
                    break

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found, unknown = find(exports)
    finally:
        over.set()
        writer.join()
    assert found == []
    assert [(u.path, u.growing) for u in unknown] == [(NAME, True)]
    assert archived(exports) == []
    assert [a.path for a in find(exports)[0]] == [NAME]


def test_the_copy_of_a_file_that_outgrows_its_listed_size_is_given_up_early(
    exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = listing(exports)
    with (exports / NAME).open("ab") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(arrivals, "listing", lambda _: listed)
    assert [u.growing for u in find(exports)[1]] == [True]
    assert archived(exports) == []


def test_a_file_of_the_same_size_that_was_written_over_since_it_was_listed_is_left_alone(
    exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = listing(exports)
    (exports / NAME).write_bytes(b"a;b\n1;3\n")
    age(exports / NAME, 5)
    monkeypatch.setattr(arrivals, "listing", lambda _: listed)
    assert [u.growing for u in find(exports)[1]] == [True]


def test_the_listing_names_files_in_order_and_passes_over_hidden_ones(exports: Path) -> None:
    for name in ("core/.partial", ".hidden/a.csv", "b.csv", "a/z.csv", "a.csv"):
        (exports / name).parent.mkdir(exist_ok=True)
        (exports / name).touch()
    (exports / "link.csv").symlink_to(exports / NAME)
    assert [f.path for f in listing(exports)] == ["a/z.csv", "a.csv", "b.csv", NAME, "link.csv"]
    assert listing(exports)[-1].status.st_size == (exports / NAME).stat().st_size


def test_what_is_no_file_is_named_and_never_opened(exports: Path) -> None:
    (exports / "core/acuerdos_20250228.csv").symlink_to(exports / "gone.csv")
    os.mkfifo(exports / "core/acuerdos_20250331.csv")
    found, unknown = find(exports)
    assert [a.path for a in found] == [NAME]
    assert {u.path: u.why for u in unknown} == {
        "core/acuerdos_20250228.csv": "it is a link that leads to no file: put the file itself there",
        "core/acuerdos_20250331.csv": "it is no file: put the file itself there",
    }


def test_a_link_to_a_folder_is_no_source_without_files(exports: Path, tmp_path: Path) -> None:
    """To be passed over in silence would leave the institution with what was last good for ever."""
    (tmp_path / "share").mkdir()
    (exports / "sagir").symlink_to(tmp_path / "share", target_is_directory=True)
    (exports / "old").symlink_to(tmp_path / "share", target_is_directory=True)
    failures = arrivals.find(exports, contract.load(), exports.parent / "archive").failures
    assert {name.partition("_")[0] for name in failures} == {"sagir"}
    assert "it is a link to a folder" in failures["sagir_iniciativas"].sentence
    assert [u.path for u in find(exports)[1]] == ["old"]


def test_a_file_counts_as_growing_only_close_to_now(exports: Path) -> None:
    status = (exports / NAME).stat()
    assert is_growing(status, 60, status.st_mtime + 59)
    assert not is_growing(status, 60, status.st_mtime + 60)
    assert not is_growing(status, 0, status.st_mtime)
