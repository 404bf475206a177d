"""Says with which file an error of the system came: a disk that is full tells its number alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(path: Path, source: Path | None = None) -> Iterator[None]:
    """Gives an OSError of the body that names no file this one. source: what is being written to it, if a file."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        names = (str(source), None, str(path)) if source else (str(path),)
        raise OSError(error.errno, error.strerror, *names) from error
