"""A release in a bucket: whole or not in force, whatever breaks on the way, and no secret in what is said of it."""

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from publish.errors import PublishError
from publish.keeping import marks, place
from publish.keeping.verify import MANIFEST
from publish.remote import bucket, objects
from publish.remote.objects import Patience
from tests.publish import s3
from tests.publish.s3 import ACCESS_KEY, BUCKET, SECRET_KEY, Fault

FIRST, SECOND = "2024-11-30-000000000001", "2024-12-31-000000000002"
QUICK = Patience(answer=timedelta(seconds=20), retries=1, pause=timedelta(milliseconds=1), total=timedelta(seconds=5))
HASTY = Patience(answer=timedelta(milliseconds=150), retries=1, pause=timedelta(milliseconds=1))
NAMES = itertools.count()


@pytest.fixture(scope="module")
def s3_bucket() -> Iterator[s3.Bucket]:
    with s3.bucket_behind_a_proxy() as found:
        yield found


@pytest.fixture(autouse=True)
def _settings(s3_bucket: s3.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_bucket.proxy.url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    s3_bucket.proxy.begin(None)


@pytest.fixture
def prefix() -> str:
    return f"caso-{next(NAMES)}"


def in_force_here(folder: Path, release: str, files: dict[str, bytes]) -> Path:
    """A releases folder with the release in force."""
    (folder / release).mkdir(parents=True)
    for name, data in files.items():
        (folder / release / name).write_bytes(data)
    declared = [
        {"nombre": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    ]
    (folder / release / MANIFEST).write_text(json.dumps({"id": release, "archivos": declared}), "utf-8")
    place.put_in_force(folder, release, release[:10])
    return folder


def whole_release_in_force(found: dict[str, bytes]) -> str | None:
    """The release that latest.json names, every byte of which must be there; found: all that is in the bucket."""
    if place.LATEST not in found:
        return None
    latest = json.loads(found[place.LATEST])
    manifest = found[latest["manifest"]]
    assert hashlib.sha256(manifest).hexdigest() == latest["sha256"]
    for file in json.loads(manifest)["archivos"]:
        data = found[f"{latest['id']}/{file['nombre']}"]
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    return str(latest["id"])


def stable_addresses_are_of(found: dict[str, bytes], release: str) -> bool:
    return {n.partition("/")[2]: data for n, data in found.items() if n.startswith("latest/")} == {
        n.partition("/")[2]: data for n, data in found.items() if n.startswith(f"{release}/")
    }


def attempt(folder: Path, release: str, prefix: str, patience: Patience = QUICK) -> PublishError | None:
    """Uploads; what it says, in whatever way, must hold no secret."""
    told: list[str] = []
    failure = None
    try:
        bucket.upload(folder, release, f"s3://{BUCKET}/{prefix}", told.append, patience)
    except PublishError as error:
        failure = error
    if failure:
        # What came before goes along into whatever records the run.
        told += [
            repr(failure.__context__),
            repr(failure.__cause__),
            repr(failure),
            *traceback.format_exception(failure),
        ]
    assert not [line for line in told if ACCESS_KEY in line or SECRET_KEY in line]
    return failure


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return in_force_here(tmp_path / "first", FIRST, {"a.csv": b"n\n1\n", "gone.txt": b"x"})


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return in_force_here(tmp_path / "second", SECOND, {"a.csv": b"n\n1\n2\n"})


def test_a_release_arrives_whole_and_latest_comes_last(s3_bucket: s3.Bucket, tmp_path: Path, prefix: str) -> None:
    files = {f"x.{kind}": kind.encode() for kind in ("csv", "jsonld", "parquet", "ttl", "duckdb")}
    folder = in_force_here(tmp_path / "r", FIRST, files)
    assert bucket.in_force(f"s3://{BUCKET}/{prefix}") is None
    s3_bucket.proxy.begin(None)
    assert attempt(folder, FIRST, prefix) is None
    found = s3_bucket.objects(prefix)
    assert whole_release_in_force(found) == FIRST
    assert stable_addresses_are_of(found, FIRST)
    assert bucket.in_force(f"s3://{BUCKET}/{prefix}/") == FIRST
    written = [line.partition(f"{prefix}/")[2] for line in s3_bucket.proxy.seen if line.startswith("PUT")]
    folder_last, latest_first = written.index(f"{FIRST}/{MANIFEST}"), written.index("latest/x.csv")
    assert {name.partition("/")[0] for name in written[:folder_last]} == {bucket.RESERVED, FIRST}
    assert folder_last + 1 == latest_first
    assert {name.partition("/")[0] for name in written[latest_first:-1]} == {"latest"}
    assert written[-1] == "latest.json"
    types = {name: s3_bucket.type(f"{prefix}/{name}") for name in found}
    assert types["latest.json"] == "application/json"
    for at in (FIRST, "latest"):
        assert types[f"{at}/x.csv"] == "text/csv; charset=utf-8"
        assert types[f"{at}/x.ttl"] == "text/turtle"
        assert types[f"{at}/x.jsonld"] == "application/ld+json"
        assert types[f"{at}/x.parquet"] == "application/vnd.apache.parquet"
        assert types[f"{at}/x.duckdb"] == "application/octet-stream"


def test_what_is_there_is_read_and_not_sent_again(s3_bucket: s3.Bucket, first: Path, prefix: str) -> None:
    assert attempt(first, FIRST, prefix) is None
    s3_bucket.proxy.begin(None)
    assert attempt(first, FIRST, prefix) is None
    writes = [line for line in s3_bucket.proxy.seen if not line.startswith(("GET", "HEAD"))]
    assert writes == [f"PUT /{BUCKET}/{prefix}/{bucket.RESERVED}/{FIRST}.json"]
    assert [line for line in s3_bucket.proxy.seen if line == f"GET /{BUCKET}/{prefix}/{FIRST}/a.csv"]


def test_the_next_release_leaves_the_first_one_and_nothing_of_it_below_latest(
    s3_bucket: s3.Bucket, first: Path, second: Path, prefix: str
) -> None:
    assert attempt(first, FIRST, prefix) is None
    before = s3_bucket.objects(prefix)
    assert attempt(second, SECOND, prefix) is None
    after = s3_bucket.objects(prefix)
    assert whole_release_in_force(after) == SECOND
    assert stable_addresses_are_of(after, SECOND)
    assert {n: d for n, d in after.items() if n.startswith(FIRST)} == {
        n: d for n, d in before.items() if n.startswith(FIRST)
    }
    # Back to the first, as after a rollback.
    assert attempt(first, FIRST, prefix) is None
    assert stable_addresses_are_of(s3_bucket.objects(prefix), FIRST)
    assert bucket.in_force(f"s3://{BUCKET}/{prefix}") == FIRST


@pytest.mark.parametrize(
    ("kind", "lasting"),
    [
        ("before", True),
        ("after", False),
        ("failing", True),
        ("forbidden", False),
        ("wrong byte", False),
        ("slow", False),
    ],
)
def test_whatever_breaks_at_any_request_what_is_in_force_is_whole_and_a_retry_finishes(
    s3_bucket: s3.Bucket, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch, kind: str, lasting: bool
) -> None:
    start = f"caso-{next(NAMES)}"
    assert attempt(first, FIRST, start) is None
    before = s3_bucket.objects(start)
    failures = 0
    for at in itertools.count(1):
        prefix = f"caso-{next(NAMES)}"
        for name, data in before.items():
            s3_bucket.put(f"{prefix}/{name}", data)
        s3_bucket.proxy.begin(Fault(kind, at, lasting))
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3_bucket.proxy.url)
        failure = attempt(second, SECOND, prefix, HASTY if kind == "slow" else QUICK)
        struck, written = s3_bucket.proxy.struck, f"PUT /{BUCKET}/{prefix}/latest.json" in s3_bucket.proxy.seen
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3_bucket.url)
        found = s3_bucket.objects(prefix)
        now = whole_release_in_force(found)
        assert now == (SECOND if written else FIRST)
        assert failure or written
        assert at < 60
        if not struck and not failure:
            break
        failures += failure is not None
        assert attempt(second, SECOND, prefix) is None
        healed = s3_bucket.objects(prefix)
        assert whole_release_in_force(healed) == SECOND
        assert stable_addresses_are_of(healed, SECOND)
    assert at > 25
    # A HEAD has no byte that could be wrong; what was cut once is asked again, but for what is only to be created.
    assert failures >= (at - 1 if lasting or kind == "forbidden" else 3)


def test_what_reaches_the_server_spoiled_is_noticed_before_it_is_in_force(
    s3_bucket: s3.Bucket, first: Path, second: Path
) -> None:
    start = f"caso-{next(NAMES)}"
    assert attempt(first, FIRST, start) is None
    before = s3_bucket.objects(start)
    spoiled = set()
    for at in itertools.count(1):
        prefix = f"caso-{next(NAMES)}"
        for name, data in before.items():
            s3_bucket.put(f"{prefix}/{name}", data)
        s3_bucket.proxy.begin(Fault("spoiled", at))
        failure = attempt(second, SECOND, prefix)
        if not s3_bucket.proxy.struck:
            break
        s3_bucket.proxy.begin(None)
        found = s3_bucket.objects(prefix)
        if not failure:
            assert whole_release_in_force(found) == SECOND
            continue
        name = re.sub(rf"^s3://{BUCKET}/{prefix}/(\S+) .*", r"\1", str(failure))
        spoiled.add(name)
        if name != place.LATEST:
            assert whole_release_in_force(found) == FIRST
        if name.startswith(bucket.RESERVED):
            # It may be another machine's, which publishes other files under the same id.
            again = str(attempt(second, SECOND, prefix))
            assert f"{prefix}/{name} " in again
            assert "remove that object from the bucket and publish again" in again
            s3_bucket.remove(f"{prefix}/{name}")
        assert attempt(second, SECOND, prefix) is None
        assert whole_release_in_force(s3_bucket.objects(prefix)) == SECOND
    files = {f"{at}/{name}" for at in (SECOND, "latest") for name in ("a.csv", MANIFEST)}
    assert spoiled == {f"{bucket.RESERVED}/{SECOND}.json", *files, place.LATEST}


def test_what_fails_once_is_tried_again(s3_bucket: s3.Bucket, first: Path, prefix: str) -> None:
    s3_bucket.proxy.begin(Fault("failing", 5))
    assert attempt(first, FIRST, prefix) is None
    assert s3_bucket.proxy.struck


def test_an_object_that_an_earlier_attempt_stored_wrongly_is_named_and_replaced(
    s3_bucket: s3.Bucket, first: Path, second: Path, prefix: str
) -> None:
    assert attempt(first, FIRST, prefix) is None
    for name in ("a.csv", MANIFEST):
        s3_bucket.put(f"{prefix}/{SECOND}/{name}", b"n\n1\n3\n")
    told: list[str] = []
    bucket.upload(second, SECOND, f"s3://{BUCKET}/{prefix}", told.append, QUICK)
    found = s3_bucket.objects(prefix)
    assert whole_release_in_force(found) == SECOND
    assert stable_addresses_are_of(found, SECOND)
    for name in ("a.csv", MANIFEST):
        said = next(line for line in told if line.startswith(f"s3://{BUCKET}/{prefix}/{SECOND}/{name}: "))
        assert ": replaced, since it " in said


def test_what_somebody_else_writes_meanwhile_is_not_replaced(
    s3_bucket: s3.Bucket, second: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_bucket.put(f"{prefix}/{SECOND}/a.csv", b"n\n1\n3\n")
    read = objects.Objects._read

    def read_before_it_is_changed(self: objects.Objects, name: str, content: objects.Content) -> object:
        seen = read(self, name, content)
        if name == f"{SECOND}/a.csv":
            s3_bucket.put(f"{prefix}/{name}", b"of another")
        return seen

    monkeypatch.setattr(objects.Objects, "_read", read_before_it_is_changed)
    assert "it was changed meanwhile" in str(attempt(second, SECOND, prefix))
    assert s3_bucket.objects(prefix)[f"{SECOND}/a.csv"] == b"of another"


@pytest.mark.parametrize("broken", ["a.csv", MANIFEST])
def test_an_object_of_a_published_release_is_named_with_the_remedy_and_left_as_it_is(
    s3_bucket: s3.Bucket, first: Path, prefix: str, broken: str
) -> None:
    assert attempt(first, FIRST, prefix) is None
    s3_bucket.put(f"{prefix}/{FIRST}/{broken}", b"n\n3\n")
    failure = str(attempt(first, FIRST, prefix))
    assert f"s3://{BUCKET}/{prefix}/{FIRST}/{broken} " in failure
    assert "is not overwritten" in failure
    assert "remove that object from the bucket and publish again" in failure
    assert s3_bucket.objects(prefix)[f"{FIRST}/{broken}"] == b"n\n3\n"
    s3_bucket.remove(f"{prefix}/{FIRST}/{broken}")
    assert attempt(first, FIRST, prefix) is None
    assert whole_release_in_force(s3_bucket.objects(prefix)) == FIRST


def in_force_after_retention(folder: Path, gone: str, release: str, files: dict[str, bytes]) -> Path:
    """A releases folder with the release in force, from which retention has removed the other one."""
    in_force_here(folder, release, files)
    (folder / marks.REMOVED).write_text(json.dumps({"eliminadas": [gone]}), "utf-8")
    return folder


def test_a_release_that_retention_removed_goes_from_the_bucket_manifest_first(
    s3_bucket: s3.Bucket, first: Path, tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[tuple[str, str | None]] = []
    remove = objects.Objects.remove

    def told(self: objects.Objects, name: str) -> None:
        removed.append((name, whole_release_in_force(s3_bucket.objects(prefix))))
        remove(self, name)

    monkeypatch.setattr(objects.Objects, "remove", told)
    assert attempt(first, FIRST, prefix) is None
    s3_bucket.put(f"{prefix}/2023-01-31-00000000000a/a.csv", b"of somebody else")
    folder = in_force_after_retention(tmp_path / "r", FIRST, SECOND, {"a.csv": b"n\n2\n"})
    assert attempt(folder, SECOND, prefix) is None
    found = s3_bucket.objects(prefix)
    assert whole_release_in_force(found) == SECOND
    assert not [name for name in found if FIRST in name]
    assert "2023-01-31-00000000000a/a.csv" in found
    assert [
        (name, SECOND)
        for name in (f"{FIRST}/{MANIFEST}", f"{FIRST}/a.csv", f"{FIRST}/gone.txt", f"{bucket.RESERVED}/{FIRST}.json")
    ] == [each for each in removed if FIRST in each[0]]


def test_whatever_breaks_while_a_release_is_removed_the_next_attempt_finishes(
    s3_bucket: s3.Bucket, first: Path, tmp_path: Path
) -> None:
    start = f"caso-{next(NAMES)}"
    assert attempt(first, FIRST, start) is None
    before = s3_bucket.objects(start)
    folder = in_force_after_retention(tmp_path / "r", FIRST, SECOND, {"a.csv": b"n\n2\n"})
    halves = 0
    for at in itertools.count(1):
        prefix = f"caso-{next(NAMES)}"
        for name, data in before.items():
            s3_bucket.put(f"{prefix}/{name}", data)
        s3_bucket.proxy.begin(Fault("failing", at, lasting=True))
        failure = attempt(folder, SECOND, prefix)
        struck = s3_bucket.proxy.struck
        s3_bucket.proxy.begin(None)
        found = s3_bucket.objects(prefix)
        old = {name for name in found if name.startswith(FIRST)}
        # Nobody meets a manifest without all of its files, and latest.json names no release that is going.
        assert f"{FIRST}/{MANIFEST}" not in old or len(old) == 3
        assert whole_release_in_force(found) in (FIRST, SECOND)
        halves += bool(old) and f"{FIRST}/{MANIFEST}" not in old
        if not struck:
            assert failure is None
            break
        assert failure
        assert attempt(folder, SECOND, prefix) is None
        assert not [name for name in s3_bucket.objects(prefix) if FIRST in name]
    assert halves > 1


def test_a_release_that_is_in_force_in_the_bucket_is_never_removed(
    s3_bucket: s3.Bucket, first: Path, tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempt(first, FIRST, prefix) is None
    in_force = s3_bucket.objects(prefix)[place.LATEST]
    folder = in_force_after_retention(tmp_path / "r", FIRST, SECOND, {"a.csv": b"n\n2\n"})

    def another_publishes(self: objects.Objects, name: str, content: objects.Content) -> bool:
        s3_bucket.put(f"{prefix}/{place.LATEST}", in_force)
        return True

    monkeypatch.setattr(objects.Objects, "replace", another_publishes)
    assert attempt(folder, SECOND, prefix) is None
    assert whole_release_in_force(s3_bucket.objects(prefix)) == FIRST


def test_a_second_release_of_the_same_id_and_other_files_writes_nothing(
    s3_bucket: s3.Bucket, first: Path, tmp_path: Path, prefix: str
) -> None:
    s3_bucket.proxy.begin(Fault("failing", 12, lasting=True))
    assert attempt(first, FIRST, prefix)
    s3_bucket.proxy.begin(None)
    other = in_force_here(tmp_path / "other", FIRST, {"a.csv": b"n\n9\n"})
    assert f"{prefix}/{bucket.RESERVED}/{FIRST}.json has" in str(attempt(other, FIRST, prefix))
    assert not [line for line in s3_bucket.proxy.seen if line.startswith("PUT")]


def test_a_server_that_overwrites_what_was_only_to_be_created_is_refused(
    s3_bucket: s3.Bucket, first: Path, prefix: str
) -> None:
    s3_bucket.proxy.begin(Fault("heedless", lasting=True))
    assert "disregards If-None-Match" in str(attempt(first, FIRST, prefix))
    assert set(s3_bucket.objects(prefix)) == {f"{bucket.RESERVED}/{FIRST}.json"}


def test_a_stable_address_with_the_right_bytes_and_a_wrong_type_is_mended(
    s3_bucket: s3.Bucket, first: Path, prefix: str
) -> None:
    s3_bucket.put(f"{prefix}/latest/a.csv", b"n\n1\n")
    assert s3_bucket.type(f"{prefix}/latest/a.csv") != "text/csv; charset=utf-8"
    assert attempt(first, FIRST, prefix) is None
    assert s3_bucket.type(f"{prefix}/latest/a.csv") == "text/csv; charset=utf-8"


def test_only_a_whole_release_that_is_in_force_is_uploaded_and_nobody_publishes_meanwhile(
    s3_bucket: s3.Bucket, first: Path, prefix: str
) -> None:
    assert "is not in force" in str(attempt(first, SECOND, prefix))
    with place.alone_in(first):
        assert "another process is publishing" in str(attempt(first, FIRST, prefix))
    (first / FIRST).chmod(0o755)
    (first / FIRST / "a.csv").write_bytes(b"n\n2\n")
    assert "a.csv has another sha256" in str(attempt(first, FIRST, prefix))
    assert s3_bucket.proxy.seen == []


def test_a_refusal_says_what_was_tried_which_status_and_what_to_do(
    s3_bucket: s3.Bucket, first: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"s3://{BUCKET}/{prefix}"
    s3_bucket.proxy.begin(Fault("forbidden"))
    said = str(attempt(first, FIRST, prefix))
    assert f"to read {where}/{bucket.RESERVED}/{FIRST}.json back failed: status 403" in said
    s3_bucket.proxy.begin(Fault("forbidden", 2))
    said = str(attempt(first, FIRST, prefix))
    assert said.startswith(
        f"to write {where}/{bucket.RESERVED}/{FIRST}.json failed: status 403 (SignatureDoesNotMatch)"
    )
    assert "AWS_SECRET_ACCESS_KEY" in said
    s3_bucket.proxy.begin(Fault("failing", lasting=True))
    with pytest.raises(PublishError, match="status 503; the server fails"):
        bucket.in_force(where, QUICK)
    s3_bucket.proxy.begin(Fault("slow", lasting=True))
    with pytest.raises(PublishError, match="no answer in time"):
        bucket.in_force(where, HASTY)
    s3_bucket.proxy.begin(None)
    no_bucket = r"status 404 \(NoSuchBucket\); there is no such bucket"
    with pytest.raises(PublishError, match=no_bucket):
        bucket.in_force("s3://otra")
    with pytest.raises(PublishError, match=no_bucket):
        bucket.upload(first, FIRST, "s3://otra", lambda _: None)
    s3_bucket.put(f"{prefix}/latest.json", b"[]")
    with pytest.raises(PublishError, match="names no release"):
        bucket.in_force(where)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(PublishError, match="cannot be reached: check AWS_ENDPOINT_URL"):
        bucket.in_force(where, QUICK)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(PublishError, match=r"no credentials .* set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        bucket.in_force(where)


@pytest.mark.parametrize("scheme", ["s3://clave:secreta@bodega/x", "https://bodega/x?clave=secreta", "s3:///secreta"])
def test_an_address_of_another_form_is_refused_and_not_repeated(scheme: str) -> None:
    with pytest.raises(PublishError, match="not of the form s3://bucket or s3://bucket/prefix") as failure:
        bucket.in_force(scheme)
    assert "secreta" not in str(failure.value)


LARGE = 80 << 20
UPLOAD = """
import re, sys
from pathlib import Path
from publish.remote import bucket
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
before = peak()
bucket.upload(Path(sys.argv[1]), sys.argv[2], sys.argv[3], lambda _: None)
print(peak() - before)
"""


def test_a_large_file_goes_and_is_read_back_in_parts_within_bounded_memory(
    s3_bucket: s3.Bucket, tmp_path: Path, prefix: str
) -> None:
    data = os.urandom(1 << 20) * (LARGE >> 20)
    folder = in_force_here(tmp_path / "r", FIRST, {"bodega.duckdb": data})
    command = [sys.executable, "-c", UPLOAD, str(folder), FIRST, f"s3://{BUCKET}/{prefix}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert whole_release_in_force(s3_bucket.objects(prefix)) == FIRST
    assert s3_bucket.type(f"{prefix}/{FIRST}/bodega.duckdb") == "application/octet-stream"
    parts = [line for line in s3_bucket.proxy.seen if re.search(r"^PUT .*\?.*partNumber=", line)]
    assert len(parts) == 2 * LARGE / objects.PART
    assert 0 < int(done.stdout) < 64 << 20


def test_a_part_that_breaks_leaves_nothing_under_the_name_and_a_retry_finishes(
    s3_bucket: s3.Bucket, first: Path, tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "WHOLE", 1 << 20)
    monkeypatch.setattr(objects, "PART", 5 << 20)
    folder = in_force_here(tmp_path / "r", SECOND, {"bodega.duckdb": os.urandom(11 << 20)})
    assert attempt(first, FIRST, prefix) is None
    for at in range(6, 16):
        s3_bucket.proxy.begin(Fault("before", at, lasting=True))
        assert attempt(folder, SECOND, prefix)
        assert whole_release_in_force(s3_bucket.objects(prefix)) == FIRST
    s3_bucket.proxy.begin(None)
    assert attempt(folder, SECOND, prefix) is None
    assert whole_release_in_force(s3_bucket.objects(prefix)) == SECOND
