"""The kinds of causes that alerts tell of: how grave each is, its heading in docs/operations.md, and what to do.

A test holds the runbook to this list: a heading for each kind with these very words under it, and none besides.
"""

from dataclasses import dataclass
from typing import Literal

RUNBOOK = "docs/operations.md"


@dataclass(frozen=True)
class Kind:
    """severity: error where what is published stands still or may, else warning. heading: in the runbook."""

    severity: Literal["error", "warning"]
    heading: str
    remedy: str


KINDS = {
    "file_refused": Kind(
        "warning",
        "A file was refused",
        "Have the system's owner export it again and put it in its place; the next run takes it in and heals this.",
    ),
    "file_missing": Kind(
        "warning",
        "A file is missing",
        "Put it back into its folder, or withdraw it in corrections/ if it must no longer count.",
    ),
    "file_mostly_rejected": Kind(
        "warning",
        "Most rows of a file were rejected",
        "Read rechazos/<export>.csv in the internal area, which says of each row what to do, and have the system's "
        "owner mend what they share, as the form of a date, and export it again.",
    ),
    "file_fewer_rows": Kind(
        "warning",
        "A file has far fewer rows than before",
        "Ask the system's owner whether the export is whole, and for the whole one if it is not. If it is right, "
        "nothing is to be done.",
    ),
    "file_unknown": Kind(
        "warning",
        "A file that no contract knows",
        "Give it the name that its contract in ingest/contracts/ asks for, or take it out of the exports folder.",
    ),
    "file_unreadable": Kind(
        "error",
        "A file that cannot be opened",
        "Let the user of the run read the file and every folder above it, and run again.",
    ),
    "source_failed": Kind(
        "error",
        "A source could not be read",
        "Read the run's log: if the disk or the network failed, run again; else it is a fault of ours, so hand the log "
        "to whoever works on ingest/.",
    ),
    "source_late": Kind(
        "warning",
        "A source is late",
        "Ask the system's owner for the export that is due; if it comes at another pace from now on, say so in its "
        "contract (cadence_days, late_after_days).",
    ),
    "correction_overtaken": Kind(
        "warning",
        "A correction is overtaken",
        "See which one with `bodega alerts`, and take it away from corrections/.",
    ),
    "dataset_held": Kind(
        "error",
        "A dataset was held back",
        "Read its checks in calidad.html, mend the source or correct it in corrections/, and run again.",
    ),
    "figures_doubtful": Kind(
        "warning",
        "Figures of a file are hardly right",
        "Read what the check found in calidad.html or with `bodega alerts`. If the file is wrong, have the system's "
        "owner export it again. Where no figure is better than that one, take the file out of the exports folder until "
        "then, and withdraw it in corrections/.",
    ),
    "run_failed": Kind(
        "error",
        "The run failed",
        "Read the end of the run's log, mend what it names, and run again: nothing needs to be cleaned first.",
    ),
    "not_loaded": Kind(
        "error",
        "The code cannot be loaded",
        "Mend what it names, or what the daemon's log says: it tries again every minute, and the next run heals this.",
    ),
    "no_finished_run": Kind(
        "error",
        "No run has finished",
        "Look whether the daemon or the timer is alive and whether a run is stuck, and start `bodega run` by hand.",
    ),
    "bucket_failed": Kind(
        "error",
        "The release is not in the bucket",
        "Find what the run says in the table of the bucket, mend it, and run again.",
    ),
    "pages_old": Kind(
        "error",
        "The pages for people are old",
        "Read in the run's log which pages could not be made and why, and hand it to whoever works on portal/; the "
        "data need nothing. Once it is mended, run again.",
    ),
    "folder_out_of_reach": Kind(
        "error",
        "A folder is out of reach",
        "Bring back the disk or the mount that it lies on, or let the user of the run look into it.",
    ),
    "disk_nearly_full": Kind(
        "error",
        "A disk is nearly full",
        "Make room: set KEEP_RELEASES lower, or give the folders that it names a larger disk.",
    ),
}
