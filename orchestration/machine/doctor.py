"""Whether a machine can carry the job: looks, changes nothing, and names the remedy of whatever is wrong."""

import difflib
import os
import resource
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import sqlalchemy
import yaml
from filelock import FileLock, Timeout
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from orchestration.addresses import Addresses
from orchestration.machine import space, turn
from orchestration.settings import PROJECT, ZONE, Settings
from orchestration.spark import Spark
from orchestration.variables import VARIABLES, SettingsError

State = Literal["ok", "warning", "error"]

INSTANCE_FILE = PROJECT / "orchestration" / "dagster.yaml"
LEAST_MEMORY = 2_000_000_000
LEAST_OPEN_FILES = 1024
# A run keeps a copy of each file, its rows, and what it builds and publishes of them.
TIMES_THE_EXPORTS = 3
# Clocks of two machines that share a disk are never quite the same.
CLOCK_TOLERANCE_SECONDS = 300

_PROJECT_NAME = "bodega-gobierno-santiago"
_INSTALL = "make install (or deploy/install.sh), in an environment of the project's own"
# How alike a name must be to one of ours to be taken for a slip of it.
_ALIKE = 0.85


@dataclass(frozen=True)
class Finding:
    """What one check saw. said: one sentence. remedy: what to do, empty where nothing is wrong."""

    check: str
    state: State
    said: str
    remedy: str = ""


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """Every check of this machine, in the order in which its remedies are best followed."""
    found = [
        python(sys.version_info[:2]),
        *packages((PROJECT / "constraints.txt").read_text("utf-8"), _installed(), _required()),
        engine(),
        memory(_memory_bytes()),
        open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        *misspelt(environment),
    ]
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        remedy = "Set it right: README.md lists every setting."
        return [
            *found,
            *(Finding("settings", "error", sentence, remedy) for sentence in error.sentences),
            *root(os.geteuid()),
            *clock(0.0, time.time(), _synchronised()),
        ]
    return [
        *found,
        Finding("settings", "ok", "Every setting is one of its kind, and the folders are apart."),
        told(settings.addresses),
        *cluster(settings.spark),
        *root(os.geteuid()),
        *folders(settings, os.geteuid()),
        *room(settings),
        *clock(newest_made(settings), time.time(), _synchronised()),
        *instance(settings),
        lock(settings),
    ]


def python(version: tuple[int, ...]) -> Finding:
    """version: the interpreter's, as (3, 11)."""
    said = f"Python {version[0]}.{version[1]}."
    if (3, 11) <= version[:2] < (3, 13):
        return Finding("python", "ok", said)
    return Finding("python", "error", said, "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.11 install")


def packages(constraints: str, installed: Mapping[str, str], required: set[str]) -> Iterator[Finding]:
    """constraints: the text of constraints.txt. installed: package -> version. required: what the job needs.

    Names as packaging's canonical ones.
    """
    lines = (line.partition("==") for line in constraints.split() if "==" in line)
    pinned = {canonicalize_name(name): version for name, _, version in lines}
    if missing := sorted(required - installed.keys()):
        yield Finding("packages", "error", f"Not installed: {_some(missing)}.", _INSTALL)
    others = [
        f"{name} {installed[name]} instead of {version}"
        for name, version in sorted(pinned.items())
        if name in installed and installed[name] != version
    ]
    if others:
        yield Finding("packages", "error", f"Other versions than constraints.txt: {_some(others)}.", _INSTALL)
    if not missing and not others:
        count = len(pinned.keys() & installed.keys())
        yield Finding("packages", "ok", f"{count} packages, each in the version of constraints.txt.")


def engine() -> Finding:
    """DuckDB answers, in the version that it says of itself."""
    try:
        version = duckdb.sql("select version()").fetchall()[0][0]
    except duckdb.Error as error:
        return Finding("duckdb", "error", f"DuckDB does not answer ({error}).", _INSTALL)
    if str(version).removeprefix("v") != metadata.version("duckdb"):
        return Finding("duckdb", "error", f"DuckDB is {version}, and its package says another version.", _INSTALL)
    return Finding("duckdb", "ok", f"DuckDB {version} answers.")


def memory(size: int) -> Finding:
    """size: bytes that a process of this machine, or of this service, may have."""
    said = f"{size / 1e9:.1f} GB of memory."
    if size >= LEAST_MEMORY:
        return Finding("memory", "ok", said)
    return Finding("memory", "error", said, "Give the machine or the service (MemoryMax) at least 2 GB.")


def open_files(limit: int) -> Finding:
    """limit: how many files a process may have open."""
    said = f"A process may have {'any number of' if limit == resource.RLIM_INFINITY else limit} files open."
    if limit == resource.RLIM_INFINITY or limit >= LEAST_OPEN_FILES:
        return Finding("open files", "ok", said)
    return Finding("open files", "error", said, f"ulimit -n {LEAST_OPEN_FILES} or more (LimitNOFILE in a unit).")


def misspelt(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that look like a setting and are none: they change nothing, and nobody would notice."""
    for name in sorted(environment.keys() - VARIABLES):
        alike = difflib.get_close_matches(name, sorted(VARIABLES), n=1, cutoff=_ALIKE)
        if alike:
            yield Finding("settings", "warning", f"{name} is set, and no setting has this name.", f"Is it {alike[0]}?")


def told(addresses: Addresses) -> Finding:
    """Whether anybody is told when a night fails."""
    if addresses.webhook or addresses.mail:
        return Finding("alerts", "ok", "Alerts are sent.")
    remedy = "Set ALERT_WEBHOOK_URL or ALERT_SMTP_URL, see docs/operations.md."
    return Finding("alerts", "warning", "Alerts are off: nobody is told when a night fails.", remedy)


def cluster(spark: Spark | None) -> Iterator[Finding]:
    """Whether the cluster that is to build the models can be spoken to; nothing where DuckDB builds them."""
    if not spark:
        return
    if missing := sorted({"dbt-spark", "pyspark"} - _installed().keys()):
        remedy = "pip install -c constraints.txt -e '.[spark]'"
        yield Finding("spark", "error", f"DBT_TARGET is spark, and not installed: {_some(missing)}.", remedy)
        return
    try:
        spark.answer()
    except OSError as error:
        remedy = "Start it, set SPARK_REMOTE right, or leave DBT_TARGET out."
        yield Finding("spark", "error", f"{error.strerror}.", remedy)
    else:
        yield Finding("spark", "ok", f"The Spark Connect server {spark.address} answers.")


def root(user: int) -> Iterator[Finding]:
    """user: the number of the user who runs the job."""
    if user == 0:
        yield Finding(
            "user", "warning", "This is root.", "Let a user of its own run the job, deploy/install.sh makes one."
        )


def folders(settings: Settings, user: int) -> Iterator[Finding]:
    """user: as of `root`."""
    yield _readable("EXPORTS_DIR", settings.exports)
    yield _readable("CORRECTIONS_DIR", settings.corrections, may_be_empty=True)
    for name, folder in settings.folders.items():
        yield _writable(name, folder)
    yield private_area(settings, user)
    yield from public_area(settings)


def _readable(name: str, folder: Path, may_be_empty: bool = False) -> Finding:
    if not folder.is_dir():
        return Finding(name, "error", f"{folder} does not exist.", f"Make it, or set {name} to the right folder.")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Finding(name, "error", f"{folder} cannot be read.", "Give the user who runs the job the right to.")
    if not may_be_empty and not any(folder.iterdir()):
        return Finding(name, "warning", f"{folder} is empty.", "Put the systems' exports there, one folder a system.")
    return Finding(name, "ok", f"{folder} can be read.")


def _writable(name: str, folder: Path) -> Finding:
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        return Finding(name, "error", f"{nearest} is no folder.", f"Move it away, or set {name} to another place.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        remedy = f"Give the user who runs the job the right to, or set {name} to another place."
        return Finding(name, "error", f"{nearest} cannot be written.", remedy)
    said = "can be written" if nearest == folder else "will be made by the first run"
    return Finding(name, "ok", f"{folder} {said}.")


def private_area(settings: Settings, user: int) -> Finding:
    """Whether what is internal can be read by its owner alone."""
    states = [state for member in settings.members for state in _all_of(member)]
    if foreign := [place for place, status in states if status.st_uid != user]:
        said = f"{len(foreign)} internal files belong to another user, as {foreign[0]}."
        return Finding("rights", "error", said, "chown them to the user who runs the job, or run doctor as that user.")
    if seen := [place for place, status in states if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)]:
        said = f"{len(seen)} internal files can be reached by others, as {seen[0]}."
        return Finding("rights", "warning", said, "The next run closes them; until then: chmod -R go= on them.")
    return Finding("rights", "ok", "What is internal can be read by its owner alone.")


def _all_of(place: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """A file or folder and what is in it, links left out; what a run at work takes away meanwhile is passed over.

    So is what is in a folder that another user closed: the folder itself is named.
    """
    try:
        status = place.lstat()
        if stat.S_ISLNK(status.st_mode):
            return
        yield place, status
        if stat.S_ISDIR(status.st_mode):
            for inside in place.iterdir():
                yield from _all_of(inside)
    except (FileNotFoundError, PermissionError):
        return


def public_area(settings: Settings) -> Iterator[Finding]:
    """Whether others can reach what is for the public, through every folder on the way."""
    for name, folder in (("RELEASES_DIR", settings.releases), ("PORTAL_DIR", settings.portal)):
        if not folder.exists():
            continue
        shut = [p for p in (folder, *folder.resolve().parents) if not p.stat().st_mode & stat.S_IXOTH]
        if shut:
            remedy = f"chmod o+x {shut[0]}, or set {name} to a place that others can reach."
            yield Finding(name, "warning", f"Only its owner can pass {shut[0]}: the public reaches nothing.", remedy)


def room(settings: Settings) -> Iterator[Finding]:
    """Whether the disks have room for the nights to come."""
    places = {"WAREHOUSE_PATH": settings.internal, "RELEASES_DIR": settings.releases}
    there = {name: next(p for p in (place, *place.parents) if p.exists()) for name, place in places.items()}
    for disk in space.nearly_full(there):
        said = f"The disk of {', '.join(disk.folders)} has {disk.free_gb} GB free."
        yield Finding(
            "space", "error", said, f"Make room: at least {disk.needed_gb} GB. KEEP_RELEASES limits releases."
        )
    exports = sum(p.stat().st_size for p in settings.exports.rglob("*") if p.is_file())
    free = shutil.disk_usage(there["WAREHOUSE_PATH"]).free
    yield enough_for(exports, free)


def enough_for(exports: int, free: int) -> Finding:
    """exports, free: bytes received, and free on the disk of the internal area."""
    said = f"{free / 1e9:.1f} GB free for {exports / 1e9:.1f} GB of exports."
    if free >= TIMES_THE_EXPORTS * exports:
        return Finding("space", "ok", said)
    remedy = f"Free at least {TIMES_THE_EXPORTS} times the size of the exports, or set WAREHOUSE_PATH to a larger disk."
    return Finding("space", "error", said, remedy)


def newest_made(settings: Settings) -> float:
    """When the newest release was made, in seconds since 1970; 0 where there is none."""
    made = (settings.releases / "latest.json", *settings.ledgers.glob("*.parquet"))
    return max((path.stat().st_mtime for path in made if path.exists()), default=0.0)


def clock(newest: float, now: float, synchronised: bool | None) -> Iterator[Finding]:
    """newest: as of `newest_made`. now: seconds since 1970.

    synchronised: whether the clock follows a time server, None where nobody can tell.
    """
    try:
        ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        remedy = "Install the package tzdata of the system."
        yield Finding("clock", "error", f"The machine has no rules of the time in {ZONE}.", remedy)
    here = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if now < newest - CLOCK_TOLERANCE_SECONDS:
        then = datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%d %H:%M UTC")
        said = f"The clock says {here}, and the newest release was made at {then}."
        yield Finding("clock", "error", said, "Set the clock right: timedatectl set-ntp true")
    elif synchronised is False:
        said = f"The clock says {here} and follows no time server."
        yield Finding("clock", "warning", said, "timedatectl set-ntp true")
    else:
        how = " and follows a time server" if synchronised else "; whether it follows a time server is unknown"
        yield Finding("clock", "ok", f"The clock says {here}{how}.")


def instance(settings: Settings) -> Iterator[Finding]:
    """Dagster's instance file, and the database that it names."""
    path = settings.dagster_home / "dagster.yaml"
    if not path.exists():
        yield Finding("dagster", "ok", f"{path} will be made by the first run.")
        return
    remedy = f"Move {path} away: the next run writes it anew. Put back what you had added yourself."
    try:
        theirs = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        yield Finding("dagster", "error", f"{path} cannot be read ({type(error).__name__}).", remedy)
        return
    if wrong := _no_mapping(theirs):
        yield Finding("dagster", "error", f"{path} cannot be read ({wrong} is no mapping).", remedy)
        return
    ours = yaml.safe_load(INSTANCE_FILE.read_text("utf-8"))
    if different := sorted(_differences(ours, theirs)):
        said = f"{path} is not the one of this version: {', '.join(different)}."
        yield Finding("dagster", "warning", said, remedy)
    else:
        yield Finding("dagster", "ok", f"{path} is the one of this version.")
    if postgres := ((theirs or {}).get("storage") or {}).get("postgres"):
        yield database(postgres)


def _no_mapping(theirs: Any) -> str:
    """What on the way to the database is neither a mapping nor left out; empty where nothing is."""
    way: Any = theirs
    for here, below in (("it", "storage"), ("storage", "postgres"), ("postgres", "postgres_db"), ("postgres_db", "")):
        if way is None:
            return ""
        if not isinstance(way, dict):
            return here
        way = way.get(below)
    return ""


def _differences(ours: Any, theirs: Any, where: str = "") -> Iterator[str]:
    """The settings of ours that are not so in theirs; what theirs has besides is its own business."""
    if not isinstance(ours, dict):
        if ours != theirs:
            yield where
        return
    for key, value in ours.items():
        there = theirs.get(key) if isinstance(theirs, dict) else None
        yield from _differences(value, there, f"{where}.{key}".lstrip("."))


def database(postgres: Mapping[str, Any]) -> Finding:
    """postgres: as dagster.yaml has it below storage. What is said never holds the password."""
    remedy = "Start the server, or set BODEGA_PG_… right; see docs/operations.md."
    try:
        from dagster_postgres.utils import get_conn_string
    except ImportError:
        return Finding("postgres", "error", "dagster-postgres is not installed.", "deploy/install.sh --team")
    given = {key: _resolved(value) for key, value in (postgres.get("postgres_db") or {}).items()}
    try:
        address = str(_resolved(postgres.get("postgres_url")) or get_conn_string(**given))
        server = sqlalchemy.create_engine(address, connect_args={"connect_timeout": 5})
        server.connect().close()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, TypeError, ValueError) as error:
        # A malformed address is repeated by the message, with the password in it.
        safe = given and str(given.get("password")) not in str(error)
        why = str(error).strip().splitlines()[0] if safe else type(error).__name__
        return Finding("postgres", "error", f"Dagster's database does not answer ({why}).", remedy)
    return Finding("postgres", "ok", "Dagster's database answers.")


def _resolved(value: Any) -> Any:
    if isinstance(value, dict) and "env" in value:
        return os.environ.get(value["env"])
    return value


def lock(settings: Settings) -> Finding:
    """Whether a run is at work, and which."""
    if not settings.lock.exists():
        return Finding("lock", "ok", "No run is at work.")
    try:
        with FileLock(settings.lock, timeout=0):
            return Finding("lock", "ok", "No run is at work.")
    except Timeout:
        return Finding("lock", "ok", f"A run is at work: {turn.holder(settings.lock)}.")
    except OSError as error:
        remedy = "Run doctor as the user who runs the job."
        return Finding("lock", "error", f"{settings.lock} cannot be looked at ({error.strerror}).", remedy)


def _installed() -> dict[str, str]:
    return {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions()}


def _required() -> set[str]:
    """The job's own requirements, without those of its tests."""
    requirements = [Requirement(text) for text in metadata.requires(_PROJECT_NAME) or []]
    wanted = [r for r in requirements if not r.marker or r.marker.evaluate({"extra": ""})]
    return {canonicalize_name(r.name) for r in wanted}


def _memory_bytes() -> int:
    """What the machine has, or what this service may have of it where that is less."""
    sizes = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (said := limit.read_text("utf-8").strip()).isdecimal():
        sizes.append(int(said))
    return min(sizes)


def _synchronised() -> bool | None:
    command = shutil.which("timedatectl")
    if not command:
        return None
    asked: list[str] = [command, "show", "--property=NTPSynchronized", "--value"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    return {"yes": True, "no": False}.get(done.stdout.strip())


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def worst(findings: list[Finding]) -> int:
    """The exit status: 1 where anything is an error."""
    return int(any(finding.state == "error" for finding in findings))
