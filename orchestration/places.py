"""Where things are: the folders that a run is given, and what lies in the internal area."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Places of a run. All absolute.

    exports: the folder that the systems' files land in. corrections: what is read instead of what they say. warehouse:
    the DuckDB file; its folder is the internal area, which only its owner reads. raw: typed rows. releases: what the
    public sees. portal: pages made from a release. dagster_home: Dagster's own storage.
    """

    exports: Path
    corrections: Path
    warehouse: Path
    raw: Path
    releases: Path
    portal: Path
    dagster_home: Path

    @property
    def internal(self) -> Path:
        """The internal area: archive, warehouse, raw rows, rejected rows."""
        return self.warehouse.parent

    @property
    def archive(self) -> Path:
        """A copy of every file received, under its sha256."""
        return self.internal / "archive"

    @property
    def gate(self) -> Path:
        """The verdicts of the last run's checks."""
        return self.internal / "gate.json"

    @property
    def summary(self) -> Path:
        """What the last run published and held back."""
        return self.internal / "summary.json"

    @property
    def desk(self) -> Path:
        """The correction desk: rejected rows by export, for those who mend the sources."""
        return self.internal / "rechazos"

    @property
    def arrivals(self) -> Path:
        """What the last run found in the exports folder that the ledger does not hold."""
        return self.internal / "arrivals.json"

    @property
    def ledgers(self) -> Path:
        """The ledger of each release's files."""
        return self.internal / "ledgers"

    @property
    def traces(self) -> Path:
        """The warehouses that were rebuilt of older releases, to trace their figures."""
        return self.internal / "traces"

    @property
    def manifest(self) -> Path:
        """Every model, test and column as dbt declares them, under the names of the warehouse; whole at any moment."""
        return self.internal / "dbt_manifest.json"

    @property
    def parsed(self) -> Path:
        """What dbt writes when it makes the manifest."""
        return self.internal / "dbt_parsed"

    @property
    def dbt(self) -> Path:
        """What dbt writes when it fills the warehouse, its own manifest too, in place: nobody else reads it then."""
        return self.internal / "dbt"

    @property
    def dbt_log(self) -> Path:
        """What dbt said in the last run."""
        return self.internal / "dbt.log"

    @property
    def lock(self) -> Path:
        """Held by the run at work."""
        return self.internal / "run.lock"

    @property
    def restoring(self) -> Path:
        """There while a restore puts things in place, and after one that broke off."""
        return self.internal / "restoring.json"

    @property
    def standing(self) -> Path:
        """The inputs and outputs of the last complete run, as hashes (state/standing.py)."""
        return self.internal / "standing.json"

    @property
    def begun(self) -> Path:
        """The inputs that the current run found when it began, as hashes (state/standing.py)."""
        return self.internal / "begun.json"

    @property
    def read_again(self) -> Path:
        """Which months were read again since the last run began: it is to take them in."""
        return self.internal / "read_again.json"

    @property
    def alerts(self) -> Path:
        """The open alerts, and who was told of them."""
        return self.internal / "alerts.json"

    @property
    def alerts_lock(self) -> Path:
        """Held by whoever judges and sends alerts."""
        return self.internal / "alerts.lock"

    @property
    def folders(self) -> dict[str, Path]:
        """The folders that a run writes to, by the setting that moves each."""
        return {
            "WAREHOUSE_PATH": self.internal,
            "RAW_DIR": self.raw,
            "DAGSTER_HOME": self.dagster_home,
            "RELEASES_DIR": self.releases,
            "PORTAL_DIR": self.portal,
        }
