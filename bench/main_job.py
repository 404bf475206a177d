"""The whole job on an exports folder, for the benches. Usage: python -m bench.main_job EXPORTS FOLDER [bare] [phases]

bare: without what proves that nothing is lost and nobody exposed: the second reading, the desk, the scan for personal
data before and after the files are written. What is published then is nobody's to read.
phases: FOLDER/phases.json tells what each part of the run cost, as bench.phases says.
"""

import os
import sys
from pathlib import Path

from bench import phases


def without_proof() -> None:
    """Takes the second reading, the correction desk and the scans out of the rooms."""
    from ingest import batch, desk
    from ingest.rows import reserved
    from publish import draft
    from publish.privacy import inspection
    from publish.privacy.screening import Screening

    def nothing(*_: object) -> None:
        return None

    for room, name, instead in (
        (batch, "_disagreement", nothing),
        (desk, "write", nothing),
        (reserved, "values", nothing),
        (draft, "screen", lambda *_: Screening()),
        (inspection, "inspect", nothing),
    ):
        if not hasattr(room, name):
            raise SystemExit(f"{room.__name__} has no {name}: what is left out would be counted")
        setattr(room, name, instead)


def main() -> None:
    """Runs it, everything below FOLDER."""
    exports, folder, *options = sys.argv[1:]
    base = Path(folder).absolute()
    (base / "corrections").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "EXPORTS_DIR": exports,
        "CORRECTIONS_DIR": str(base / "corrections"),
        "WAREHOUSE_PATH": str(base / "internal" / "bodega.duckdb"),
        "RELEASES_DIR": str(base / "releases"),
    }
    if "phases" in options:
        phases.listen(base / "phases.json")
    from orchestration.cli import app

    if "bare" in options:
        without_proof()
    app(["run"])


if __name__ == "__main__":
    main()
