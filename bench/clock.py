"""Runs a module at another time: python -m bench.clock MOMENT MODULE [ARGUMENT ...]

MOMENT: as 2018-05-13T02:00:00-04:00; time goes on from there. The clock is that of this process alone: dbt, which the
job starts, and the file system go by the machine's.
"""

import runpy
import sys
from datetime import datetime

import time_machine


def main(moment: str, module: str) -> None:
    """Runs the module as if it were that moment. Raises ValueError where the moment lacks a time zone."""
    begin = datetime.fromisoformat(moment)
    if begin.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    with time_machine.travel(begin, tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _, at, what, *arguments = sys.argv
    sys.argv = [what, *arguments]
    main(at, what)
