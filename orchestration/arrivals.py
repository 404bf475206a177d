"""What ingest found beside the files of the ledger, kept for the end of the run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.pipeline import Report


def write(report: "Report", path: Path) -> None:
    """Keeps the files that were left alone, each with the reason, and the corrections that sources have overtaken."""
    content = {
        "left_alone": report.unknown,
        "to_try_again": report.to_try_again,
        "corrections_to_review": report.corrections_to_review,
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def left_alone(path: Path) -> dict[str, str]:
    """The files that no contract knows or that cannot be read, each with the reason."""
    return dict(json.loads(path.read_text("utf-8"))["left_alone"])


def to_try_again(path: Path) -> list[str]:
    """The files that another run may find otherwise, although nothing seems to have changed."""
    return list(json.loads(path.read_text("utf-8"))["to_try_again"])


def failed_sources(path: Path) -> dict[str, str]:
    """The exports whose reading failed for no fault of a file, each with what happened."""
    return dict(json.loads(path.read_text("utf-8")).get("failed_sources", {}))


def corrections_to_review(path: Path) -> list[str]:
    """The corrections whose guard failed, one sentence each."""
    return list(json.loads(path.read_text("utf-8"))["corrections_to_review"])
