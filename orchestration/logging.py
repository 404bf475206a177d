"""What a person sees while a run works: our own messages, one line each, and nothing of Dagster's bookkeeping."""

import logging
import sys

import dagster as dg


class _OurWords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        meta = getattr(record, "dagster_meta", {})
        return str(meta.get("orig_message") or record.getMessage())


def _is_ours(record: logging.LogRecord) -> bool:
    """Errors are told at the end, with their cause; dagster-dbt's lines are of no use to whoever watches."""
    return record.levelno < logging.ERROR and "dbt command" not in record.getMessage()


def _plain(init: dg.InitLoggerContext) -> logging.Logger:
    """The logger of a run that a person watches."""
    logger = logging.Logger("bodega", logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OurWords())
    handler.addFilter(_is_ours)
    logger.addHandler(handler)
    return logger


plain = dg.LoggerDefinition(_plain, description="One plain line a message, on standard error.")
