"""The ingest room on an exports folder, for bench.run. Usage: python -m bench.ingest_register EXPORTS FOLDER"""

import sys
from pathlib import Path

from ingest import pipeline

if __name__ == "__main__":
    exports, folder = (Path(argument) for argument in sys.argv[1:])
    pipeline.run(
        pipeline.Places(exports, folder / "corrections", folder / "raw", folder / "archive", folder / "rechazos")
    )
