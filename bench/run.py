"""One million register rows through ingest, and through a bare DuckDB script, in one run. Usage: python -m bench.run

CPU seconds are those of the whole process, start-up included, as the operating system counts them.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench.measuring import must
from bench.world.exports import generate_register

ROWS = 1_000_000
ROUNDS = 3


def main() -> None:
    """Generates the register, runs both in turn and prints medians and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        generate_register(ROWS, work / "exports")
        bare = [sys.executable, "-m", "bench.floor", str(work / "exports"), str(work / "bare"), "register"]
        ours = [sys.executable, "-m", "bench.ingest_exports", str(work / "exports"), str(work / "ours")]
        rounds = []
        for _ in range(ROUNDS):
            for place in ("bare", "ours"):
                shutil.rmtree(work / place, ignore_errors=True)
            rounds.append((must(bare, work / "bare.log"), must(ours, work / "ours.log")))
        for name, of in (("bare DuckDB", 0), ("ingest", 1)):
            cpu = statistics.median(r[of].cpu for r in rounds)
            memory = max(r[of].largest_mb for r in rounds)
            print(f"{name:12} {cpu:6.2f} CPU s  {memory:5d} MB")
        ratio = statistics.median(mine.cpu / floor.cpu for floor, mine in rounds)
        print(f"ingest needs {ratio:.2f} times the bare script, {ROWS} rows, median of {ROUNDS} rounds")


if __name__ == "__main__":
    main()
