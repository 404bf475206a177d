"""Tells people at once when something is wrong, once for each cause, and once when it has healed.

Whoever calls this may do so as often as they like, and two at once: what was told is not told again.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from orchestration.alerts.causes import Found, find, not_loading
from orchestration.alerts.outcome import Outcome
from orchestration.alerts.state import Alert, Event, State
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.alerts.message import Message

DELIVERED = "delivered"

__all__ = ["DELIVERED", "Alert", "Outcome", "after_run", "not_loaded", "open_alerts", "send_test", "watch"]

Tell = Callable[[str], None]
_Due = dict["Message", tuple[Alert, Event]]

# Longer than the other evaluation can take where every server is silent.
_WAIT_SECONDS = 600


def after_run(settings: Settings, outcome: Outcome, tell: Tell, now: datetime | None = None) -> list[Alert]:
    """Judges what the run left and sends what is due. To be called at the end of every run.

    tell: told in a sentence what could not be sent, which is sent the next time. now: with a time zone. Returns the
    open alerts. An outcome that is older than one that is known already is passed over.
    """
    return _evaluate(settings, outcome, tell, now)


def watch(settings: Settings, tell: Tell, now: datetime | None = None) -> list[Alert]:
    """The same between runs: for what time alone brings about, and for what could not be sent before."""
    return _evaluate(settings, None, tell, now)


def not_loaded(settings: Settings, error: Exception, tell: Tell, now: datetime | None = None) -> list[Alert]:
    """Sends that Dagster cannot load the code: then no schedule and no sensor is there, nor what judges between runs.

    May be called each time that it is tried. The next run that comes to its end heals it.
    """
    return _evaluate(settings, None, tell, now, not_loading(error))


def open_alerts(settings: Settings) -> list[Alert]:
    """What is wrong as it was judged last, the oldest first."""
    return State.read(settings.alerts, datetime.now(UTC)).open


def send_test(settings: Settings) -> dict[str, str]:
    """Sends a test through each channel. Returns per channel what happened: DELIVERED, or why it was not."""
    from orchestration.alerts.channels import configured, deliver
    from orchestration.alerts.message import Message

    message = Message.test(secrets.token_hex(8), datetime.now(UTC))
    said: dict[str, str] = {}
    for channel in configured(settings.addresses):
        problems: list[str] = []
        deliver(channel, [message], lambda _: None, problems.append)
        said[channel.name] = "; ".join(problems) or DELIVERED
    return said


def _evaluate(
    settings: Settings, outcome: Outcome | None, tell: Tell, now: datetime | None, known: Found | None = None
) -> list[Alert]:
    """known: what is wrong, where that is not to be found out."""
    try:
        with FileLock(settings.alerts_lock, timeout=_WAIT_SECONDS):
            now = now or datetime.now(UTC)
            state = State.take_up(settings.alerts, now, tell)
            state.take(known or _judge(settings, state, outcome, tell, now), now)
            state.write(settings.alerts)
            _send(settings, state, tell)
            return state.open
    except Timeout:
        tell(f"alerts: {settings.alerts_lock} is held for {_WAIT_SECONDS} seconds by another process: see what it does")
    except OSError as error:
        from orchestration.alerts import without_state

        without_state.send(settings, without_state.NOT_WRITTEN, error, now or datetime.now(UTC), tell)
    return open_alerts(settings)


def _judge(settings: Settings, state: State, outcome: Outcome | None, tell: Tell, now: datetime) -> Found:
    """What is wrong. Nothing is known where a disk does not let that be read, which is told by itself."""
    state.forget_the_future(now)
    if outcome and state.ended and outcome.ended < state.ended:
        outcome = None
    if outcome:
        state.ended = outcome.ended
        state.finished = outcome.ended if outcome.finished else state.finished
    try:
        return find(settings, now, outcome, state.finished or state.since)
    except OSError as error:
        from orchestration.alerts import without_state

        without_state.send(settings, without_state.NOT_JUDGED, error, now, tell)
        return Found([], set())


def _send(settings: Settings, state: State, tell: Tell) -> None:
    from orchestration.alerts.channels import configured, deliver
    from orchestration.alerts.message import Message

    channels = configured(settings.addresses)
    for channel in channels:
        due: _Due = {
            Message.of(alert, event): (alert, event) for alert in state.alerts for event in alert.due(channel.name)
        }

        # Written after each: whoever is killed here tells one thing twice at most, and none not at all.
        def delivered(message: Message, due: _Due = due, name: str = channel.name) -> None:
            alert, event = due[message]
            alert.told[name] = event
            state.write(settings.alerts)

        deliver(channel, list(due), delivered, lambda text: tell(f"{text}. What waits is sent the next time."))
    state.forget(channel.name for channel in channels)
    state.write(settings.alerts)
