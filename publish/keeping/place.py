"""Where releases live: one attempt at a time, a working folder that leaves nothing behind, the addresses of the newest.

latest.json alone says which release is in force; the link `latest` gives its files stable addresses.
"""

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publish import files, texts
from publish.errors import PublishError
from publish.keeping.verify import MANIFEST, sha256

LATEST = "latest.json"
LATEST_LINK = "latest"
WORKING = ".en-curso"

# Rights are set one by one: whoever publishes may well let its process write for itself alone.
_READ_ONLY_FILE = 0o444
_READ_ONLY_FOLDER = 0o555
_UNFINISHED = 0o700
_OPEN_TO_READERS = 0o755


@contextmanager
def alone_in(releases_dir: Path) -> Iterator[None]:
    """Holds the folder for this process; the operating system lets go of it whatever happens to the process."""
    descriptor = os.open(releases_dir, os.O_RDONLY)
    try:
        _let_everybody_read(descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishError(f"another process is publishing into {releases_dir}: wait until it ends") from None
        yield
    finally:
        os.close(descriptor)


def _let_everybody_read(folder: int) -> None:
    status = os.fstat(folder)
    if status.st_uid == os.geteuid() and status.st_mode & _OPEN_TO_READERS != _OPEN_TO_READERS:
        os.fchmod(folder, stat.S_IMODE(status.st_mode) | _OPEN_TO_READERS)


@contextmanager
def working_folder(releases_dir: Path) -> Iterator[Path]:
    """An empty folder beside the releases; what an attempt leaves behind, this one or an earlier one, is removed."""
    _clean(releases_dir)
    work = releases_dir / WORKING
    # Until it is screened, nobody else may read what will be published.
    work.mkdir(mode=_UNFINISHED)
    try:
        yield work
    finally:
        _clean(releases_dir)


def _clean(releases_dir: Path) -> None:
    work = releases_dir / WORKING
    if work.exists():
        work.chmod(_UNFINISHED)
        shutil.rmtree(work)


def move_into_place(work: Path, path: Path) -> None:
    """Gives the finished release its name; from then on all may read it, and nobody change it."""
    for file in work.iterdir():
        file.chmod(_READ_ONLY_FILE)
    work.chmod(_READ_ONLY_FOLDER)
    work.rename(path)
    files.sync(path.parent)


def put_in_force(releases_dir: Path, release_id: str, cut_off: str) -> None:
    """Puts the release in force: the link for stable addresses first, latest.json last of all."""
    manifest = releases_dir / release_id / MANIFEST
    latest = texts.as_json(
        {
            "id": release_id,
            "fecha_corte": cut_off,
            "manifest": f"{release_id}/{MANIFEST}",
            "sha256": sha256(manifest),
        }
    )
    if (releases_dir / LATEST).exists() and (releases_dir / LATEST).read_text("utf-8") == latest:
        repair_link(releases_dir)
        return
    (releases_dir / release_id).chmod(_READ_ONLY_FOLDER)
    try:
        _link_to(releases_dir, release_id)
        files.replace_text(releases_dir / LATEST, latest)
    except BaseException:
        repair_link(releases_dir)
        raise


def in_force(releases_dir: Path) -> str | None:
    """The id of the release in force; None where there is none yet.

    Where a disk or a hand has damaged latest.json the link tells, so that a release can be put in force again at all.
    Raises PublishError where that does not lead to one either.
    """
    latest = releases_dir / LATEST
    if not latest.exists():
        return None
    try:
        return str(json.loads(latest.read_text("utf-8"))["id"])
    except (ValueError, LookupError, TypeError):
        link = releases_dir / LATEST_LINK
        if link.is_symlink() and (releases_dir / link.readlink() / MANIFEST).is_file():
            return str(link.readlink())
        raise PublishError(
            f"{latest} is damaged, and the link {link.name} leads to no release: put back what was in it, or remove it"
        ) from None


def repair_link(releases_dir: Path) -> None:
    """Makes the link agree with latest.json, which alone says what is in force."""
    if ident := in_force(releases_dir):
        _link_to(releases_dir, ident)
    else:
        (releases_dir / LATEST_LINK).unlink(missing_ok=True)


def _link_to(releases_dir: Path, release_id: str) -> None:
    link = releases_dir / LATEST_LINK
    if not link.is_symlink() or str(link.readlink()) != release_id:
        files.replace_link(link, release_id)
