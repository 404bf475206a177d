"""What the assets are given: the places, as a Dagster resource. No asset reads the environment."""

from pathlib import Path

import dagster as dg

from orchestration.settings import Settings


class Places(dg.ConfigurableResource[None]):
    """The places of Settings, as Dagster passes them to assets."""

    exports: str
    warehouse: str
    raw: str
    releases: str
    portal: str
    dagster_home: str

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """The resource for these settings."""
        return cls(
            exports=str(settings.exports),
            warehouse=str(settings.warehouse),
            raw=str(settings.raw),
            releases=str(settings.releases),
            portal=str(settings.portal),
            dagster_home=str(settings.dagster_home),
        )

    @property
    def settings(self) -> Settings:
        """The settings that these places stand for."""
        return Settings(
            exports=Path(self.exports),
            warehouse=Path(self.warehouse),
            raw=Path(self.raw),
            releases=Path(self.releases),
            portal=Path(self.portal),
            dagster_home=Path(self.dagster_home),
        )
