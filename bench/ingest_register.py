"""The ingest room on an exports folder, for bench.run. Usage: python -m bench.ingest_register EXPORTS FOLDER"""

import sys
from pathlib import Path

from ingest import pipeline

if __name__ == "__main__":
    pipeline.run(Path(sys.argv[1]), Path(sys.argv[2]) / "raw", Path(sys.argv[2]) / "archive")
