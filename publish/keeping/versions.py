"""The datasets of a release as its own folder declares them: to compare with, and to keep where a new one fails."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from publish.catalog import Column, Dataset, Geography
from publish.edition import Carried
from publish.errors import PublishError
from publish.keeping.verify import MANIFEST
from publish.rows import MOMENT, table


@dataclass(frozen=True)
class Version:
    """A dataset as a release holds it: its declaration, its Parquet file, and since when it stands.

    summary: what the release's manifest says of it. carried: where that release kept it from an earlier one. masked:
    per dataset.column, how many personal data were replaced in it.
    """

    dataset: Dataset
    parquet: Path
    summary: dict[str, Any]
    release: str
    cut_off: date
    carried: Carried | None = None
    masked: Mapping[str, int] = field(default_factory=dict)

    def keep(self, reason: str) -> Carried:
        """What a later release says of it when it keeps it. reason: in Spanish, why the new version cannot be."""
        return Carried(self.carried.release if self.carried else self.release, self._since, reason)

    @property
    def received(self) -> datetime:
        """When the newest file that it depends on came, UTC; where its release does not say so, its data's last day."""
        said = self.summary.get("recibido_en")
        return datetime.strptime(said, MOMENT) if said else datetime.combine(self._since, time.min)

    @property
    def _since(self) -> date:
        return self.carried.since if self.carried else self.cut_off


def read(release: Path) -> dict[str, Version]:
    """The datasets of the release in that folder, by name.

    Raises PublishError where the folder does not say what it holds.
    """
    try:
        manifest = json.loads((release / MANIFEST).read_text("utf-8"))
        described = {d["nombre"]: d for d in json.loads((release / "diccionario.json").read_text("utf-8"))["conjuntos"]}
        cut_off = date.fromisoformat(manifest["fecha_corte"])
        return {
            summary["nombre"]: Version(
                dataset=_dataset(described[summary["nombre"]], release),
                parquet=release / f"{summary['nombre']}.parquet",
                summary=summary,
                release=manifest["id"],
                cut_off=cut_off,
                carried=carried(summary),
                masked={
                    column: count
                    for column, count in manifest["datos_personales_reservados"].items()
                    if column.partition(".")[0] == summary["nombre"]
                },
            )
            for summary in manifest["conjuntos"]
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise PublishError(
            f"{release} does not say what it holds ({type(error).__name__}: {error}): move it away and publish again"
        ) from error


def carried(summary: Mapping[str, Any]) -> Carried | None:
    """Which earlier release a dataset is kept from, by what a manifest says of it; None where it is new."""
    kept = summary.get("conservado")
    return kept and Carried(kept["publicacion"], date.fromisoformat(kept["fecha_corte"]), kept["motivo"])


def _dataset(said: dict[str, Any], release: Path) -> Dataset:
    geography = said.get("geografia")
    return Dataset(
        name=said["nombre"],
        title=said["titulo"],
        theme=said["tema"],
        description=said["descripcion"],
        grain=tuple(said["grano"]),
        order=tuple(said["orden"]),
        requires=(),
        columns=tuple(
            Column(c["nombre"], c["tipo"], c["descripcion"], c["unidad"], c["privacidad"], c["texto_libre"])
            for c in said["columnas"]
        ),
        relation=table(release, said["nombre"]),
        geography=geography and Geography(geography["nombre"], geography["latitud"], geography["longitud"]),
    )
