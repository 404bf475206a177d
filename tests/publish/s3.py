"""An S3 server on loopback, and a proxy before it that breaks what it is told to break."""

import http.client
import logging
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

BUCKET = "bodega"
ACCESS_KEY = "AKIAPUBLICADORA00001"
SECRET_KEY = "Cl4ve/secreta+de+la+publicadora"
SLOW = 10

# What real servers say to a wrong signature: it quotes the key and all that was signed.
FORBIDDEN = f"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature does not match</Message>
<AWSAccessKeyId>{ACCESS_KEY}</AWSAccessKeyId><StringToSign>{SECRET_KEY}</StringToSign></Error>""".encode()


@dataclass(frozen=True)
class Fault:
    """What happens to a request.

    before: the connection is cut in the middle of it, the server never sees it; after: it is cut in the middle of the
    answer; forbidden: 403; failing: 503; wrong byte: one of the
    answer's bytes is another; spoiled: one of its own bytes reaches the server as another; slow: it is done at once and
    answered when nobody waits any more; heedless: its condition is disregarded.
    at: the number of the request, from 1; lasting: all later ones too.
    """

    kind: str
    at: int = 1
    lasting: bool = False


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, server: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.server = server
        self.lock = threading.Lock()
        self.begin(None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def begin(self, fault: Fault | None) -> None:
        """Counts from 1 again. seen: the requests that reached the server; struck: whether the fault has hit any."""
        self.fault, self.count, self.struck, self.seen = fault, 0, False, list[str]()

    def kind(self) -> str:
        """What happens to the next request."""
        with self.lock:
            self.count += 1
            fault = self.fault
            hit = fault and (self.count == fault.at or (fault.lasting and self.count > fault.at))
            self.struck = self.struck or bool(hit)
            return fault.kind if fault and hit else ""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def handle_any(self) -> None:
        kind = self.server.kind()
        length = int(self.headers.get("Content-Length") or 0)
        if kind == "before":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if kind in ("forbidden", "failing"):
            self._answer(*((403, FORBIDDEN) if kind == "forbidden" else (503, b"")), [])
            return
        sent = _spoiled(body) if kind == "spoiled" else body
        status, headers, answer = self._forward(sent, heedless=kind == "heedless")
        if kind == "slow":
            self._wait_until_nobody_listens()
        if kind == "wrong byte":
            answer = _spoiled(answer)
        self._answer(status, answer, headers, half=kind == "after")

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any  # noqa: N815

    def _forward(self, body: bytes, heedless: bool) -> tuple[int, list[tuple[str, str]], bytes]:
        kept = {k: v for k, v in self.headers.items() if not (heedless and k.lower() == "if-none-match")}
        connection = http.client.HTTPConnection(*self.server.server)
        connection.request(self.command, self.path, body, kept)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        self.server.seen.append(f"{self.command} {self.path}")
        left_out = {"connection", "transfer-encoding", "date", "server"}
        headers = [(k, v) for k, v in response.getheaders() if k.lower() not in left_out]
        return response.status, headers, answer

    def _answer(self, status: int, body: bytes, headers: list[tuple[str, str]], half: bool = False) -> None:
        if "content-length" not in {name.lower() for name, _ in headers}:
            headers = [*headers, ("Content-Length", str(len(body)))]
        lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers)]
        sent = "\r\n".join([*lines, "", ""]).encode() + (b"" if self.command == "HEAD" else body)
        self.close_connection = half
        self.connection.sendall(sent[: len(sent) - len(body) // 2 - 3] if half else sent)

    def _wait_until_nobody_listens(self) -> None:
        self.connection.settimeout(SLOW)
        if self.connection.recv(1):
            raise AssertionError("a client spoke before it was answered")
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """The tests say what happened."""


def _spoiled(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


class Bucket:
    """A bucket that is written through the proxy and looked into behind it, in the server's own memory."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self._server: Any = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self._server.create_bucket(BUCKET, "us-east-1")

    @property
    def url(self) -> str:
        """The server behind the proxy."""
        host, port = self.proxy.server
        return f"http://{host}:{port}"

    def objects(self, prefix: str) -> dict[str, bytes]:
        """The objects below the prefix, by their names without it."""
        keys = self._server.buckets[BUCKET].keys
        return {
            name.removeprefix(f"{prefix}/"): keys[name].value for name in list(keys) if name.startswith(f"{prefix}/")
        }

    def put(self, key: str, body: bytes) -> None:
        self._server.put_object(BUCKET, key, body)

    def remove(self, key: str) -> None:
        self._server.delete_object(BUCKET, key)

    def type(self, key: str) -> str:
        """The type of the object, as a reader is told."""
        request = urllib.request.Request(f"{self.url}/{BUCKET}/{key}", headers={"Authorization": "AWS yo:yo"})
        with urllib.request.urlopen(request) as answer:
            return str(answer.headers["Content-Type"])


@contextmanager
def bucket_behind_a_proxy() -> Iterator[Bucket]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    proxy = Proxy(server.get_host_and_port())
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield Bucket(proxy)
    finally:
        proxy.shutdown()
        proxy.server_close()
        server.stop()
