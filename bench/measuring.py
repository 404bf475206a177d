"""What a command costs: CPU seconds as the operating system counts them, and memory."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """cpu, wall: seconds of the command and all that it started and waited for, start-up included.

    largest_mb: the most that any one of these processes held (os.wait4). tree_mb: the most that they held together,
    resident memory summed five times a second, so that pages that they share count twice. status: its exit status.
    """

    cpu: float
    wall: float
    largest_mb: int
    tree_mb: int
    status: int


def measure(command: Sequence[str], log: Path | None = None, environment: Mapping[str, str] | None = None) -> Cost:
    """Runs the command; what it says goes to the log, or nowhere."""
    began = time.monotonic()
    with log.open("wb") if log else contextlib.nullcontext(subprocess.DEVNULL) as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | dict(environment or {})
        )
    over = threading.Event()
    peaks = [0]
    watcher = threading.Thread(target=_watch, args=(process.pid, over, peaks))
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    over.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    largest = usage.ru_maxrss >> 10
    return Cost(usage.ru_utime + usage.ru_stime, wall, largest, max(largest, peaks[0] >> 20), process.returncode)


def must(command: Sequence[str], log: Path, good: tuple[int, ...] = (0,)) -> Cost:
    """As measure; ends the bench with what the command said where its exit status is none of the good ones."""
    cost = measure(command, log)
    if cost.status not in good:
        raise SystemExit(f"{' '.join(command)} ended with {cost.status}:\n{log.read_text('utf-8', 'replace')}")
    return cost


def _watch(pid: int, over: threading.Event, peaks: list[int]) -> None:
    while not over.wait(_EVERY):
        peaks[0] = max(peaks[0], sum(_resident(each) for each in _tree(pid)))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    # A process may end between two looks at it.
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    return 0
