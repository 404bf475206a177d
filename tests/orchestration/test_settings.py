"""A setting that cannot be is named with what to do, by every command, and never as an error of Python's."""

from datetime import timedelta
from pathlib import Path

import pytest
from dagster._utils.schedules import is_valid_cron_schedule
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.common import NO_RELEASE
from orchestration.settings import Settings
from orchestration.variables import SettingsError
from tests.orchestration.places import set_places_below


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_places_below(monkeypatch, tmp_path)


WRONG = [
    ("XLSX_MAX_ROWS", "1048576", "XLSX_MAX_ROWS is 1048576: a sheet holds 1048575 rows below its header"),
    ("XLSX_MAX_ROWS", "0", "give a whole number from 1 on"),
    ("XLSX_MAX_ROWS", "many", "give a whole number from 1 on"),
    ("KEEP_RELEASES", "-3", "give a whole number"),
    ("KEEP_RELEASES", "²", "give a whole number"),
    ("KEEP_RELEASES", "9" * 5000, "give a whole number"),
    ("SETTLE_SECONDS", "1.5", "give a whole number from 0"),
    ("RUN_WAIT_MINUTES", "9" * 15, "give a whole number from 0"),
    ("NIGHTLY_CRON", "99 2 * * *", "give minute, hour, day, month and day of the week"),
    ("NIGHTLY_CRON", "0 2 * *", "give minute, hour, day, month and day of the week"),
    ("NIGHTLY_CRON", "0 2 * * someday", "give minute, hour, day, month and day of the week"),
    ("WAREHOUSE_MEMORY_LIMIT", "lots", "give an amount of memory, as 2GB or 500MB"),
    ("WAREHOUSE_MEMORY_LIMIT", "0MB", "WAREHOUSE_MEMORY_LIMIT is 0MB: a run needs 400MB at least. Give that or more"),
    ("WAREHOUSE_MEMORY_LIMIT", "399 MB", "a run needs 400MB at least"),
    ("WEBSERVER_PORT", "abc", "give a whole number from 1"),
    ("WEBSERVER_PORT", "0", "give a whole number from 1"),
    ("WEBSERVER_PORT", "65536", "WEBSERVER_PORT is 65536: a port is a number from 1 to 65535"),
    (
        "WAREHOUSE_PATH",
        "/proc",
        "WAREHOUSE_PATH is /proc, which is a folder: give the file in it, as /proc/bodega.duck",
    ),
    ("INGEST_WORKERS", "0", "give a whole number from 1"),
    ("INGEST_WORKERS", "4", "WAREHOUSE_MEMORY_LIMIT, which they divide, 600MB: set it to 1600MB at least"),
    ("INGEST_EXECUTOR", "nomad", "INGEST_EXECUTOR is 'nomad': it is machine or kubernetes, or leave it out"),
    ("PUBLISH_URL", "bucket/prefix", "PUBLISH_URL is not of the form s3://bucket or s3://bucket/prefix"),
    ("PUBLISH_URL", "https://example.org/x", "credentials have settings of their own (AWS_*)"),
    ("PUBLIC_URL", "example.org", "PUBLIC_URL is 'example.org', which is no address: give one such as http"),
    ("CONTACT_URL", "mailto:a@example.org", "which is no address: give one such as http"),
    ("OC4IDS_PREFIX", "oc4ids-ABC", "it is oc4ids- and six lower-case letters or digits, or leave it out"),
    ("EXPORTS_DIR", "~no-such-person/x", "Give the path from / on"),
    ("DBT_TARGET", "flink", "DBT_TARGET is 'flink': give duckdb or spark, or leave it out"),
    ("ALERT_WEBHOOK_URL", "hooks", "ALERT_WEBHOOK_URL is no address"),
]


@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_setting_that_cannot_be_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Settings.from_environment()
    assert name in str(error.value)
    assert says in str(error.value)
    assert len(str(error.value)) < 300


def test_an_address_with_a_key_in_it_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISH_URL", "s3://AKIAEXAMPLE:secreto@bucket/prefix")
    with pytest.raises(SettingsError) as error:
        Settings.from_environment()
    assert "secreto" not in str(error.value)


@pytest.mark.parametrize("command", [["run"], ["rollback", "x"], ["withdraw", "x"], ["verify"], ["alerts"]])
def test_every_command_ends_with_the_sentences_alone(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("XLSX_MAX_ROWS", "1048576")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == NO_RELEASE
    assert done.output.splitlines() == [
        "XLSX_MAX_ROWS is 1048576: a sheet holds 1048575 rows below its header. Give that or less, or leave it out."
    ]
    monkeypatch.setenv("WEBSERVER_PORT", "0")
    first, second = CliRunner().invoke(app, command).output.splitlines()
    assert first.startswith("XLSX_MAX_ROWS")
    assert second.startswith("WEBSERVER_PORT")


def wrong(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> list[str]:
    """What is said of these settings, by the variable that each sentence begins with."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Settings.from_environment()
    assert str(error.value).splitlines() == list(error.value.sentences)
    return sorted(sentence.split()[0] for sentence in error.value.sentences)


def test_all_that_cannot_be_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {name: value for name, value, _ in WRONG} | {
        "INGEST_WORKERS": "none",
        "ALERT_SMTP_URL": "mail",
        "ALERT_MAIL_TO": "nobody",
        "ALERT_MAIL_FROM": "nobody",
    }
    named = wrong(monkeypatch, settings)
    # Those of the mail's people are one sentence.
    assert named == sorted(settings.keys() - {"ALERT_MAIL_FROM"})
    assert named == wrong(monkeypatch, {"DBT_TARGET": "duck"})
    monkeypatch.setenv("DBT_TARGET", "spark")
    of_spark = {"SPARK_REMOTE": "x", "SPARK_SCHEMA": "X", "SPARK_TABLES_DIR": "~no-such-person/x"}
    assert wrong(monkeypatch, of_spark) == sorted({*named, *of_spark} - {"DBT_TARGET"})


def test_how_settings_stand_to_each_other_is_said_beside_others_but_not_of_one_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    apart = {"EXPORTS_DIR": str(tmp_path / "releases" / "in"), "RELEASES_DIR": str(tmp_path / "releases")}
    too_many = {"INGEST_WORKERS": "4"}
    found = wrong(monkeypatch, apart | too_many | {"WEBSERVER_PORT": "0"})
    assert found == sorted([str(tmp_path / "releases" / "in"), "INGEST_WORKERS", "WEBSERVER_PORT"])
    found = wrong(monkeypatch, {"WAREHOUSE_MEMORY_LIMIT": "lots", "PORTAL_DIR": "~no-such-person"})
    assert found == ["PORTAL_DIR", "WAREHOUSE_MEMORY_LIMIT", "WEBSERVER_PORT"]


def test_what_can_be_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("XLSX_MAX_ROWS", "1048575"),
        ("PUBLISH_URL", "s3://datos/bodega"),
        ("OC4IDS_PREFIX", "oc4ids-a1b2c3"),
        ("RUN_WAIT_MINUTES", "0"),
        ("WAREHOUSE_MEMORY_LIMIT", "1.5 GiB"),
        ("WEBSERVER_PORT", "65535"),
    ):
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert settings.policy.publisher.oc4ids_prefix == "oc4ids-a1b2c3"
    assert settings.port == 65535
    assert (settings.policy.xlsx_rows, settings.bucket, settings.wait) == (1_048_575, "s3://datos/bodega", timedelta(0))


CRON = ["* * * * *", "0 2 * * *", "*/15 1-5 1,15 jan-mar MON-FRI", "5,35 0 31 12 7", "0 0-23/6 */2 * sun"]


@pytest.mark.parametrize("line", CRON)
def test_a_time_of_the_night_is_one_that_dagster_takes(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setenv("NIGHTLY_CRON", line)
    assert is_valid_cron_schedule(Settings.from_environment().nightly_cron)


@pytest.mark.parametrize(("limit", "late"), [("600MB", "400000KB"), ("1.5 GiB", "1073741KB")])
def test_checks_and_release_have_two_thirds_of_the_memory(
    monkeypatch: pytest.MonkeyPatch, limit: str, late: str
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", limit)
    assert Settings.from_environment().late_memory == late
