"""One run at a time: whoever has the turn writes the internal area and the releases; the next one waits or leaves."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

SAYS_EVERY = timedelta(minutes=1)


class TurnTakenError(RuntimeError):
    """Another run is at work, and did not end in time; says which."""


@contextmanager
def take(
    lock: Path,
    who: str,
    patience: timedelta,
    say: Callable[[str], None] = lambda _: None,
    every: timedelta = SAYS_EVERY,
) -> Iterator[bool]:
    """Holds the turn, and tells whether the one before was killed. The system gives it back when a process ends.

    lock: the file that is locked; it says who has the turn. who: this run, for those who wait. patience: how long to
    wait for it. say: told in a sentence that it is waited, as often as `every`. Raises TurnTakenError where it stays
    taken.
    """
    # Dagster may set a resource up in one thread and tear it down in another.
    turn = FileLock(lock, thread_local=False)
    _acquire(turn, lock, patience, say, every)
    try:
        was_killed = lock.stat().st_size > 0
        now = datetime.now(UTC).astimezone()
        lock.write_text(
            json.dumps({"run": who, "pid": os.getpid(), "since": now.strftime("%Y-%m-%d %H:%M:%S")}), "utf-8"
        )
        yield was_killed
    finally:
        os.truncate(lock, 0)
        turn.release()


def _acquire(turn: FileLock, lock: Path, patience: timedelta, say: Callable[[str], None], every: timedelta) -> None:
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        left = deadline - time.monotonic()
        try:
            turn.acquire(timeout=max(0, min(left, every.total_seconds())), poll_interval=0.2)
        except Timeout:
            if left <= every.total_seconds():
                raise TurnTakenError(
                    f"Another run is at work ({holder(lock)}): let it finish, then start again."
                ) from None
            say(f"another run is at work ({holder(lock)}); waiting for it to end")
        else:
            return


def holder(lock: Path) -> str:
    """Who has the turn, in words, as that run wrote it."""
    try:
        said = json.loads(lock.read_text("utf-8"))
        return f"{said['run']}, process {said['pid']}, since {said['since']}"
    except (OSError, ValueError, LookupError, TypeError):
        # It has only just got the turn.
        return "just begun"
