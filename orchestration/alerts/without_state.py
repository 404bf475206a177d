"""The one alert that needs no file: that the files in which alerts are remembered cannot be written."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from orchestration.alerts.channels import configured, deliver
from orchestration.alerts.message import Message
from orchestration.alerts.outcome import sentence
from orchestration.alerts.state import Alert
from orchestration.settings import Settings

# Channel and ident: a process that lives on, as Dagster's daemon does, tells it once a day.
_sent: set[tuple[str, str]] = set()


def send(settings: Settings, error: OSError, now: datetime, tell: Callable[[str], None]) -> None:
    """Sends it through each channel. tell: told in a sentence what could not be sent.

    It is known by its cause and its day, so that a receiver can drop what another process sends again. Nobody is told
    when it has healed.
    """
    said = sentence(type(error).__name__, str(error))
    ident = hashlib.sha256(f"{said} {now:%Y-%m-%d}".encode()).hexdigest()[:16]
    what = f"The internal area cannot be written, so no run can end and nothing else is told: {said}"
    message = Message.of(Alert(ident, "without state", "run_failed", what, "disk", "", now), "opened")
    for channel in configured(settings.addresses):

        def delivered(_: Message, known: tuple[str, str] = (channel.name, ident)) -> None:
            _sent.add(known)

        if (channel.name, ident) not in _sent:
            deliver(channel, [message], delivered, tell)
