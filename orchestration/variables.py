"""How an environment variable becomes the value of a setting. What cannot be one is said with what to give instead."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

# Every variable that anything here reads, so that a misspelt one is found (`bodega doctor`).
VARIABLES = frozenset(
    [
        *("EXPORTS_DIR", "CORRECTIONS_DIR", "WAREHOUSE_PATH", "RAW_DIR", "RELEASES_DIR", "PORTAL_DIR", "DAGSTER_HOME"),
        *("PUBLIC_URL", "CONTACT_URL", "OC4IDS_PREFIX", "KEEP_RELEASES", "XLSX_MAX_ROWS", "PUBLISH_URL"),
        *("SETTLE_SECONDS", "RUN_WAIT_MINUTES", "NIGHTLY_CRON", "WAREHOUSE_MEMORY_LIMIT", "WEBSERVER_PORT"),
        *("INGEST_WORKERS", "INGEST_EXECUTOR"),
        *("ALERT_WEBHOOK_URL", "ALERT_SMTP_URL", "ALERT_MAIL_TO", "ALERT_MAIL_FROM"),
        *("DBT_TARGET", "SPARK_REMOTE", "SPARK_SCHEMA", "SPARK_RAW_DIR", "SPARK_TABLES_DIR"),
        *("BODEGA_PG_HOST", "BODEGA_PG_PORT", "BODEGA_PG_DB", "BODEGA_PG_USER", "BODEGA_PG_PASSWORD"),
    ]
)

# Of the engine, and of that in each worker of one machine, at least: with less it may not get a batch of files through.
LEAST_MEMORY = "400MB"

_HIGHEST_PORT = 65535

Value = TypeVar("Value")
# A number, or that nothing is given.
Number = TypeVar("Number", bound=int | None)


class SettingsError(ValueError):
    """Settings that cannot be, a sentence each with what to do."""

    def __init__(self, *sentences: str) -> None:
        # One line may hold them all, as in an alert.
        self.sentences = tuple(f"{each.removesuffix('.')}." for each in sentences)
        super().__init__("\n".join(self.sentences))


class Reading:
    """Reads settings one after another and keeps what is wrong, so that all of it is said at once.

    sentences: of all that is wrong. wrong: the variables that cannot be, in whose place their usual values stand.
    """

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.wrong: set[str] = set()

    def __call__(self, read: Callable[[str, Value], Value], variable: str, usual: Value) -> Value:
        """The value of a variable, as one of the functions below reads it."""
        with self.kept(variable):
            return read(variable, usual)
        return usual

    @contextmanager
    def kept(self, *variables: str) -> Iterator[None]:
        """Keeps what a SettingsError says that is raised inside. variables: those that are read there."""
        try:
            yield
        except SettingsError as error:
            self.sentences += error.sentences
            self.wrong.update(variables)

    def end(self) -> None:
        """Raises SettingsError where anything was wrong."""
        if self.sentences:
            raise SettingsError(*self.sentences)


def path(variable: str, usual: Path) -> Path:
    """A place, absolute; ~ is the home. Raises SettingsError, as all do here, where it can be none."""
    try:
        return Path(os.environ.get(variable) or usual).expanduser().absolute()
    except RuntimeError:
        raise SettingsError(
            f"{variable} is {os.environ[variable]!r}: nobody of that name has a folder here. Give the path from / on"
        ) from None


def address(variable: str, usual: str) -> str:
    """An address of the web, without a slash at its end."""
    value = (os.environ.get(variable) or usual).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise SettingsError(f"{variable} is {value!r}, which is no address: give one such as {usual}")
    return value


def cron(variable: str, usual: str) -> str:
    """Minute, hour, day, month and day of the week, as cron writes them."""
    value = os.environ.get(variable)
    if not value:
        return usual
    # Not imported above: a look at a night without news must not pay for Dagster.
    from dagster._utils.schedules import is_valid_cron_string

    if not is_valid_cron_string(value):
        raise SettingsError(f"{variable} is {value!r}: give minute, hour, day, month and day of the week, as {usual}")
    return value


def memory(variable: str, usual: str) -> str:
    """An amount of memory as DuckDB writes it, LEAST_MEMORY at least."""
    value = os.environ.get(variable) or usual
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})? ?[KMGT]i?B", value, re.ASCII | re.IGNORECASE):
        raise SettingsError(f"{variable} is {value!r}: give an amount of memory, as 2GB or 500MB, or leave it out")
    if bytes_of(value) < bytes_of(LEAST_MEMORY):
        raise SettingsError(f"{variable} is {value}: a run needs {LEAST_MEMORY} at least. Give that or more")
    return value


def port(variable: str, usual: int) -> int:
    """A port of this machine."""
    value = count(variable, usual)
    if value > _HIGHEST_PORT:
        raise SettingsError(f"{variable} is {value}: a port is a number from 1 to {_HIGHEST_PORT}, or leave it out")
    return value


def bytes_of(amount: str) -> int:
    """An amount of memory, in bytes, as `memory` accepts it."""
    number, unit = re.split(r" ?(?=[A-Za-z])", amount, maxsplit=1)
    base = 1024 if "i" in unit.lower() else 1000
    return int(float(number) * base ** ("KMGT".index(unit[0].upper()) + 1))


def count_from_0(variable: str, usual: int) -> int:
    """A whole number from 0 on."""
    return count(variable, usual, least=0)


def count(variable: str, usual: Number, least: int = 1) -> int | Number:
    """A whole number."""
    value = os.environ.get(variable)
    if not value:
        return usual
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) < least:
        raise SettingsError(
            f"{variable} is {value[:20]!r}: give a whole number from {least} on, of 9 digits at most, or leave it out"
        )
    return int(value)
