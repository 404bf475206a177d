"""The zip of a dataset: all of it, and the same bytes whenever it is made."""

import os
import zipfile
from pathlib import Path

import pytest

from publish.forms import zips

NAMES = ["pagos.csv", "pagos.parquet", "LICENCIA.txt"]


def _folder(base: Path, time: int) -> Path:
    base.mkdir()
    for name in NAMES:
        path = base / name
        path.write_text(f"contenido de {name}\n" * 500)
        os.utime(path, (time, time))
        path.chmod(0o600 if time else 0o644)
    return base


def test_same_files_of_another_day_and_folder_give_the_same_bytes(tmp_path: Path) -> None:
    for name, time in (("a", 0), ("b", 1_700_000_000)):
        zips.write(_folder(tmp_path / name, time), NAMES, tmp_path / f"{name}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("fits", [4_000_000_000, 0], ids=["small", "large"])
def test_members_come_out_as_they_went_in_and_all_can_read_them(
    fits: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_FITS_32", fits)
    folder = _folder(tmp_path / "a", 0)
    zips.write(folder, NAMES, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == NAMES
        assert archive.testzip() is None
        versions = {member.extract_version for member in archive.infolist()}
        assert (45 in versions) == (fits == 0), "zip64 where the sizes ask for it, and only there"
        assert {name: archive.read(name) for name in NAMES} == {name: (folder / name).read_bytes() for name in NAMES}
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o100644}
        assert archive.getinfo("pagos.csv").compress_size < archive.getinfo("pagos.csv").file_size


def test_a_member_that_ends_with_a_chunk_ends_no_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path / "a", 0)
    for chunk in (1, 2, 3):
        monkeypatch.setattr(zips, "_CHUNK", chunk)
        zips.write(folder, NAMES, tmp_path / "a.zip")
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            assert archive.namelist() == NAMES
            assert archive.testzip() is None


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        zips.write(tmp_path, ["pagos.csv"], tmp_path / "a.zip")
