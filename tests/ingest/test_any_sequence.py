"""Whatever happens to the exports, in whatever order: what is in force is what one run makes of it in an empty place.

The sequences are random. What ought to be in force is told here anew, and not asked of the room.
"""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ingest import batch, contract, pipeline, spread
from ingest.arriving import arrivals
from ingest.pipeline import Again
from tests.ingest.bench import Bench
from tests.ingest.tables import CONTRACTS, csv_file, row

PORTFOLIO, BUDGET, PAYMENTS = "sagir_iniciativas", "presupuesto_ejecucion", "dte_pagos"
JANUARY, FEBRUARY, OTHER = (f"presupuesto/ejecucion_2025_0{of}.csv" for of in ("1_02", "2_02", "1_01"))
NAMES = {
    PORTFOLIO: [f"sagir/iniciativas_2025010{day}.csv" for day in (1, 2, 3)],
    PAYMENTS: [f"dte/pagos_2025010{day}.csv" for day in (1, 2, 3)],
    BUDGET: [JANUARY, FEBRUARY, OTHER],
}
EXPORTS = {name: export for export, names in NAMES.items() for name in names}
LOGIN = b"<html>"
OF_JANUARY = csv_file(BUDGET, [row(BUDGET, 31), row(BUDGET, 22, presupuesto_inicial="mucho")])
OF_FEBRUARY = OF_JANUARY.replace(b"ENERO", b"FEBRERO")
CONTENTS = {
    PORTFOLIO: [
        csv_file(PORTFOLIO, [row(PORTFOLIO, 1), row(PORTFOLIO, 2, monto_total="1.5x"), row(PORTFOLIO, 3)]),
        csv_file(PORTFOLIO, [row(PORTFOLIO, 1), row(PORTFOLIO, 1), row(PORTFOLIO, 4, fecha_estado="ayer")]),
        LOGIN,
    ],
    PAYMENTS: [
        csv_file(PAYMENTS, [row(PAYMENTS, 1, estado="?"), row(PAYMENTS, 2)]),
        csv_file(PAYMENTS, [row(PAYMENTS, 2, correo="otro@andes.cl"), row(PAYMENTS, 2), row(PAYMENTS, 3)]),
        LOGIN,
    ],
    BUDGET: [OF_JANUARY, OF_FEBRUARY, LOGIN],
}
SIGNED = "motivo: El papel dice otra cosa, autor: Analista de datos, fecha: 2026-11-20"
CORRECTIONS = [
    f"{{export: {PORTFOLIO}, donde: {{codigo_iniciativa: 40000002-0}}, columna: monto_total, dice: 1.5x, "
    f"debe_decir: '15', {SIGNED}}}",
    f"{{export: {PAYMENTS}, donde: {{archivo: {NAMES[PAYMENTS][0]}, fila: 2}}, columna: estado, dice: '?', "
    f"debe_decir: PAGADA, {SIGNED}}}",
]
SIDES = ("filas_rechazadas", "llaves_rechazadas", "observaciones", "correcciones", "reservados")
# Always the same, so that an order by time is the same wherever a file is read.
RECEIVED = 1_700_000_000

State = dict[str, Any]
Rule = Callable[..., None]


class Killed(BaseException):
    """The process is no more."""


def is_good(name: str, content: bytes) -> bool:
    """Whether a file is taken in: a budget must be of the month that its name says."""
    return content != LOGIN and (EXPORTS[name] != BUDGET or (content == OF_FEBRUARY) == (name == FEBRUARY))


def put(bench: Bench, name: str, content: bytes) -> None:
    bench.add({name: content})
    os.utime(bench.exports / name, (RECEIVED, RECEIVED))


def said(cells: frozenset[int], withdrawn: frozenset[str] = frozenset()) -> str:
    files = ", ".join(f"{{archivo: {name}, {SIGNED}}}" for name in sorted(withdrawn))
    return f"celdas: [{', '.join(CORRECTIONS[cell] for cell in sorted(cells))}]\nretiros: [{files}]"


def state(bench: Bench) -> State:
    """All that the room tells of what is in force."""
    ledger = f"(select * from '{bench.raw}/archivos.parquet' where estado = 'ACEPTADO')"
    queries = {"files": f"select * exclude (carpeta, presente) from {ledger} order by archivo"}
    for table in (*NAMES, *SIDES):
        of_export = "and l.export = t.export" if table in SIDES[:3] else ""
        queries[table] = f"""select l.archivo, t.* from '{bench.raw}/{table}/*.parquet' as t
            inner join {ledger} as l on l.sha256 = t._sha256 {of_export} order by all"""
    with duckdb.connect() as con:
        tables = {name: con.execute(query).to_arrow_table().to_pylist() for name, query in queries.items()}
    told = [each for each in bench.report.corrections_to_review if "is withdrawn" not in each]
    desk = {path.name: path.read_bytes() for path in bench.desk.glob("*")}
    return tables | desk | {"totals": bench.report.totals_miles, "to review": told}


def rows_of(export: str, found: State) -> list[State]:
    """The rows of an export, whatever became of them."""
    return [each for table in (*NAMES, *SIDES) for each in found[table] if EXPORTS[each["archivo"]] == export]


def rebuilt(in_force: dict[str, bytes], cells: frozenset[int]) -> State:
    """What one run makes of these files in an empty place; asked once of each."""
    key = (*sorted(in_force.items()), cells)
    if key not in _REBUILT:
        with TemporaryDirectory() as folder:
            bench = Bench(Path(folder))
            for name, content in in_force.items():
                put(bench, name, content)
            bench.correct(said(cells))
            bench.run()
            _REBUILT[key] = state(bench)
    return _REBUILT[key]


_REBUILT: dict[tuple[object, ...], State] = {}


def happens(**drawn: Any) -> Callable[[Rule], Rule]:
    """A rule of what the next run finds, or what was there before it; two things of the kind are enough."""
    few = precondition(lambda self: self.news < 2)

    def rule_of(body: Rule) -> Rule:
        made: Rule = few(rule(target=None, **drawn)(body))  # type: ignore[no-untyped-call]
        return made

    return rule_of


class AnySequence(RuleBasedStateMachine):
    """What happens to three exports, and after every one or two things a run that must make the best of it.

    news: how many happened since the last. folder: what lies there. kept: what last was good under each name. cells,
    withdrawn: what corrections/ say. found: what the last run told, if it took in everything.
    """

    @initialize(files=st.fixed_dictionaries({name: st.integers(0, 2) for name in EXPORTS}))
    def begins(self, files: dict[str, int]) -> None:
        self.place = TemporaryDirectory()
        self.bench = Bench(Path(self.place.name))
        self.bench.may_fail = True
        self.news = 0
        self.folder: dict[str, bytes] = {}
        self.kept: dict[str, bytes] = {}
        self.cells = frozenset({0, 1})
        self.withdrawn: frozenset[str] = frozenset()
        self.found: State = {}
        _AGREED.update({name: CONTRACTS[name] for name in NAMES})
        self.bench.correct(said(self.cells))
        for name, number in files.items():
            self.arrives(name, number)
        self.bench.run()
        self.remember()
        self.news = 0

    def teardown(self) -> None:
        self.place.cleanup()

    @happens(name=st.sampled_from([*EXPORTS]), number=st.integers(0, 2))
    def arrives(self, name: str, number: int) -> None:
        self.news += 1
        self.folder[name] = CONTENTS[EXPORTS[name]][number]
        put(self.bench, name, self.folder[name])

    @happens(name=st.sampled_from([*EXPORTS]))
    def vanishes(self, name: str) -> None:
        self.news += 1
        if self.folder.pop(name, None) is not None:
            (self.bench.exports / name).unlink()

    @happens(name=st.sampled_from([*EXPORTS]), number=st.integers(0, 2))
    def changes_its_name(self, name: str, number: int) -> None:
        self.news += 1
        if name in self.folder:
            other = NAMES[EXPORTS[name]][number]
            (self.bench.exports / name).rename(self.bench.exports / other)
            self.folder[other] = self.folder.pop(name)

    @happens(cell=st.integers(0, 1))
    def is_corrected_or_no_longer(self, cell: int) -> None:
        self.news += 1
        self.cells ^= {cell}
        self.bench.correct(said(self.cells, self.withdrawn))

    @happens(name=st.sampled_from([*EXPORTS]))
    def is_withdrawn_or_no_longer(self, name: str) -> None:
        self.news += 1
        self.withdrawn ^= {name}
        self.bench.correct(said(self.cells, self.withdrawn))

    @happens(export=st.sampled_from([*NAMES]))
    def is_agreed_otherwise(self, export: str) -> None:
        self.news += 1
        c = _AGREED[export]
        _AGREED[export] = c.model_copy(update={"notes": f"{c.notes} Otra vez."})

    @precondition(lambda self: self.news > 0)
    @rule(workers=st.integers(0, 2), again=st.sampled_from([None, Again(frozenset({BUDGET}), "2025-01")]))
    def runs(self, workers: int, again: Again | None) -> None:
        self.news = 0
        b = self.bench
        if workers:
            places = pipeline.Places(b.exports, b.corrections, b.raw, b.archive, b.desk)
            for share in spread.plan(places, workers, worth=0):
                spread.read(b.raw, share, threads=1)
        b.run(again)
        self.remember()
        in_force = {n: c for n, c in self.kept.items() if n not in self.withdrawn or self.folder.get(n) == c}
        self.found = state(b)
        assert self.found == rebuilt(in_force, self.cells)
        refused = {name for name, content in self.folder.items() if not is_good(name, content)}
        assert {f.arrival.path for f in b.report.files if f.reading.estado == "RECHAZADO"} == refused
        assert {f.arrival.path for f in b.report.files if f.arrival.present} == self.folder.keys()
        assert [*Path(self.place.name).rglob("*.partial")] == []

    @happens(writes=st.integers(0, 40))
    def is_killed(self, writes: int) -> None:
        """After so many files were put in their place, of which the last is what the room remembers."""
        self.news += 1
        self.found = {}
        left = iter(range(writes))

        def replace(source: Path, target: Path) -> None:
            if next(left, None) is None:
                raise Killed
            put_in_place(source, target)

        put_in_place = os.replace
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", replace)
            try:
                self.bench.run()
            except Killed:
                return
        self.remember()

    @happens(export=st.sampled_from([*NAMES]))
    def is_away(self, export: str) -> None:
        """A disk or a mount, for one run, where there is a file to look for."""
        self.news += 1

        def copy(file: Path, *rest: Any) -> Any:
            if file.parent.name == Path(NAMES[export][0]).parent.name:
                raise OSError(5, "Input/output error")
            return copied(file, *rest)

        copied = arrivals._copy
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(arrivals, "_copy", copy)
            self.bench.run()
        is_missed = export in {EXPORTS[name] for name in self.folder}
        if is_missed and self.found:
            assert rows_of(export, state(self.bench)) == rows_of(export, self.found)
        self.found = {}
        self.remember(without=export if is_missed else "")

    def remember(self, without: str = "") -> None:
        """What is good now, and what was of the names that give nothing good, unless it has only a new name."""
        before = {name: content for name, content in self.kept.items() if EXPORTS[name] != without}
        good = {n: c for n, c in self.folder.items() if EXPORTS[n] != without and is_good(n, c)}
        moved = {content for name, content in good.items() if name not in before}
        lasting = {n: c for n, c in before.items() if n in self.withdrawn or c not in moved}
        self.kept = {n: c for n, c in self.kept.items() if EXPORTS[n] == without} | lasting | good


_AGREED: dict[str, contract.Contract] = {}


# What is killed in the middle cannot tidy up.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_in_force_is_what_one_run_makes_of_it_in_an_empty_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "load", lambda: dict(_AGREED))
    # Several batches of an export. What a power cut leaves is not looked at here.
    monkeypatch.setattr(batch, "BATCH_BYTES", 900)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    run_state_machine_as_test(AnySequence, settings=settings(max_examples=7, stateful_step_count=15))
