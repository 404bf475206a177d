"""Everything of a dataset in one file, for whoever downloads it by hand."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

# The first moment that a zip can tell: a member's time says nothing, so that the same files give the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_ALL = 0o100644 << 16
_UNIX = 3

# Compressed already: once more costs time and saves nothing.
_STORED = (".parquet", ".xlsx")


def write(folder: Path, names: Sequence[str], path: Path) -> None:
    """Writes those files of the folder, in that order, into a zip.

    The same files give the same bytes. Raises FileNotFoundError where one is missing.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            source = folder / name
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type = zipfile.ZIP_STORED if source.suffix in _STORED else zipfile.ZIP_DEFLATED
            member.create_system = _UNIX
            member.external_attr = _READABLE_BY_ALL
            member.file_size = source.stat().st_size
            with source.open("rb") as content, archive.open(member, "w") as packed:
                shutil.copyfileobj(content, packed, 1 << 20)
