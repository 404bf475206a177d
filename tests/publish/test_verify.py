from collections.abc import Callable
from pathlib import Path

import pytest

from publish.keeping.verify import problems
from tests.publish.bench import Bench


def remove(path: Path) -> None:
    path.unlink()


def lengthen(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")


def alter(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)


def test_a_whole_release_has_no_problems(bench: Bench) -> None:
    release = bench.publish()
    assert problems(release.path, release.id) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (remove, "compras.csv is missing"),
        (lengthen, "compras.csv has 45 bytes instead of 44"),
        (alter, "compras.csv has another sha256 than the manifest says"),
    ],
)
def test_damage_to_a_file_is_found(bench: Bench, damage: Callable[[Path], None], found: str) -> None:
    release = bench.publish()
    release.path.chmod(0o755)
    damage(release.path / "compras.csv")
    assert problems(release.path, release.id) == [found]


def test_a_file_too_many_is_found(bench: Bench) -> None:
    release = bench.publish()
    release.path.chmod(0o755)
    (release.path / "recibido.xml").write_text("<DTE/>")
    assert problems(release.path, release.id) == ["recibido.xml is not in the manifest"]


def test_the_manifest_of_another_release_is_found(bench: Bench) -> None:
    release = bench.publish()
    assert problems(release.path, "2024-01-01-0123456789ab") == [f"the manifest is of release {release.id}"]


def test_what_is_not_asked_for_is_not_looked_at(bench: Bench) -> None:
    release = bench.publish()
    alter(release.path / "compras.csv")
    alter(release.path / "compras.parquet")
    found = ["compras.parquet has another sha256 than the manifest says"]
    assert problems(release.path, release.id, (".parquet", ".json")) == found


def test_a_folder_without_manifest_is_no_release(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "x")) == 1


@pytest.mark.parametrize("said", ["[]", "{}", '{"id": "x"}', '{"id": "x", "archivos": [{"nombre": "a.csv"}]}'])
def test_a_manifest_that_does_not_say_what_there_is_is_named(tmp_path: Path, said: str) -> None:
    (tmp_path / "manifest.json").write_text(said)
    assert [f"{tmp_path}/manifest.json cannot be read" in problem for problem in problems(tmp_path, "x")] == [True]
