"""The code location that Dagster loads. Where it cannot be loaded people are told: no sensor is there to do it then."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def _told() -> Iterator[None]:
    """Tells of an error, which is raised all the same. The daemon loads this every minute and it is told of once."""
    try:
        yield
    except Exception as error:
        _tell(error)
        raise


def _tell(error: Exception) -> None:
    say = logging.getLogger(__name__).warning
    try:
        from orchestration import alerts
        from orchestration.machine import private
        from orchestration.settings import Settings

        private.write_for_owner_alone()
        alerts.not_loaded(Settings.from_environment(), error, say)
    except Exception as other:
        say(f"alerts: nobody could be told ({type(other).__name__}: {other})")


with _told():
    from orchestration.jobs import build_defs
    from orchestration.machine import folders
    from orchestration.settings import Settings


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster` and `dg` load, over the places of the environment."""
    with _told():
        settings = Settings.from_environment()
        folders.prepare(settings)
        return build_defs(settings)
