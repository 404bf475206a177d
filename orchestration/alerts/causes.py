"""What is wrong now, read from what runs left behind, from the clock and from the disks.

What leaves the machine is in `what` and `where`, which hold no cell and no name that is not public. `key` and `inside`
may name anything, and stay in the internal area.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import duckdb

from expectations import CHECKS
from ingest import contract
from ingest.contract import Contract, ContractError
from orchestration import freshness, sources
from orchestration.alerts.names import Names
from orchestration.alerts.outcome import BUCKET, PORTAL, Outcome, of_error, sentence
from orchestration.machine import space
from orchestration.settings import Settings
from orchestration.state import arrivals, gate
from orchestration.state.arrivals import Arrivals
from orchestration.state.state_file import StateFileError
from publish.gate import Gate

# A run every night, and the night of 25 hours when the clock goes back.
PATIENCE = timedelta(hours=26)
# Above so many of a kind and a place, one cause stands for all: a folder that is not mounted is one thing.
MANY = 20
_NAMED = 3

# What makes it impossible to judge what a run left: a damaged file, a broken contract, or one that was taken away.
_UNREADABLE = (StateFileError, duckdb.Error, ContractError, LookupError)

# How ingest says why it left a file alone that has no business in the folder.
_UNKNOWN = "no contract knows"


@dataclass(frozen=True)
class Cause:
    """Something that is wrong. key: the same as long as it is the same cause, however it is worded.

    what: a sentence. where: the file, dataset, source or step. inside: what only the institution may read. covers: the
    keys of the causes that this one stands for.
    """

    key: str
    kind: str
    what: str
    where: str
    inside: str = ""
    covers: frozenset[str] = field(default_factory=frozenset)


class Found(NamedTuple):
    """The causes that are there, and the kinds that could be judged: of the others nothing is known now."""

    causes: list[Cause]
    judged: set[str]


def find(settings: Settings, now: datetime, outcome: Outcome | None, finished: datetime) -> Found:
    """What is wrong now.

    now, finished: with a time zone; finished: when a run last ended with a release in force, or since when that is
    watched. outcome: of the run that ended, where one did.
    """
    found = Found([], {"no_finished_run", "folder_out_of_reach", "disk_nearly_full"})
    found.causes.extend(_no_finished_run(now, finished))
    out_of_reach = space.out_of_reach(settings.folders)
    found.causes.extend(_out_of_reach(settings, out_of_reach))
    found.causes.extend(_disks(settings))
    # What cannot be read is not judged: the next run writes it anew.
    if "RAW_DIR" not in out_of_reach and (settings.raw / "archivos.parquet").exists():
        with suppress(*_UNREADABLE):
            found.causes.extend(_of_sources(settings, now))
            found.judged.update({"file_refused", "file_missing", "source_late"})
            found.judged.update({"file_mostly_rejected", "file_fewer_rows"})
            found.judged.update({"file_unknown", "file_unreadable", "source_failed", "correction_overtaken"})
    with suppress(*_UNREADABLE):
        summary, verdicts = gate.read_summary(settings.summary), gate.read(settings.gate)
        # The verdicts come long before the summary: until then the one that is there may be of the night before.
        if summary["run_id"] == verdicts.run_id:
            found.causes.extend([*_held(summary, verdicts), *_doubtful(verdicts)])
            found.judged.add("dataset_held")
            # What leans on a source that could not be read was not checked: nobody knows whether that has healed.
            if not any(result["check"] == sources.READ for results in verdicts.results.values() for result in results):
                found.judged.add("figures_doubtful")
    if outcome:
        found.judged.add("run_failed")
        found.causes.extend(_failed(outcome))
        if outcome.finished:
            found.judged.add("not_loaded")
        if outcome.reached_public:
            found.judged.update({"bucket_failed", "pages_old"})
    if not settings.bucket:
        found.judged.add("bucket_failed")
    return Found(list(_gathered(found.causes)), found.judged)


def not_loading(error: Exception) -> Found:
    """That Dagster cannot load the code, beside which nothing is judged."""
    said = of_error(error)
    what = f"Dagster cannot load the code, so that no schedule and no sensor is at work: {said}"
    return Found([Cause("not_loaded", "not_loaded", what, "code")], set())


@cache
def _contracts() -> Mapping[str, Contract]:
    """Read when they are needed, so that a broken one leaves the other causes to be judged. Raises ContractError."""
    return contract.load()


def _of_sources(settings: Settings, now: datetime) -> list[Cause]:
    """What is wrong with what arrived. All of it or, where something cannot be read, one of _UNREADABLE is raised."""
    names = Names.of(settings.releases, _contracts())
    arrived = arrivals.read(settings.arrivals)
    with sources.ledger(settings.raw) as con:
        return [
            *_left_alone(arrived, names),
            *_files(con, arrived, names),
            *_rows(con, arrived, names),
            *_failed_sources(arrived, names),
            *_corrections(arrived),
            *_late(settings, now),
        ]


def _files(con: duckdb.DuckDBPyConnection, arrived: Arrivals, names: Names) -> Iterator[Cause]:
    refused = con.execute(
        """select export, archivo, sha256, motivo, archivo in (select archivo from en_vigor)
        from bitacora where estado = 'RECHAZADO' order by archivo"""
    ).fetchall()
    missing = con.execute(
        """select export, archivo, sha256, recibido_en
        from en_vigor where not presente and archivo not in (select archivo from bitacora where presente)
        order by archivo"""
    ).fetchall()
    for export, path, sha256, reason, stands_in in refused:
        kept = "what was good before stays in force" if stands_in else "nothing of that name is in force"
        yield Cause(
            f"file_refused:{path}",
            "file_refused",
            f"A file of {export} was refused whole ({reason}); {kept}.",
            names.file(export, path, sha256),
            path,
        )
    for export, path, sha256, received in missing:
        # What is there and was left alone is told of by itself, or is still growing.
        if path not in arrived.left_alone:
            yield Cause(
                f"file_missing:{path}",
                "file_missing",
                f"A file of {export} is no longer in the exports folder; what came on {received:%Y-%m-%d %H:%M} UTC "
                "stays in force.",
                names.file(export, path, sha256),
                path,
            )


def _rows(con: duckdb.DuckDBPyConnection, arrived: Arrivals, names: Names) -> Iterator[Cause]:
    """Files that were taken in, and lost many of their rows on the way here."""
    for export, path, sha256, bad, rows in sources.mostly_rejected(con):
        yield Cause(
            f"file_mostly_rejected:{path}",
            "file_mostly_rejected",
            f"Of a file of {export}, {bad} of {rows} rows were rejected; only the others count.",
            names.file(export, path, sha256),
            path,
        )
    for each in arrived.fewer:
        yield Cause(
            f"file_fewer_rows:{each.follows}",
            "file_fewer_rows",
            f"A file of {each.export} has {each.rows} good rows, and until now there were {each.before}; it counts as "
            "it is.",
            names.file(each.export, each.path, each.sha256),
            each.path,
        )


def _left_alone(arrived: Arrivals, names: Names) -> Iterator[Cause]:
    for path, why in arrived.left_alone.items():
        if path in arrived.to_try_again:
            continue
        if why.startswith(_UNKNOWN):
            yield Cause(
                f"file_unknown:{path}",
                "file_unknown",
                "A file was left alone: no contract knows a file of its name, which is not told here since it is not "
                "public.",
                names.folder(path),
                path,
            )
        else:
            export = names.export_of(path)
            yield Cause(
                f"file_unreadable:{path}",
                "file_unreadable",
                f"A file of {export} cannot be opened: what was good before stays in force, if there was anything."
                if export
                else "A folder cannot be looked into, and what is in it counts as missing.",
                names.file(export, path) if export else names.folder(path),
                path,
            )


def _failed_sources(arrived: Arrivals, names: Names) -> Iterator[Cause]:
    for export, failed in arrived.failed_sources.items():
        files = sorted({names.file(export, path) for path in failed.files})
        yield Cause(
            f"source_failed:{export}",
            "source_failed",
            f"{export} could not be read{_some(files)}: {sentence(failed.error, failed.words)} "
            "It keeps what it had, and the datasets that lean on it are held back.",
            export,
            failed.sentence,
        )


def _some(names: list[str]) -> str:
    """The first names in brackets, nothing where there is none."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{more})" if names else ""


def _corrections(arrived: Arrivals) -> Iterator[Cause]:
    for overtaken in arrived.corrections_to_review:
        yield Cause(
            f"correction_overtaken:{overtaken}",
            "correction_overtaken",
            "A correction no longer fits what the source says, so the source's word counts.",
            "corrections/",
            overtaken,
        )


def _late(settings: Settings, now: datetime) -> Iterator[Cause]:
    for source in freshness.sources(settings.raw, _contracts(), now):
        if source.late:
            yield Cause(f"source_late:{source.export}", "source_late", f"{source.sentence}.", source.export)


def _held(summary: Mapping[str, Any], verdicts: Gate) -> Iterator[Cause]:
    for name, reason in summary["failed"].items():
        checks = [r["check"] for r in verdicts.results.get(name, ()) if r["severity"] == "error" and not r["success"]]
        if checks == [sources.READ]:
            # The source that could not be read is the cause, and is told of by itself.
            continue
        why = f"it failed {', '.join(checks)}" if checks else "the release itself found that it must not go out"
        fate = "keeps the version before" if name in summary["published"] else "is not published"
        yield Cause(f"dataset_held:{name}", "dataset_held", f"The dataset {fate}: {why}.", name, reason)


def _doubtful(verdicts: Gate) -> Iterator[Cause]:
    """What the checks warn of that are about whole files. One cause a check, however many datasets it guards."""
    for check in (check for check in CHECKS if check.alarms):
        for result in verdicts.results.get(check.dataset, ()):
            if (result["check"], result["severity"], result["success"]) == (check.name, "warning", False):
                yield Cause(
                    f"figures_doubtful:{check.dataset}.{check.name}",
                    "figures_doubtful",
                    f"The check {check.name} warns: the figures of a whole file are hardly right. The warning stands "
                    "beside them and holds nothing back.",
                    check.dataset,
                    result["observed"],
                )


def _failed(outcome: Outcome) -> Iterator[Cause]:
    for step, said in outcome.failures.items():
        if step == BUCKET:
            what = f"The release is in force in the folder and could not be put in force in the bucket: {said}"
            yield Cause("bucket_failed", "bucket_failed", what, step)
        elif step == PORTAL and outcome.finished:
            what = f"The release is in force, and not all pages for people are of it: {said}"
            yield Cause("pages_old", "pages_old", what, step)
        else:
            fate = "the release before stays in force" if outcome.status > 1 else "the release itself is out"
            what = f"The run failed in the step {step}, and {fate}: {said}"
            yield Cause(f"run_failed:{step}", "run_failed", what, step)


def _no_finished_run(now: datetime, finished: datetime) -> Iterator[Cause]:
    if now - finished > PATIENCE:
        hours = PATIENCE // timedelta(hours=1)
        yield Cause(
            "no_finished_run",
            "no_finished_run",
            f"No run has finished since {finished:%Y-%m-%d %H:%M} UTC, which is more than {hours} hours.",
            "schedule",
        )


def _out_of_reach(settings: Settings, errors: Mapping[str, OSError]) -> Iterator[Cause]:
    for name, error in errors.items():
        yield Cause(
            f"folder_out_of_reach:{name}",
            "folder_out_of_reach",
            f"The folder of {name} cannot be looked at: {of_error(error)}",
            name,
            str(settings.folders[name]),
        )


def _disks(settings: Settings) -> Iterator[Cause]:
    for disk in space.nearly_full(settings.folders):
        folders = ", ".join(disk.folders)
        yield Cause(
            f"disk_nearly_full:{folders}",
            "disk_nearly_full",
            f"Only {disk.free_gb} GB are free: below {disk.needed_gb} GB the next run may not end.",
            folders,
        )


def _gathered(causes: Iterable[Cause]) -> Iterator[Cause]:
    """The causes, with one in the place of those of the same kind and place that are too many."""
    together: defaultdict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in causes:
        together[cause.kind, _place(cause)].append(cause)
    for (kind, place), some in together.items():
        if len(some) <= MANY:
            yield from some
        else:
            yield Cause(
                f"{kind}:{place}/*",
                kind,
                f"{len(some)} at once, told of together. The first: {some[0].what}",
                place if place != kind else some[0].where,
                "; ".join(cause.inside for cause in some[:MANY]),
                frozenset(cause.key for cause in some),
            )


def _place(cause: Cause) -> str:
    """Of a file its folder, below which there are no people's names; of anything else all of it."""
    if cause.kind.startswith("file_"):
        return Names.top_folder(cause.inside, _contracts())
    return cause.kind
