"""Whether a release keeps its word, told from a copy of its folder alone."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from publish.errors import PublishError
from publish.keeping.audit import audit
from tests.publish.bench import Bench, opened


@pytest.fixture
def copy(bench: Bench, tmp_path: Path) -> Path:
    """A copy of a release that may be written."""
    return opened(bench.publish().path, tmp_path)


def sign_again(folder: Path) -> None:
    """Makes the manifest agree with the files as they are, as a forger would."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    for file in manifest["archivos"]:
        content = (folder / file["nombre"]).read_bytes()
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps(manifest), "utf-8")


def rewrite(folder: Path, query: str) -> None:
    table = f"read_parquet('{folder}/acuerdos.parquet')"
    with duckdb.connect() as con:
        con.execute(f"copy ({query.format(t=table)}) to '{folder}/new' (format parquet)")
    (folder / "new").rename(folder / "acuerdos.parquet")


def change_json(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    content = json.loads((folder / name).read_text("utf-8"))
    change(content)
    (folder / name).write_text(json.dumps(content), "utf-8")


def schema(package: Any, name: str) -> Any:
    return next(r["schema"] for r in package["resources"] if r["name"] == name)


def test_a_copy_of_a_release_is_whole_and_consistent(copy: Path) -> None:
    assert audit(copy) == []


def test_a_file_that_changed_is_named(copy: Path) -> None:
    (copy / "LEEME.txt").write_text("otro")
    assert "LEEME.txt has 4 bytes" in audit(copy)[0]


def test_a_csv_that_says_something_else_is_found_even_if_the_hashes_agree(copy: Path) -> None:
    text = (copy / "acuerdos.csv").read_text("utf-8")
    (copy / "acuerdos.csv").write_text(text.replace("true", "false", 1), "utf-8")
    sign_again(copy)
    assert audit(copy) == [
        "acuerdos.csv differs from acuerdos.parquet in 2 rows",
        "acuerdos.zip does not hold acuerdos.csv as it is beside it",
    ]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("select * replace (cast(monto as integer) as monto) from {t}", "the dictionary says"),
        ("select * from {t} limit 1", "acuerdos.parquet has 1 rows, and the manifest says 2"),
        ("select * replace (monto + 1 as monto) from {t}", "bodega.duckdb's acuerdos differs"),
    ],
)
def test_a_parquet_file_that_is_not_what_the_release_says_is_found(copy: Path, query: str, wrong: str) -> None:
    rewrite(copy, query)
    sign_again(copy)
    assert any(wrong in problem for problem in audit(copy))


@pytest.mark.parametrize(
    "change",
    [
        "alter table acuerdos add column rut_persona varchar default '12345678-5'",
        "alter table acuerdos alter monto type decimal(38, 2)",
    ],
)
def test_a_table_of_the_duckdb_file_with_other_columns_is_found(copy: Path, change: str) -> None:
    with duckdb.connect(str(copy / "bodega.duckdb")) as con:
        con.execute(change)
    sign_again(copy)
    (found,) = audit(copy)
    assert found.startswith("bodega.duckdb's acuerdos has the columns")


def test_a_machine_without_memory_says_so_and_does_not_blame_the_release(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publish.keeping.audit.MEMORY_LIMIT", "1MB")
    with pytest.raises(PublishError, match="could not be verified"):
        audit(copy)


def test_a_key_that_repeats_or_is_empty_is_found(copy: Path) -> None:
    rewrite(copy, "from {t} union all select * replace (null as avance) from {t}")
    change_json(copy, "datapackage.json", lambda p: schema(p, "acuerdos").update(primaryKey=["acuerdo", "avance"]))
    sign_again(copy)
    found = audit(copy)
    assert "acuerdos: 1 values of the key acuerdo, avance stand there more than once" in found
    assert "acuerdos: the key has empty cells in avance" in found


def test_a_row_that_points_nowhere_is_found(copy: Path) -> None:
    key = {"fields": ["proveedor"], "reference": {"resource": "acuerdos", "fields": ["acuerdo"]}}
    change_json(copy, "datapackage.json", lambda p: schema(p, "compras").update(foreignKeys=[key]))
    sign_again(copy)
    assert audit(copy) == ["compras: 1 rows point by proveedor to no row of acuerdos"]


@pytest.mark.parametrize("name", ["manifest.json", "diccionario.json", "datapackage.json"])
def test_a_folder_that_does_not_say_what_it_holds_is_no_release(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert re.search(rf"is no release.*\b{name}", audit(copy)[0])
    (copy / name).write_text("[]")
    assert "is no release" in audit(copy)[0]


def test_a_release_that_was_signed_again_is_not_the_one_that_is_announced(bench: Bench) -> None:
    release = bench.publish()
    assert audit(release.path) == []
    release.path.chmod(0o755)
    for name in ("LEEME.txt", "manifest.json"):
        (release.path / name).chmod(0o644)
    (release.path / "LEEME.txt").write_text("otro")
    sign_again(release.path)
    (found,) = audit(release.path)
    assert found.startswith(f"manifest.json is not the one that {bench.releases}/latest.json names for {release.id}: ")
    # Nor under the name of another release.
    change_json(release.path, "manifest.json", lambda manifest: manifest.update(id="2025-01-31-0123456789ab"))
    assert audit(release.path)[0].startswith("manifest.json is not the one")


def test_of_a_release_that_is_not_in_force_latest_json_says_nothing(bench: Bench) -> None:
    first = bench.publish()
    bench.sql("update marts.acuerdos set monto = 1")
    assert bench.publish().id != first.id
    assert audit(first.path) == []


def test_a_mirror_of_the_newest_files_is_held_against_the_release_that_is_announced(bench: Bench, copy: Path) -> None:
    mirror = copy.rename(copy.parent / "latest")
    beside = copy.parent / "latest.json"
    beside.write_bytes((bench.releases / "latest.json").read_bytes())
    assert audit(mirror) == []
    change_json(beside.parent, beside.name, lambda latest: latest.update(id="2025-02-28-0123456789ab", sha256="a" * 64))
    (found,) = audit(mirror)
    assert found.endswith(f"instead of {'a' * 64}")
    beside.write_text("{}")
    assert audit(mirror) == [f"{beside} cannot be read (KeyError('id'))"]


def test_a_manifest_without_its_files_is_named(copy: Path) -> None:
    change_json(copy, "manifest.json", lambda manifest: manifest.pop("archivos"))
    assert "manifest.json cannot be read" in audit(copy)[0]
