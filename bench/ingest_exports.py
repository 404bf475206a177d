"""The ingest room on an exports folder, for the benches. Usage: python -m bench.ingest_exports EXPORTS FOLDER"""

import sys
from pathlib import Path

from ingest import pipeline

if __name__ == "__main__":
    exports, folder = (Path(argument) for argument in sys.argv[1:])
    (folder / "corrections").mkdir(parents=True, exist_ok=True)
    report = pipeline.run(
        pipeline.Places(exports, folder / "corrections", folder / "raw", folder / "archive", folder / "rechazos")
    )
    for failure in report.failures.values():
        raise failure.error
