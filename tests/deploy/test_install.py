"""The installer puts everything in its place, twice as well as once, and systemd and the shell understand its files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.machine import doctor
from orchestration.settings import SETTLED
from orchestration.variables import VARIABLES
from tests.conftest import PROJECT
from tests.deploy.machine import Machine

DEPLOY = PROJECT / "deploy"
UNITS = ["bodega-daemon.service", "bodega-nightly.service", "bodega-nightly.timer", "bodega-webserver.service"]
# What systemd adds to each of them.
SHARED = "bodega-.service.d/hardening.conf"
SERVICES = [name for name in UNITS if name.endswith(".service")]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    done = machine.install("--memory", "3G")
    assert done.returncode == 0, done.stderr
    return machine


def test_every_place_is_filled_in(machine: Machine) -> None:
    installed = [*(machine.units / name for name in (*UNITS, SHARED)), machine.settings]
    assert [
        path.name
        for path in installed
        if "@" in path.read_text("utf-8").replace("@example.cl", "").replace(":password@mail", "")
    ] == []
    files = [path.relative_to(machine.units) for path in machine.units.rglob("*") if path.is_file()]
    assert sorted(map(str, files)) == sorted([*UNITS, SHARED])
    assert machine.unit("bodega-daemon.service")["MemoryMax"] == "3G"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(machine: Machine, name: str) -> None:
    unit = machine.unit(name)
    expected = {
        "User": "bodega",
        "UMask": "0077",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
    }
    assert {key: unit[key] for key in expected} == expected
    # What it writes is all below the one folder that it may write.
    assert unit["ReadWritePaths"] == str(machine.data)
    set_here = {key: value for key, value in machine.environment(name).items() if key in VARIABLES}
    places = {key: Path(value) for key, value in set_here.items() if value.startswith("/")}
    assert places.keys() >= {"EXPORTS_DIR", "WAREHOUSE_PATH", "RELEASES_DIR", "PORTAL_DIR"}
    assert [key for key, place in places.items() if not place.is_relative_to(machine.data)] == []


def test_the_timer_leaves_a_file_that_still_grows_as_long_as_the_sensor_does(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.install().returncode == 0
    assert machine.environment("bodega-nightly.service")["SETTLE_SECONDS"] == str(SETTLED)
    machine.set(SETTLE_SECONDS="5")
    assert machine.environment("bodega-nightly.service")["SETTLE_SECONDS"] == "5"


def test_the_daemon_and_the_timer_do_not_run_together() -> None:
    assert "Conflicts=bodega-daemon.service" in (DEPLOY / "bodega-nightly.timer").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_begins_once_folders_are_mounted_and_the_clock_is_right(machine: Machine, name: str) -> None:
    lines = (machine.units / name).read_text("utf-8").splitlines()
    (after,) = (line.removeprefix("After=").split() for line in lines if line.startswith("After="))
    assert {"network-online.target", "remote-fs.target", "time-sync.target"} <= set(after)


def test_folders_have_their_rights(machine: Machine) -> None:
    modes = {
        "internal": 0o700,
        "internal/dagster": 0o700,
        "internal/dagster/dagster.yaml": 0o600,
        "exports": 0o750,
        "public/releases": 0o755,
        "public/portal": 0o755,
    }
    assert {name: (machine.data / name).stat().st_mode & 0o777 for name in modes} == modes
    assert machine.settings.stat().st_mode & 0o777 == 0o640


def test_a_second_time_keeps_settings_and_data_and_brings_the_program_up_to_date(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.install("--memory", "3G").returncode == 0
    machine.set(KEEP_RELEASES="90")
    kept = machine.data / "exports" / "rcv.csv"
    kept.write_text("a file received")
    gone = machine.app / "orchestration" / "of_an_older_version.py"
    gone.write_text("")
    instance = machine.data / "internal/dagster/dagster.yaml"
    instance.write_text("telemetry:\n  enabled: true\n")
    assert machine.install().returncode == 0
    assert machine.settings.read_text("utf-8").endswith("KEEP_RELEASES=90\n")
    assert kept.read_text() == "a file received"
    assert not gone.exists()
    assert yaml.safe_load(instance.read_text()) == yaml.safe_load(doctor.INSTANCE_FILE.read_text())
    assert machine.unit("bodega-daemon.service")["MemoryMax"] == "4G"


def test_the_doctor_finds_nothing_wrong_with_it(machine: Machine) -> None:
    done = machine.run("doctor")
    # How full the disk of whoever runs the tests is, no installer can help.
    assert [line for line in done.stdout.splitlines() if "│ error" in line and "│ space" not in line] == []
    assert "Every setting is one of its kind" in done.stdout


def test_nothing_of_the_workplace_is_installed(machine: Machine) -> None:
    assert not any((machine.app / name).exists() for name in (".git", ".venv", "var", ".pytest_cache"))


def test_a_team_has_postgres_beside_what_everybody_has(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.install("--team").returncode == 0
    instance = yaml.safe_load((machine.data / "internal/dagster/dagster.yaml").read_text())
    assert instance.pop("storage")["postgres"]["postgres_db"]["password"] == {"env": "BODEGA_PG_PASSWORD"}
    assert instance == yaml.safe_load(doctor.INSTANCE_FILE.read_text())


def test_the_example_knows_every_setting_and_no_other() -> None:
    lines = (DEPLOY / "bodega.env.example").read_text("utf-8").splitlines()
    named = {line.lstrip("#").partition("=")[0] for line in lines if "=" in line and " " not in line.partition("=")[0]}
    assert VARIABLES - named == {"RAW_DIR", "DAGSTER_HOME"}, "these two follow WAREHOUSE_PATH"
    assert {name for name in named - VARIABLES if not name.startswith("AWS_")} == set()


def test_an_unknown_option_says_how_it_is_called(tmp_path: Path) -> None:
    done = Machine(tmp_path).install("--what")
    assert done.returncode == 2
    assert "sudo deploy/install.sh" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["srv/x", "", "/srv/a&b", "/srv/a b", "/srv/a|b", "/srv/datos_año"])
def test_a_place_for_the_data_that_units_cannot_name_is_refused(tmp_path: Path, place: str) -> None:
    done = Machine(tmp_path).install("--data", place)
    assert done.returncode == 2
    assert f"--data {place}: give a path from / on" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_data_lie_where_they_are_told_to(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.install("--data", "/srv/Bodega_2.0/a-b").returncode == 0
    data = str(tmp_path / "srv/Bodega_2.0/a-b")
    assert machine.unit("bodega-daemon.service")["ReadWritePaths"] == data
    assert machine.environment("bodega-daemon.service")["EXPORTS_DIR"] == f"{data}/exports"


def test_the_shell_finds_nothing_to_say() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, DEPLOY / "install.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def of_systemd(machine: Machine, *names: str) -> tuple[int, str]:
    """The status and the words of systemd about installed units."""
    asked = ["systemd-analyze", "verify", *(str(machine.units / name) for name in names)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd to ask")
def test_systemd_understands_the_units(machine: Machine) -> None:
    assert of_systemd(machine, *UNITS) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd to ask")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_reads_what_all_services_have_with_each(tmp_path: Path, name: str) -> None:
    machine = Machine(tmp_path)
    assert machine.install().returncode == 0
    with (machine.units / SHARED).open("a", encoding="utf-8") as file:
        file.write("NoSuchSetting=yes\n")
    assert "'NoSuchSetting'" in of_systemd(machine, name)[1]
