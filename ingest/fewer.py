"""Far fewer rows than before: a file, or the newest snapshot of an export, from which many accepted rows are gone.

An export that broke off, one that was filtered by whoever made it, or a quote that swallows rows is no error of any
row, and all that is left of it is well formed. So the rows that were accepted last are remembered beside what is in
force (raw/memory.py), and compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Who only looks at what a run left should not wait for Arrow.
    from ingest.arriving.arrivals import Arrival
    from ingest.raw.ledger import FileReport

# A loss is reported where it is more than one row in _ONE_IN and at least _LEAST rows.
_ONE_IN = 5
_LEAST = 10


@dataclass(frozen=True)
class Tally:
    """The accepted rows of a name. before: those that it had until `since` (UTC), where it has far fewer since then."""

    rows: int
    before: int | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Fewer:
    """A name in force that has far fewer accepted rows than before. follows: itself, or of a snapshot its export."""

    export: str
    path: str
    sha256: str
    follows: str
    rows: int
    before: int


def tally(files: "Iterable[FileReport]", before: Mapping[str, Tally], now: datetime) -> dict[str, Tally]:
    """The tally of each name in force, by path; of snapshots that of the newest alone.

    files: in force. before: of the last run, by what a name follows (`follows`). now: UTC. What has had far fewer rows
    for longer than its export takes to be late is as it should be: from then on it is compared with itself.
    """
    return {file.arrival.path: _tally(file, before.get(follows(file.arrival)), now) for file in _newest(files)}


def find(files: "Iterable[FileReport]", tallies: Mapping[str, Tally]) -> list[Fewer]:
    """The names that have far fewer rows now. files: in force. tallies: theirs, as of `tally`.

    A file with more rejected rows than accepted ones is left out: its rejections are reported already.
    """
    found = []
    for arrival, reading in ((file.arrival, file.reading) for file in files):
        counted = tallies.get(arrival.path)
        if counted and counted.before is not None and (reading.rechazadas or 0) <= counted.rows:
            found.append(
                Fewer(
                    arrival.contract.export,
                    arrival.path,
                    arrival.sha256,
                    follows(arrival),
                    counted.rows,
                    counted.before,
                )
            )
    return found


def follows(arrival: "Arrival") -> str:
    """What the rows of a file are compared with: those of its name, of a snapshot those of its export."""
    return arrival.contract.export if arrival.contract.mode == "snapshot" else arrival.path


def _newest(files: "Iterable[FileReport]") -> "Iterable[FileReport]":
    return {follows(file.arrival): file for file in sorted(files, key=lambda file: file.arrival.order)}.values()


def _tally(file: "FileReport", last: Tally | None, now: datetime) -> Tally:
    rows = file.reading.aceptadas or 0
    if last is None:
        return Tally(rows)
    most, since = last.rows, now
    patience = timedelta(days=file.arrival.contract.late_after_days)
    if last.before is not None and last.since is not None and now - last.since <= patience:
        most, since = last.before, last.since
    lost = most - rows
    return Tally(rows, most, since) if lost >= _LEAST and lost * _ONE_IN > most else Tally(rows)
