"""How an environment variable becomes the value of a setting. What cannot be one is said with what to give instead."""

import os
import re
from pathlib import Path

from orchestration.spark import VARIABLES as OF_SPARK

# Every variable that anything here reads, so that a misspelt one is found (`bodega doctor`).
VARIABLES = frozenset(
    [
        *("EXPORTS_DIR", "CORRECTIONS_DIR", "WAREHOUSE_PATH", "RAW_DIR", "RELEASES_DIR", "PORTAL_DIR", "DAGSTER_HOME"),
        *("PUBLIC_URL", "CONTACT_URL", "OC4IDS_PREFIX", "KEEP_RELEASES", "XLSX_MAX_ROWS", "PUBLISH_URL"),
        *("SETTLE_SECONDS", "RUN_WAIT_MINUTES", "NIGHTLY_CRON", "WAREHOUSE_MEMORY_LIMIT", "WEBSERVER_PORT"),
        *("INGEST_WORKERS", "INGEST_EXECUTOR"),
        *("ALERT_WEBHOOK_URL", "ALERT_SMTP_URL", "ALERT_MAIL_TO", "ALERT_MAIL_FROM"),
        *("DBT_TARGET", *OF_SPARK),
        *("BODEGA_PG_HOST", "BODEGA_PG_PORT", "BODEGA_PG_DB", "BODEGA_PG_USER", "BODEGA_PG_PASSWORD"),
    ]
)

# Of the engine, and of that in each worker of one machine, at least: with less it may not get a batch of files through.
LEAST_MEMORY = "400MB"

_HIGHEST_PORT = 65535


class SettingsError(ValueError):
    """A setting that cannot be, with what to do."""


def path(variable: str, default: Path) -> Path:
    """A place, absolute; ~ is the home. Raises SettingsError, as all do here, where it can be none."""
    try:
        return Path(os.environ.get(variable) or default).expanduser().absolute()
    except RuntimeError:
        raise SettingsError(
            f"{variable} is {os.environ[variable]!r}: nobody of that name has a folder here. Give the path from / on"
        ) from None


def address(variable: str, default: str) -> str:
    """An address of the web, without a slash at its end."""
    value = (os.environ.get(variable) or default).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise SettingsError(f"{variable} is {value!r}, which is no address: give one such as {default}")
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
    value = count(variable) or usual
    if value > _HIGHEST_PORT:
        raise SettingsError(f"{variable} is {value}: a port is a number from 1 to {_HIGHEST_PORT}, or leave it out")
    return value


def bytes_of(amount: str) -> int:
    """An amount of memory, in bytes, as `memory` accepts it."""
    number, unit = re.split(r" ?(?=[A-Za-z])", amount, maxsplit=1)
    base = 1024 if "i" in unit.lower() else 1000
    return int(float(number) * base ** ("KMGT".index(unit[0].upper()) + 1))


def count_or(variable: str, usual: int) -> int:
    """A whole number from 0 on; the usual one where the variable is not set."""
    value = count(variable, least=0)
    return usual if value is None else value


def count(variable: str, least: int = 1) -> int | None:
    """A whole number; None where the variable is not set."""
    value = os.environ.get(variable)
    if not value:
        return None
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) < least:
        raise SettingsError(
            f"{variable} is {value[:20]!r}: give a whole number from {least} to 999999999, or leave it out"
        )
    return int(value)
