"""What it costs to lose nothing and expose nobody: the main job with and without it, at one million register rows.

CPU seconds are those of the whole process and all that it starts. Usage: python -m bench.cost [ROWS]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.generate_register import generate

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
REGISTER = "dte/rcv_compra_202401.csv"
# A register of made-up documents explains no budget, so that checks may well hold something back.
RELEASED = (0, 1)


def measure(exports: Path, folder: Path, *options: str) -> tuple[float, int]:
    """CPU seconds and peak memory in MB of one run in a fresh place."""
    log = folder.with_suffix(".log")
    with log.open("w") as output:
        command = [sys.executable, "-m", "bench.main_job", str(exports), str(folder), *options]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in RELEASED:
        raise SystemExit(log.read_text("utf-8"))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def main() -> None:
    """Generates the register beside the samples, runs both and prints the ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(SAMPLES, work / "exports")
        generate(rows, work / "exports" / REGISTER)
        bare = measure(work / "exports", work / "bare", "bare")
        whole = measure(work / "exports", work / "whole")
        for name, (cpu, memory) in (("without", bare), ("with", whole)):
            print(f"{name:8} {cpu:7.1f} CPU s  {memory:5d} MB")
        print(f"{whole[0] / bare[0]:.2f} times, {rows} register rows")


if __name__ == "__main__":
    main()
