"""`kill -9` of the main job: the release in force stays whole, and the next run finishes without help.

A few moments of those of `make crash`, in a warehouse that lies beside its releases.
"""

import json
import random
import shutil
from pathlib import Path

import pytest

from bench import kill
from publish.keeping import place as publishing
from publish.keeping import verify
from tests.conftest import SAMPLES, World

pytestmark = pytest.mark.slow

SEED = 20250131
BEFORE = "2025-01-30-0123456789ab"


def with_another_release_in_force(world: World, base: Path) -> kill.Place:
    """The place of a run that ended well, with its release replaced by an older one."""
    shutil.copytree(world.base / "internal", base, symlinks=True)
    place = kill.Place(base, beside_releases=True)
    place.releases.mkdir()
    before = place.releases / BEFORE
    shutil.copytree(world.release, before)
    before.chmod(0o755)
    manifest = before / verify.MANIFEST
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(world.manifest | {"id": BEFORE}), "utf-8")
    manifest.chmod(0o444)
    before.chmod(0o555)
    latest = {"id": BEFORE, "sha256": verify.sha256(manifest)}
    (place.releases / publishing.LATEST).write_text(json.dumps(latest), "utf-8")
    (place.releases / publishing.LATEST_LINK).symlink_to(BEFORE)
    return place


def test_whatever_moment_a_run_is_killed_at_readers_meet_whole_releases_and_the_next_run_finishes(
    sample_world: World, tmp_path: Path
) -> None:
    place = with_another_release_in_force(sample_world, tmp_path / "data")
    place.base.chmod(0o755)
    new = kill.Undisturbed(sample_world.release.name, kill.data_files(sample_world.release), 60)
    chance = random.Random(SEED)
    moments = [
        kill.Moment("as it starts", 1, within=3),
        kill.WHILE_READING,
        kill.HALF_WRITTEN_ROWS,
        kill.WHILE_BUILDING,
        kill.RELEASE_NAMED,
        kill.JOB_ALONE,
    ]
    for moment in moments:
        place.forget(new.release)
        delay = chance.uniform(0, moment.within)
        killed = kill.kill_at(moment, place, SAMPLES, new.release, delay, patience=300)
        assert killed, f"ended before: {moment.name}\n{place.said()}"
        kill.check_after_kill(place, BEFORE, new)
    place.finish(SAMPLES, patience=300)
    kill.check_after_run(place, new)
    assert place.base.stat().st_mode & 0o777 == 0o755
    assert (place.releases / BEFORE).is_dir()
