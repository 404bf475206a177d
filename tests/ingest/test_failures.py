"""A source that cannot be read for no fault of its files stops nothing else, keeps what it had, and heals by itself."""

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from ingest import contract, pipeline
from ingest.arriving import arrivals
from ingest.arriving.listing import listing
from ingest.reading import csv_file
from tests.ingest.bench import Bench
from tests.ingest.conftest import Ingest
from tests.ingest.tables import CONTRACTS, CSV_EXPORTS, PATHS, document, dte, row, spending, workbook
from tests.ingest.tables import csv_file as csv_bytes

CORE, PROGRAMME = (PATHS[name] for name in ("core_acuerdos", "programa_compromisos"))
NEWER = "core/acuerdos_20250228.csv"


def agreements(*numbers: int) -> bytes:
    return csv_bytes("core_acuerdos", [row("core_acuerdos", n) for n in numbers])


def commitments(*numbers: int) -> bytes:
    return csv_bytes("programa_compromisos", [row("programa_compromisos", n) for n in numbers])


@pytest.fixture
def bench(ingest: Ingest) -> Bench:
    """A good run over two exports."""
    bench = ingest({CORE: agreements(1, 2), PROGRAMME: commitments(1)})
    bench.may_fail = True
    return bench


def kept(bench: Bench) -> list[str]:
    return [r["acuerdo"] for r in bench.accepted("core_acuerdos")]


# States in which a new file of core_acuerdos cannot be read: how each comes about, and how it goes.
Mend = Callable[[], object]


def unreadable_medium(bench: Bench) -> Mend:
    (bench.exports / NEWER).symlink_to("/proc/self/mem")

    def mend() -> None:
        (bench.exports / NEWER).unlink()
        bench.add({NEWER: agreements(1, 2, 3)})

    return mend


def something_in_the_place_of_the_copy(bench: Bench) -> Mend:
    content = agreements(1, 2, 3)
    bench.add({NEWER: content})
    sha256 = hashlib.sha256(content).hexdigest()
    place = bench.archive / sha256[:2] / sha256
    place.mkdir(parents=True)
    return place.rmdir


def damaged_readings(bench: Bench) -> Mend:
    bench.add({NEWER: agreements(1, 2, 3)})
    for path in (bench.raw / "lecturas").glob("core_acuerdos-*.parquet"):
        path.write_bytes(path.read_bytes()[:50])
    return lambda: None


def damaged_rows(bench: Bench) -> Mend:
    bench.add({NEWER: agreements(1, 2, 3)})
    for path in (bench.raw / "core_acuerdos").glob("core_acuerdos-*.parquet"):
        path.write_bytes(path.read_bytes()[:50])
    return lambda: None


# What of the run before is left while it lasts.
STATES: dict[Callable[[Bench], Mend], list[str]] = {
    unreadable_medium: ["1/2022", "2/2022"],
    something_in_the_place_of_the_copy: ["1/2022", "2/2022"],
    damaged_readings: [],
    damaged_rows: [],
}


@pytest.mark.parametrize("broken", STATES, ids=lambda each: each.__name__)
def test_the_others_go_on_and_the_next_run_heals(bench: Bench, broken: Callable[[Bench], Mend]) -> None:
    mend = broken(bench)
    bench.add({PROGRAMME: commitments(1, 2)})
    report = bench.run()
    assert list(report.failures) == ["core_acuerdos"]
    assert bench.counts(PROGRAMME)[1] == 2
    assert kept(bench) == STATES[broken]
    assert NEWER not in bench.ledger()
    # A failure that lasts changes nothing more.
    assert (list(bench.run().failures) == ["core_acuerdos"]) == (broken not in (damaged_readings, damaged_rows))
    mend()
    report = bench.run()
    assert report.failures == {}
    assert kept(bench) == ["1/2022", "2/2022", "1/2022", "2/2022", "3/2022"]


def test_every_table_of_every_source_is_kept_while_none_can_be_read(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is reserved too: else names of a source that is away are published where others quote them."""
    files: dict[str, bytes | str] = {
        PATHS[e]: csv_bytes(e, [row(e, 1), row(e, 1) | dict.fromkeys(row(e), "#REF!")]) for e in CSV_EXPORTS
    }
    bench = ingest(files | {PATHS["dte_xml"]: dte(document()), PATHS["sagir_gasto"]: workbook(spending("40048130-0"))})
    bench.may_fail = True
    before = {p: p.read_bytes() for p in bench.raw.glob("*/*-*.parquet")}
    reserved = bench.reserved()

    def away(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(arrivals, "_copy", away)
    assert len(bench.run().failures) == len(PATHS)
    assert {p: p.read_bytes() for p in bench.raw.glob("*/*-*.parquet")} == before
    assert bench.reserved() == reserved
    assert {f.arrival.path for f in bench.report.in_force()} == {*PATHS.values()}


def test_what_happened_is_said_with_source_and_file(bench: Bench) -> None:
    unreadable_medium(bench)
    failure = bench.run().failures["core_acuerdos"]
    assert failure.files == (NEWER,)
    assert isinstance(failure.error, OSError)
    said = f"core_acuerdos could not be read ({NEWER}): OSError: [Errno 5] Input/output error"
    assert failure.sentence.startswith(said)
    assert str(bench.exports / NEWER) in failure.sentence


def test_an_export_that_fails_in_its_first_run_is_empty(ingest: Ingest) -> None:
    bench = ingest({PROGRAMME: commitments(1)})
    bench.may_fail = True
    (bench.exports / CORE).parent.mkdir()
    (bench.exports / CORE).symlink_to("/proc/self/mem")
    report = bench.run()
    assert list(report.failures) == ["core_acuerdos"]
    assert [f.arrival.path for f in report.files] == [PROGRAMME]
    assert bench.accepted("core_acuerdos") == []
    assert bench.counts(PROGRAMME)[1] == 1


def test_a_folder_that_a_lost_mount_leaves_fails_its_exports_and_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def lost(folder: str | Path | int) -> object:
        if not isinstance(folder, int) and Path(folder).name == "core":
            raise OSError(errno.ESTALE, "Stale file handle")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", lost)
    assert listing(bench.exports)[0].failure
    assert list(bench.run().failures) == ["core_acuerdos"]
    assert bench.report.files[0].arrival.present
    assert kept(bench) == ["1/2022", "2/2022"]


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Makes the reader of CSV files raise for files of the council."""
    load = csv_file.load

    def break_with(error: Exception) -> None:
        def broken(*args: object) -> bool:
            if args[3] == CONTRACTS["core_acuerdos"]:
                raise error
            return load(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(csv_file, "load", broken)

    return break_with


def changed_rules(monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    changed = CONTRACTS | {"core_acuerdos": CONTRACTS["core_acuerdos"].model_copy(update=fields)}
    monkeypatch.setattr(contract, "load", lambda: changed)
    monkeypatch.setitem(CONTRACTS, "core_acuerdos", changed["core_acuerdos"])


@pytest.mark.parametrize(
    "error", [ValueError("a fault of ours"), duckdb.InternalException("x"), MemoryError()], ids=repr
)
def test_new_rules_that_fail_leave_the_rows_that_the_old_ones_gave(
    bench: Bench, faulty: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    before = {p.name: p.read_bytes() for p in bench.raw.rglob("core_acuerdos-*.parquet")}
    bench.add({NEWER: agreements(3)})
    with monkeypatch.context() as patch:
        changed_rules(patch, notes="Read in another way.")
        faulty(error)
        failure = bench.run().failures["core_acuerdos"]
        assert (failure.error, failure.files) == (error, (CORE,))
        assert {p.name: p.read_bytes() for p in bench.raw.rglob("core_acuerdos-*.parquet")} == before
        assert kept(bench) == ["1/2022", "2/2022"]
    monkeypatch.undo()
    assert bench.run().failures == {}
    assert kept(bench) == ["1/2022", "2/2022", "3/2022"]


def test_rows_without_the_columns_that_are_read_by_now_are_not_kept(
    bench: Bench, faulty: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = CONTRACTS["core_acuerdos"].columns
    more = columns[-1].model_copy(update={"name": "nueva", "header": "Nueva", "need": False})
    changed_rules(monkeypatch, columns=(*columns, more))
    faulty(ValueError("a fault of ours"))
    assert list(bench.run().failures) == ["core_acuerdos"]
    assert kept(bench) == []
    assert CORE not in bench.ledger()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        duckdb.IOException("IO Error: Could not write file: No space left on device"),
        duckdb.OutOfMemoryException("failed to offload data block: max_temp_directory_size (1.0 GB) is reached"),
    ],
    ids=repr,
)
def test_a_full_disk_stops_the_run(bench: Bench, faulty: Callable[[Exception], None], error: Exception) -> None:
    bench.add({NEWER: agreements(3)})
    faulty(error)
    with pytest.raises(type(error), match=r"No space|quota|max_temp"):
        bench.run()


def test_a_refused_file_is_no_failure(bench: Bench) -> None:
    bench.add({NEWER: b"<html>"})
    assert bench.run().failures == {}
    assert bench.refusal(NEWER) == "not_a_table"


def test_what_is_remembered_as_in_force_outlasts_the_failure(bench: Bench) -> None:
    (bench.exports / CORE).unlink()
    bench.run()
    mend = unreadable_medium(bench)
    bench.run()
    bench.run()
    assert kept(bench) == ["1/2022", "2/2022"]
    mend()
    assert [f.arrival.path for f in bench.run().stand_ins()] == [CORE]


def test_the_report_holds_the_failure_for_the_end_of_the_run(bench: Bench, tmp_path: Path) -> None:
    from orchestration.state.arrivals import FailedSource, read, write

    unreadable_medium(bench)
    write(bench.run(), tmp_path / "arrivals.json")
    failure = bench.report.failures["core_acuerdos"]
    failed = read(tmp_path / "arrivals.json").failed_sources
    assert failed == {"core_acuerdos": FailedSource((NEWER,), "OSError", str(failure.error), failure.sentence)}
    write(pipeline.Report(), tmp_path / "arrivals.json")
    assert read(tmp_path / "arrivals.json").failed_sources == {}
