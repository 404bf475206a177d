"""Alerts reach real servers; what a server does not take waits and comes once; no secret is ever said."""

import errno
import json
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orchestration import alerts
from orchestration.addresses import Addresses, Mail
from orchestration.alerts.state import RESERVE, RESERVED_BYTES
from orchestration.settings import Settings
from orchestration.variables import SettingsError
from tests.orchestration.alerts.conftest import SECRET, Hook, Night

FAILED = {"models": "No space."}
PEOPLE = {"ALERT_MAIL_TO": "a@example.cl", "ALERT_MAIL_FROM": "b@example.cl"}


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# ---- the webhook


def test_a_server_that_is_busy_for_a_moment_is_tried_again(night: Night, hook: Hook) -> None:
    hook.answers = [503, 429]
    night.end(2, FAILED)
    assert (hook.of("run_failed"), hook.asked, night.said) == (["opened"], 3, [])


def test_what_a_server_does_not_take_waits_and_comes_once(night: Night, hook: Hook) -> None:
    hook.answers = [503] * 3
    night.end(2, FAILED)
    assert hook.received == []
    assert "answers 503" in night.said[0]
    night.watch()
    night.watch()
    assert hook.of("run_failed") == ["opened"]


def test_what_appeared_and_healed_while_nobody_could_be_told_is_told_in_its_order(night: Night, hook: Hook) -> None:
    hook.answers = [503] * 6
    night.end(2, FAILED)
    night.end(0)
    assert hook.received == []
    night.watch()
    assert hook.of("run_failed") == ["opened", "resolved"]
    night.watch()
    assert len(hook.received) == 2


@pytest.mark.parametrize("status", [302, 404, 410])
def test_a_server_that_will_not_is_asked_once_and_the_setting_is_named(status: int, night: Night, hook: Hook) -> None:
    hook.answers = [status]
    night.end(2, FAILED)
    assert (hook.asked, hook.received) == (1, [])
    assert f"answers {status}: correct ALERT_WEBHOOK_URL" in night.said[0]


def test_a_server_that_is_not_there_or_never_answers_is_named_by_its_host_alone(
    night: Night, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    there = night.settings
    nowhere = f"http://127.0.0.1:{unused_port()}/{SECRET}?token={SECRET}"
    night.settings = replace(there, addresses=Addresses(nowhere))
    night.end(2, FAILED)
    assert "cannot be reached: no connection" in night.said[0]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"
        night.settings = replace(there, addresses=Addresses(url))
        night.watch()
    assert "no answer in time" in night.said[1]
    night.settings = there
    night.watch()
    assert hook.of("run_failed") == ["opened"]
    kept = night.settings.alerts.read_text("utf-8")
    assert SECRET not in "".join([*night.said, kept, caplog.text, json.dumps(hook.received), repr(there)])


def test_a_message_keeps_its_number_however_often_it_is_sent(night: Night, hook: Hook) -> None:
    night.end(2, FAILED)
    night.end(0)
    first, second = hook.received
    assert (first["alert_id"], first["event_id"]) == (second["alert_id"], f"{second['alert_id']}-opened")
    assert second["event_id"] == f"{second['alert_id']}-resolved"
    assert first["since"] < second["resolved"]
    assert second["text"].startswith("Resolved: The run failed (models).")


# ---- mail


@dataclass
class Post:
    """A mail server with the one user `bodega`. refuses: the addresses that it takes nothing for."""

    letters: list[EmailMessage] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    busy: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.busy:
            self.busy -= 1
            return ["421 busy"]
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.letters.append(message_from_bytes(content, policy=default))
        self.encrypted.append(bool(session.ssl or (server.transport and server.transport.get_extra_info("sslcontext"))))
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append((data.login, data.password) == (b"bodega", SECRET.encode()))
        return AuthResult(success=self.logins[-1], handled=False)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


Serve = Callable[..., Mail]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def serve(post: Post, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts the mail server, and gives its address with the right password."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    started: list[Controller] = []

    def start(encrypted: bool = False, starttls: bool = True, port: int = 0, login: bool = True) -> Mail:
        server = Controller(
            post,
            hostname="localhost",
            port=port or unused_port(),
            ssl_context=context if encrypted else None,
            tls_context=context if starttls and not encrypted else None,
            authenticator=post.authenticate if login else None,
            auth_required=login,
            auth_require_tls=not encrypted and starttls,
        )
        server.start()
        started.append(server)
        return Mail(
            "localhost", server.port, encrypted, "bodega@example.cl", ("a@example.cl", "b@example.cl"),
            *(("bodega", SECRET) if login else ()),
        )  # fmt: skip

    yield start
    for server in started:
        server.stop()


def by_mail(night: Night, mail: Mail) -> Night:
    night.settings = replace(night.settings, addresses=Addresses(mail=mail))
    return night


@pytest.mark.parametrize("encrypted", [True, False], ids=["smtps", "starttls"])
def test_a_mail_says_what_happened_where_and_what_to_do_over_an_encrypted_line(
    encrypted: bool, night: Night, post: Post, serve: Serve
) -> None:
    by_mail(night, serve(encrypted=encrypted))
    night.end(2, FAILED)
    night.end(0)
    assert (post.logins, post.encrypted, night.said) == ([True, True], [True, True], [])
    opened, resolved = post.letters
    assert (opened["From"], opened["To"]) == ("bodega@example.cl", "a@example.cl, b@example.cl")
    assert opened["Subject"] == "[bodega] error: The run failed (models)"
    assert resolved["Subject"] == "[bodega] resolved: The run failed (models)"
    assert resolved["In-Reply-To"] == opened["Message-ID"]
    text = opened.get_content()
    assert "What to do: Read the end of the run's log" in text
    assert 'Runbook: docs/operations.md, "The run failed".' in text


def test_a_relay_without_password_needs_no_encryption(night: Night, post: Post, serve: Serve) -> None:
    by_mail(night, serve(starttls=False, login=False))
    night.end(2, FAILED)
    assert (len(post.letters), night.said) == (1, [])


def test_a_password_is_never_sent_in_the_clear(night: Night, post: Post, serve: Serve) -> None:
    by_mail(night, serve(starttls=False))
    night.end(2, FAILED)
    assert (post.logins, post.letters) == ([], [])
    assert "offers no encryption, so no password is sent" in night.said[0]


def test_a_wrong_password_is_not_tried_again_and_never_said(
    night: Night, post: Post, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    right = serve()
    by_mail(night, replace(right, password="otra-clave"))
    night.end(2, FAILED)
    # Once by each of its two methods.
    assert (post.logins, post.letters) == ([False, False], [])
    assert "refuses user and password (535): correct ALERT_SMTP_URL" in night.said[0]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    kept = night.settings.alerts.read_text("utf-8")
    assert "otra-clave" not in "".join([*night.said, *ours, kept, repr(night.settings)])
    by_mail(night, right)
    night.watch()
    night.watch()
    assert len(post.letters) == 1


def test_a_certificate_of_nobody_gets_no_password(
    night: Night, post: Post, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = serve()
    monkeypatch.delenv("SSL_CERT_FILE")
    by_mail(night, mail)
    night.end(2, FAILED)
    assert (post.logins, post.letters) == ([], [])
    assert "certificate" in night.said[0]


def test_a_mail_server_that_is_down_gets_the_mail_once_when_it_is_up(night: Night, post: Post, serve: Serve) -> None:
    port = unused_port()
    down = Mail("localhost", port, False, "bodega@example.cl", ("a@example.cl",), "bodega", SECRET)
    by_mail(night, down)
    night.end(2, FAILED)
    assert f"the mail server localhost:{port} cannot be reached" in night.said[0]
    serve(port=port)
    night.watch()
    night.watch()
    assert len(post.letters) == 1


def test_a_mail_server_that_is_busy_for_a_moment_is_tried_again(night: Night, post: Post, serve: Serve) -> None:
    post.busy = 2
    by_mail(night, serve(starttls=False, login=False))
    night.end(2, FAILED)
    assert (len(post.letters), night.said) == (1, [])


def test_one_wrong_address_does_not_keep_the_mail_from_the_others(night: Night, post: Post, serve: Serve) -> None:
    post.refuses = {"a@example.cl"}
    by_mail(night, serve())
    night.end(2, FAILED)
    night.watch()
    assert (len(post.letters), night.said) == (1, [])
    post.refuses = {"a@example.cl", "b@example.cl"}
    night.end(0)
    assert "takes nothing for ALERT_MAIL_TO (550)" in night.said[0]
    post.refuses = set()
    night.watch()
    assert len(post.letters) == 2


def test_each_channel_is_told_whatever_becomes_of_the_other(night: Night, hook: Hook, post: Post, serve: Serve) -> None:
    mail = serve()
    night.settings = replace(night.settings, addresses=Addresses(hook.url, replace(mail, password="otra")))
    night.end(2, FAILED)
    assert (hook.of("run_failed"), len(post.letters)) == (["opened"], 0)
    night.settings = replace(night.settings, addresses=Addresses(hook.url, mail))
    night.watch()
    assert (hook.of("run_failed"), len(post.letters)) == (["opened"], 1)


def test_a_test_message_goes_through_each_channel_and_says_what_happened(
    night: Night, hook: Hook, post: Post, serve: Serve
) -> None:
    mail = serve()
    night.settings = replace(night.settings, addresses=Addresses(hook.url, replace(mail, password="otra")))
    said = alerts.send_test(night.settings)
    assert said["webhook"] == alerts.DELIVERED
    assert "refuses user and password" in said["mail"]
    assert [each["event"] for each in hook.received] == ["test"]
    assert not any(alert.kind == "test" for alert in alerts.open_alerts(night.settings))


# ---- two at once, and what is kept


def test_two_judgements_at_once_send_once(night: Night, hook: Hook) -> None:
    hook.delay = 0.2
    night.now += timedelta(minutes=1)
    outcome = alerts.Outcome(2, night.now, FAILED)
    both = [
        threading.Thread(target=alerts.after_run, args=(night.settings, outcome, night.said.append, night.now))
        for _ in range(3)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (hook.of("run_failed"), night.said) == (["opened"], [])


def test_a_channel_that_is_set_later_is_told_what_is_open_and_nothing_that_is_over(night: Night, hook: Hook) -> None:
    there = night.settings
    night.settings = replace(there, addresses=Addresses())
    night.end(2, {"ingest": "x"})
    night.end(2, FAILED)
    night.settings = there
    night.watch()
    assert [each["where"] for each in hook.received] == ["models"]


def test_what_is_open_is_its_owners_alone_and_of_the_internal_area(night: Night) -> None:
    night.end(2, FAILED)
    kept = {night.settings.alerts, night.settings.alerts.with_suffix(RESERVE)}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert kept | {night.settings.alerts_lock} <= set(night.settings.members)


def test_a_disk_without_room_for_a_byte_is_told_of_all_the_same_and_once(
    night: Night, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = night.settings.alerts.with_suffix(RESERVE)
    night.watch()
    assert reserve.stat().st_size == RESERVED_BYTES
    synced = os.fsync

    def full(file: int) -> None:
        # What is free is what was kept free, and not more than once.
        if reserve.exists() or os.fstat(file).st_size >= RESERVED_BYTES:
            raise OSError(errno.ENOSPC, "No space left on device")
        synced(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        night.end(2, FAILED)
        night.watch()
        assert hook.of("run_failed") == ["opened"]
        assert not reserve.exists()
    night.end()
    assert hook.of("run_failed") == ["opened", "resolved"]
    assert reserve.stat().st_size == RESERVED_BYTES
    assert not list(night.settings.internal.glob("*.partial"))


# ---- settings


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ALERT_WEBHOOK_URL": f"ftp://{SECRET}"}, "ALERT_WEBHOOK_URL is no address"),
        ({"ALERT_WEBHOOK_URL": f"https:///{SECRET}"}, "ALERT_WEBHOOK_URL is no address"),
        ({"ALERT_SMTP_URL": f"smtp://u:{SECRET}@h"}, "set ALERT_MAIL_TO, ALERT_MAIL_FROM too"),
        ({"ALERT_MAIL_TO": "a@b.cl"}, "set ALERT_SMTP_URL, ALERT_MAIL_FROM too"),
        ({"ALERT_SMTP_URL": f"http://{SECRET}"} | PEOPLE, "ALERT_SMTP_URL is no mail server"),
        ({"ALERT_SMTP_URL": f"smtp://u:{SECRET}@h:x"} | PEOPLE, "ALERT_SMTP_URL is no mail server"),
        ({"ALERT_SMTP_URL": "smtp://h"} | PEOPLE | {"ALERT_MAIL_TO": "nobody"}, "is no mail address"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named_without_what_it_says(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Addresses.from_environment()
    assert said in str(error.value)
    assert SECRET not in str(error.value)
    with pytest.raises(SettingsError):
        Settings.from_environment()


def test_a_password_may_hold_any_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_SMTP_URL", "smtps://bodega%40example.cl:a%3Ab%2Fc%40d@mail.example.cl")
    monkeypatch.setenv("ALERT_MAIL_TO", "a@example.cl, b@example.cl")
    monkeypatch.setenv("ALERT_MAIL_FROM", "bodega@example.cl")
    mail = Addresses.from_environment().mail
    assert mail
    assert (mail.user, mail.password, mail.port, mail.encrypted) == ("bodega@example.cl", "a:b/c@d", 465, True)
    assert mail.to == ("a@example.cl", "b@example.cl")
