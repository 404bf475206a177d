"""A machine below a folder: what deploy/install.sh makes of it, and its services, started as systemd would."""

import configparser
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT


@dataclass(frozen=True)
class Machine:
    """What is installed below a folder."""

    under: Path

    @property
    def app(self) -> Path:
        return self.under / "opt/bodega/app"

    @property
    def units(self) -> Path:
        return self.under / "etc/systemd/system"

    @property
    def settings(self) -> Path:
        return self.under / "etc/bodega/bodega.env"

    @property
    def data(self) -> Path:
        return self.under / "var/lib/bodega"

    def install(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs the installer with the environment of the tests, so that nothing is fetched."""
        where = ["--under", str(self.under), "--venv", sys.prefix]
        return subprocess.run(
            [PROJECT / "deploy" / "install.sh", *where, *options], capture_output=True, text=True, check=False
        )

    def set(self, **values: str) -> None:
        """Adds to the settings of the services, as their operator does."""
        with self.settings.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())

    def unit(self, name: str) -> configparser.SectionProxy:
        """The section [Service] of an installed unit, with what all of them have."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.optionxform = str  # type: ignore[method-assign,assignment]
        parser.read([self.units / name, *self.units.glob("bodega-.service.d/*.conf")], "utf-8")
        return parser["Service"]

    def environment(self, name: str) -> dict[str, str]:
        """What systemd gives to a unit."""
        unit = self.unit(name)
        lines = Path(unit["EnvironmentFile"]).read_text("utf-8").splitlines()
        pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
        said = {variable: value for variable, _, value in pairs}
        own = dict(pair.split("=", 1) for pair in shlex.split(unit["Environment"]))
        # What the file says wins over what the unit says (systemd.exec, EnvironmentFile=).
        return {"PATH": os.defpath, "HOME": str(self.data), "LANG": "C.UTF-8"} | own | said

    def command(self, name: str) -> list[str]:
        """What the unit starts."""
        return shlex.split(self.unit(name)["ExecStart"])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command `bodega` with the settings of the services, until it ends."""
        return subprocess.run(
            [Path(sys.executable).with_name("bodega"), *arguments],
            env=self.environment("bodega-nightly.service"),
            cwd=self.app,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def dagster(self, thing: str, verb: str, name: str) -> None:
        """Dagster's own command on a sensor or schedule of the services, as `sensor stop arrivals`."""
        program = Path(sys.executable).with_name("dagster")
        subprocess.run(
            [program, thing, verb, name, "--module-name", "orchestration.definitions"],
            env=self.environment("bodega-daemon.service") | {"DAGSTER_HOME": str(self.data / "internal/dagster")},
            cwd=self.app,
            timeout=300,
            check=True,
        )

    @property
    def program(self) -> dict[Path, int]:
        """Every file that the services must not touch, and when it was changed."""
        places = (self.under / "opt", self.under / "etc")
        return {path: path.stat().st_mtime_ns for place in places for path in place.rglob("*")}

    @contextmanager
    def running(self, name: str) -> Iterator["Service"]:
        """The service of a unit, started and stopped as systemd would."""
        log = self.under / f"{name}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                self.command(name),
                env=self.environment(name),
                cwd=self.unit(name)["WorkingDirectory"],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield Service(process, log)
            finally:
                _stop(process)


@dataclass(frozen=True)
class Service:
    """A service that was started. log: what it says."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def end(self) -> str:
        """The last of what it said."""
        return self.log.read_text("utf-8")[-5000:]


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """As systemd stops a unit: all its processes are asked, and those that stay are killed."""
    for number, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def ask(port: int, query: str) -> dict[str, Any] | None:
    """What the webserver answers to a GraphQL query; None while it does not listen yet."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": query}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            data: dict[str, Any] = json.load(answer)["data"]
            return data
    except OSError:
        return None


def backfill(port: int, asset: list[str], partition: str, patience: float) -> str:
    """Asks for a partition of an asset as the pages do; the status in which that ended, empty where it did not."""
    asked = ask(
        port,
        f"""mutation {{ launchPartitionBackfill(backfillParams: {{
            assetSelection: [{{path: {json.dumps(asset)}}}], partitionNames: ["{partition}"]
        }}) {{ __typename ... on LaunchBackfillSuccess {{ backfillId }} ... on PythonError {{ message }} }} }}""",
    )
    assert asked
    assert "backfillId" in asked["launchPartitionBackfill"], asked
    number = asked["launchPartitionBackfill"]["backfillId"]
    query = f'{{ partitionBackfillOrError(backfillId: "{number}") {{ ... on PartitionBackfill {{ status }} }} }}'
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        status = str((ask(port, query) or {"partitionBackfillOrError": {}})["partitionBackfillOrError"].get("status"))
        if status.startswith(("COMPLETED", "FAILED", "CANCELED")):
            return status
        time.sleep(1)
    return ""


def wait_for_a_run(port: int, schedule: str, patience: float, services: list[Service]) -> str:
    """The status in which the first run of a schedule ended, as the pages tell it.

    Empty where none did in time, or one of the services ended.
    """
    query = "{ runsOrError { ... on Runs { results { status tags { key value } } } } }"
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and all(service.process.poll() is None for service in services):
        answer = ask(port, query) or {"runsOrError": {"results": []}}
        for run in answer["runsOrError"]["results"]:
            tags = {tag["key"]: tag["value"] for tag in run["tags"]}
            if tags.get("dagster/schedule_name") == schedule and run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return str(run["status"])
        time.sleep(1)
    return ""
