"""Three months of nights with a clock of our own: does the system look after itself, and tell what it must, no more?

Usage: python -m bench.nights

Plays bench.night_story: every night at the schedule's own tick the real command in a process of its own, the real lock,
kill -9, a real disk that is full, and a real webhook; at every noon what the daemon judges between runs. At the end the
release must be that of one full rebuild in an empty place, and the alerts received those of the story. Needs Linux and
`unshare`, for small disks that nobody else sees. Code that is changed meanwhile is news, as in any other night.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from dagster._utils.schedules import schedule_execution_time_iterator

from bench import kill
from bench.night_story import BAD, FIRST, LAST, LATER, NOON, STORY, Change, Day, How, Told
from orchestration import alerts
from orchestration.addresses import Addresses
from orchestration.settings import NIGHTLY, ZONE, Settings
from orchestration.variables import VARIABLES
from publish.keeping.verify import problems

PROJECT = Path(__file__).resolve().parent.parent
SAMPLES = PROJECT / "samples"
SANTIAGO = ZoneInfo(ZONE)
# Several times what is needed there: while a tenth is free, no alert tells of it.
DISK_BYTES = 600_000_000
# Of the releases' disk when it is full.
LEFT_BYTES = 500_000
# A busy machine is no fault.
PATIENCE_SECONDS = 1800
_EVENING = timedelta(hours=6)

# How a night's command ends.
_STATUS = {How.KILLED: -signal.SIGKILL, How.DISK_FULL: 2, How.NO_ROOM: 2}
_NEW_RELEASE = (How.RUN, How.TWICE, How.BACK)


class Violation(AssertionError):
    """Something that must not be, and on which night."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended. cpu: seconds, with those of what it started."""

    status: int
    said: str
    cpu: float


def ticks(first: date, last: date) -> list[datetime]:
    """The moments at which the schedule starts its job from one date to another, as Dagster's scheduler has them."""
    start = datetime.combine(first, datetime.min.time(), SANTIAGO).timestamp()
    found = (tick.astimezone(SANTIAGO) for tick in schedule_execution_time_iterator(start, NIGHTLY, ZONE))
    return list(takewhile(lambda tick: tick.date() <= last, found))


class _Server(ThreadingHTTPServer):
    received: list[dict[str, Any]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a web server of our own, and what it has been sent so far."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.received = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", server.received
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own at this folder, made in memory. Needs the right to mount."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "bodega", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def settings_below(base: Path, exports: Path, public: Path, webhook: str = "") -> Settings:
    """The places of one warehouse. webhook: where its alerts go, nowhere if empty."""
    internal = base / "internal"
    return Settings(
        exports=exports,
        corrections=base / "corrections",
        warehouse=internal / "bodega.duckdb",
        raw=internal / "raw",
        releases=public / "releases",
        portal=public / "portal",
        dagster_home=internal / "dagster",
        addresses=Addresses(webhook),
    )


@dataclass
class Warehouse:
    """A warehouse, and the command that works on it at a moment of our choice."""

    settings: Settings

    def start(self, moment: datetime, *command: str, log: str = "output.txt") -> subprocess.Popen[bytes]:
        """The command in a process group of its own; what it says goes to a file beside the internal area."""
        s = self.settings
        places = {
            "EXPORTS_DIR": str(s.exports),
            "CORRECTIONS_DIR": str(s.corrections),
            "WAREHOUSE_PATH": str(s.warehouse),
            "RELEASES_DIR": str(s.releases),
            "ALERT_WEBHOOK_URL": s.addresses.webhook,
        }
        for folder in (s.corrections, self.log(log).parent):
            folder.mkdir(parents=True, exist_ok=True)
        with self.log(log).open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "bench.clock", moment.isoformat(), "bench.night_job", *command],
                cwd=PROJECT,
                env={k: v for k, v in os.environ.items() if k not in VARIABLES} | places,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str = "output.txt") -> Path:
        return self.settings.internal.parent / name

    def end(self, process: subprocess.Popen[bytes], log: str = "output.txt") -> Ran:
        """Waits for a command, and ends it where it hangs."""
        watch = threading.Timer(PATIENCE_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ran(process.returncode, self.log(log).read_text("utf-8", "replace"), usage.ru_utime + usage.ru_stime)

    def run(self, moment: datetime, *command: str, log: str = "output.txt") -> Ran:
        """The command to its end."""
        return self.end(self.start(moment, *command, log=log), log)

    def run_until(self, moment: datetime, words: str) -> subprocess.Popen[bytes]:
        """`bodega run`, at work and having said these words."""
        process = self.start(moment, "run")
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while words not in self.log().read_text("utf-8", "replace"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Violation(f"the run never said {words!r}:\n{self.log().read_text('utf-8', 'replace')}")
                time.sleep(0.02)
        except BaseException:
            kill.kill(process)
            raise
        return process

    @property
    def in_force(self) -> str | None:
        latest = self.settings.releases / "latest.json"
        return str(json.loads(latest.read_text("utf-8"))["id"]) if latest.exists() else None

    def files(self, condition: str) -> frozenset[str]:
        """The files that the release in force shows, of which something is true. condition: SQL."""
        table = self.settings.releases / str(self.in_force) / "fuentes.parquet"
        with duckdb.connect() as con:
            rows = con.execute(f"select archivo from read_parquet(?) where {condition}", [str(table)]).fetchall()
        return frozenset(path for (path,) in rows)


@dataclass
class Simulation:
    """The nights as they are played.

    received: what the webhook was sent so far; told: how much of it was expected. cpu: seconds of all commands; looks:
    those of each night with nothing new. film: what fills a disk.
    """

    warehouse: Warehouse
    received: list[dict[str, Any]]
    told: int = 0
    cpu: float = 0
    looks: list[float] = field(default_factory=list)
    film: Path | None = None

    def play(self, story: Iterable[Day], first: date, last: date) -> None:
        """Every night from one date to another."""
        days = {day.date: day for day in story}
        for tick in ticks(first, last):
            day = days.get(tick.date(), Day(tick.date(), How.LOOK, ""))
            try:
                self._day(tick, day)
            except Violation as violation:
                raise Violation(f"{day.date} ({day.why or day.how.value}): {violation}") from None

    def _day(self, tick: datetime, day: Day) -> None:
        if self.film:
            self.film.unlink()
            self.film = None
        for change in day.changes:
            self.change(change, tick - _EVENING)
        before = self.warehouse.in_force
        noon = datetime.combine(tick.date(), NOON, SANTIAGO)
        if day.how not in (How.OFF, How.BACK):
            self._night(tick, day)
        self._expect_told(day.at_night, "at night")
        if day.how not in (How.OFF, How.KILLED):
            alerts.watch(self.warehouse.settings, _complain, noon)
        if day.how is How.BACK:
            self._night(noon + timedelta(minutes=1), day)
        self._expect_told(day.at_noon, "at noon")
        self._check_release(before, day)

    def change(self, change: Change, moment: datetime) -> None:
        """A file arrives, or is taken away."""
        file = self.warehouse.settings.exports / change.path
        if change.edit is None:
            file.unlink()
            return
        sample = SAMPLES / change.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(change.edit(sample.read_bytes() if sample.exists() else b""))
        os.utime(file, (moment.timestamp(),) * 2)

    def _night(self, moment: datetime, day: Day) -> None:
        ran = self._command(moment, day.how)
        self.cpu += ran.cpu
        _must(ran.status == _STATUS.get(day.how, 0), f"the run ended with {ran.status}:\n{ran.said}")
        looked = "nothing new since" in ran.said
        _must(looked == (day.how is How.LOOK), f"it {'only looked' if looked else 'did not only look'}:\n{ran.said}")
        if looked:
            self.looks.append(ran.cpu)
        if day.why:
            print(f"{moment:%Y-%m-%d %H:%M %z}  {ran.cpu:5.1f} CPU s  {day.how.value}: {day.why}", flush=True)

    def _command(self, moment: datetime, how: How) -> Ran:
        if how is How.KILLED:
            process = self.warehouse.run_until(moment, "dbt: building")
            time.sleep(1)
            os.killpg(process.pid, signal.SIGKILL)
            return self.warehouse.end(process)
        if how is How.TWICE:
            process = self.warehouse.run_until(moment, "exports: ")
            try:
                second = self.warehouse.run(moment, "run", log="second.txt")
                _must(second.status == 3, f"the second of two ended with {second.status}:\n{second.said}")
                words = f"Another run is at work (bodega run, process {process.pid}, since "
                _must(words in second.said, f"the second of two does not say why it left:\n{second.said}")
            except BaseException:
                kill.kill(process)
                raise
            return self.warehouse.end(process)
        if how is How.DISK_FULL:
            self._fill(self.warehouse.settings.releases.parent, LEFT_BYTES)
        if how is How.NO_ROOM:
            self._fill(self.warehouse.settings.internal, 0)
        return self.warehouse.run(moment, "run")

    def _fill(self, disk: Path, left: int) -> None:
        """Leaves so many bytes free on a disk, until the next evening."""
        self.film = disk / "film.mkv"
        with self.film.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)

    def _expect_told(self, expected: frozenset[Told], when: str) -> None:
        new = [Told(each["event"], each["kind"], each["where"]) for each in self.received[self.told :]]
        self.told = len(self.received)
        _must(Counter(new) == Counter(expected), f"told {when}: {sorted(new)}, and not {sorted(expected)}")

    def _check_release(self, before: str | None, day: Day) -> None:
        now = self.warehouse.in_force
        _must((now != before) == (day.how in _NEW_RELEASE), f"in force is {now}, and before it was {before}")
        releases = self.warehouse.settings.releases
        found = problems(releases / str(now), str(now))
        _must(not found, f"{now} is not whole: {found}")
        if day.how in (How.OFF, How.LOOK):
            return
        verified = self.warehouse.run(datetime.combine(day.date, NOON, SANTIAGO), "verify", log="verify.txt")
        _must(verified.status == 0, f"`bodega verify`:\n{verified.said}")
        held = json.loads((releases / str(now) / "manifest.json").read_text("utf-8"))["no_publicados"]
        _must(not held, f"not published: {held}")
        if day.how in _NEW_RELEASE:
            for shown, condition, expected in (
                ("refused", "estado = 'RECHAZADO'", day.refused),
                ("missing", "not presente", day.missing),
                ("without content in force", "sha256_en_vigor is null", BAD),
            ):
                files = self.warehouse.files(condition)
                _must(files == expected, f"{shown}: {sorted(files)}, and not {sorted(expected)}")


def _must(true: bool, otherwise: str) -> None:
    if not true:
        raise Violation(otherwise)


def _complain(problem: str) -> None:
    raise Violation(f"an alert was not sent: {problem}")


def first_exports(folder: Path, moment: datetime) -> Path:
    """The samples without what comes later."""
    ignored = {str(SAMPLES / path) for path in LATER}
    shutil.copytree(SAMPLES, folder, ignore=lambda at, names: [n for n in names if str(Path(at) / n) in ignored])
    for file in folder.rglob("*"):
        os.utime(file, (moment.timestamp(),) * 2)
    return folder


def check_rebuild(warehouse: Warehouse, base: Path, moment: datetime) -> float:
    """Raises Violation where one run over all files in an empty place gives other data. Returns its CPU seconds."""
    rebuilt = Warehouse(settings_below(base, warehouse.settings.exports, base / "public"))
    ran = rebuilt.run(moment, "run")
    _must(ran.status == 0, f"the rebuild ended with {ran.status}:\n{ran.said}")
    _must(rebuilt.in_force == warehouse.in_force, f"rebuilt is {rebuilt.in_force}, and not {warehouse.in_force}")
    ours, theirs = (kill.data_files(w.settings.releases / str(w.in_force)) for w in (warehouse, rebuilt))
    differ = sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))
    _must(not differ, f"other than in a full rebuild: {', '.join(differ)}")
    return ran.cpu


def check_alerts(received: list[dict[str, Any]], story: Iterable[Day]) -> None:
    """Raises Violation where what was received is not what the story tells: each once, and healed after it opened."""
    expected = Counter(told for day in story for told in (*day.at_night, *day.at_noon))
    found = Counter(Told(each["event"], each["kind"], each["where"]) for each in received)
    _must(found == expected, f"told too much: {found - expected}; too little: {expected - found}")
    events = [each["event_id"] for each in received]
    _must(len(events) == len(set(events)), "something was told twice")
    for alert in {each["alert_id"] for each in received}:
        order = [each["event"] for each in received if each["alert_id"] == alert]
        _must(order in (["opened"], ["opened", "resolved"]), f"an alert was told as {order}")


def main() -> None:
    """Plays the story and says what it cost. Ends with 1 at the first violation."""
    nights = ticks(FIRST, LAST)
    with tempfile.TemporaryDirectory() as folder, webhook() as (url, received):
        base = Path(folder)
        with small_disk(base / "public"), small_disk(base / "internal"):
            exports = first_exports(base / "exports", nights[0] - _EVENING)
            simulation = Simulation(Warehouse(settings_below(base, exports, base / "public", url)), received)
            try:
                simulation.play(STORY, FIRST, LAST)
                rebuilt = check_rebuild(simulation.warehouse, base / "rebuilt", nights[-1])
                check_alerts(received, STORY)
            except Violation as violation:
                raise SystemExit(f"VIOLATION {violation}") from None
    looks = sorted(simulation.looks)
    print(
        f"{len(nights)} nights, {len(looks)} of them with nothing new at {looks[len(looks) // 2]:.1f} CPU s; "
        f"{len(received)} alerts, as expected; the release is that of a full rebuild ({rebuilt:.1f} CPU s). "
        f"{simulation.cpu + rebuilt:.0f} CPU s in all"
    )


_INSIDE = "--inside"

if __name__ == "__main__":
    if sys.argv[1:] != [_INSIDE]:
        own = [sys.executable, "-m", "bench.nights", _INSIDE]
        os.execvp("unshare", ["unshare", "--mount", "--map-root-user", *own])
    main()
