"""A warehouse that a small run of ingest left, and a webhook of our own that keeps what it is sent."""

import json
import os
import shutil
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest import pipeline
from orchestration import alerts
from orchestration.addresses import Addresses
from orchestration.alerts import channels
from orchestration.alerts.outcome import Outcome
from orchestration.machine import space
from orchestration.settings import Settings
from orchestration.state import arrivals
from tests.conftest import SAMPLES
from tests.orchestration.places import settings_below, summary

BEGINNING = datetime(2025, 2, 10, 5, 0, tzinfo=UTC)
AGREEMENTS = "core/acuerdos_20250131.csv"
# A name that is a person's, and that only the part of it before the number says to be a document.
DOCUMENT = "dte/Rosa_Diaz_12345678-5.xml"
SECRET = "clave-de-la-casa"
Usage = namedtuple("Usage", "total used free")


@dataclass
class Hook:
    """A web server that answers as told. answers: the statuses of the next requests, 200 once they are used up."""

    url: str
    received: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    asked: int = 0
    delay: float = 0

    def of(self, kind: str) -> list[str]:
        """The events received of one kind."""
        return [each["event"] for each in self.received if each["kind"] == kind]


class _Server(ThreadingHTTPServer):
    hook: Hook


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        hook = self.server.hook
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(hook.delay)
        hook.asked += 1
        status = hook.answers.pop(0) if hook.answers else 200
        if status == 200:
            hook.received.append(json.loads(body))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"{self.path}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hook = Hook(f"http://127.0.0.1:{server.server_address[1]}/{SECRET}?token={SECRET}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.hook
    server.shutdown()
    server.server_close()


@dataclass
class Night:
    """A small warehouse, its exports, and a clock that we move."""

    settings: Settings
    now: datetime = BEGINNING
    said: list[str] = field(default_factory=list)
    free: int = 50 * space.GB

    def read(self) -> None:
        """What the first step of a run does."""
        s = self.settings
        places = pipeline.Places(s.exports, s.corrections, s.raw, s.archive, s.desk)
        arrivals.write(pipeline.run(places), s.arrivals)

    def end(self, status: int = 0, failures: dict[str, str] | None = None, looked: bool = False) -> list[alerts.Alert]:
        """What the end of a run does, a minute later."""
        self.now += timedelta(minutes=1)
        return alerts.after_run(
            self.settings, Outcome(status, self.now, failures or {}, looked), self.said.append, self.now
        )

    def run(self) -> list[alerts.Alert]:
        """A run that comes to its end."""
        self.read()
        return self.end()

    def watch(self, later: timedelta = timedelta(minutes=15)) -> list[alerts.Alert]:
        """What is done between runs."""
        self.now += later
        return alerts.watch(self.settings, self.said.append, self.now)

    def put(self, path: str, content: bytes) -> Path:
        """A file that came when the clock says."""
        file = self.settings.exports / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, (self.now.timestamp(), self.now.timestamp()))
        return file

    def summary(self, failed: dict[str, str], published: tuple[str, ...] = (), run_id: str = "a") -> None:
        """What the release leaves."""
        self.settings.summary.write_text(summary(failed, published, run_id=run_id), "utf-8")


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run over two files left, beside the place that it left it in."""
    base = tmp_path_factory.mktemp("alerts") / "place"
    night = Night(_settings(base, Addresses()))
    night.settings.internal.mkdir(parents=True)
    night.settings.corrections.mkdir()
    night.put(AGREEMENTS, (SAMPLES / AGREEMENTS).read_bytes())
    night.put(DOCUMENT, (SAMPLES / "dte/dte_0000.xml").read_bytes())
    night.read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(100 * space.GB, 0, night.free))
        assert night.end() == []
    return base.rename(base.with_name("first"))


@pytest.fixture
def night(first_run: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Night:
    """The night after that run; all is well, there is room, and alerts go to the hook."""
    monkeypatch.setattr(channels, "PATIENCE", channels.Patience(tries=3, pause=0.01, connect=1, answer=2))
    # What is in force is remembered for each exports folder apart: every test has it in the same place.
    base = first_run.with_name("place")
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(first_run, base)
    made = Night(_settings(base, Addresses(hook.url)), BEGINNING + timedelta(minutes=1))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * space.GB, 0, made.free))
    return made


def _settings(base: Path, addresses: Addresses) -> Settings:
    return replace(settings_below(base), addresses=addresses)
