"""Whom alerts go to: settings of the institution, all off until they are set."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from orchestration.variables import Reading, SettingsError

# What is said of a setting here never holds the setting itself: it may hold a secret.
_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """A mail server and who writes to whom. encrypted: from the first byte, else by STARTTLS where there is a password.

    sender, to: addresses. The password is shown nowhere, not even by repr.
    """

    host: str
    port: int
    encrypted: bool
    sender: str
    to: tuple[str, ...]
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Addresses:
    """Where alerts are sent. webhook: http(s)://…, shown nowhere since its path or query is often its key."""

    webhook: str = field(default="", repr=False)
    mail: Mail | None = None

    @classmethod
    def from_environment(cls) -> "Addresses":
        """Reads ALERT_WEBHOOK_URL, ALERT_SMTP_URL, ALERT_MAIL_TO and ALERT_MAIL_FROM.

        Raises SettingsError with every one that is none of its kind, or that stands alone and is one of a group.
        """
        reading = Reading()
        webhook, mail = reading(_webhook, "ALERT_WEBHOOK_URL", ""), None
        with reading.kept():
            mail = _mail()
        reading.end()
        return cls(webhook, mail)


def _webhook(variable: str, usual: str) -> str:
    value = os.environ.get(variable, usual)
    if value and not _names_a_host(value, ("http", "https")):
        raise SettingsError(f"{variable} is no address: give https://host/path, or leave it out")
    return value


def _names_a_host(text: str, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _mail() -> Mail | None:
    names = ("ALERT_SMTP_URL", "ALERT_MAIL_TO", "ALERT_MAIL_FROM")
    url, to, sender = (os.environ.get(name, "").strip() for name in names)
    if not url and not to and not sender:
        return None
    if missing := [name for name in names if not os.environ.get(name, "").strip()]:
        raise SettingsError(f"alerts by mail need {', '.join(names)}: set {', '.join(missing)} too, or leave all out")
    wrong = []
    addresses = tuple(each.strip() for each in to.split(",") if each.strip())
    if not all(_is_mail_address(each) for each in (*addresses, sender)):
        wrong.append("ALERT_MAIL_TO or ALERT_MAIL_FROM is no mail address: give name@host, several with commas")
    if not _names_a_host(url, _PORTS):
        wrong.append("ALERT_SMTP_URL is no mail server: give smtp://user:password@host:587 or smtps://…")
    if wrong:
        raise SettingsError(*wrong)
    parts = urlsplit(url)
    return Mail(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        encrypted=parts.scheme == "smtps",
        sender=sender,
        to=addresses,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _is_mail_address(text: str) -> bool:
    name, sign, host = text.rpartition("@")
    return bool(name and sign and host) and text.isascii() and text.isprintable() and not set(text) & set(' <>,;"')
