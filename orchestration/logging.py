"""What a person sees while a run works: our own messages, one line each, and nothing of Dagster's bookkeeping."""

import logging
import sys
import time

import dagster as dg

# Each of our messages begins with the room that speaks; what libraries say is of no use to whoever watches.
ROOMS = ("ingest: ", "dbt: ", "checks: ", "release: ", "portal: ", "bucket: ")


class _OurWords(logging.Formatter):
    """The message as it was said, after the seconds since the run began."""

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()

    def format(self, record: logging.LogRecord) -> str:
        return f"{time.monotonic() - self.began:6.1f} s  {_said(record)}"


def _said(record: logging.LogRecord) -> str:
    meta = getattr(record, "dagster_meta", {})
    return str(meta.get("orig_message") or record.getMessage())


def _is_ours(record: logging.LogRecord) -> bool:
    return _said(record).startswith(ROOMS)


def _plain(init: dg.InitLoggerContext) -> logging.Logger:
    """The logger of a run that a person watches."""
    logger = logging.Logger("bodega", logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OurWords())
    handler.addFilter(_is_ours)
    logger.addHandler(handler)
    return logger


plain = dg.LoggerDefinition(_plain, description="One plain line a message, on standard error.")
