"""Which alerts are open, and who was told what of each: `alerts.json` of the internal area."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from orchestration.alerts.causes import Cause, Found
from orchestration.alerts.kinds import KINDS
from orchestration.machine import space
from orchestration.state import state_file
from orchestration.state.state_file import StateFileError

Event = Literal["opened", "resolved"]

# The file whose room is given up where there is no other, and how much it keeps: some hundred alerts.
RESERVE = ".reserve"
# Where a file goes that cannot be read, for whoever wants to see what was in it.
DAMAGED = ".damaged"
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
        """What was written last, or the beginning of it all where there is nothing that can be read.

        Alerts of a kind that is not known, as of another version of the code, count as healed.
        """
        return _understood(path) or cls(now)

    @classmethod
    def take_up(cls, path: Path, now: datetime, tell: Callable[[str], None]) -> "State":
        """The same for who writes it next: puts a file aside that cannot be read, and says so."""
        state = _understood(path)
        if not state and path.exists():
            aside = path.replace(path.with_suffix(DAMAGED))
            tell(f"{path} could not be read and is {aside} now: what is wrong is told anew, also what was told already")
        return state or cls(now)

    def write(self, path: Path) -> None:
        """Replaces the file, which its owner alone can read, so that a reader sees the old one or the new one.

        Room for it is kept beside it: a disk that is full is just what people are to be told of.
        """
        try:
            state_file.write(path, asdict(self))
        except OSError as error:
            if not space.is_full(error):
                raise
            path.with_suffix(RESERVE).unlink(missing_ok=True)
            state_file.write(path, asdict(self))
        else:
            _keep_room(path.with_suffix(RESERVE))

    def forget_the_future(self, now: datetime) -> None:
        """Lets no moment count that has yet to come: the clock was ahead when it was noted, and is right by now."""
        self.since = min(self.since, now)
        self.finished = self.finished and min(self.finished, now)
        if self.ended and self.ended > now:
            self.ended = None

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


def _keep_room(reserve: Path) -> None:
    if reserve.exists() and reserve.stat().st_size == RESERVED_BYTES:
        return
    try:
        # Of a row of zeros some disks keep only the length.
        state_file.replace(reserve, secrets.token_bytes(RESERVED_BYTES))
    except OSError as error:
        if not space.is_full(error):
            raise
        # There is none to keep: it is for those who write.
        reserve.with_suffix(".partial").unlink(missing_ok=True)


def _opened(cause: Cause, now: datetime) -> Alert:
    return Alert(secrets.token_hex(8), cause.key, cause.kind, cause.what, cause.where, cause.inside, now)


def _understood(path: Path) -> State | None:
    try:
        with state_file.understood(path) as said:
            alerts = [_alert(each) for each in said["alerts"] if each["kind"] in KINDS]
            since = datetime.fromisoformat(said["since"])
            return State(since, _moment(said["ended"]), _moment(said["finished"]), alerts)
    except StateFileError:
        return None


def _alert(said: dict[str, Any]) -> Alert:
    return Alert(**said | {"since": datetime.fromisoformat(said["since"]), "healed": _moment(said["healed"])})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
