"""What the settings say of a cluster, without one: `make test-spark` brings its own."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.machine import doctor
from orchestration.settings import Settings
from orchestration.spark import FROM_SPARK, Spark
from orchestration.variables import SettingsError
from tests.orchestration.places import set_places_below


@pytest.fixture(autouse=True)
def on_spark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_places_below(monkeypatch, tmp_path)
    monkeypatch.setenv("DBT_TARGET", "spark")
    monkeypatch.setenv("SPARK_REMOTE", "sc://cluster.example:15003/;use_ssl=true;token=secreto")


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_duckdb_builds_the_models_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_TARGET")
    settings = Settings.from_environment()
    assert (settings.spark, settings.engine) == (None, "duckdb")
    assert settings.dbt_target == settings.dbt


def test_each_engine_has_a_folder_of_its_own_for_dbt(tmp_path: Path) -> None:
    settings = Settings.from_environment()
    assert settings.engine == "spark"
    assert settings.engine != FROM_SPARK
    assert len({settings.dbt_target, settings.dbt, settings.parsed}) == 3
    assert settings.spark
    assert {settings.dbt_target, settings.dbt, settings.parsed, settings.manifest, settings.spark.tables} <= set(
        settings.members
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("SPARK_REMOTE", ""), ("SPARK_REMOTE", "spark://secreto:7077"), ("SPARK_SCHEMA", "secreto; drop")],
)
def test_what_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as error:
        Settings.from_environment()
    assert name == "SPARK_SCHEMA" or "secreto" not in str(error.value)


def test_a_token_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.from_environment()
    assert settings.spark
    assert "secreto" not in f"{settings!r} {settings.spark!r} {settings.spark.address}"
    assert settings.spark.address == "cluster.example:15003"


def test_what_spark_writes_is_never_public(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPARK_TABLES_DIR", str(tmp_path / "releases" / "tables"))
    with pytest.raises(SettingsError, match="internal and must not be below the releases"):
        Settings.from_environment()


def test_a_server_that_is_not_there_is_told_at_once(listening: int, tmp_path: Path) -> None:
    Spark(f"sc://127.0.0.1:{listening}", "bodega", "raw", tmp_path).answer()
    with socket.socket() as asleep:
        asleep.bind(("127.0.0.1", 0))
        port = asleep.getsockname()[1]
        with pytest.raises(ConnectionRefusedError, match=f"127.0.0.1:{port} does not answer"):
            Spark(f"sc://127.0.0.1:{port}", "bodega", "raw", tmp_path).answer()


def test_doctor_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, listening: int, tmp_path: Path) -> None:
    spark = Spark(f"sc://127.0.0.1:{listening}", "bodega", "raw", tmp_path)
    monkeypatch.setattr(doctor, "_installed", dict)
    assert [f.state for f in doctor.cluster(spark)] == ["error"]
    monkeypatch.setattr(doctor, "_installed", lambda: {"dbt-spark": "1", "pyspark": "4"})
    assert [f.state for f in doctor.cluster(spark)] == ["ok"]
    assert list(doctor.cluster(None)) == []
