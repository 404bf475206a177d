"""Reading spread over real processes: whatever becomes of them, what is gathered is what one process alone makes."""

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from ingest import ahead, batch, pipeline, spread
from ingest.placing import put
from ingest.raw.store import Store
from tests.conftest import SAMPLES
from tests.ingest.bench import Bench
from tests.ingest.tables import PATHS, csv_file, row

SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 120
SMALL: dict[str, bytes | str] = {
    **{f"core/acuerdos_2025010{n}.csv": csv_file("core_acuerdos", [row("core_acuerdos", n)]) for n in range(1, 5)},
    **{
        f"dte/rcv_compra_20250{n}.csv": csv_file("dte_rcv_compra", [row("dte_rcv_compra", n, folio=f"{n}")])
        for n in range(1, 5)
    },
    PATHS["dte_pagos"]: csv_file("dte_pagos", [row("dte_pagos", 1), row("dte_pagos", 2, fecha_pago="x")]),
    "dte/otro.xml": "<html>",
}


class Spread(Bench):
    """A bench whose files workers may read first."""

    def places(self) -> pipeline.Places:
        return pipeline.Places(self.exports, self.corrections, self.raw, self.archive, self.desk)

    def plan(self, workers: int, worth: int = 0) -> list[list[spread.Work]]:
        return spread.plan(self.places(), workers, worth=worth)

    def gather(self) -> list[str]:
        """Runs the room; returns which exports were still to be read."""
        said: list[str] = []
        self.report = pipeline.run(self.places(), said.append)
        for failure in () if self.may_fail else self.report.failures.values():
            raise failure.error
        return [sentence.partition(":")[0] for sentence in said]

    def written(self) -> dict[str, bytes]:
        """Every file of the raw layer and of the desk."""
        folders = (self.raw, self.desk)
        return {f"{p.parent.name}/{p.name}": p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}


def read_in_processes(bench: Spread, shares: list[list[spread.Work]]) -> None:
    """Every share by a process of its own, all at once."""
    workers = [SPAWN.Process(target=spread.read, args=(bench.raw, share)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    assert [worker.exitcode for worker in workers] == [0] * len(shares)


def stop_before_the_end(raw: Path, share: list[spread.Work], export: str, go_on: Path) -> None:
    """Reads a share, and waits once the rows of a batch of the export are written and it is to be declared complete."""
    complete = Store.complete

    def waits(store: Store, of: str, *rest: object) -> None:
        while of == export and not go_on.exists():
            time.sleep(0.05)
        complete(store, of, *rest)  # type: ignore[arg-type]

    Store.complete = waits  # type: ignore[method-assign,assignment]
    spread.read(raw, share)


def half_read(bench: Spread, share: list[spread.Work], export: str, go_on: Path) -> BaseProcess:
    """A process that has written the rows of a batch of the export and has not declared it complete."""
    worker = SPAWN.Process(target=stop_before_the_end, args=(bench.raw, share, export, go_on))
    worker.start()
    until(lambda: any((bench.raw / ".ahead").glob(f"*/{export}/{export}-*.parquet")))
    return worker


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def differs(bench: Spread, folder: Path) -> list[str]:
    """The files of the raw layer and of the desk that are not as one process alone makes them of the same exports."""
    (folder / "alone").mkdir()
    alone = Spread(folder / "alone")
    alone.exports, alone.corrections = bench.exports, bench.corrections
    alone.run()
    found, expected = bench.written(), alone.written()
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spread:
    """Files of several batches, of which none is read."""
    monkeypatch.setattr(batch, "BATCH_BYTES", 500)
    bench = Spread(tmp_path)
    bench.add(SMALL)
    return bench


def test_what_several_processes_read_is_what_one_reads_byte_for_byte(tmp_path: Path) -> None:
    files = {str(p.relative_to(SAMPLES)): p.read_bytes() for p in SAMPLES.rglob("*") if p.is_file()}
    bench = Spread(tmp_path)
    bench.add(files)
    shares = bench.plan(3)
    assert len(shares) == 3
    read_in_processes(bench, shares)
    assert bench.gather() == []
    assert all(f.read_now for f in bench.report.files if f.arrival.present)
    assert differs(bench, tmp_path) == []
    assert len(bench.written()) > 50


def test_of_a_worker_that_is_killed_only_what_it_was_at_is_read_again(bench: Spread, tmp_path: Path) -> None:
    first, second = bench.plan(2)
    share = sorted([*first, *second], key=lambda work: work.rules.contract.export != "dte_rcv_compra")
    worker = half_read(bench, share, "core_acuerdos", tmp_path / "never")
    worker.kill()
    worker.join(PATIENCE)
    assert worker.exitcode == -signal.SIGKILL
    read = bench.gather()
    assert "core_acuerdos" in read
    assert "dte_rcv_compra" not in read
    assert differs(bench, tmp_path) == []


def test_a_worker_that_is_still_at_it_when_all_is_gathered_adds_nothing(bench: Spread, tmp_path: Path) -> None:
    (share,) = bench.plan(1)
    go_on = tmp_path / "go_on"
    worker = half_read(bench, share, "core_acuerdos", go_on)
    assert "core_acuerdos" in bench.gather()
    before = bench.written()
    go_on.touch()
    worker.join(PATIENCE)
    complete = [*(bench.raw / ".ahead").glob("*.read/lecturas/core_acuerdos-*.parquet")]
    assert [said for said in complete if not (said.parent.parent / "core_acuerdos").exists()] == []
    assert bench.gather() == []
    assert bench.written() == before
    assert differs(bench, tmp_path) == []


def test_workers_and_a_run_that_gathers_at_the_same_time_do_not_disturb_one_another(
    bench: Spread, tmp_path: Path
) -> None:
    workers = [SPAWN.Process(target=spread.read, args=(bench.raw, share)) for share in bench.plan(3)]
    for worker in workers:
        worker.start()
    until(lambda: any((bench.raw / ".ahead").glob("*.read")))
    while any(worker.is_alive() for worker in workers):
        bench.gather()
    bench.gather()
    assert differs(bench, tmp_path) == []


def test_two_workers_with_the_same_share_do_no_harm(bench: Spread, tmp_path: Path) -> None:
    (share,) = bench.plan(1)
    read_in_processes(bench, [share, share])
    assert bench.gather() == []
    assert differs(bench, tmp_path) == []


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_run_that_breaks_off_while_it_takes_loses_and_doubles_nothing(
    bench: Spread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    for share in bench.plan(1):
        spread.read(bench.raw, share)
    done: list[Path] = []
    move = put

    def breaks_off(partial: Path, path: Path) -> None:
        if len(done) == moves:
            raise KeyboardInterrupt
        done.append(path)
        move(partial, path)

    monkeypatch.setattr(ahead, "put", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        bench.gather()
    monkeypatch.setattr(ahead, "put", move)
    assert len(bench.gather()) == 1
    assert differs(bench, tmp_path) == []


def test_what_was_read_under_other_rules_is_not_taken(bench: Spread, tmp_path: Path) -> None:
    for share in bench.plan(1):
        spread.read(bench.raw, share)
    bench.correct(
        "celdas: [{export: core_acuerdos, donde: {acuerdo: 2/2022}, columna: votos_favor, dice: '30', debe_decir: '31',"
        " motivo: El acta dice otra cosa, autor: Analista de datos, fecha: 2026-11-20}]"
    )
    assert set(bench.gather()) == {"core_acuerdos"}
    assert {r["acuerdo"]: r["votos_favor"] for r in bench.accepted("core_acuerdos")}["2/2022"] == 31
    assert differs(bench, tmp_path) == []


def test_a_source_that_a_worker_cannot_read_is_left_to_the_run_that_gathers(bench: Spread, tmp_path: Path) -> None:
    (share,) = bench.plan(1)
    lost = next(work for work in share if work.rules.contract.export == "dte_pagos").files[0]
    content = lost.archived.read_bytes()
    lost.archived.unlink()
    (failure,) = spread.read(bench.raw, share)
    assert failure.export == "dte_pagos"
    assert failure.files == (lost.path,)
    lost.archived.write_bytes(content)
    assert set(bench.gather()) == {"dte_pagos"}
    assert differs(bench, tmp_path) == []


def test_what_is_known_or_was_read_ahead_already_is_dealt_to_nobody(bench: Spread) -> None:
    first, second = bench.plan(2)
    spread.read(bench.raw, first)
    assert {work.files for work in bench.plan(1)[0]} == {work.files for work in second}
    bench.gather()
    assert bench.plan(2) == []


def test_workers_get_shares_of_about_the_same_size_and_none_where_little_is_new(bench: Spread) -> None:
    shares = bench.plan(3)
    sizes = [sum(work.bytes for work in share) for share in shares]
    files = [a.path for share in shares for work in share for a in work.files]
    largest = max(work.bytes for share in shares for work in share)
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= largest
    assert sorted(files) == sorted(SMALL)
    assert bench.plan(3, worth=sum(sizes) + 1) == []
