"""Which alerts are open, and who was told what of each: `alerts.json` of the internal area."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from orchestration import space
from orchestration.alerts.causes import Cause, Found

Event = Literal["opened", "resolved"]

# The file whose room is given up where there is no other, and how much it keeps: some hundred alerts.
RESERVE = ".reserve"
RESERVED_BYTES = 1 << 18


@dataclass
class Alert:
    """A cause from the moment it was seen. ident: what its messages are known by; it tells nothing of the cause.

    healed: None while it is open. told: per channel, the last that was delivered.
    """

    ident: str
    key: str
    kind: str
    what: str
    where: str
    inside: str
    since: datetime
    healed: datetime | None = None
    told: dict[str, Event] = field(default_factory=dict)

    def due(self, channel: str) -> Iterator[Event]:
        """What the channel has yet to be told, in order: that it opened, and once it has healed, that too."""
        if channel not in self.told:
            yield "opened"
        if self.healed and self.told.get(channel) != "resolved":
            yield "resolved"


@dataclass
class State:
    """since: when watching began. ended: when the last run did, however; finished: when one last came to its end."""

    since: datetime
    ended: datetime | None = None
    finished: datetime | None = None
    alerts: list[Alert] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, now: datetime) -> "State":
        """What was written last, or the beginning of it all."""
        if not path.exists():
            return cls(now)
        content = json.loads(path.read_text("utf-8"))
        alerts = [
            Alert(**each | {"since": _moment(each["since"]), "healed": _moment(each["healed"])})
            for each in content["alerts"]
        ]
        since = _moment(content["since"])
        return cls(since or now, _moment(content["ended"]), _moment(content["finished"]), alerts)

    def write(self, path: Path) -> None:
        """Replaces the file, which its owner alone can read, so that a reader sees the old one or the new one.

        Room for it is kept beside it: a disk that is full is just what people are to be told of.
        """
        content = json.dumps(asdict(self), ensure_ascii=False, indent=1, default=datetime.isoformat).encode("utf-8")
        try:
            _replace(path, content)
        except OSError as error:
            if not space.is_full(error):
                raise
            path.with_suffix(RESERVE).unlink(missing_ok=True)
            _replace(path, content)
        else:
            _keep_room(path.with_suffix(RESERVE))

    @property
    def open(self) -> list[Alert]:
        """What is wrong, the oldest first."""
        return [alert for alert in self.alerts if not alert.healed]

    def take(self, found: Found, now: datetime) -> None:
        """Opens what is new, heals what is gone, and gives what stays its newest words, which nobody is sent.

        What was not judged stays as it is, and so does what another cause stands for.
        """
        causes = {cause.key: cause for cause in found.causes}
        covered = set[str]().union(*(cause.covers for cause in found.causes))
        for alert in self.open:
            if cause := causes.pop(alert.key, None):
                alert.what, alert.where, alert.inside = cause.what, cause.where, cause.inside
            elif alert.kind in found.judged and alert.key not in covered:
                alert.healed = now
        self.alerts += [_opened(cause, now) for cause in causes.values()]

    def forget(self, channels: Iterable[str]) -> None:
        """Drops what has healed and owes none of these channels a word."""
        names = list(channels)
        self.alerts = [a for a in self.alerts if not a.healed or any(list(a.due(name)) for name in names)]


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _keep_room(reserve: Path) -> None:
    if reserve.exists() and reserve.stat().st_size == RESERVED_BYTES:
        return
    try:
        # Of a row of zeros some disks keep only the length.
        _replace(reserve, secrets.token_bytes(RESERVED_BYTES))
    except OSError as error:
        if not space.is_full(error):
            raise
        # There is none to keep: it is for those who write.
        reserve.with_suffix(".partial").unlink(missing_ok=True)


def _opened(cause: Cause, now: datetime) -> Alert:
    return Alert(secrets.token_hex(8), cause.key, cause.kind, cause.what, cause.where, cause.inside, now)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
