"""One million register rows through ingest, and through a bare DuckDB script, in one run. Usage: python -m bench.run

CPU seconds are those of the whole process, start-up included, as the operating system counts them.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.generate_register import generate

ROWS = 1_000_000
ROUNDS = 3
FILE = "dte/rcv_compra_202401.csv"


def measure(command: list[str]) -> tuple[float, int]:
    """CPU seconds and peak memory in MB of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def main() -> None:
    """Generates the register, runs both in turn and prints medians and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        generate(ROWS, work / "exports" / FILE)
        bare = [sys.executable, "-m", "bench.bare_register", str(work / "exports" / FILE), str(work / "bare")]
        ours = [sys.executable, "-m", "bench.ingest_register", str(work / "exports"), str(work / "ours")]
        rounds = []
        for _ in range(ROUNDS):
            shutil.rmtree(work / "ours", ignore_errors=True)
            rounds.append((measure(bare), measure(ours)))
        for name, of in (("bare DuckDB", 0), ("ingest", 1)):
            cpu = statistics.median(r[of][0] for r in rounds)
            memory = max(r[of][1] for r in rounds)
            print(f"{name:12} {cpu:6.2f} CPU s  {memory:5d} MB")
        ratio = statistics.median(mine[0] / floor[0] for floor, mine in rounds)
        print(f"ingest needs {ratio:.2f} times the bare script, {ROWS} rows, median of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
