"""What happens on which night of the simulation, and what must hold then: data, for bench.nights to play.

The year is 2018, when Chile's clocks went back on 13 May and forward on 12 August, 91 days apart: today it is 154. The
sources are the samples. What some of them say at first is undone later, so that in the end all samples are there, as
they are. Their names are of later years, so that only the two sources whose names hold no day can be late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from typing import NamedTuple

FIRST, LAST = date(2018, 5, 10), date(2018, 8, 14)
CLOCK_BACK, CLOCK_FORWARD = date(2018, 5, 13), date(2018, 8, 12)

NOON = time(12)

# What the sample says -> what is sent that evening.
Edit = Callable[[bytes], bytes]


class How(Enum):
    """What becomes of the night's run. OFF: no machine, all day. BACK: it is there at noon, and catches up.

    A disk that is full is so until the next evening.
    """

    RUN = "a run"
    LOOK = "nothing new"
    KILLED = "kill -9 while dbt builds"
    DISK_FULL = "no room for the release"
    NO_ROOM = "not a byte free in the internal area"
    TWICE = "two triggers at once"
    OFF = "the machine is off"
    BACK = "the machine is back"


class Told(NamedTuple):
    """An alert as it is received. event: opened or resolved. where: the file, folder, source or step."""

    event: str
    kind: str
    where: str


@dataclass(frozen=True)
class Change:
    """What happens to a file of the exports on the evening before. edit: None where it is taken away."""

    path: str
    edit: Edit | None


@dataclass(frozen=True)
class Day:
    """A day on which something happens, by the date of its night.

    at_night, at_noon: the alerts received then, whatever their order. refused: files that the release shows as such;
    missing: those that it shows as not there. Both stay what they were where a day has no new release.
    """

    date: date
    how: How
    why: str
    changes: tuple[Change, ...] = ()
    at_night: frozenset[Told] = frozenset()
    at_noon: frozenset[Told] = frozenset()
    refused: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


def arrives(*paths: str) -> tuple[Change, ...]:
    return tuple(Change(path, _as_it_is) for path in paths)


def _as_it_is(sample: bytes) -> bytes:
    return sample


def _without_last_row(sample: bytes) -> bytes:
    return b"".join(sample.splitlines(keepends=True)[:-1])


def login_page(_: bytes) -> bytes:
    return "<!DOCTYPE html><html><title>Iniciar sesión</title></html>".encode()


def told(event: str, *causes: tuple[str, str]) -> frozenset[Told]:
    return frozenset(Told(event, *cause) for cause in causes)


ORDERS_LATE = "sga/ordenes_compra_2024_12.csv"
BUDGET_LATE = "presupuesto/ejecucion_2024_12_01.csv"
MONTH = "dte/rcv_compra_202410.csv"
REPORTS = "sisrec/rendiciones_20250131.csv"
AGREEMENTS = "core/acuerdos_20250131.csv"
STRAY = "dte/notas de la reunion.txt"
SPENDING = "sagir/gasto_2025.xlsx"
BEFORE_CRASH = "dte/rcv_compra_202412.csv"
WHILE_OFF = "dte/rcv_compra_202411.csv"
WHILE_FULL = "sga/ordenes_compra_2024_11.csv"
INVOICE = "dte/dte_0019.xml"

# Never good and never mended: the samples have them to be refused.
BAD = frozenset(
    {"dte/dte_9001.xml", "dte/rcv_compra_202502.csv", "sagir/hitos_20250201.csv", "sisrec/rendiciones_20250202.csv"}
)
# Not there on the first night, of all samples.
LATER = frozenset({ORDERS_LATE, BUDGET_LATE, BEFORE_CRASH, WHILE_OFF, WHILE_FULL, INVOICE, SPENDING})

_REFUSED = ("file_refused", REPORTS)
_MISSING = ("file_missing", AGREEMENTS)
_UNKNOWN = ("file_unknown", "dte/")
_NO_RUN = ("no_finished_run", "schedule")
_FULL = ("disk_nearly_full", "RELEASES_DIR, PORTAL_DIR")
_ALL_FULL = ("disk_nearly_full", "WAREHOUSE_PATH, RAW_DIR, DAGSTER_HOME")
_FAILED = ("run_failed", "release")
_NOT_BEGUN = ("run_failed", "run")
# Late after 46 days: what came on 9 May is on the 47th.
_LATE = (("source_late", "dte_xml"), ("source_late", "sagir_gasto"))

STORY = (
    Day(
        FIRST,
        How.RUN,
        "the first night: the samples, but for some that come later and a month without its last row",
        (Change(MONTH, _without_last_row),),
        at_night=told("opened", *(("file_refused", path) for path in BAD)),
        refused=BAD,
    ),
    Day(
        CLOCK_BACK,
        How.RUN,
        "late files, on the night of 25 hours",
        arrives(ORDERS_LATE, BUDGET_LATE),
        refused=BAD,
    ),
    Day(
        date(2018, 5, 22),
        How.RUN,
        "the month corrected; a login page in place of a table, a folder that is not mounted, a stray file",
        (*arrives(MONTH), Change(REPORTS, login_page), Change(AGREEMENTS, None), Change(STRAY, login_page)),
        at_night=told("opened", _REFUSED, _MISSING, _UNKNOWN),
        refused=BAD | {REPORTS},
        missing=frozenset({AGREEMENTS}),
    ),
    Day(
        date(2018, 5, 24),
        How.RUN,
        "two days later all three are mended",
        (*arrives(REPORTS, AGREEMENTS), Change(STRAY, None)),
        at_night=told("resolved", _REFUSED, _MISSING, _UNKNOWN),
        refused=BAD,
    ),
    Day(date(2018, 6, 12), How.KILLED, "a crash in the middle, and the machine is gone", arrives(BEFORE_CRASH)),
    Day(date(2018, 6, 13), How.OFF, "off"),
    Day(date(2018, 6, 14), How.OFF, "off, and something arrives", arrives(WHILE_OFF)),
    Day(
        date(2018, 6, 15),
        How.BACK,
        "back at noon: what was missed is done once",
        at_noon=told("opened", _NO_RUN) | told("resolved", _NO_RUN),
        refused=BAD,
    ),
    Day(date(2018, 6, 25), How.LOOK, "no invoice and no spending for 47 days", at_night=told("opened", *_LATE)),
    Day(
        date(2018, 7, 10),
        How.DISK_FULL,
        "a full disk below the releases",
        arrives(WHILE_FULL),
        at_night=told("opened", _FAILED, _FULL),
        at_noon=told("opened", _NO_RUN),
    ),
    Day(
        date(2018, 7, 11),
        How.RUN,
        "somebody made room",
        at_night=told("resolved", _FAILED, _FULL, _NO_RUN),
        refused=BAD,
    ),
    Day(
        date(2018, 7, 20),
        How.NO_ROOM,
        "the other disk is full to the last byte",
        at_night=told("opened", _NOT_BEGUN, _ALL_FULL),
        at_noon=told("opened", _NO_RUN),
    ),
    Day(
        date(2018, 7, 21),
        How.LOOK,
        "somebody made room, and nothing is new",
        at_night=told("resolved", _NOT_BEGUN, _ALL_FULL, _NO_RUN),
    ),
    Day(
        CLOCK_FORWARD,
        How.TWICE,
        "both at last, and two triggers at once, on the night of 23 hours",
        arrives(INVOICE, SPENDING),
        at_night=told("resolved", *_LATE),
        refused=BAD,
    ),
)
