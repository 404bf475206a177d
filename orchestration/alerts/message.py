"""An alert in the words and the form in which it leaves the machine."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import jinja2

from orchestration.alerts.kinds import KINDS, RUNBOOK
from orchestration.alerts.state import Alert, Event

_MOMENT = "%Y-%m-%d %H:%M UTC"


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MOMENT)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("orchestration.alerts"),
    autoescape=False,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters["moment"] = _said


@dataclass(frozen=True)
class Message:
    """What is sent. event_id: the same for the same event however often it is sent, so that a receiver can drop it.

    alert_id: the same in the message that opens an alert and in the one that heals it.
    """

    event: Event | Literal["test"]
    alert_id: str
    kind: str
    severity: str
    heading: str
    what: str
    where: str
    remedy: str
    since: datetime
    resolved: datetime | None = None

    @classmethod
    def of(cls, alert: Alert, event: Event) -> "Message":
        """The message that tells of an alert."""
        kind = KINDS[alert.kind]
        resolved = alert.healed if event == "resolved" else None
        return cls(
            event,
            alert.ident,
            alert.kind,
            kind.severity,
            kind.heading,
            alert.what,
            alert.where,
            kind.remedy,
            alert.since,
            resolved,
        )

    @classmethod
    def test(cls, ident: str, now: datetime) -> "Message":
        """A message that says that messages come through."""
        what = "This message was sent by `bodega alerts --test`: alerts come through here."
        return cls("test", ident, "test", "info", "Alerts", what, "bodega", "Nothing.", now)

    @property
    def event_id(self) -> str:
        """What this very event is known by."""
        return f"{self.alert_id}-{self.event}"

    @property
    def subject(self) -> str:
        """One line."""
        word = self.severity if self.event == "opened" else self.event
        return " ".join(f"[bodega] {word}: {self.heading} ({self.where})".split())[:200]

    @property
    def text(self) -> str:
        """For people."""
        text = _TEMPLATES.get_template("alert.txt.j2").render(**vars(self), runbook=RUNBOOK)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    @property
    def payload(self) -> dict[str, str | None]:
        """For programs, with `text` where chat services look for it."""
        anchor = re.sub(r"[^a-z0-9 ]", "", self.heading.lower()).replace(" ", "-")
        return {
            "event": self.event,
            "event_id": self.event_id,
            "alert_id": self.alert_id,
            "kind": self.kind,
            "severity": self.severity,
            "heading": self.heading,
            "what": self.what,
            "where": self.where,
            "remedy": self.remedy,
            "runbook": f"{RUNBOOK}#{anchor}",
            "since": self.since.isoformat(),
            "resolved": self.resolved.isoformat() if self.resolved else None,
            "text": self.text,
        }
