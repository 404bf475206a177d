"""Whom alerts go to: settings of the institution, all off until they are set."""

import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}


class AddressError(ValueError):
    """A setting of the alerts that cannot be, with what to do. Never holds the setting itself: it may hold a secret."""


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

        Raises AddressError where one is none of its kind, or one of a group stands alone.
        """
        webhook = os.environ.get("ALERT_WEBHOOK_URL", "")
        if webhook and not _is_web_address(webhook):
            raise AddressError("ALERT_WEBHOOK_URL is no address: give https://host/path, or leave it out")
        return cls(webhook, _mail())


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _mail() -> Mail | None:
    names = ("ALERT_SMTP_URL", "ALERT_MAIL_TO", "ALERT_MAIL_FROM")
    url, to, sender = (os.environ.get(name, "").strip() for name in names)
    if not url and not to and not sender:
        return None
    if missing := [name for name in names if not os.environ.get(name, "").strip()]:
        raise AddressError(f"alerts by mail need {', '.join(names)}: set {', '.join(missing)} too, or leave all out")
    addresses = tuple(each.strip() for each in to.split(",") if each.strip())
    if not all(_is_mail_address(each) for each in (*addresses, sender)):
        raise AddressError("ALERT_MAIL_TO or ALERT_MAIL_FROM is no mail address: give name@host, several with commas")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in _PORTS or not host or port == 0:
        raise AddressError("ALERT_SMTP_URL is no mail server: give smtp://user:password@host:587 or smtps://…")
    return Mail(
        host=host,
        port=port or _PORTS[scheme],
        encrypted=scheme == "smtps",
        sender=sender,
        to=addresses,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _is_mail_address(text: str) -> bool:
    name, sign, host = text.rpartition("@")
    return bool(name and sign and host) and text.isascii() and text.isprintable() and not set(text) & set(' <>,;"')
