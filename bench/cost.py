"""What it costs to lose nothing and expose nobody: the main job with and without it, at one million documents.

CPU seconds are those of the whole process and all that it starts. Usage: python -m bench.cost [DOCUMENTS]
"""

import sys
import tempfile
from pathlib import Path

from bench.measuring import Cost, must
from bench.world.exports import generate


def measure_job(exports: Path, folder: Path, *options: str) -> Cost:
    """One run in a fresh place."""
    command = [sys.executable, "-m", "bench.main_job", str(exports), str(folder), *options]
    return must(command, folder.with_suffix(".log"))


def main() -> None:
    """Generates the exports, runs both and prints the ratio."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        generate(documents, work / "exports")
        bare = measure_job(work / "exports", work / "bare", "bare")
        whole = measure_job(work / "exports", work / "whole")
        for name, cost in (("without", bare), ("with", whole)):
            print(f"{name:8} {cost.cpu:7.1f} CPU s  {cost.largest_mb:5d} MB")
        print(f"{whole.cpu / bare.cpu:.2f} times, {documents} documents")


if __name__ == "__main__":
    main()
