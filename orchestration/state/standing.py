"""The inputs and the outputs of the last run as hashes, by which the next one sees in seconds that nothing is new.

Of what came and of what was made only names, sizes and dates are looked at; contents are read where they are small: the
project's own code, the corrections, what says which release is in force.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingest.arriving.listing import Listed, files_below, listing
from orchestration.settings import PROJECT, Settings
from orchestration.state import arrivals, state_file
from orchestration.state.state_file import StateFileError

_CODE = ("ingest", "dbt_project", "ansispark", "expectations", "publish", "portal", "orchestration")
# What Python, dbt and Node write beside the code.
_MADE = ("__pycache__", "target", "logs", "node_modules", "dist")
# Where releases are carried to depends on these too. Credentials do not change what is there.
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION")

EXPORTS = "the exports"
# What the last run noted, as it is written.
_KINDS = {
    "ended": str,
    "status": int,
    "release": str,
    "held": dict,
    "to_review": list,
    "files": int,
    "before": dict,
    "after": dict,
}


@dataclass(frozen=True)
class Standing:
    """How the last run ended that took in everything. ended: in local time, as people read it.

    status: the exit status of the command. held: dataset held back or kept as it was -> why. to_review: corrections
    that sources have overtaken. files: how many were looked at. before, after: what it found and what it left, each
    part of it -> its hash.
    """

    ended: str
    status: int
    release: str
    held: dict[str, str]
    to_review: list[str]
    files: int
    before: dict[str, str] = field(repr=False)
    after: dict[str, str] = field(repr=False)

    @property
    def sentence(self) -> str:
        """That nothing is new, in words."""
        return f"nothing new since {self.ended}: looked at {self.files} files; release {self.release} stays in force"


def read(settings: Settings) -> Standing | None:
    """How the last run ended; None where it was not complete, or its note is missing or damaged."""
    try:
        with state_file.understood(settings.standing, _KINDS) as said:
            return Standing(**said)
    except StateFileError:
        return None


def begin(settings: Settings, run_id: str) -> None:
    """Forgets the run before, and notes the inputs that this one finds: to be called before it reads anything."""
    settings.standing.unlink(missing_ok=True)
    settings.read_again.unlink(missing_ok=True)
    found = {"run_id": run_id, "files": len(listing(settings.exports)), "before": _found(settings)}
    state_file.write(settings.begun, found)


def end(settings: Settings, run_id: str) -> int | None:
    """Notes that the run took in everything, and what it left; returns its exit status, 0 or 1.

    To be called once all is published. None, and nothing is noted, where the run did not begin with the exports, left
    some for the next one to try again, or has made a release that is no longer the one in force.
    """
    # Who only looks need not pay for what it brings along.
    from orchestration.state import gate

    begun = state_file.read(settings.begun) or {}
    if begun.get("run_id") != run_id:
        return None
    settings.begun.unlink()
    found = arrivals.read(settings.arrivals)
    summary = gate.read_summary(settings.summary)
    if found.to_try_again or found.failed_sources or summary["release"] != _in_force(settings.releases):
        return None
    standing = Standing(
        ended=datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        status=1 if summary["failed"] or found.corrections_to_review else 0,
        release=summary["release"],
        held=summary["failed"] | summary["missing"],
        to_review=found.corrections_to_review,
        files=begun["files"],
        before=begun["before"],
        after=_left(settings),
    )
    state_file.write(settings.standing, vars(standing))
    return standing.status


def forget(settings: Settings) -> None:
    """Lets the next run do everything."""
    settings.standing.unlink(missing_ok=True)


def note_read_again(settings: Settings, run_id: str, month: str) -> None:
    """Forgets the last run, so that the next one does everything, and notes which month was read again."""
    forget(settings)
    state_file.write(settings.read_again, {"run_id": run_id, "month": month})


def read_again(settings: Settings) -> str | None:
    """The run that last read a month again, where none has taken that in since."""
    return _text(settings.read_again, "run_id")


def news(settings: Settings, standing: Standing | None) -> list[str]:
    """The parts that are not as the last run found or left them; empty where a run would change nothing."""
    if standing is None:
        return ["there is no earlier run that took in everything"]
    try:
        now = _found(settings) | _left(settings)
    except (OSError, ValueError) as error:
        return [f"what there is cannot be looked at ({error})"]
    was = standing.before | standing.after
    return [part for part in now | was if now.get(part) != was.get(part)]


def exports_hash(files: list[Listed]) -> str:
    """What tells one state of the exports folder from another, by names, sizes, dates and places on the disk."""
    return _hash(
        f"{f.path}\0{s.st_size} {s.st_mtime_ns} {s.st_ctime_ns} {s.st_ino} {s.st_mode}"
        for f in files
        for s in [f.status]
    )


def _found(settings: Settings) -> dict[str, str]:
    return {
        EXPORTS: exports_hash(listing(settings.exports)),
        "the corrections": _contents(settings.corrections),
        "the code": _hash(_contents(PROJECT / room) for room in _CODE),
        "the libraries": _hash([sys.version, platform.machine(), *_installed()]),
        "the settings": _hash([repr(settings), *(f"{name}={os.environ.get(name)}" for name in _ENDPOINTS)]),
    }


def _left(settings: Settings) -> dict[str, str]:
    return {
        "the release in force": _hash(_release(settings.releases)),
        # `make portal` adds to them, which is no reason to run again.
        "the pages": str((settings.portal / "index.html").is_file()),
        "the archive": _names(settings.archive),
        "the raw layer": _names(settings.raw),
        "the correction desk": _names(settings.desk),
        "the ledgers": _names(settings.ledgers),
        "the warehouse": str(settings.warehouse.is_file()),
        "what the run said of itself": _hash(
            str(said)
            for said in (
                *(state_file.read(path) is not None for path in (settings.gate, settings.summary, settings.arrivals)),
                settings.manifest.is_file(),
            )
        ),
    }


def _release(releases: Path) -> Iterator[str]:
    """What says which release is in force and which must not be, and the files of that one."""
    latest = releases / "latest.json"
    withdrawn = releases / "retiradas.json"
    link = releases / "latest"
    yield latest.read_text("utf-8")
    yield withdrawn.read_text("utf-8") if withdrawn.exists() else ""
    yield str(link.readlink())
    if not (ident := _in_force(releases)):
        raise ValueError(f"{latest} names no release")
    folder = releases / ident
    yield (folder / "manifest.json").read_text("utf-8")
    yield _names(folder)


def _in_force(releases: Path) -> str | None:
    return _text(releases / "latest.json", "id")


def _text(path: Path, field: str) -> str | None:
    """A field of a state file; None where there is none, or it is no text."""
    said = (state_file.read(path) or {}).get(field)
    return said if isinstance(said, str) else None


def _names(folder: Path) -> str:
    """Names, sizes and dates of what is below a folder, or that it is not there."""
    if not folder.is_dir():
        return "missing"
    files = sorted(files_below(folder), key=lambda each: each.path)
    return _hash(f"{f.path}\0{f.status.st_size} {f.status.st_mtime_ns}" for f in files)


def _contents(folder: Path) -> str:
    """Names and contents of what is below a folder, or that it is not there."""
    if not folder.is_dir():
        return "missing"
    paths = sorted(f.path for f in files_below(folder) if not any(part in _MADE for part in f.path.split("/")))
    files = [path for path in paths if (folder / path).is_file()]
    return _hash(f"{path}\0{hashlib.sha256((folder / path).read_bytes()).hexdigest()}" for path in files)


def _installed() -> list[str]:
    """The libraries at hand with their versions, from the names of the folders that tell of them."""
    places = [Path(place) for place in set(sys.path) if Path(place).is_dir()]
    return sorted({entry.name for place in places for entry in place.glob("*.dist-info")})


def _hash(said: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for each in said:
        digest.update(f"{each}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
