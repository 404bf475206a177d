"""Whether a process that was seen once is still there, although numbers of processes are used again."""

import os
import time
from pathlib import Path

# The system counts in hundredths of a second, and two clocks are read one after the other.
_TOLERANCE_SECONDS = 2
# Where /proc/<number>/stat has the beginning of a process, counted from after its name.
_BEGINNING = 19


def is_gone(number: int, seen: float) -> bool:
    """Whether the process that had this number at that time has ended, be the number another one's by now.

    seen: in seconds since 1970. Where the system does not tell when a process began, its number alone is looked for.
    """
    try:
        os.kill(number, 0)
    except (ProcessLookupError, PermissionError):
        # What may not be asked is another user's, and runs are all of the one who owns the internal area.
        return True
    began = _began(number)
    return began is not None and began > seen + _TOLERANCE_SECONDS


def _began(number: int) -> float | None:
    """When the process began, in seconds since 1970; None where the system does not tell."""
    try:
        said = Path(f"/proc/{number}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name of the program stands in brackets, and may hold any character.
    since_boot = int(said.rpartition(")")[2].split()[_BEGINNING]) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot
