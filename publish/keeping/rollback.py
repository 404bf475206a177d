"""Goes back to an earlier release, or deletes one, and keeps it from being published again by itself."""

import json
from pathlib import Path

from publish.errors import PublishError
from publish.keeping import marks, place, retention
from publish.keeping.verify import MANIFEST, problems


def roll_back(releases_dir: Path, release_id: str) -> str:
    """Puts an earlier release in force again; returns the id of the one that was in force, be it the same.

    The one that was in force is withdrawn, unless it is the older of the two: a run that would give it again makes no
    release, until it is itself put in force by this command. Raises PublishError where the release is not there or
    not whole.
    """
    with place.alone_in(releases_dir):
        left = place.in_force(releases_dir)
        if not left:
            raise PublishError(f"no release is in force in {releases_dir}")
        order = [each.id for each in retention.releases_in(releases_dir)]
        if release_id not in order:
            raise _unknown(releases_dir, release_id, order)
        folder = releases_dir / release_id
        if found := problems(folder, release_id):
            raise PublishError(f"{folder} is damaged: {'; '.join(found)}. Go back to another one.")
        if left != release_id:
            # One that was moved away is left for good reason: its data are not to come back either.
            goes_back = left not in order or order.index(release_id) < order.index(left)
            # First the mark: were it cut after the addresses moved, the next run would undo the step back.
            left_behind = {left} if goes_back else set()
            marks.write(releases_dir, marks.WITHDRAWN, {*withdrawn(releases_dir), *left_behind} - {release_id})
        # Also of the one in force: its addresses may have been damaged.
        cut_off = json.loads((folder / MANIFEST).read_text("utf-8"))["fecha_corte"]
        place.put_in_force(releases_dir, release_id, cut_off)
    return left


def withdraw(releases_dir: Path, release_id: str) -> str:
    """Deletes a release that holds what must not be public; returns the id of the one in force.

    A run that would give it again makes no release, and the next upload removes it from the bucket. What a deletion
    that broke off left is deleted. Raises PublishError where the release is in force or was never there.
    """
    with place.alone_in(releases_dir):
        now = place.in_force(releases_dir)
        if not now:
            raise PublishError(f"no release is in force in {releases_dir}")
        if release_id == now:
            raise PublishError(
                f"{release_id} is in force, so it is not withdrawn: first run again with the data corrected, or go "
                "back to an earlier one (make rollback RELEASE=id)"
            )
        there = [each.id for each in retention.releases_in(releases_dir)]
        if release_id not in (*there, *retention.removed(releases_dir)):
            raise _unknown(releases_dir, release_id, there)
        marks.write(releases_dir, marks.WITHDRAWN, [*withdrawn(releases_dir), release_id])
        retention.remove(releases_dir, [release_id] if release_id in there else [])
    return now


def withdrawn(releases_dir: Path) -> list[str]:
    """The releases that were left by going back, or deleted, and must not come into force again by themselves."""
    return marks.read(releases_dir, marks.WITHDRAWN)


def check_not_withdrawn(releases_dir: Path, release_id: str) -> None:
    """Raises PublishError where the release was withdrawn."""
    if release_id in withdrawn(releases_dir):
        there = (releases_dir / release_id).exists()
        remedy = f" To publish it after all: make rollback RELEASE={release_id}" if there else ""
        raise PublishError(
            f"the data are those of release {release_id}, which was {'rolled back' if there else 'withdrawn'}: nothing "
            f"is published until they change.{remedy}"
        )


def _unknown(releases_dir: Path, release_id: str, there: list[str]) -> PublishError:
    return PublishError(f"{releases_dir} has no release {release_id!r}: it has {', '.join(sorted(there)) or 'none'}")
