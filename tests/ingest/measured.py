"""One run of the room in a process of its own, so that its memory and its time are its own.

Usage: python -m tests.ingest.measured FOLDER. Prints one line of JSON: the ledger, seconds, peak memory in MiB.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ingest.bench import Bench


@dataclass(frozen=True)
class Measured:
    """What a run of its own came to. ledger: by path. memory: peak, MiB. seconds: wall."""

    ledger: dict[str, dict[str, Any]]
    memory: int
    seconds: float


def run(folder: Path, files: Mapping[str, bytes | str] | None = None, timeout: float = 120) -> Measured:
    """Runs the room over folder/exports, after adding files to it. A crash of native code raises CalledProcessError."""
    for path, content in (files or {}).items():
        file = folder / "exports" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    done = subprocess.run(
        [sys.executable, "-m", "tests.ingest.measured", str(folder)],
        check=True,
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=Path(__file__).parents[2],
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main(folder: Path) -> None:
    bench = Bench(folder)
    started = time.monotonic()
    bench.run()
    seconds = time.monotonic() - started
    # Not getrusage, which takes over the peak of the process that started this one.
    memory = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert memory
    print(json.dumps({"ledger": bench.ledger(), "memory": int(memory[1]) >> 10, "seconds": seconds}, default=str))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
