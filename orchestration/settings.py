"""What a person or a service may set, each an environment variable with a default."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from orchestration import variables
from orchestration.addresses import Addresses
from orchestration.places import Places
from orchestration.spark import DUCKDB, TARGET, Spark
from orchestration.variables import Reading, SettingsError
from publish.edition import OC4IDS_PREFIX, Publisher, is_oc4ids_prefix
from publish.policy import MOST_WORKBOOK_ROWS, Policy
from publish.remote.address import FORM, is_bucket

PROJECT = Path(__file__).resolve().parent.parent

# The institution's own time. Its clocks change at midnight: two o'clock is there once a day, on all of them.
ZONE = "America/Santiago"

# Minute, hour, day, month, day of the week, in that time.
NIGHTLY = "0 2 * * *"

# For how long a run waits for the one at work.
WAIT_MINUTES = 180

# Of the engine in each step of a run; the process around it takes about 500 MB more.
MEMORY_LIMIT = "600MB"

# Where Dagster's pages listen, on this machine.
WEBSERVER_PORT = 3000

# Where the workers are that read ahead, where there are several.
MACHINE, KUBERNETES = "machine", "kubernetes"

# Seconds after which a file that nobody watches counts as complete.
SETTLED = 60


@dataclass(frozen=True)
class Settings(Places):
    """What is set for a run: its places, and how it goes about its work.

    policy: what the institution decides of its releases. bucket: s3://… where releases are carried to as well, or
    nothing. addresses: whom alerts go to. settle: seconds that a file must have been at rest to be taken in.
    nightly_cron: when the schedule runs. wait: for how long a run waits for the one at work. memory_limit: the engine's
    in each step. port: where Dagster's pages listen. workers: how many read new files at the same time. on_cluster:
    whether each of them has a pod of its own, and not a process of this machine. spark: the cluster that builds the
    models in DuckDB's place.
    """

    policy: Policy = field(default_factory=Policy)
    bucket: str = ""
    # Not shown, so that whom alerts go to is no reason for a run to do anything again.
    addresses: Addresses = field(default_factory=Addresses, repr=False)
    # These change when a run does its work, and not what comes out.
    settle: int = field(default=0, repr=False)
    nightly_cron: str = field(default=NIGHTLY, repr=False)
    wait: timedelta = field(default=timedelta(minutes=WAIT_MINUTES), repr=False)
    memory_limit: str = field(default=MEMORY_LIMIT, repr=False)
    port: int = field(default=WEBSERVER_PORT, repr=False)
    workers: int = field(default=1, repr=False)
    on_cluster: bool = field(default=False, repr=False)
    spark: Spark | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, settle: int = SETTLED) -> "Settings":
        """Reads the settings that the README lists.

        settle: where SETTLE_SECONDS is not set. Raises SettingsError with all that is wrong: settings that are none of
        their kind, and what is internal, what is received and what is public where they are not apart.
        """
        read = Reading()
        warehouse = read(_warehouse, "WAREHOUSE_PATH", PROJECT / "var" / "internal" / "bodega.duckdb")
        releases = read(variables.path, "RELEASES_DIR", PROJECT / "var" / "releases")
        raw = read(variables.path, "RAW_DIR", warehouse.parent / "raw")
        addresses, spark = Addresses(), None
        with read.kept():
            addresses = Addresses.from_environment()
        with read.kept():
            spark = Spark.from_environment(raw, warehouse.parent / "spark")
        settings = cls(
            exports=read(variables.path, "EXPORTS_DIR", PROJECT / "samples"),
            corrections=read(variables.path, "CORRECTIONS_DIR", PROJECT / "corrections"),
            warehouse=warehouse,
            raw=raw,
            releases=releases,
            portal=read(variables.path, "PORTAL_DIR", releases.parent / "portal"),
            dagster_home=read(variables.path, "DAGSTER_HOME", warehouse.parent / "dagster"),
            policy=_policy(read),
            bucket=read(_bucket, "PUBLISH_URL", ""),
            addresses=addresses,
            settle=read(variables.count_from_0, "SETTLE_SECONDS", settle),
            nightly_cron=read(variables.cron, "NIGHTLY_CRON", NIGHTLY),
            wait=timedelta(minutes=read(variables.count_from_0, "RUN_WAIT_MINUTES", WAIT_MINUTES)),
            memory_limit=read(variables.memory, "WAREHOUSE_MEMORY_LIMIT", MEMORY_LIMIT),
            port=read(variables.port, "WEBSERVER_PORT", WEBSERVER_PORT),
            workers=read(variables.count, "INGEST_WORKERS", 1),
            on_cluster=read(_executor, "INGEST_EXECUTOR", MACHINE) == KUBERNETES,
            spark=spark,
        )
        # How settings stand to each other is asked where each of them can be.
        if not read.wrong & {"EXPORTS_DIR", *settings.folders}:
            with read.kept():
                settings._check_apart()
        if not read.wrong & {"INGEST_WORKERS", "INGEST_EXECUTOR", "WAREHOUSE_MEMORY_LIMIT"}:
            with read.kept():
                settings._check_workers()
        read.end()
        return settings

    def _check_apart(self) -> None:
        """Raises SettingsError where the public could reach what is not for it, by whatever links."""
        wrong = []
        members = [place.resolve() for place in (self.internal, *self.members)]
        for name, public in (("releases", self.releases.resolve()), ("portal", self.portal.resolve())):
            if inside := [place for place in members if place.is_relative_to(public)]:
                wrong.append(
                    f"{inside[0]} is internal and must not be below the {name} ({public}): "
                    "set WAREHOUSE_PATH, RAW_DIR, DAGSTER_HOME, RELEASES_DIR or PORTAL_DIR apart."
                )
            if self.exports.resolve().is_relative_to(public):
                wrong.append(
                    f"{self.exports} is EXPORTS_DIR and must not be below the {name} ({public}): received files are "
                    "never public. Set it apart."
                )
        for name, place in (
            ("RELEASES_DIR", self.releases),
            ("PORTAL_DIR", self.portal),
            ("EXPORTS_DIR", self.exports),
        ):
            if around := [member for member in members[1:] if place.resolve().is_relative_to(member)]:
                wrong.append(f"{place} is {name} and must not be below {around[0]}, which is internal: set it apart.")
        if wrong:
            raise SettingsError(*wrong)

    def _check_workers(self) -> None:
        """Raises SettingsError where the workers of one machine have too little memory to divide."""
        least = self.workers * variables.bytes_of(variables.LEAST_MEMORY)
        if self.workers > 1 and not self.on_cluster and variables.bytes_of(self.memory_limit) < least:
            raise SettingsError(
                f"INGEST_WORKERS is {self.workers}, and WAREHOUSE_MEMORY_LIMIT, which they divide, "
                f"{self.memory_limit}: set it to {least // 10**6}MB at least, or let fewer work"
            )

    @property
    def engine(self) -> str:
        """What builds and tests the models: a target of dbt's profiles."""
        return TARGET if self.spark else DUCKDB

    @property
    def dbt_target(self) -> Path:
        """What dbt writes about the models built: one folder an engine, or it grows by a folder a run."""
        return self.internal / f"dbt_{TARGET}" if self.spark else self.dbt

    @property
    def members(self) -> tuple[Path, ...]:
        """What the internal area is made of, wherever each part lies."""
        name = self.warehouse.name
        return (
            self.raw,
            self.dagster_home,
            self.archive,
            self.manifest,
            self.manifest.with_suffix(".sha256"),
            self.manifest.with_suffix(".lock"),
            self.parsed,
            self.dbt,
            self.dbt_target,
            *([self.spark.tables] if self.spark else []),
            self.ledgers,
            self.desk,
            self.traces,
            self.warehouse,
            *(self.internal / f"{name}{suffix}" for suffix in (".wal", ".tmp", ".partial", ".damaged")),
            self.gate,
            self.summary,
            self.arrivals,
            self.dbt_log,
            self.lock,
            self.restoring,
            self.alerts,
            self.alerts.with_suffix(".partial"),
            self.alerts.with_suffix(".reserve"),
            self.alerts.with_suffix(".damaged"),
            self.alerts_lock,
            self.standing,
            self.begun,
            self.read_again,
        )

    @property
    def late_memory(self) -> str:
        """The engine's memory limit in the checks and the release: two thirds, as the run itself holds much by then.

        Ten million rows were sorted in 497 MB and 48 CPU seconds with two thirds, in 688 MB and 45 with the whole.
        """
        return f"{variables.bytes_of(self.memory_limit) * 2 // 3 // 1000}KB"

    @property
    def worker_memory(self) -> str:
        """The engine's memory limit in each worker. On one machine the workers share the limit of a single run."""
        if self.on_cluster:
            return self.memory_limit
        return f"{variables.bytes_of(self.memory_limit) // self.workers // 1000}KB"

    @property
    def worker_threads(self) -> int | None:
        """The engine's threads in each worker; None on a cluster, where each worker has all the processors it sees."""
        return None if self.on_cluster else max(1, (os.cpu_count() or 1) // self.workers)

    def export(self) -> None:
        """Puts the places into the environment of this process, for dbt and Dagster, once, before either starts."""
        os.environ["EXPORTS_DIR"] = str(self.exports)
        os.environ["CORRECTIONS_DIR"] = str(self.corrections)
        os.environ["WAREHOUSE_PATH"] = str(self.warehouse)
        os.environ["RAW_DIR"] = str(self.raw)
        os.environ["RELEASES_DIR"] = str(self.releases)
        os.environ["PORTAL_DIR"] = str(self.portal)
        os.environ["DAGSTER_HOME"] = str(self.dagster_home)
        os.environ.update(self.spark.environment() if self.spark else {})


def _warehouse(variable: str, usual: Path) -> Path:
    """Not a folder in the place of the file: a run would move it away as a damaged one."""
    value = variables.path(variable, usual)
    if value.is_dir():
        raise SettingsError(
            f"{variable} is {value}, which is a folder: give the file in it, as {value / 'bodega.duckdb'}"
        )
    return value


def _policy(read: Reading) -> Policy:
    usual = Policy()
    return Policy(
        publisher=Publisher(
            base_url=read(variables.address, "PUBLIC_URL", usual.publisher.base_url),
            contact_url=read(variables.address, "CONTACT_URL", usual.publisher.contact_url),
            oc4ids_prefix=read(_prefix, "OC4IDS_PREFIX", usual.publisher.oc4ids_prefix),
        ),
        keep=read(variables.count, "KEEP_RELEASES", usual.keep),
        xlsx_rows=read(_workbook_rows, "XLSX_MAX_ROWS", usual.xlsx_rows),
    )


def _workbook_rows(variable: str, usual: int) -> int:
    rows = variables.count(variable, usual)
    if rows > MOST_WORKBOOK_ROWS:
        raise SettingsError(
            f"{variable} is {rows}: a sheet holds {MOST_WORKBOOK_ROWS} rows below its header. "
            "Give that or less, or leave it out"
        )
    return rows


def _bucket(variable: str, usual: str) -> str:
    address = os.environ.get(variable, usual)
    if address and not is_bucket(address):
        # Not repeated: it may hold a password.
        raise SettingsError(f"{variable} is not of the form {FORM}; credentials have settings of their own (AWS_*)")
    return address


def _prefix(variable: str, usual: str) -> str:
    value = os.environ.get(variable) or usual
    if not is_oc4ids_prefix(value):
        raise SettingsError(f"{variable} is {value[:40]!r}: it is {OC4IDS_PREFIX}, or leave it out")
    return value


def _executor(variable: str, usual: str) -> str:
    value = os.environ.get(variable) or usual
    if value not in (MACHINE, KUBERNETES):
        raise SettingsError(f"{variable} is {value[:40]!r}: it is {MACHINE} or {KUBERNETES}, or leave it out")
    return value
