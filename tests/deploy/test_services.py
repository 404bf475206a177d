"""The real daemon and webserver of an installed machine: the schedule ticks, the run succeeds, the pages tell it."""

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.conftest import SAMPLES
from tests.deploy.machine import Machine, backfill, wait_for_a_run

pytestmark = pytest.mark.slow

# Seconds; a quiet machine needs about a hundred.
PATIENCE = 1200
FILES = ["ejecucion_2024_12_01.csv", "ejecucion_2024_12_02.csv"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def postgres() -> Iterator[dict[str, str]]:
    """A server of its own: how to reach it. Postgres does not run as root, so that its own user runs it then."""
    if not (shutil.which("initdb") and shutil.which("pg_ctl")):
        pytest.skip("this machine has no PostgreSQL")
    base = Path(tempfile.mkdtemp(prefix="bodega-pg-"))
    given = {"HOST": "127.0.0.1", "PORT": str(free_port()), "DB": "postgres", "USER": "dagster"}
    given["PASSWORD"] = secrets.token_hex(16)
    (base / "password").write_text(given["PASSWORD"])
    as_user: list[str] = []
    if os.geteuid() == 0:
        user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
        as_user = ["runuser", "-u", user, "--"]
        for path in (base, base / "password"):
            shutil.chown(path, user)
    data = base / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)

    run("initdb", "-D", str(data), "-U", given["USER"], "-A", "scram-sha-256", f"--pwfile={base / 'password'}")
    options = f"-p {given['PORT']} -k {base} -h 127.0.0.1 -F"
    run("pg_ctl", "-D", str(data), "-l", str(base / "log"), "-o", options, "-w", "start")
    yield {f"BODEGA_PG_{name}": value for name, value in given.items()}
    run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    shutil.rmtree(base)


def lands(machine: Machine) -> None:
    """Two exports arrive."""
    folder = machine.data / "exports" / "presupuesto"
    folder.mkdir()
    for name in FILES:
        shutil.copy(SAMPLES / "presupuesto" / name, folder)


def taken_in(machine: Machine, patience: float) -> bool:
    """Waits until a run has published what the month gave that was read again."""
    internal = machine.data / "internal"
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if (internal / "standing.json").exists() and not (internal / "read_again.json").exists():
            return True
        time.sleep(1)
    return False


def serve_a_night(machine: Machine) -> None:
    """Starts both services on a schedule that ticks every minute, and waits until its first run succeeded."""
    port = free_port()
    machine.set(NIGHTLY_CRON="* * * * *", SETTLE_SECONDS="0", WEBSERVER_PORT=str(port))
    # The sensor looks every minute too, and whichever comes first takes in what landed.
    machine.dagster("sensor", "stop", "arrivals")
    lands(machine)
    before = machine.program
    with machine.running("bodega-daemon.service") as daemon, machine.running("bodega-webserver.service") as webserver:
        status = wait_for_a_run(port, "nightly", PATIENCE, [daemon, webserver])
        assert status == "SUCCESS", f"{daemon.end}\n{webserver.end}"
        machine.dagster("sensor", "start", "arrivals")
        # The month that came is a partition by now, and one can ask for it.
        status = backfill(port, ["months", "presupuesto_ejecucion"], "2024-12", PATIENCE)
        assert status == "COMPLETED_SUCCESS", f"{daemon.end}\n{webserver.end}"
        assert taken_in(machine, PATIENCE), daemon.end
    assert machine.program == before, "systemd lets the services write below their data and nowhere else"
    latest = json.loads((machine.data / "public/releases/latest.json").read_text("utf-8"))
    assert (machine.data / "public/releases" / latest["id"] / "ejecucion_presupuestaria.parquet").is_file()


def test_the_schedule_ticks_and_the_night_is_in_the_pages(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.install().returncode == 0
    serve_a_night(machine)
    # The fallback of a machine without the daemon finds its work done.
    assert machine.command("bodega-nightly.service")[1:] == ["run", "--wait"]
    done = machine.run("run", "--wait")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing new since" in done.stdout


def test_a_teams_history_is_in_postgres(tmp_path: Path, postgres: dict[str, str]) -> None:
    machine = Machine(tmp_path)
    assert machine.install("--team").returncode == 0
    machine.set(**postgres)
    assert "Dagster's database answers." in machine.run("doctor").stdout
    serve_a_night(machine)
    with (
        psycopg2.connect(
            host=postgres["BODEGA_PG_HOST"],
            port=postgres["BODEGA_PG_PORT"],
            dbname=postgres["BODEGA_PG_DB"],
            user=postgres["BODEGA_PG_USER"],
            password=postgres["BODEGA_PG_PASSWORD"],
        ) as con,
        con.cursor() as cursor,
    ):
        cursor.execute("select count(*) from runs where status = 'SUCCESS'")
        assert cursor.fetchall()[0][0] >= 1
    assert not (machine.data / "internal/dagster/history").exists()
    assert not (machine.data / "internal/dagster/schedules").exists()
