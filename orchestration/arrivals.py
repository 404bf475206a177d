"""What ingest found beside the files of the ledger, kept for the end of the run."""

import json
from pathlib import Path

from ingest.pipeline import Report


def write(report: Report, path: Path) -> None:
    """Keeps the files that were left alone, each with the reason, and the corrections that sources have overtaken."""
    content = {"left_alone": report.unknown, "corrections_to_review": report.corrections_to_review}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def left_alone(path: Path) -> dict[str, str]:
    """The files that no contract knows or that cannot be read, each with the reason."""
    return dict(json.loads(path.read_text("utf-8"))["left_alone"])


def corrections_to_review(path: Path) -> list[str]:
    """The corrections whose guard failed, one sentence each."""
    return list(json.loads(path.read_text("utf-8"))["corrections_to_review"])
