"""Each check fails on a machine that is wrong in just that, says so in a sentence, and names the remedy."""

import ast
import os
import re
import resource
import shutil
import socket
from collections.abc import Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from orchestration.addresses import Addresses
from orchestration.cli import app
from orchestration.machine import doctor, folders, space
from orchestration.machine.doctor import Finding
from orchestration.machine.turn import take
from orchestration.settings import PROJECT, Settings
from orchestration.variables import VARIABLES
from tests.orchestration.places import settings_below

NOBODY = 65534
YEAR = 365 * 86_400


@pytest.fixture(autouse=True)
def everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A machine on which all is well."""
    settings = settings_below(tmp_path)
    (settings.exports / "dte").mkdir(parents=True)
    settings.corrections.mkdir()
    folders.prepare(settings)
    return settings


def wrong(found: list[Finding] | Iterator[Finding] | Finding) -> list[Finding]:
    """What is not right, each with its remedy."""
    findings = [found] if isinstance(found, Finding) else list(found)
    bad = [f for f in findings if f.state != "ok"]
    assert all(f.remedy and f.said.endswith((".", "?")) for f in bad)
    return bad


def said(found: list[Finding] | Iterator[Finding] | Finding) -> str:
    return " ".join(f"{f.state}: {f.said}" for f in wrong(found))


@pytest.mark.parametrize("version", [(3, 10), (3, 13)])
def test_python(version: tuple[int, int]) -> None:
    assert said(doctor.python(version)).startswith("error: Python 3.1")
    assert not wrong(doctor.python((3, 11)))


def test_packages_missing_and_of_another_version() -> None:
    constraints = "duckdb==1.5.6\nGreat_Expectations==1.24.1\n"
    installed = {"duckdb": "1.5.6", "great-expectations": "1.24.1", "pip": "26"}
    assert not wrong(doctor.packages(constraints, installed, {"duckdb"}))
    assert "Not installed: lxml." in said(doctor.packages(constraints, installed, {"lxml"}))
    older = installed | {"great-expectations": "1.20.0"}
    assert "great-expectations 1.20.0 instead of 1.24.1" in said(doctor.packages(constraints, older, set()))


def test_duckdb_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not wrong(doctor.engine())

    def broken(query: str) -> None:
        raise duckdb.IOException("no")

    monkeypatch.setattr(duckdb, "sql", broken)
    assert "DuckDB does not answer" in said(doctor.engine())


def test_duckdb_of_two_installations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.0.0")
    assert "another version" in said(doctor.engine())


def test_memory() -> None:
    assert said(doctor.memory(1_900_000_000)).startswith("error: 1.9 GB")
    assert not wrong(doctor.memory(2_000_000_000))


def test_open_files() -> None:
    assert said(doctor.open_files(256)).startswith("error: ")
    assert not wrong(doctor.open_files(1024))
    assert not wrong(doctor.open_files(resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("name", "meant"),
    [("EXPORT_DIR", "EXPORTS_DIR"), ("ALERT_WEBHOOK", "ALERT_WEBHOOK_URL"), ("KEEP_RELEASE", "KEEP_RELEASES")],
)
def test_a_misspelt_setting(name: str, meant: str) -> None:
    (found,) = wrong(doctor.misspelt({name: "x"}))
    assert (name in found.said, found.remedy) == (True, f"Is it {meant}?")


def test_what_others_set_is_no_slip_of_ours() -> None:
    theirs = dict.fromkeys([*VARIABLES, "PATH", "HOME", "LANG", "AWS_REGION", "DAGSTER_WEBSERVER_PORT"], "x")
    assert not wrong(doctor.misspelt(theirs))


def test_a_setting_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEP_RELEASES", "many")
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "KEEP_RELEASES is 'many'" in done.output


def test_every_setting_that_cannot_be_is_named_and_what_needs_none_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("KEEP_RELEASES", "WEBSERVER_PORT", "ALERT_WEBHOOK_URL"):
        monkeypatch.setenv(name, "many")
    found = doctor.examine({})
    named = [f.said.split()[0] for f in found if f.check == "settings"]
    assert sorted(named) == ["ALERT_WEBHOOK_URL", "KEEP_RELEASES", "WEBSERVER_PORT"]
    assert {f.state for f in found if f.check == "settings"} == {"error"}
    assert {"python", "duckdb", "memory", "clock"} <= {f.check for f in found}
    assert not {"space", "rights", "lock"} & {f.check for f in found}


def test_alerts_that_nobody_gets() -> None:
    assert "Alerts are off" in said(doctor.told(Addresses()))
    assert not wrong(doctor.told(Addresses(webhook="https://alerts.example.cl")))


def test_root() -> None:
    assert "This is root." in said(doctor.root(0))


def test_all_is_well(settings: Settings) -> None:
    assert [f for f in wrong(doctor.folders(settings, os.geteuid())) if "pass" not in f.said] == []


def test_exports_missing_or_empty(settings: Settings) -> None:
    shutil.rmtree(settings.exports / "dte")
    assert "exports is empty" in said(doctor.folders(settings, os.geteuid()))
    settings.exports.rmdir()
    assert "exports does not exist" in said(doctor.folders(settings, os.geteuid()))


def test_corrections_missing(settings: Settings) -> None:
    settings.corrections.rmdir()
    assert "corrections does not exist" in said(doctor.folders(settings, os.geteuid()))


@pytest.fixture
def without_rights(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Folders that this user may not use; the tests may run as root, whom nothing is refused."""
    refused: set[Path] = set()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in refused)
    return refused


def test_exports_that_cannot_be_read(settings: Settings, without_rights: set[Path]) -> None:
    without_rights.add(settings.exports)
    assert "exports cannot be read" in said(doctor.folders(settings, os.geteuid()))


@pytest.mark.parametrize("name", ["internal", "raw", "dagster_home", "releases", "portal"])
def test_a_folder_that_cannot_be_written(settings: Settings, without_rights: set[Path], name: str) -> None:
    without_rights.add(getattr(settings, name))
    assert f"{getattr(settings, name)} cannot be written" in said(doctor.folders(settings, os.geteuid()))


def test_a_file_where_a_folder_should_be(settings: Settings) -> None:
    settings.portal.rmdir()
    settings.portal.write_text("")
    assert "is no folder" in said(doctor.folders(settings, os.geteuid()))


def test_what_is_internal_and_open(settings: Settings) -> None:
    assert not wrong(doctor.private_area(settings, os.geteuid()))
    (settings.raw / "filas.parquet").touch(0o644)
    (settings.raw / "filas.parquet").chmod(0o644)
    assert "1 internal files can be reached by others" in said(doctor.private_area(settings, os.geteuid()))


def test_what_is_internal_and_of_another_user(settings: Settings) -> None:
    assert "belong to another user" in said(doctor.private_area(settings, NOBODY))


def test_a_folder_that_another_user_closed_is_named_and_ends_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read every folder: what another user is told is told here."""
    closed = settings.archive / "ab"
    closed.mkdir(parents=True)
    inside = Path.iterdir

    def told(place: Path) -> Iterator[Path]:
        if place == closed:
            raise PermissionError(13, "Permission denied", str(place))
        return inside(place)

    monkeypatch.setattr(Path, "iterdir", told)
    assert "belong to another user" in said(doctor.private_area(settings, NOBODY))


def test_public_folders_that_the_public_cannot_reach(settings: Settings, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "releases").mkdir(parents=True)
    closed.chmod(0o700)
    shut = Settings(**vars(settings) | {"releases": closed / "releases"})
    assert f"Only its owner can pass {closed}" in said(doctor.public_area(shut))


def test_a_disk_that_is_nearly_full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not wrong(doctor.enough_for(10, 30))
    assert "GB of exports" in said(doctor.enough_for(10, 29))
    monkeypatch.setattr(space, "LEAST_BYTES", 1 << 60)
    monkeypatch.setattr(space, "LEAST_SHARE", 2.0)
    assert "The disk of WAREHOUSE_PATH, RELEASES_DIR has" in said(doctor.room(settings))


def test_a_clock_before_what_was_made(settings: Settings) -> None:
    now = 1_800_000_000
    (settings.releases / "latest.json").touch()
    os.utime(settings.releases / "latest.json", (now, now))
    assert not wrong(doctor.clock(doctor.newest_made(settings), now + 1, True))
    assert "and the newest release was made at" in said(doctor.clock(doctor.newest_made(settings), now - YEAR, True))


def test_a_clock_that_follows_nobody() -> None:
    assert "follows no time server" in said(doctor.clock(0.0, YEAR, False))
    (unknown,) = doctor.clock(0.0, YEAR, None)
    assert (unknown.state, "unknown" in unknown.said) == ("ok", True)


def test_a_machine_without_the_rules_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ZONE", "America/Nowhere")
    assert "no rules of the time in America/Nowhere" in said(doctor.clock(0.0, YEAR, True))


def test_an_instance_file_of_another_version(settings: Settings) -> None:
    path = settings.dagster_home / "dagster.yaml"
    assert not wrong(doctor.instance(settings))
    theirs = yaml.safe_load(path.read_text()) | {"python_logs": {"python_log_level": "INFO"}}
    path.write_text(yaml.safe_dump(theirs))
    assert not wrong(doctor.instance(settings)), "what the institution added is its own business"
    path.write_text(yaml.safe_dump(theirs | {"telemetry": {"enabled": True}}))
    assert "is not the one of this version: telemetry.enabled." in said(doctor.instance(settings))
    path.write_text("telemetry: [")
    assert "cannot be read" in said(doctor.instance(settings))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("telemetry", "it"),
        ("- telemetry", "it"),
        ("storage: x", "storage"),
        ("storage: {postgres: x}", "postgres"),
        ("storage: {postgres: {postgres_db: x}}", "postgres_db"),
    ],
)
def test_an_instance_file_that_is_yaml_and_no_settings(settings: Settings, text: str, wrong: str) -> None:
    (settings.dagster_home / "dagster.yaml").write_text(text)
    assert f"dagster.yaml cannot be read ({wrong} is no mapping)." in said(doctor.instance(settings))


def test_an_instance_file_that_is_no_text(settings: Settings) -> None:
    (settings.dagster_home / "dagster.yaml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in said(doctor.instance(settings))


def test_a_database_that_does_not_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"HOST": "127.0.0.1", "PORT": str(port), "DB": "dagster", "USER": "dagster", "PASSWORD": "muy-secreta"}
    for name, value in given.items():
        monkeypatch.setenv(f"BODEGA_PG_{name}", value)
    path = settings.dagster_home / "dagster.yaml"
    path.write_text(path.read_text() + (PROJECT / "deploy" / "dagster-postgres.yaml").read_text())
    found = said(doctor.instance(settings))
    assert "Dagster's database does not answer" in found
    assert "muy-secreta" not in found


@pytest.mark.parametrize("url", ["postgresql://dagster:muy-secreta@", "postgresql//dagster:muy-secreta@h/d"])
def test_a_malformed_address_is_not_repeated(url: str) -> None:
    found = said(doctor.database({"postgres_url": url}))
    assert "does not answer" in found
    assert "muy-secreta" not in found


def test_who_is_at_work_is_said(settings: Settings) -> None:
    assert doctor.lock(settings).said == "No run is at work."
    with take(settings.lock, "run 0a1b", timedelta(0)):
        found = doctor.lock(settings)
    assert found.said.startswith("A run is at work: run 0a1b")


def test_a_lock_of_another_user(settings: Settings) -> None:
    settings.lock.mkdir()
    assert "cannot be looked at" in said(doctor.lock(settings))


def names_in(program: str) -> set[str]:
    """What a program has in quotes that is written as variables are, however it is read by that name."""
    texts = (node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", text)}


@pytest.mark.parametrize(
    "program", ['environ.get("A_NAME")', '_path("A_NAME", x)', 'Option(envvar="A_NAME")', 'names = ("A_NAME", "x")']
)
def test_a_variable_is_seen_however_it_is_read(program: str) -> None:
    assert names_in(program) == {"A_NAME"}


def test_every_variable_that_is_read_is_known_and_explained() -> None:
    """So that none that exists is called misspelt, and none can be set that nobody has told of."""
    programs = (PROJECT / "orchestration").rglob("*.py")
    read = {name for path in programs for name in names_in(path.read_text("utf-8"))}
    # Questions to the system, and what the bucket's library has names of its own for.
    theirs = {name for name in read if name.startswith(("SC_", "AWS_"))}
    assert read - theirs == VARIABLES
    explained = (PROJECT / "README.md").read_text("utf-8") + (PROJECT / "docs" / "operations.md").read_text("utf-8")
    assert sorted(name for name in VARIABLES if f"`{name}`" not in explained) == []


def test_the_command_ends_with_1_where_one_check_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, place in (
        ("EXPORTS_DIR", "exports"),
        ("WAREHOUSE_PATH", "internal/bodega.duckdb"),
        ("RELEASES_DIR", "releases"),
    ):
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setattr(space, "LEAST_BYTES", 0)
    (tmp_path / "exports" / "dte").mkdir(parents=True)
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "internal").exists(), "it looks, and changes nothing"
    shutil.rmtree(tmp_path / "exports")
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1
