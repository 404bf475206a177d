"""The alert that needs no file of the internal area: that it cannot be written, or that nothing can be judged."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from orchestration.alerts.channels import configured, deliver
from orchestration.alerts.message import Message
from orchestration.alerts.outcome import of_error
from orchestration.alerts.state import Alert
from orchestration.settings import Settings

NOT_WRITTEN = "The internal area cannot be written, so no run can end and nothing else is told"
NOT_JUDGED = "What is wrong cannot be judged, so nothing new is told"


def send(settings: Settings, what: str, error: OSError, now: datetime, tell: Callable[[str], None]) -> None:
    """Sends it through each channel, once a day. what: NOT_WRITTEN or NOT_JUDGED. tell: told what could not be sent.

    It is known by its cause and its day, so that a receiver can drop what is sent again where nothing can remember it.
    Nobody is told when it has healed.
    """
    what = f"{what}: {of_error(error)}"
    ident = _hash(f"{what} {now:%Y-%m-%d}")
    message = Message.of(Alert(ident, "without state", "run_failed", what, "disk", "", now), "opened")
    for channel in configured(settings.addresses):
        name = f"bodega-{os.geteuid()}-{_hash(f'{settings.internal} {channel.name} {ident}')}.told"

        def delivered(_: Message, name: str = name) -> None:
            _remember(name)

        if not _is_remembered(name):
            deliver(channel, [message], delivered, tell)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# Dagster's daemon judges in a new process each minute, so that what was told is known by an empty file. It lies where
# anybody may write: one that is not ours says nothing.


def _remember(name: str) -> None:
    with suppress(OSError):
        (Path(tempfile.gettempdir()) / name).touch(mode=0o600, exist_ok=False)


def _is_remembered(name: str) -> bool:
    with suppress(OSError):
        found = (Path(tempfile.gettempdir()) / name).lstat()
        return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return False
