"""A cluster in DuckDB's place: what the settings say of it, and how what it built reaches the warehouse."""

import errno
import os
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from orchestration import dbt_command, variables
from orchestration.variables import Reading, SettingsError

TARGET, DUCKDB = "spark", "duckdb"
# Of what Spark built: its tables copied, and the same views over them (dbt_project/macros/desde_spark.sql).
FROM_SPARK = "desde_spark"
USUAL_PORT = 15002
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Spark:
    """Where the models are built.

    remote: sc://host:port of a Spark Connect server, and what it asks for after that. schema: what the names of our
    schemas begin with there. raw: the raw folder, as the cluster calls it. tables: the folder that the cluster writes
    and this machine reads.
    """

    # It may hold a token.
    remote: str = field(repr=False)
    schema: str
    raw: str
    tables: Path

    @classmethod
    def from_environment(cls, raw: Path, tables: Path) -> "Spark | None":
        """The cluster of DBT_TARGET=spark; None where DuckDB builds the models. raw, tables: where nothing else is set.

        Raises SettingsError with every setting that is none of its kind.
        """
        reading = Reading()
        spark = None
        if reading(_target, "DBT_TARGET", DUCKDB) == TARGET:
            spark = cls(
                remote=reading(_remote, "SPARK_REMOTE", ""),
                schema=reading(_schema, "SPARK_SCHEMA", "bodega"),
                raw=(os.environ.get("SPARK_RAW_DIR") or str(raw)).rstrip("/"),
                tables=reading(variables.path, "SPARK_TABLES_DIR", tables),
            )
        reading.end()
        return spark

    @property
    def address(self) -> str:
        """host:port of the server, without what may be secret."""
        parts = urlsplit(self.remote)
        return f"{parts.hostname}:{parts.port or USUAL_PORT}"

    def answer(self) -> None:
        """Raises OSError where nothing listens at the address: PySpark would go on asking for a quarter of an hour."""
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), PATIENCE_SECONDS).close()
        except OSError as error:
            number = error.errno or errno.ETIMEDOUT
            why = os.strerror(number) if number > 0 else str(error)
            raise OSError(number, f"the Spark Connect server {self.address} does not answer: {why}") from error

    def environment(self) -> dict[str, str]:
        """The variables by which dbt's profile knows the cluster."""
        return {
            "DBT_TARGET": TARGET,
            "SPARK_REMOTE": self.remote,
            "SPARK_SCHEMA": self.schema,
            "SPARK_RAW_DIR": self.raw,
            "SPARK_TABLES_DIR": str(self.tables),
        }


def _target(variable: str, usual: str) -> str:
    value = os.environ.get(variable) or usual
    if value not in (DUCKDB, TARGET):
        raise SettingsError(f"{variable} is {value[:20]!r}: give {DUCKDB} or {TARGET}, or leave it out")
    return value


def _remote(variable: str, usual: str) -> str:
    value = os.environ.get(variable) or usual
    if not re.fullmatch(r"sc://[^\s/:@]+(:\d{1,5})?(/\S*)?", value):
        # Not repeated: it may hold a token.
        raise SettingsError(
            f"{variable} is no address of a Spark Connect server: give one such as sc://localhost:15002"
        )
    return value


def _schema(variable: str, usual: str) -> str:
    value = os.environ.get(variable) or usual
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", value):
        raise SettingsError(f"{variable} is {value[:20]!r}: give lower-case letters, digits and _, or leave it out")
    return value


def bring_to_warehouse(target_path: Path) -> None:
    """Puts into the warehouse of the environment what the cluster of the environment built last.

    Every table under its own name and in the types of its contract, and every view. target_path: where dbt keeps its
    account of that. Raises dbt_command.DbtError where a table is missing or not of its types.
    """
    dbt_command.build(FROM_SPARK, target_path)
