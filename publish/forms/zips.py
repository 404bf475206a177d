"""Everything of a dataset in one file, for whoever downloads it by hand."""

import errno
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from stream_zip import NO_COMPRESSION_32, NO_COMPRESSION_64, ZIP_32, ZIP_64, MemberFile, Method, stream_zip
from zlib_ng import zlib_ng

# The first moment that a zip can tell: a member's time says nothing, so that the same files give the same bytes.
_TIME = datetime(1980, 1, 1)
_READABLE_BY_ALL = 0o100644

# Compressed already: once more costs time and saves nothing.
_STORED = (".parquet", ".xlsx")

# Of 300 MB of payments zlib makes 63.3 MB in 5.2 CPU seconds with its usual 6, this one 63.0 MB in 2.3.
_LEVEL = 5
# Below it all sizes and places fit the zip that every program reads, whatever deflate adds.
_FITS_32 = 4_000_000_000
_CHUNK = 1 << 20


def write(folder: Path, names: Sequence[str], path: Path) -> None:
    """Writes those files of the folder, in that order, into a zip.

    The same files give the same bytes. Raises FileNotFoundError where one is missing.
    """
    sources = [folder / name for name in names]
    is_large = sum(source.stat().st_size for source in sources) > _FITS_32
    members = (_member(source, is_large) for source in sources)
    with path.open("wb") as archive:
        archive.writelines(stream_zip(members, _CHUNK, _compressor, extended_timestamps=False))


def differing(path: Path, needed: Sequence[str]) -> str:
    """The first file in a zip that is not the one beside it, or of those needed that it does not hold; '' where none.

    Raises BadZipFile where it is no zip, or one that cannot be unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                beside = path.parent / member.filename
                with archive.open(member) as packed:
                    if not (beside.is_file() and _same_bytes(packed, beside)):
                        return member.filename
            return next((name for name in needed if name not in archive.namelist()), "")
    except (zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # As zipfile says that bytes were changed somewhere: in a stream, a name, a flag, a method or, as a place before
        # the first byte, in an offset. What else the system says is of the disk, and no fault of the zip.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile(f"{path.name}: {error}") from error


def _same_bytes(content: IO[bytes], path: Path) -> bool:
    with path.open("rb") as file:
        while chunk := content.read(_CHUNK):
            if file.read(len(chunk)) != chunk:
                return False
        return not file.read(1)


def _member(source: Path, is_large: bool) -> MemberFile:
    deflated, stored = (ZIP_64, NO_COMPRESSION_64) if is_large else (ZIP_32, NO_COMPRESSION_32)
    method: Method = stored(source.stat().st_size, _crc32(source)) if source.suffix in _STORED else deflated
    return source.name, _TIME, _READABLE_BY_ALL, method, _chunks(source)


def _compressor() -> "zlib._Compress":
    # Another class with the same methods, where bytes alone leave the room of the types.
    return cast("zlib._Compress", zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS))


def _crc32(path: Path) -> int:
    value = 0
    for chunk in _chunks(path):
        value = zlib_ng.crc32(chunk, value)
    return value


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            yield chunk
