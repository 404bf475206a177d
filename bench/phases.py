"""What each part of a run costs: a listener to the lines that the run says, each of which begins a part.

CPU seconds are those of the process and of the children that it has waited for (os.times), so that a child at work
counts once it has ended, which is before the next part begins. peak_mb is the most that the process itself, or any one
child that has ended, has ever held in memory (getrusage), up to the end of the part.
"""

import atexit
import itertools
import json
import logging
import os
import resource
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

START = "start"


@dataclass(frozen=True)
class Moment:
    """The counters when a line was said; CPU and wall seconds since the process began, and the peak so far."""

    said: str
    cpu: float
    wall: float
    peak_mb: int


@dataclass(frozen=True)
class Phase:
    """A part of a run, from a line to the next one. name: the room, of dbt also what it does."""

    name: str
    said: str
    cpu: float
    wall: float
    peak_mb: int


def listen(path: Path) -> None:
    """From here on, notes each line of the run; writes the phases when the process ends."""
    from orchestration import logging as lines

    moments = [_now(START)]
    spoken = lines._OurWords.format

    def note(words: Any, record: logging.LogRecord) -> str:
        moments.append(_now(lines._said(record)))
        return spoken(words, record)

    lines._OurWords.format = note  # type: ignore[method-assign,assignment]
    atexit.register(_write, path, moments)


def _now(said: str) -> Moment:
    times = os.times()
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = times.user + times.system + times.children_user + times.children_system
    return Moment(said, cpu, times.elapsed, max(peaks) >> 10)


def _write(path: Path, moments: list[Moment]) -> None:
    path.write_text(json.dumps([asdict(phase) for phase in _phases([*moments, _now("end")])], indent=1), "utf-8")


def _phases(moments: list[Moment]) -> Iterator[Phase]:
    for before, after in itertools.pairwise(moments):
        said = before.said
        # The pages are made before the line that tells of them.
        name = "portal" if after.said.startswith("portal: ") else "end" if said.startswith("portal: ") else said
        room = name if name.startswith("dbt: ") else name.partition(": ")[0]
        since = Moment("", 0, before.wall, 0) if said == START else before
        yield Phase(room, said, after.cpu - since.cpu, after.wall - since.wall, after.peak_mb)


def read(path: Path) -> list[Phase]:
    """The phases that a run has written, in their order."""
    return [Phase(**phase) for phase in json.loads(path.read_text("utf-8"))]


def by_name(found: list[Phase]) -> dict[str, Phase]:
    """Phases of one name as one, in the order in which they began."""
    summed: dict[str, Phase] = {}
    for each in found:
        before = summed.get(each.name, Phase(each.name, each.name, 0, 0, 0))
        summed[each.name] = Phase(
            each.name,
            each.name,
            before.cpu + each.cpu,
            before.wall + each.wall,
            max(before.peak_mb, each.peak_mb),
        )
    return summed
