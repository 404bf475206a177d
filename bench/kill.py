"""Kills the main job at random moments: is the release in force always whole, and does the next run finish by itself?

Usage: python -m bench.kill [KILLS] [SEED]

The job alternates between two states of the exports; before each attempt it forgets what it has read and the release
that it is about to make, so that it has everything to do. What this cannot show is a power cut: the operating system
keeps what a killed process wrote, synced or not. Against that the rooms sync files and folders before they rename.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from publish.keeping.place import LATEST, LATEST_LINK, WORKING
from publish.keeping.verify import MANIFEST, problems, sha256

PROJECT = Path(__file__).resolve().parent.parent
FINISH_EVERY = 5
# A run that takes this many times as long as an undisturbed one hangs.
PATIENCE = 6


class Violation(AssertionError):
    """Something that must never be, seen after a kill or after the run that follows it."""


@dataclass(frozen=True)
class Moment:
    """When to kill: after the job said something, and then a file is seen or a random part of `within` seconds is over.

    seen: pattern below the base, where {new} stands for the release being made and {raw} for the raw layer. or_said:
    kill then if the file was missed.
    alone: only the job's own process dies, as when memory runs out, and its dbt goes on.
    """

    name: str
    weight: int
    said: str = ""
    seen: str = ""
    or_said: str = ""
    within: float = 0.0
    alone: bool = False


ANY_TIME = Moment("any time", 4)
WHILE_READING = Moment("while files are read", 2, said="ingest: ", within=2.5)
HALF_WRITTEN_ROWS = Moment(
    "raw rows half written", 3, said="ingest: ", seen="{raw}/*/*.partial", or_said="dbt: ", within=0.01
)
WHILE_BUILDING = Moment("while dbt builds", 4, said="dbt: building", within=15)
JOB_ALONE = Moment("the job alone, its dbt goes on", 2, said="dbt: building", within=15, alone=True)
WHILE_TESTING = Moment("while dbt tests", 2, said="dbt: testing", within=12)
WHILE_CHECKING = Moment("during the checks", 1, said="checks: ", within=4)
WHILE_WRITING = Moment("while tables are written", 2, said="release: screening", within=1)
MANIFEST_WRITTEN = Moment(
    "manifest written",
    3,
    said="release: writing",
    seen=f"releases/{WORKING}/{MANIFEST}",
    or_said="in force",
    within=0.02,
)
RELEASE_NAMED = Moment(
    "release named", 3, said="release: writing", seen="releases/{new}", or_said="in force", within=0.01
)
LATEST_ABOUT_TO_CHANGE = Moment(
    f"{LATEST} about to change", 3, said="release: writing", seen=f"releases/.{LATEST}.nuevo", or_said="in force"
)
AFTERWARDS = Moment("once it is in force", 2, said="is in force", within=1.5)
MOMENTS = (
    ANY_TIME,
    WHILE_READING,
    HALF_WRITTEN_ROWS,
    WHILE_BUILDING,
    JOB_ALONE,
    WHILE_TESTING,
    WHILE_CHECKING,
    WHILE_WRITING,
    MANIFEST_WRITTEN,
    RELEASE_NAMED,
    LATEST_ABOUT_TO_CHANGE,
    AFTERWARDS,
)


@dataclass(frozen=True)
class Undisturbed:
    """A release made in a fresh place without a kill: its id, the hashes of its data files, and the seconds it took."""

    release: str
    data: dict[str, str]
    seconds: float


@dataclass(frozen=True)
class Place:
    """A place of the job: releases below `base`, and there too the internal area, or else in a folder of its own."""

    base: Path
    beside_releases: bool = False

    @property
    def releases(self) -> Path:
        return self.base / "releases"

    @property
    def internal(self) -> Path:
        return self.base if self.beside_releases else self.base / "internal"

    def exposed(self) -> list[Path]:
        """What is internal and can be read by others."""
        public = (self.releases, self.base / "portal", self.output)
        inside = (p for p in self.internal.rglob("*") if not any(p.is_relative_to(q) for q in public))
        return [p for p in inside if not p.is_symlink() and p.stat().st_mode & 0o077]

    @property
    def output(self) -> Path:
        return self.base / "output.txt"

    def in_force(self) -> str | None:
        """The id that latest.json names, if there is one."""
        latest = self.releases / LATEST
        return str(json.loads(latest.read_text("utf-8"))["id"]) if latest.exists() else None

    def start(self, exports: Path) -> subprocess.Popen[bytes]:
        """The job in a process group of its own; what it says goes to `output`."""
        self.base.mkdir(exist_ok=True)
        places = {
            "EXPORTS_DIR": str(exports),
            "WAREHOUSE_PATH": str(self.internal / "bodega.duckdb"),
            "RELEASES_DIR": str(self.releases),
        }
        kept = {k: v for k, v in os.environ.items() if k not in ("RAW_DIR", "PORTAL_DIR", "DAGSTER_HOME")}
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "orchestration.cli", "run"],
                cwd=PROJECT,
                env=kept | places,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def finish(self, exports: Path, patience: float) -> float:
        """Runs the job to its end, without help, and returns its seconds. Violation where it hangs or ends badly."""
        began = time.monotonic()
        process = self.start(exports)
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Violation(f"the run hangs for {patience:.0f} s:\n{self.said()}") from None
        finally:
            kill(process)
        if code:
            raise Violation(f"the run ended with {code}:\n{self.said()}")
        return time.monotonic() - began

    def said(self) -> str:
        """What the job last started here has said."""
        return self.output.read_text("utf-8", "replace")

    def forget(self, release: str) -> None:
        """Gives the next run everything to do: all files to read, and this release to make if nothing leads to it."""
        for reading in (self.internal / "raw" / "lecturas").glob("*.parquet"):
            reading.unlink()
        link = self.releases / LATEST_LINK
        used = (self.in_force(), str(link.readlink()) if link.is_symlink() else None)
        if release not in used and (self.releases / release).exists():
            (self.releases / release).chmod(0o700)
            shutil.rmtree(self.releases / release)


def undisturbed(place: Place, exports: Path) -> Undisturbed:
    """Makes a release in a fresh place."""
    seconds = place.finish(exports, patience=900)
    release = place.in_force()
    if release is None:
        raise Violation(f"an undisturbed run gave no release:\n{place.said()}")
    return Undisturbed(release, data_files(place.releases / release), seconds)


DATA = (".csv", ".parquet", ".geojson", ".xlsx", ".zip", ".duckdb")

# It tells of the release before, which is another one in each place.
CHANGES = "cambios.csv"


def data_files(release: Path) -> dict[str, str]:
    """The sha256 of the files that hold data or say what they mean, read from the disk."""
    found = [p for p in release.iterdir() if p.suffix in DATA or p.name == "diccionario.json"]
    return {p.name: sha256(p) for p in found if p.name != CHANGES}


def kill(process: subprocess.Popen[bytes], alone: bool = False) -> None:
    """Ends the job with no chance to tidy up: with all that it started, or its own process alone."""
    with contextlib.suppress(ProcessLookupError):
        (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
    process.wait()


def kill_at(moment: Moment, place: Place, exports: Path, new: str, delay: float, patience: float) -> bool:
    """Starts the job and kills it at the moment, `delay` seconds later. False where it had ended by itself before."""
    process = place.start(exports)
    try:
        for _ in _until_over(process, patience):
            if moment.said in place.said():
                break
        if moment.seen:
            raw = (place.internal / "raw").relative_to(place.base)
            pattern = moment.seen.format(new=new, raw=raw)
            for _ in _until_over(process, patience, pause=0.0005):
                if next(place.base.glob(pattern), None) or moment.or_said in place.said():
                    break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        over = process.poll() is not None
        kill(process, moment.alone)
        return not over
    except BaseException:
        kill(process)
        raise


def _until_over(process: subprocess.Popen[bytes], patience: float, pause: float = 0.005) -> Iterator[None]:
    deadline = time.monotonic() + patience
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise Violation(f"the run hangs for {patience:.0f} s")
        yield
        time.sleep(pause)


def check_after_kill(place: Place, before: str | None, new: Undisturbed) -> None:
    """Raises Violation where a reader could now meet something that is not a whole release."""
    now = place.in_force()
    if now not in (before, new.release):
        raise Violation(f"in force is {now}, which is neither the release before ({before}) nor the new one")
    for folder in place.releases.iterdir():
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith("."):
            if found := problems(folder, folder.name):
                raise Violation(f"{folder.name} is not whole: {'; '.join(found)}")
            if folder.stat().st_mode & 0o777 != 0o555:
                raise Violation(f"{folder.name} can be changed, or others cannot read it")
    if before and not (place.releases / before).is_dir():
        raise Violation(f"{before}, the release before, is gone")
    if now:
        latest = json.loads((place.releases / LATEST).read_text("utf-8"))
        if latest["sha256"] != sha256(place.releases / now / MANIFEST):
            raise Violation(f"{LATEST} and the manifest of {now} do not agree")
        if not (place.releases / LATEST_LINK / MANIFEST).is_file():
            raise Violation("the link for stable addresses leads nowhere")


def check_after_run(place: Place, new: Undisturbed) -> None:
    """Raises Violation where a run over what was left is not as good as an undisturbed one."""
    now = place.in_force()
    if now != new.release:
        raise Violation(f"the run after gave {now} in place of {new.release}")
    if data_files(place.releases / now) != new.data:
        differ = [name for name, hash_ in data_files(place.releases / now).items() if new.data.get(name) != hash_]
        raise Violation(f"{now} differs from that of an undisturbed run in {', '.join(differ)}")
    if str((place.releases / LATEST_LINK).readlink()) != now:
        raise Violation(f"the link for stable addresses does not lead to {now}")
    if left := [p.name for p in place.releases.iterdir() if p.name.startswith(".")]:
        raise Violation(f"beside the releases is left: {', '.join(left)}")
    if left := [str(p) for p in place.internal.rglob("*.partial")]:
        raise Violation(f"half written files are left: {', '.join(left)}")
    if exposed := place.exposed():
        raise Violation(f"others may read {exposed[0]}")
    with contextlib.closing(sqlite3.connect(place.internal / "dagster" / "history" / "runs.db")) as con:
        waiting = con.execute("select count(*) from runs where status not in ('SUCCESS', 'FAILURE')").fetchone()[0]
    if waiting:
        raise Violation(f"{waiting} runs are still shown as at work")


def prepare_exports(folder: Path) -> tuple[Path, Path]:
    """Two states of the same exports: the samples, and a night on which one system has sent nothing."""
    full, lacking = folder / "full", folder / "lacking"
    shutil.copytree(PROJECT / "samples", full)
    shutil.copytree(PROJECT / "samples", lacking, ignore=shutil.ignore_patterns("core"))
    return full, lacking


def main(kills: int, seed: int) -> None:
    """Kills so many runs, and lets every fifth be followed by one that finishes. Ends with 1 at the first violation."""
    chance = random.Random(seed)
    print(f"seed {seed}, {kills} kills", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        exports = prepare_exports(work)
        place = Place(work / "place")
        states = [undisturbed(p, e) for p, e in zip((place, Place(work / "fresh")), exports, strict=True)]
        print(f"undisturbed: {states[0].seconds:.1f} s and {states[1].seconds:.1f} s", flush=True)
        patience = PATIENCE * max(s.seconds for s in states)
        done = after_release = 0
        while done < kills:
            before = place.in_force()
            state = 1 if before == states[0].release else 0
            new = states[state]
            moment = chance.choices(MOMENTS, [m.weight for m in MOMENTS])[0]
            delay = chance.uniform(0, new.seconds if moment is ANY_TIME else moment.within)
            place.forget(new.release)
            try:
                killed = kill_at(moment, place, exports[state], new.release, delay, patience)
                check_after_kill(place, before, new)
                done += killed
                after_release += killed and place.in_force() == new.release
                took = f"{moment.name} + {delay:.3f} s" if killed else f"ended before: {moment.name}"
                print(
                    f"{done:4d}  {took}; in force: {'new' if place.in_force() == new.release else 'before'}", flush=True
                )
                # What a dead job left at work is waited for, so that it does not disturb the attempts after.
                if killed and (done % FINISH_EVERY == 0 or done == kills or moment.alone):
                    seconds = place.finish(exports[state], patience)
                    check_after_run(place, new)
                    print(f"      the next run finished by itself in {seconds:.1f} s, the same release", flush=True)
            except Violation as violation:
                raise SystemExit(f"VIOLATION after kill {done} ({moment.name}), seed {seed}: {violation}") from None
        print(f"{kills} kills, {after_release} of them after the new release was in force: no violation", flush=True)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 100,
        int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32),
    )
