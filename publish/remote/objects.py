"""Objects of an S3-compatible bucket: created once or replaced, and always read back.

What a server says is never repeated word for word: it may quote the request, and with it the access key.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from publish.errors import PublishError, TryLaterError
from publish.keeping.verify import sha256
from publish.metadata.media import content_type
from publish.remote.address import FORM, is_bucket

if TYPE_CHECKING:
    from obstore import GetResult, PutMode

# To create only, a file goes in one request; what goes in parts can be bound to no condition.
WHOLE = 32 << 20
PART = 8 << 20
_PARTS_AT_ONCE = 4

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
# Any of these is enough; without one, a server that lends credentials to machines would be looked for in vain.
_CREDENTIALS = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE",),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI",),
)
_STATUS = re.compile(r"status code: (\d{3})")
_NO_BUCKET = "NoSuchBucket"
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_REMEDIES = {
    "301": "the bucket is in another region: check AWS_REGION and AWS_ENDPOINT_URL",
    "400": "check AWS_REGION and AWS_ENDPOINT_URL, and that the server is S3-compatible",
    "401": "check the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "403": "check the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list the bucket, "
    "and read, write and delete in it",
    "404": "there is no such bucket: check the address and AWS_ENDPOINT_URL",
    "501": "the server lacks what is needed here, writing on a condition (If-None-Match)",
}
_SERVER_FAILS = "the server fails: publish again once it is well"

_BROKEN = {
    "BadScheme": "plain http is for an AWS_ENDPOINT_URL that begins with http:// and for nothing else",
    "TimedOut": "no answer in time; publish again, and if it stays so, see whether the line is fast enough",
    "kind: Connect": "the server cannot be reached: check AWS_ENDPOINT_URL and the network",
}
_LINE_BROKE = "the connection broke: publish again"
# What the server or the line may have got over a little later.
_PASSING = (_SERVER_FAILS, _BROKEN["TimedOut"], _BROKEN["kind: Connect"], _LINE_BROKE)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    answer: for the answer to one request, which carries up to WHOLE bytes. retries: how often a request is sent again,
    after growing pauses, the first of them pause; none is sent again later than total after the first.
    """

    answer: timedelta = timedelta(minutes=2)
    retries: int = 5
    pause: timedelta = timedelta(milliseconds=200)
    total: timedelta = timedelta(minutes=4)


@dataclass(frozen=True)
class Content:
    """A local file, and what it must be. sha256: in hexadecimal."""

    path: Path
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "Content":
        """The file as it is."""
        return cls(path, path.stat().st_size, sha256(path))


@dataclass(frozen=True)
class _Seen:
    """An object as it is in the bucket. sha256: of nothing where its size is another. type: Content-Type."""

    bytes: int
    sha256: str
    type: str
    e_tag: str | None

    def holds(self, content: Content) -> bool:
        return (self.bytes, self.sha256) == (content.bytes, content.sha256)


class Objects:
    """The objects below an address. Every method raises PublishError where the server cannot or will not."""

    def __init__(self, url: str, patience: Patience) -> None:
        """url: s3://bucket or s3://bucket/prefix; endpoint, region and credentials come from the AWS_* variables."""
        if not is_bucket(url):
            # Not repeated: it may hold a password.
            raise PublishError(f"the address to publish to is not of the form {FORM}")
        if not any(all(os.environ.get(name) for name in names) for names in _CREDENTIALS):
            raise PublishError(f"no credentials for {url}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        self.url = url.rstrip("/")
        endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
        self._store = _ask(
            "to set up the connection",
            lambda: S3Store.from_url(
                self.url,
                client_options={"timeout": patience.answer, "allow_http": endpoint.startswith("http://")},
                retry_config={
                    "max_retries": patience.retries,
                    "retry_timeout": patience.total,
                    "backoff": {"init_backoff": patience.pause},
                },
            ),
        )

    def create(self, name: str, content: Content, *, mend: bool = False) -> str:
        """Creates the object unless it is there, and reads it back; returns what was done, in words.

        mend: whether an object that is there with other bytes is replaced; else PublishError is raised and it stays.
        """
        seen = self._read(name, content)
        if seen and seen.holds(content):
            return "was there"
        if seen and not mend:
            raise PublishError(
                f"{self.url}/{name} {_wrong(seen, content)}, and is not overwritten: its release is published, or "
                "another one of the same id. If nobody else publishes there, remove that object from the bucket and "
                "publish again"
            )
        done = f"replaced, since it {_wrong(seen, content)}" if seen else "uploaded"
        self._put(name, content, replacing=seen)
        seen = self._read(name, content)
        if seen is None or not seen.holds(content):
            raise PublishError(f"{self.url}/{name} {_wrong(seen, content)}: publish again")
        return done

    def replace(self, name: str, content: Content) -> bool:
        """Puts the content in the place of whatever is there, and reads it back; False where nothing was to be done."""
        seen = self._read(name, content)
        if seen and seen.holds(content) and seen.type == content_type(name):
            return False
        self._put(name, content, anyhow=True)
        seen = self._read(name, content)
        if seen is None or not seen.holds(content):
            raise PublishError(f"{self.url}/{name} {_wrong(seen, content)}: publish again")
        return True

    def holds(self, name: str, content: Content) -> bool:
        """Whether the object is there with these bytes."""
        seen = self._read(name, content)
        return seen is not None and seen.holds(content)

    def demand_create_only(self, name: str, content: Content) -> None:
        """Makes sure that the server refuses to create what is there; name: an object that holds the content."""
        if self._put(name, content):
            raise PublishError(
                f"{self.url} is on a server that overwrites an object which was only to be created (it disregards "
                "If-None-Match), so nothing can be published there: ask for a newer one, or publish elsewhere"
            )

    def text(self, name: str) -> str | None:
        """What a small object says; None where there is none."""

        def request() -> str | None:
            try:
                return bytes(self._store.get(name).bytes()).decode("utf-8", errors="replace")
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise
                return None

        return _ask(f"to read {self.url}/{name}", request)

    def names(self, prefix: str) -> list[str]:
        """The objects whose name begins so, in order. prefix: ends with a slash."""
        found = _ask(
            f"to list {self.url}/{prefix}",
            lambda: [meta["path"] for chunk in self._store.list(prefix) for meta in chunk],
        )
        return sorted(found)

    def remove(self, name: str) -> None:
        """Removes the object."""
        _ask(f"to remove {self.url}/{name}", lambda: self._store.delete(name))

    def _put(self, name: str, content: Content, *, replacing: _Seen | None = None, anyhow: bool = False) -> bool:
        """Writes the object; False where it was only to be created and is there.

        replacing: the object in whose place it comes, and of no other. anyhow: whatever is there.
        """
        in_parts = content.bytes > WHOLE
        mode: PutMode = "overwrite" if anyhow or replacing or in_parts else "create"
        if replacing and replacing.e_tag and not in_parts:
            mode = {"e_tag": replacing.e_tag}

        def request() -> bool:
            try:
                self._store.put(
                    name,
                    file,
                    attributes={"Content-Type": content_type(name)},
                    mode=mode,
                    use_multipart=in_parts,
                    chunk_size=PART,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            except AlreadyExistsError:
                return False
            return True

        with content.path.open("rb") as file:
            return _ask(f"to write {self.url}/{name}", request)

    def _read(self, name: str, expected: Content) -> _Seen | None:
        """Reads the object part by part, for its hash; None where there is none."""
        doing = f"to read {self.url}/{name} back"
        head = _ask(doing, partial(self._head, name))
        if head is None:
            return None
        meta, digest = head.meta, hashlib.sha256()
        if meta["size"] == expected.bytes:
            for start in range(0, meta["size"], PART):
                digest.update(_ask(doing, partial(self._part, name, start, meta["e_tag"])))
        return _Seen(meta["size"], digest.hexdigest(), head.attributes.get("Content-Type", ""), meta["e_tag"])

    def _head(self, name: str) -> "GetResult | None":
        try:
            return self._store.get(name, options={"head": True})
        except FileNotFoundError:
            return None

    def _part(self, name: str, start: int, e_tag: str | None) -> bytes:
        found = self._store.get(name, options={"range": (start, start + PART), "if_match": e_tag})
        return bytes(found.bytes())


def _ask(doing: str, request: Callable[[], Answer]) -> Answer:
    """What the server answers.

    Raises PublishError where it does not, with none of its own words; TryLaterError where it only fails for now.
    """
    try:
        return request()
    except (BaseError, OSError, ValueError) as error:
        reason = _reason(str(error), changed=isinstance(error, PreconditionError))
    # Outside of the handler, so that the server's words do not go along as the error's context either.
    raise (TryLaterError if reason.endswith(_PASSING) else PublishError)(f"{doing} failed: {reason}")


def _wrong(seen: _Seen | None, content: Content) -> str:
    if seen is None:
        return "was written and is not there"
    if seen.bytes != content.bytes:
        return f"has {seen.bytes} bytes instead of {content.bytes}"
    return f"reads back with sha256 {seen.sha256} instead of {content.sha256}"


def _reason(said: str, changed: bool) -> str:
    """What went wrong and what to do, made of nothing but the kind of error, its status and its S3 code."""
    if changed or "NoSuchKey" in said:
        return "it was changed meanwhile: see to it that nobody else writes there, and publish again"
    if status := _STATUS.search(said):
        code = _CODE.search(said)
        remedy = _REMEDIES.get(status[1], _SERVER_FAILS)
        return f"status {status[1]}{f' ({code[1]})' if code else ''}; {remedy}"
    for sign, reason in _BROKEN.items():
        if sign in said:
            return reason
    return _LINE_BROKE
