"""What can heal by itself is tried again by its step, with growing pauses; bad data and the rest fail at once."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from orchestration.alerts.outcome import IN_ALERT
from orchestration.machine import space
from publish.errors import TryLaterError

# After 30 seconds, then after a minute and a half more, then after three and a half.
BACK_OFF = dg.RetryPolicy(max_retries=3, delay=30, backoff=dg.Backoff.EXPONENTIAL)

# A mount that was lost for a moment, a disk that answers late. A disk that is full stays so until somebody comes.
_PASSING = tuple(
    getattr(errno, name)
    for name in (
        "EAGAIN",
        "EBUSY",
        "ECONNREFUSED",
        "ECONNRESET",
        "EHOSTDOWN",
        "EHOSTUNREACH",
        "EINTR",
        "EIO",
        "ENETDOWN",
        "ENETUNREACH",
        "ENOTCONN",
        "ESTALE",
        "ETIMEDOUT",
    )
)
_PASSING_WORDS = ("Could not set lock", *(os.strerror(number) for number in _PASSING))


def may_heal(error: BaseException) -> bool:
    """Whether the same step may go well a little later, with nobody doing anything."""
    if isinstance(error, TryLaterError):
        return True
    if isinstance(error, duckdb.IOException):
        return any(words in str(error) for words in _PASSING_WORDS)
    return isinstance(error, OSError) and error.errno in _PASSING


@contextmanager
def tried_again(context: dg.OpExecutionContext | dg.AssetExecutionContext, room: str) -> Iterator[None]:
    """Around the body of a step that may be done twice. room: who speaks of it in the log.

    Raises RetryRequested where what went wrong may heal, which Dagster turns into the failure once it has tried enough,
    and Failure, in words for who has to make room, where a disk is full.
    """
    try:
        yield
    except Exception as error:
        if space.is_full(error):
            raise dg.Failure(
                space.said(error), metadata={IN_ALERT: space.said_in_alert()}, allow_retries=False
            ) from error
        if not may_heal(error):
            raise
        op = _op(context)
        pause = BACK_OFF.calculate_delay(op.retry_number + 1)
        if op.retry_number < BACK_OFF.max_retries:
            context.log.warning(f"{room}: {error}; trying again in {pause:.0f} s")
        raise dg.RetryRequested(max_retries=BACK_OFF.max_retries, seconds_to_wait=pause) from error


def try_first(context: dg.AssetExecutionContext, errors: Iterable[Exception]) -> None:
    """Raises, as long as a try is left, the first of these errors that may heal: to be called within `tried_again`.

    For a step that can go on without what failed, once waiting has not helped.
    """
    if _op(context).retry_number < BACK_OFF.max_retries:
        for error in errors:
            if may_heal(error):
                raise error


def _op(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> dg.OpExecutionContext:
    return context if isinstance(context, dg.OpExecutionContext) else context.op_execution_context
