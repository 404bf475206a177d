"""What ingest found beside the files of the ledger, kept for the end of the run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.pipeline import Report


@dataclass(frozen=True)
class FailedSource:
    """An export whose reading failed for no fault of a file. files: those at work. error: its class; words: its own.

    sentence: all of it in words, which may quote a cell.
    """

    files: tuple[str, ...]
    error: str
    words: str
    sentence: str


def write(report: "Report", path: Path) -> None:
    """Keeps what was left alone or could not be read, each with the reason, and the corrections that are overtaken."""
    content = {
        "left_alone": report.unknown,
        "to_try_again": report.to_try_again,
        "corrections_to_review": report.corrections_to_review,
        "failed_sources": {
            export: vars(FailedSource(f.files, type(f.error).__name__, str(f.error), f.sentence))
            for export, f in sorted(report.failures.items())
        },
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def left_alone(path: Path) -> dict[str, str]:
    """The files that no contract knows or that cannot be read, each with the reason."""
    return dict(json.loads(path.read_text("utf-8"))["left_alone"])


def to_try_again(path: Path) -> list[str]:
    """The files that another run may find otherwise, although nothing seems to have changed."""
    return list(json.loads(path.read_text("utf-8"))["to_try_again"])


def failed_sources(path: Path) -> dict[str, FailedSource]:
    """The exports that could not be read for no fault of their files, each with what happened."""
    said = json.loads(path.read_text("utf-8"))["failed_sources"]
    return {export: FailedSource(**each | {"files": tuple(each["files"])}) for export, each in said.items()}


def corrections_to_review(path: Path) -> list[str]:
    """The corrections whose guard failed, one sentence each."""
    return list(json.loads(path.read_text("utf-8"))["corrections_to_review"])
