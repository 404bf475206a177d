"""Carries a release that is in force in the releases folder into an S3-compatible bucket, with the same guarantees.

The release's files are created, the manifest last of them; then the stable addresses are replaced, and latest.json
last of all. Each object is read back before the next one is written: a crash at any point leaves the release before in
force, and the next attempt goes on where that one broke off. Until the manifest stands, it replaces what an earlier
attempt stored wrongly; from then on nothing of the release is ever overwritten.
"""

import json
from collections.abc import Callable
from pathlib import Path

from publish.errors import PublishError
from publish.keeping import place, retention
from publish.keeping.verify import MANIFEST, problems
from publish.remote.objects import Content, Objects, Patience

# A copy of the manifest, written before anything else of the release: since it is only ever created, no second release
# of the same id and other files can mix with the first, not even from another machine at the same time.
RESERVED = "reservas"

_PATIENCE = Patience()


def upload(
    releases_dir: Path,
    release_id: str,
    url: str,
    progress: Callable[[str], None],
    patience: Patience = _PATIENCE,
) -> None:
    """Puts the release in force in the bucket too; what is right there already is not sent again.

    Releases that were deleted from releases_dir because they need not be kept go from the bucket as well.

    release_id: the release in force in releases_dir, which is held against other publishing meanwhile; url: s3://bucket
    or s3://bucket/prefix; endpoint, region and credentials come from the AWS_* environment variables; progress: is told
    each step.
    Raises PublishError where the release is not in force or not whole, and where the server cannot, will not, or keeps
    something else than it was given; the release before then stays in force in the bucket.
    """
    bucket = Objects(url, patience)
    with place.alone_in(releases_dir):
        files = _whole_release(releases_dir, release_id)
        manifest = files[-1]
        reserved = f"{RESERVED}/{release_id}.json"
        bucket.create(reserved, manifest)
        bucket.demand_create_only(reserved, manifest)
        sealed = bucket.holds(f"{release_id}/{MANIFEST}", manifest) or _named(bucket) == release_id
        for file in files:
            name = f"{release_id}/{file.path.name}"
            done = bucket.create(name, file, mend=not sealed)
            progress(f"{bucket.url}/{name}: {done}, {file.bytes} bytes read back")
        progress(f"{bucket.url}/{place.LATEST_LINK}/: replacing what is not of {release_id}")
        for file in files:
            bucket.replace(f"{place.LATEST_LINK}/{file.path.name}", file)
        here = {f"{place.LATEST_LINK}/{file.path.name}" for file in files}
        for name in bucket.names(f"{place.LATEST_LINK}/"):
            if name not in here:
                bucket.remove(name)
        bucket.replace(place.LATEST, Content.of(releases_dir / place.LATEST))
        progress(f"{release_id} is in force in {bucket.url}")
        _remove_gone(bucket, releases_dir, progress)


def in_force(url: str, patience: Patience = _PATIENCE) -> str | None:
    """The id of the release in force in the bucket; None where nothing was published there yet.

    Raises PublishError where that cannot be read.
    """
    return _named(Objects(url, patience))


def _named(bucket: Objects) -> str | None:
    """The release that the bucket's latest.json names."""
    text = bucket.text(place.LATEST)
    if text is None:
        return None
    try:
        return str(json.loads(text)["id"])
    except (ValueError, LookupError, TypeError):
        raise PublishError(
            f"{bucket.url}/{place.LATEST} names no release: somebody else wrote it; remove it and publish again"
        ) from None


def _remove_gone(bucket: Objects, releases_dir: Path, progress: Callable[[str], None]) -> None:
    """Removes what retention removed from the folder: its manifest first, so that nobody takes the rest for a release.

    The reservation goes last: as long as it stands, the next attempt finishes what this one could not.
    """
    there = {name.removeprefix(f"{RESERVED}/").removesuffix(".json") for name in bucket.names(f"{RESERVED}/")}
    gone = [ident for ident in retention.removed(releases_dir) if ident in there]
    for ident in [ident for ident in gone if ident != _named(bucket)]:
        bucket.remove(f"{ident}/{MANIFEST}")
        for name in bucket.names(f"{ident}/"):
            bucket.remove(name)
        bucket.remove(f"{RESERVED}/{ident}.json")
        progress(f"{bucket.url}/{ident}/: removed, as it was from {releases_dir}")


def _whole_release(releases_dir: Path, release_id: str) -> list[Content]:
    """The files of the release as its manifest declares them, the manifest itself last."""
    if place.in_force(releases_dir) != release_id:
        raise PublishError(f"{release_id} is not in force in {releases_dir}: publish it there first")
    folder = releases_dir / release_id
    if found := problems(folder, release_id):
        raise PublishError(f"{folder} is not whole, so it is not uploaded: {'; '.join(found)}")
    declared = json.loads((folder / MANIFEST).read_text("utf-8"))["archivos"]
    files = [Content(folder / file["nombre"], file["bytes"], file["sha256"]) for file in declared]
    return [*files, Content.of(folder / MANIFEST)]
