"""A release's folder as the edition that its metadata are made from."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from publish.catalog import Column, Dataset, ForeignKey, Geography, read_catalog
from publish.edition import Edition, FileEntry, Part, Publisher
from publish.rows import MOMENT

KINDS = ("csv", "parquet", "xlsx", "zip", "geojson")


def edition_of(release: Path, manifest: Path) -> Edition:
    """The edition of a release's folder. manifest: dbt's, of the run that made it."""
    made = json.loads((release / "manifest.json").read_text("utf-8"))
    datasets = read_catalog(manifest).datasets
    files = {each["nombre"]: (each["bytes"], each["sha256"]) for each in made["archivos"]}
    parts = tuple(
        Part(dataset, each["filas"], files_of(dataset, files, each["filas"]), _moment(each["recibido_en"]))
        for each in made["conjuntos"]
        for dataset in [datasets[each["nombre"]]]
    )
    return Edition(made["id"], date.fromisoformat(made["fecha_corte"]), Publisher(), parts)


def files_of(dataset: Dataset, files: Mapping[str, tuple[int, str]], rows: int) -> tuple[FileEntry, ...]:
    """Those of the files that hold the dataset, which its page does not. rows: of each of them."""
    stems = [dataset.name, *([dataset.geography.name] if dataset.geography else [])]
    names = [f"{stem}.{kind}" for stem in stems for kind in KINDS]
    return tuple(FileEntry(name, *files[name], rows) for name in names if name in files)


def small_edition() -> Edition:
    """Two datasets, one of which points to the other; a key of it may be empty."""
    obras = Dataset(
        name="obras",
        title="Obras",
        theme="initiative_traceability",
        description="Obras del gobierno regional, una por fila.",
        grain=("codigo",),
        order=("codigo",),
        requires=("sagir_iniciativas",),
        columns=(
            _column("codigo", "VARCHAR", unit="código", required=True),
            _column("estado", "VARCHAR", values=("EN EJECUCIÓN", "TERMINADA")),
            _column("monto", "BIGINT", unit="M$"),
            _column("avance", "DECIMAL(18,2)", unit="%"),
            _column("inicio", "DATE", unit="fecha"),
            _column("visto_en", "TIMESTAMP", unit="fecha y hora"),
            _column("vigente", "BOOLEAN", unit="sí/no"),
        ),
        relation='"marts"."obras"',
        geography=Geography("obras_geo", "latitud", "longitud"),
        keys=(("codigo",),),
    )
    pagos = Dataset(
        name="pagos",
        title="Pagos",
        theme="budget_execution",
        description="Pagos de las obras, uno por fila.",
        grain=("codigo", "cuota"),
        order=("codigo", "cuota"),
        requires=("dte_pagos | dte_xml",),
        columns=(_column("codigo", "VARCHAR", unit="código"), _column("cuota", "INTEGER", unit="número")),
        relation='"marts"."pagos"',
        keys=(("codigo", "cuota"),),
        foreign_keys=(ForeignKey(("codigo",), "obras", ("codigo",)),),
    )
    kinds = ("csv", "parquet", "xlsx", "zip")
    return Edition(
        "2025-01-31-abc",
        date(2025, 1, 31),
        Publisher(),
        (
            Part(
                obras,
                1262,
                (*(_file(f"obras.{kind}", 1262) for kind in kinds), _file("obras_geo.geojson", 1)),
                datetime(2025, 2, 3, 8, 30),
            ),
            Part(pagos, 3, tuple(_file(f"pagos.{kind}", 3) for kind in kinds), datetime(2025, 2, 1)),
        ),
    )


def _moment(written: str) -> datetime:
    return datetime.strptime(written, MOMENT)


def _column(
    name: str, type_: str, *, unit: str = "texto", required: bool = False, values: tuple[str, ...] = ()
) -> Column:
    return Column(name, type_, f"Descripción de {name}.", unit, "abierta", False, required, values)


def _file(name: str, rows: int) -> FileEntry:
    return FileEntry(name, 100, "a" * 64, rows)
