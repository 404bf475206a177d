"""What ingest found beside the files of the ledger, kept for the end of the run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.fewer import Fewer
from orchestration import errors
from orchestration.state import state_file

if TYPE_CHECKING:
    from ingest.pipeline import Report


@dataclass(frozen=True)
class FailedSource:
    """An export whose reading failed for no fault of a file.

    files: those at work. error: its class, as of errors.name_of; words: its own.
    sentence: all of it in words, which may quote a cell.
    """

    files: tuple[str, ...]
    error: str
    words: str
    sentence: str


@dataclass(frozen=True)
class Arrivals:
    """left_alone: the files that no contract knows or that cannot be read, each with the reason.

    to_try_again: those that another run may find otherwise, although nothing seems to have changed.
    corrections_to_review: those whose guard failed, one sentence each. failed_sources: the exports that could not be
    read for no fault of their files, each with what happened. fewer: what has far fewer accepted rows than before.
    """

    left_alone: dict[str, str]
    to_try_again: list[str]
    corrections_to_review: list[str]
    failed_sources: dict[str, FailedSource]
    fewer: list[Fewer]


def write(report: "Report", path: Path) -> None:
    """Keeps what of a run's report the next ones and the alerts ask for: all that Arrivals holds."""
    content = {
        "left_alone": report.unknown,
        "to_try_again": report.to_try_again,
        "corrections_to_review": report.corrections_to_review,
        "failed_sources": {
            export: vars(FailedSource(f.files, errors.name_of(type(f.error)), str(f.error), f.sentence))
            for export, f in sorted(report.failures.items())
        },
        "fewer": [vars(each) for each in report.fewer],
    }
    state_file.write(path, content)


def read(path: Path) -> Arrivals:
    """What the last run kept. Raises StateFileError where that cannot be read."""
    with state_file.understood(path) as said:
        return Arrivals(
            dict(said["left_alone"]),
            list(said["to_try_again"]),
            list(said["corrections_to_review"]),
            {
                export: FailedSource(**each | {"files": tuple(each["files"])})
                for export, each in said["failed_sources"].items()
            },
            [Fewer(**each) for each in said["fewer"]],
        )
