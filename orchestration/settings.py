"""Where things are: the settings that a person or a service may set, each an environment variable with a default."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"


class SettingsError(ValueError):
    """A setting that cannot be, with what to do."""


@dataclass(frozen=True)
class Settings:
    """Places of a run. All absolute.

    exports: the folder that the systems' files land in. warehouse: the DuckDB file; its folder is the internal area,
    which only its owner reads. raw: typed rows. releases: what the public sees. portal: pages made from a release.
    """

    exports: Path
    warehouse: Path
    raw: Path
    releases: Path
    portal: Path
    dagster_home: Path

    @classmethod
    def from_environment(cls) -> "Settings":
        """Reads EXPORTS_DIR, WAREHOUSE_PATH, RAW_DIR, RELEASES_DIR, PORTAL_DIR and DAGSTER_HOME.

        Raises SettingsError where the internal area and the releases are not apart from each other.
        """
        warehouse = _path("WAREHOUSE_PATH", PROJECT / "var" / "internal" / "bodega.duckdb")
        releases = _path("RELEASES_DIR", PROJECT / "var" / "releases")
        settings = cls(
            exports=_path("EXPORTS_DIR", PROJECT / "samples"),
            warehouse=warehouse,
            raw=_path("RAW_DIR", warehouse.parent / "raw"),
            releases=releases,
            portal=_path("PORTAL_DIR", releases.parent / "portal"),
            dagster_home=_path("DAGSTER_HOME", warehouse.parent / "dagster"),
        )
        for private in (settings.internal, settings.raw, settings.dagster_home):
            if private.is_relative_to(releases):
                raise SettingsError(
                    f"{private} is internal and must not be below the releases ({releases}): "
                    "set WAREHOUSE_PATH, RAW_DIR, DAGSTER_HOME or RELEASES_DIR apart."
                )
        return settings

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
    def ledgers(self) -> Path:
        """The ledger of each release's files."""
        return self.internal / "ledgers"

    @property
    def quality_page(self) -> Path:
        """The browsable report of the last run's checks."""
        return self.internal / "calidad.html"

    @property
    def dbt_target(self) -> Path:
        """What dbt writes about the models: one folder, or it grows by a folder a run."""
        return self.internal / "dbt"

    @property
    def manifest(self) -> Path:
        """dbt's own account of every model, test and column."""
        return self.dbt_target / "manifest.json"

    @property
    def dbt_log(self) -> Path:
        """What dbt said in the last run."""
        return self.internal / "dbt.log"

    def prepare(self) -> None:
        """Makes the folders, the internal ones for their owner alone, and Dagster's instance file."""
        for private in (self.internal, self.raw, self.dagster_home):
            private.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.releases.mkdir(parents=True, exist_ok=True)
        instance = self.dagster_home / "dagster.yaml"
        if not instance.exists():
            instance.write_text((PROJECT / "orchestration" / "dagster.yaml").read_text("utf-8"), "utf-8")

    def export(self) -> None:
        """Puts the places into the environment of this process, for dbt and Dagster, once, before either starts."""
        os.environ["EXPORTS_DIR"] = str(self.exports)
        os.environ["WAREHOUSE_PATH"] = str(self.warehouse)
        os.environ["RAW_DIR"] = str(self.raw)
        os.environ["RELEASES_DIR"] = str(self.releases)
        os.environ["PORTAL_DIR"] = str(self.portal)
        os.environ["DAGSTER_HOME"] = str(self.dagster_home)


def _path(variable: str, default: Path) -> Path:
    return Path(os.environ.get(variable) or default).expanduser().absolute()
