"""What no run could make again is saved and put back: whole, once each, and onto empty places only."""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from orchestration.backups import backup, restoring, unfinished
from orchestration.backups.backup import BackupError
from orchestration.backups.restoring import restore
from orchestration.backups.unfinished import UnfinishedRestoreError
from orchestration.cli import app
from orchestration.commands.common import BUSY, NO_RELEASE
from orchestration.machine import folders
from orchestration.resources import turn_resource
from orchestration.settings import Settings
from publish.keeping import place
from publish.keeping.retention import releases_in
from publish.keeping.verify import problems, sha256
from tests.conftest import World, corrections_of, run_job
from tests.orchestration.places import nothing_set, settings_below

RELEASE = "2025-01-31-0123456789ab"
MARKS = {"retiradas": ["2025-01-30-ffffffffffff"], "eliminadas": ["2024-12-30-eeeeeeeeeeee"]}
FILE = b"rut;monto\n76.000.000-K;1\n"


@pytest.fixture(autouse=True)
def rights_as_they_were() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def settings_of(base: Path, exports: Path | None = None) -> Settings:
    settings = settings_below(base)
    return replace(settings, exports=exports) if exports else settings


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def digest_of(content: bytes, tmp: Path) -> str:
    return sha256(write(tmp / "content", content))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small area as a run leaves it: one file received, refused or not, and one release in force."""
    settings = settings_of(tmp_path / "here")
    write(settings.exports / "dte" / "rcv.csv", FILE)
    digest = digest_of(FILE, tmp_path)
    write(settings.archive / digest[:2] / digest, FILE)
    received = datetime(2025, 1, 31, 9, 30, 1)
    row = {"carpeta": str(settings.exports), "archivo": "dte/rcv.csv", "sha256": digest, "recibido_en": received}
    ledger = pa.Table.from_pylist([row | {"presente": True}])
    settings.raw.mkdir()
    settings.ledgers.mkdir()
    pq.write_table(ledger, settings.raw / "archivos.parquet", compression="zstd")
    pq.write_table(ledger, settings.ledgers / f"{RELEASE}.parquet", compression="zstd")
    pq.write_table(pa.Table.from_pylist([row]), settings.raw / "vigentes.parquet", compression="zstd")
    write(settings.corrections / "montos.yml", b"correcciones: []\n")
    write(settings.internal / "alerts.json", b"{}")
    write(settings.warehouse, b"is built again")
    release = settings.releases / RELEASE
    file = write(release / "pagos.csv", b"anio,monto\n2025,1\n")
    listed = {"nombre": file.name, "bytes": file.stat().st_size, "sha256": sha256(file)}
    manifest = {"id": RELEASE, "fecha_corte": "2025-01-31", "archivos": [listed]}
    write(release / "manifest.json", json.dumps(manifest).encode())
    write(settings.releases / "latest.json", json.dumps({"id": RELEASE}).encode())
    for field, ids in MARKS.items():
        write(settings.releases / f"{field}.json", json.dumps({field: ids}).encode())
    return settings


def save(settings: Settings, folder: Path) -> backup.Backup:
    return backup.make(settings, folder, lambda _: None)


def bring_back(settings: Settings, folder: Path, with_exports: bool = False, moved: bool = False) -> str | None:
    folders.prepare(settings)
    return restore(settings, folder, with_exports, moved, lambda _: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def objects(folder: Path) -> dict[str, int]:
    """The contents that a backup keeps, each with the number of its file on the disk."""
    return {p.name: p.stat().st_ino for p in (folder / "objects").glob("*/*")}


def set_to(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Sets the places for the command."""
    nothing_set(monkeypatch)
    for name, folder in (
        ("EXPORTS_DIR", settings.exports),
        ("CORRECTIONS_DIR", settings.corrections),
        ("WAREHOUSE_PATH", settings.warehouse),
        ("RELEASES_DIR", settings.releases),
    ):
        monkeypatch.setenv(name, str(folder))


def elsewhere(settings: Settings, base: Path) -> Settings:
    """Empty places for everything but the exports, which lie where they lay."""
    return settings_of(base, settings.exports)


def test_what_is_saved_comes_back_as_it_was(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    other = elsewhere(settings, tmp_path / "there")
    assert bring_back(other, tmp_path / "backup") == RELEASE
    for name in ("archive", "raw", "ledgers"):
        assert contents(other.internal / name) == contents(settings.internal / name)
    assert contents(other.corrections) == contents(settings.corrections)
    assert contents(other.releases / RELEASE) == contents(settings.releases / RELEASE)
    marks = {field: json.loads((other.releases / f"{field}.json").read_text())[field] for field in MARKS}
    assert marks == MARKS
    assert (other.releases / "latest").resolve() == other.releases / RELEASE
    assert (other.internal / "alerts.json").exists()
    assert not other.warehouse.exists()
    assert not list((tmp_path / "there").rglob("*.restoring"))


def test_rights_are_those_that_a_run_gives(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    other = elsewhere(settings, tmp_path / "there")
    bring_back(other, tmp_path / "backup")

    def modes(folder: Path) -> set[int]:
        return {stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*") if not p.is_symlink()}

    assert modes(other.archive) == {0o700, 0o400}
    assert modes(other.raw) == {0o600}
    assert modes(tmp_path / "backup") == {0o700, 0o600}
    release = other.releases / RELEASE
    assert (stat.S_IMODE(release.stat().st_mode), modes(release)) == (0o555, {0o444})
    assert stat.S_IMODE((other.releases / "latest.json").stat().st_mode) == 0o644


def test_a_second_backup_copies_what_is_new_and_drops_what_nothing_names(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    save(settings, folder)
    first = objects(folder)
    rows = write(settings.raw / "dte" / "more.parquet", b"new rows")
    (settings.corrections / "montos.yml").unlink()
    save(settings, folder)
    second = objects(folder)
    assert second.keys() - first.keys() == {sha256(rows)}
    assert len(first.keys() - second.keys()) == 1
    assert all(second[name] == first[name] for name in second.keys() & first.keys())


def test_without_the_folder_of_the_corrections_the_ones_saved_before_stay(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    before = save(settings, folder)
    shutil.rmtree(settings.corrections)
    with pytest.raises(FileNotFoundError):
        save(settings, folder)
    assert backup.read(folder) == before


def test_a_backup_that_breaks_off_leaves_the_one_before(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    before = save(settings, folder)
    name = "ab" * 32
    write(settings.archive / name[:2] / name, b"not what its name says")
    with pytest.raises(BackupError, match="not what its sha256 says"):
        save(settings, folder)
    assert backup.read(folder) == before
    assert backup.damage(folder, before) == []
    assert not list(folder.rglob("*.partial"))


def test_a_content_that_decayed_in_the_backup_is_replaced_when_it_is_checked(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    made = save(settings, folder)
    kept = backup.object_of(folder, made.of("archive")[0].sha256)
    kept.write_bytes(FILE.replace(b"1", b"2"))
    assert len(backup.damage(folder, made)) == 1
    backup.make(settings, folder, lambda _: None, check=True)
    assert backup.damage(folder, made) == []


def test_a_damaged_release_does_not_replace_its_good_copy(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    before = save(settings, folder)
    write(settings.releases / RELEASE / "pagos.csv", b"anio,monto\n2025,2\n")
    with pytest.raises(BackupError, match="another sha256"):
        save(settings, folder)
    assert backup.damage(folder, before) == []


def test_a_backup_of_another_place_is_left_as_it_is(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    made = save(settings, folder)
    empty = settings_of(tmp_path / "there", settings.exports)
    with pytest.raises(BackupError, match=r"keeps 1 files received that .* does not have"):
        save(empty, folder)
    assert backup.read(folder) == made
    assert backup.damage(folder, made) == []


def test_releases_come_back_in_the_order_in_which_they_were_made(settings: Settings, tmp_path: Path) -> None:
    """It says which one was left by going back: of two of one day, their names tell nothing."""
    earlier = "2025-01-31-ffffffffffff"
    shutil.copytree(settings.releases / RELEASE, settings.releases / earlier)
    manifest = settings.releases / earlier / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(RELEASE, earlier), "utf-8")
    os.utime(settings.releases / earlier, (1_000_000_000, 1_000_000_000))
    save(settings, tmp_path / "backup")
    other = elsewhere(settings, tmp_path / "there")
    bring_back(other, tmp_path / "backup")
    assert [each.id for each in releases_in(other.releases)] == [earlier, RELEASE]


@pytest.mark.parametrize("below", ["releases/backup", "portal", "exports", "internal/archive/x", "corrections"])
def test_a_backup_never_lies_below_what_it_saves_or_what_is_public(
    settings: Settings, tmp_path: Path, below: str
) -> None:
    with pytest.raises(BackupError, match="give a folder apart"):
        save(settings, tmp_path / "here" / below)


def test_a_folder_with_other_things_is_not_taken_for_a_backup(settings: Settings, tmp_path: Path) -> None:
    write(tmp_path / "photos" / "one.jpg", b"")
    with pytest.raises(BackupError, match="holds other things"):
        save(settings, tmp_path / "photos")


def test_one_damaged_byte_is_found_before_anything_is_in_place(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    made = save(settings, folder)
    kept = backup.object_of(folder, made.of("archive")[0].sha256)
    kept.chmod(0o600)
    kept.write_bytes(FILE.replace(b"1", b"2"))
    other = elsewhere(settings, tmp_path / "there")
    with pytest.raises(BackupError, match="is damaged"):
        bring_back(other, folder)
    assert not any(contents(place) for place in (other.archive, other.raw, other.releases, other.corrections))


def test_a_manifest_that_was_changed_is_refused(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    save(settings, folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace("montos.yml", "monton.yml"), "utf-8")
    with pytest.raises(BackupError, match="not as it was written"):
        bring_back(elsewhere(settings, tmp_path / "there"), folder)


def test_a_backup_whose_manifest_decayed_is_not_added_to_until_somebody_removes_it(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    made = save(settings, folder)
    kept = objects(folder)
    (folder / "manifest.json").write_text("decayed")
    with pytest.raises(BackupError, match=r"Give a new folder; or, .* remove that manifest: the contents stay"):
        save(settings, folder)
    assert objects(folder) == kept
    (folder / "manifest.json").unlink()
    assert save(settings, folder).entries == made.entries
    assert objects(folder) == kept


def test_a_name_that_leads_outside_its_place_is_refused(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    made = save(settings, folder)
    outside = replace(made.of("corrections")[0], name="../../x.yml")
    with pytest.raises(BackupError, match="outside its place"):
        backup.write_manifest(folder, replace(made, entries=(outside,)))
    assert backup.read(folder) == made


@pytest.mark.parametrize(
    "taken",
    ["internal/archive/x", "internal/bodega.duckdb", "releases/x", "corrections/other.yml", "corrections/montos.yml"],
)
def test_a_place_that_is_not_empty_is_left_alone(settings: Settings, tmp_path: Path, taken: str) -> None:
    save(settings, tmp_path / "backup")
    other = elsewhere(settings, tmp_path / "there")
    write(tmp_path / "there" / taken, b"mine")
    with pytest.raises(BackupError, match="empty places only"):
        bring_back(other, tmp_path / "backup")
    assert (tmp_path / "there" / taken).read_bytes() == b"mine"


def test_corrections_that_a_checkout_brings_along_are_in_nobodys_way(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    other = elsewhere(settings, tmp_path / "there")
    shutil.copytree(settings.corrections, other.corrections)
    assert bring_back(other, tmp_path / "backup") == RELEASE


def test_another_exports_folder_must_be_meant(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    other = settings_of(tmp_path / "there")
    with pytest.raises(BackupError, match=r"--moved.*--with-exports"):
        bring_back(other, tmp_path / "backup")
    assert bring_back(other, tmp_path / "backup", moved=True) == RELEASE
    for table in (other.raw / "vigentes.parquet", other.raw / "archivos.parquet", other.ledgers / f"{RELEASE}.parquet"):
        assert pq.read_table(table)["carpeta"].to_pylist() == [str(other.exports)]


def test_exports_that_are_lost_come_back_with_their_names_and_times(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    other = settings_of(tmp_path / "there")
    bring_back(other, tmp_path / "backup", with_exports=True)
    assert contents(other.exports) == {"dte/rcv.csv": FILE}
    received = (other.exports / "dte" / "rcv.csv").stat().st_mtime
    assert datetime.fromtimestamp(received, UTC) == datetime(2025, 1, 31, 9, 30, 1, tzinfo=UTC)


def test_exports_are_not_put_over_others(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "backup")
    with pytest.raises(BackupError, match="empty places only"):
        bring_back(elsewhere(settings, tmp_path / "there"), tmp_path / "backup", with_exports=True)
    assert contents(settings.exports) == {"dte/rcv.csv": FILE}


class Cut(Exception):
    """Stands for the moment in which a process is killed."""


def cut_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, times: int) -> None:
    """Lets a function do its work that many times; the process does not live longer."""
    done = 0
    work: Callable[..., Any] = getattr(module, name)

    def until_then(*arguments: Any, **named: Any) -> Any:
        nonlocal done
        answer = work(*arguments, **named)
        done += 1
        if done == times:
            raise Cut
        return answer

    monkeypatch.setattr(module, name, until_then)


def everything(base: Path) -> dict[str, tuple[int, bytes]]:
    """Each file and folder with its rights, and what a file holds or a link leads to."""
    found = {}
    for path in base.rglob("*"):
        held = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(base))] = (path.lstat().st_mode, held)
    return found


@pytest.fixture
def saved(settings: Settings, tmp_path: Path) -> Path:
    """A backup of two releases."""
    later = "2025-02-28-0123456789ab"
    shutil.copytree(settings.releases / RELEASE, settings.releases / later)
    manifest = settings.releases / later / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(RELEASE, later), "utf-8")
    save(settings, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def half(saved: Path, tmp_path: Path) -> Settings:
    """The places of a restore, exports and all, that broke off with part of it in place."""
    other = settings_of(tmp_path / "there")
    with pytest.MonkeyPatch.context() as patch:
        cut_after(patch, restoring, "_move_up", 4)
        with pytest.raises(Cut):
            bring_back(other, saved, with_exports=True)
    return other


@pytest.mark.parametrize(
    ("module", "name", "times"),
    [
        (place, "move_into_place", 1),
        (place, "move_into_place", 2),
        *((restoring, "_move_up", part) for part in range(1, 7)),
        (place, "repair_link", 1),
    ],
)
def test_a_restore_that_broke_off_anywhere_is_done_again_as_if_nothing_had_been(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, times: int
) -> None:
    there = tmp_path / "there"
    other = settings_of(there)
    bring_back(other, saved, with_exports=True)
    undisturbed = everything(there)
    there.rename(tmp_path / "moved away")
    with monkeypatch.context() as patch:
        cut_after(patch, module, name, times)
        with pytest.raises(Cut):
            bring_back(other, saved, with_exports=True)
    assert bring_back(other, saved, with_exports=True) == RELEASE
    assert everything(there) == undisturbed


def test_what_landed_since_a_restore_broke_off_is_not_taken_away(half: Settings, saved: Path) -> None:
    newer = write(half.exports / "dte" / "rcv.csv", FILE.replace(b"1", b"2"))
    with pytest.raises(BackupError, match="empty places only"):
        bring_back(half, saved, with_exports=True)
    assert newer.read_bytes() == FILE.replace(b"1", b"2")


def test_a_restore_that_broke_off_is_not_done_again_from_another_backup(
    half: Settings, settings: Settings, saved: Path, tmp_path: Path
) -> None:
    (settings.corrections / "montos.yml").unlink()
    save(settings, tmp_path / "another")
    before = everything(half.releases)
    with pytest.raises(UnfinishedRestoreError, match=f"another backup.* bodega restore {saved} --with-exports"):
        bring_back(half, tmp_path / "another", with_exports=True)
    assert everything(half.releases) == before


@pytest.mark.parametrize("command", [["run", "--again"], ["backup", "backup of a half"]])
def test_nothing_is_built_on_half_of_a_backup(
    half: Settings, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    set_to(monkeypatch, half)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == NO_RELEASE, done.output
    assert f"First do it again: bodega restore {saved} --with-exports" in done.output
    assert not (tmp_path / "backup of a half").exists()


def test_a_restore_that_broke_off_and_cannot_be_named_any_more_is_told_with_what_to_do(half: Settings) -> None:
    half.restoring.write_text("{")
    with pytest.raises(UnfinishedRestoreError, match=rf"{half.restoring} cannot be read any more: move"):
        unfinished.check_none(half)


def test_a_run_of_dagster_does_nothing_on_half_of_a_backup(half: Settings, instance: dg.DagsterInstance) -> None:
    done = []

    @dg.op(required_resource_keys={"turn"})
    def step() -> None:
        done.append("something")

    @dg.job(resource_defs={"turn": turn_resource(replace(half, wait=timedelta(0)))})
    def refresh() -> None:
        step()

    assert not refresh.execute_in_process(instance=instance, raise_on_error=False).success
    assert done == []


@pytest.mark.parametrize("command", ["backup", "restore", "rollback", "withdraw"])
def test_while_a_run_is_at_work_nothing_is_saved_nor_put_back(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    set_to(monkeypatch, settings)
    with FileLock(settings.lock):
        done = CliRunner().invoke(app, [command, str(tmp_path / "backup")])
    assert done.exit_code == BUSY, done.output
    assert "run is at work" in done.output
    assert not (tmp_path / "backup").exists()


@pytest.mark.slow
def test_a_machine_that_was_lost_gives_the_same_release_again(sample_world: World, tmp_path: Path) -> None:
    """Exports and all: restored elsewhere, without the rows, one run builds the warehouse and the same release."""
    settings = settings_of(sample_world.base, sample_world.exports)
    save(replace(settings, corrections=corrections_of(sample_world.base)), tmp_path / "backup")
    other = settings_of(tmp_path / "there")
    bring_back(other, tmp_path / "backup", with_exports=True)
    restored = contents(other.releases / sample_world.release.name)
    assert restored == contents(sample_world.release)
    # The rows are saved to spare their reading and for traces of older releases; nothing may hang on them.
    for folder in other.raw.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    world = run_job(other.exports, tmp_path / "there")
    assert world.code == sample_world.code, world.output
    assert world.release.name == sample_world.release.name
    assert contents(world.release) == restored
    assert problems(world.release, world.release.name) == []
    assert [p.name for p in world.releases.iterdir() if p.is_dir() and not p.is_symlink()] == [world.release.name]
    count = "select count(*), sum(monto_total) from marts.pagos_proveedores"
    found = []
    for each in (settings, other):
        with duckdb.connect(str(each.warehouse), read_only=True) as con:
            found.append(con.execute(count).fetchall())
    assert found[0] == found[1]
    assert found[0][0][0] > 0
    # The ledger of the release is that of the run, so that its figures are traced without building anything.
    ledger = other.ledgers / f"{world.release.name}.parquet"
    assert ledger.read_bytes() == (other.raw / "archivos.parquet").read_bytes()
