"""The ways that alerts go: a JSON POST to a webhook, and mail through SMTP.

No sentence from here holds the webhook's path or query, a password, or a word of what a server answered.
"""

import logging
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from orchestration.addresses import Addresses, Mail
from orchestration.alerts.message import Message

# They write the path and the query of what is tried again, and these are often the key of a webhook.
for name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


class Undelivered(Exception):
    """A message that was not taken. again: whether the others have no better chance now and must wait too."""

    def __init__(self, sentence: str, *, again: bool) -> None:
        super().__init__(sentence)
        self.again = again


@dataclass(frozen=True)
class Patience:
    """How long a channel is tried. pause: seconds before the second try, doubled before each one after it.

    connect, answer: seconds.
    """

    tries: int = 4
    pause: float = 2
    connect: float = 5
    answer: float = 20


PATIENCE = Patience()

Send = Callable[[Message], None]


class Webhook:
    """Posts each message as JSON. A redirection is no delivery: it would carry the message somewhere else.

    name: as the state of alerts knows the channel.
    """

    name = "webhook"

    def __init__(self, url: str, patience: Patience) -> None:
        self._url, self._patience = url, patience
        parts = urlsplit(url)
        self._host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @contextmanager
    def open(self) -> Iterator[Send]:
        """Gives what posts one message, and raises Undelivered where it is not taken."""
        # One that may have been taken is not sent again at once: no retry once an answer is awaited.
        retry = Retry(
            total=self._patience.tries - 1,
            read=False,
            redirect=0,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=("POST",),
            backoff_factor=self._patience.pause / 2,
            raise_on_status=False,
            raise_on_redirect=False,
            respect_retry_after_header=False,
        )
        with requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=retry))
            yield lambda message: self._post(session, message)

    def _post(self, session: requests.Session, message: Message) -> None:
        timeout = (self._patience.connect, self._patience.answer)
        try:
            # Its answer is of no use, and is not read.
            with session.post(
                self._url, json=message.payload, timeout=timeout, allow_redirects=False, stream=True
            ) as answer:
                status = answer.status_code
        except requests.RequestException as error:
            # Its words hold the whole address.
            raise Undelivered(f"the webhook at {self._host} cannot be reached: {_kind(error)}", again=True) from None
        if not 200 <= status < 300:
            raise Undelivered(
                f"the webhook at {self._host} answers {status}: correct ALERT_WEBHOOK_URL, or look at that server",
                again=status >= 500 or status == 429,
            )


def _kind(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "no connection, or it broke"


class MailServer:
    """Sends each message as a mail of plain text, all over one connection.

    name: as the state of alerts knows the channel.
    """

    name = "mail"

    def __init__(self, mail: Mail, patience: Patience) -> None:
        self._mail, self._patience = mail, patience
        self._host = f"{mail.host}:{mail.port}"

    @contextmanager
    def open(self) -> Iterator[Send]:
        """Gives what sends one mail; both raise Undelivered. A password goes over an encrypted connection only."""
        server = self._connected()
        try:
            yield lambda message: self._send(server, message)
        finally:
            # The mails are taken, or are not: what the server says to a farewell changes nothing.
            server.close()

    def _connected(self) -> smtplib.SMTP:
        for number in range(1, self._patience.tries + 1):
            try:
                return self._connect()
            except ssl.SSLCertVerificationError:
                raise Undelivered(f"the certificate of {self._host} is not trusted", again=True) from None
            except smtplib.SMTPResponseException as error:
                if error.smtp_code >= 500 or number == self._patience.tries:
                    raise Undelivered(self._refused(error), again=True) from None
            except (OSError, smtplib.SMTPException):
                if number == self._patience.tries:
                    raise Undelivered(
                        f"the mail server {self._host} cannot be reached, or gives no answer", again=True
                    ) from None
            time.sleep(self._patience.pause * 2 ** (number - 1))
        raise AssertionError("a try ends in a connection or in an error")

    def _connect(self) -> smtplib.SMTP:
        mail, context = self._mail, ssl.create_default_context()
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(mail.host, mail.port, timeout=self._patience.answer, context=context)
            if mail.encrypted
            else smtplib.SMTP(mail.host, mail.port, timeout=self._patience.answer)
        )
        try:
            server.ehlo()
            if not mail.encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not mail.encrypted and mail.password:
                raise Undelivered(
                    f"the mail server {self._host} offers no encryption, so no password is sent: use smtps://, or "
                    "leave user and password out",
                    again=True,
                )
            if mail.user:
                if not server.has_extn("auth"):
                    raise Undelivered(f"the mail server {self._host} takes no user and password", again=True)
                server.login(mail.user, mail.password)
        except BaseException:
            server.close()
            raise
        return server

    def _refused(self, error: smtplib.SMTPResponseException) -> str:
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return f"the mail server {self._host} refuses user and password ({error.smtp_code}): correct ALERT_SMTP_URL"
        return f"the mail server {self._host} answers {error.smtp_code}"

    def _send(self, server: smtplib.SMTP, message: Message) -> None:
        try:
            refused = server.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise Undelivered(
                f"the mail server {self._host} takes nothing for ALERT_MAIL_TO ({', '.join(map(str, codes))})",
                again=True,
            ) from None
        except smtplib.SMTPResponseException as error:
            raise Undelivered(self._refused(error), again=error.smtp_code < 500) from None
        except (OSError, smtplib.SMTPException):
            raise Undelivered(f"the connection to the mail server {self._host} broke", again=True) from None
        if refused:
            # Those whom it reached would get it again each time: it counts as delivered.
            logging.getLogger(__name__).warning(
                "the mail server %s took an alert for some of ALERT_MAIL_TO only", self._host
            )

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = message.subject
        letter["From"] = self._mail.sender
        letter["To"] = ", ".join(self._mail.to)
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<{message.event_id}@{self._mail.sender.rpartition('@')[2]}>"
        if message.event == "resolved":
            letter["In-Reply-To"] = f"<{message.alert_id}-opened@{self._mail.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter


Channel = Webhook | MailServer


def configured(addresses: Addresses) -> list[Channel]:
    """The channels that are set."""
    found: list[Channel] = []
    if addresses.webhook:
        found.append(Webhook(addresses.webhook, PATIENCE))
    if addresses.mail:
        found.append(MailServer(addresses.mail, PATIENCE))
    return found


def deliver(
    channel: Channel, messages: Sequence[Message], delivered: Callable[[Message], None], problem: Callable[[str], None]
) -> None:
    """Sends messages in their order. delivered: told of each that was taken; problem: told in a sentence why not.

    After one that has to wait the others of the channel wait too, and their order stays.
    """
    if not messages:
        return
    try:
        with channel.open() as send:
            for message in messages:
                try:
                    send(message)
                except Undelivered as error:
                    if error.again:
                        raise
                    problem(str(error))
                else:
                    delivered(message)
    except Undelivered as error:
        problem(str(error))
