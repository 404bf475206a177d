"""What is kept of each release to trace its figures: the ledger of its files, and the warehouse rebuilt from that."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.placing import put
from orchestration import dbt_command
from orchestration.settings import Settings
from orchestration.spark import DUCKDB
from publish.keeping import retention, versions
from publish.keeping.verify import MANIFEST


class TraceError(ValueError):
    """A question that cannot be answered, with what to ask instead."""


def keep(settings: Settings, release: str) -> None:
    """Keeps the ledger of the files that a release is made of, so that its figures can be traced later."""
    kept = path_of(settings, release)
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    for left in kept.parent.glob("*.partial"):
        left.unlink()
    if not kept.exists():
        partial = kept.with_suffix(".partial")
        shutil.copyfile(settings.raw / "archivos.parquet", partial)
        put(partial, kept)


def path_of(settings: Settings, release: str) -> Path:
    """Where the ledger of a release is kept."""
    return settings.ledgers / f"{release}.parquet"


def same_exports(settings: Settings, release: str) -> bool:
    """Whether a release was made from the exports folder of these settings, as far as its ledger is kept."""
    kept = path_of(settings, release)
    if not kept.exists():
        return False
    if "carpeta" not in pq.read_schema(kept).names:
        return False
    folders = [(folder,) for folder in pq.read_table(kept, columns=["carpeta"])["carpeta"].unique().to_pylist()]
    return folders == [(str(settings.exports.resolve()),)]


def forget(settings: Settings, releases: Iterable[str]) -> None:
    """Removes the ledgers of releases that are gone, and the warehouses that were rebuilt of them.

    That of a release stays which one that is not gone keeps a dataset from: its figures are traced there.
    """
    held = [each for each in releases if path_of(settings, each).exists() or (settings.traces / each).exists()]
    # The manifests of all that is left are read where there is something to remove, and not after every release.
    for release in set(held) - _kept_from(settings) if held else ():
        path_of(settings, release).unlink(missing_ok=True)
        place = settings.traces / release
        if place.exists():
            shutil.rmtree(place)


def _kept_from(settings: Settings) -> set[str]:
    """The releases that one in the folder keeps a dataset from."""
    left = [each.id for each in retention.releases_in(settings.releases)]
    kept = (versions.carried(said) for release in left for said in datasets(settings, release).values())
    return {each.release for each in kept if each}


def datasets(settings: Settings, release: str) -> dict[str, dict[str, Any]]:
    """What the manifest of a release says of its datasets, by name. Empty where the release is gone."""
    manifest = settings.releases / release / MANIFEST
    if not manifest.exists():
        return {}
    try:
        return {each["nombre"]: each for each in json.loads(manifest.read_text("utf-8"))["conjuntos"]}
    except (ValueError, LookupError, TypeError) as error:
        raise TraceError(f"{manifest} is damaged: put it back from a backup") from error


def warehouse(settings: Settings, release: str, progress: Callable[[str], None]) -> Path:
    """The warehouse as it was for a release: rebuilt once from the raw rows of the files in its ledger, then kept."""
    ledger = path_of(settings, release)
    if not ledger.exists():
        kept = ", ".join(sorted(p.stem for p in settings.ledgers.glob("*.parquet"))) or "none"
        raise TraceError(f"the ledger of release {release} is not kept; kept are: {kept}")
    if ledger.read_bytes() == (settings.raw / "archivos.parquet").read_bytes():
        return settings.warehouse
    place = settings.traces / release
    rebuilt = place / "bodega.duckdb"
    if not rebuilt.exists():
        progress(f"rebuilding the warehouse of {release}, once")
        _rebuild(settings, ledger, place)
    return rebuilt


def _rebuild(settings: Settings, ledger: Path, place: Path) -> None:
    """Builds the models over the raw rows and an older ledger. The result appears whole or not at all."""
    shutil.rmtree(place, ignore_errors=True)
    raw = place / "raw"
    raw.mkdir(parents=True, mode=0o700)
    for entry in settings.raw.iterdir():
        if entry.name != "archivos.parquet":
            (raw / entry.name).symlink_to(entry)
    shutil.copyfile(ledger, raw / "archivos.parquet")
    # Views name their database after its file, so it is built under the name that it keeps.
    partial = place / "building" / "bodega.duckdb"
    partial.parent.mkdir()
    try:
        # By DuckDB, whichever engine built the release: it is asked for on this machine, and both build the same.
        dbt_command.build(
            DUCKDB,
            place / "dbt",
            ("+path:models/trace", "stg_correcciones"),
            {"RAW_DIR": str(raw), "WAREHOUSE_PATH": str(partial)},
        )
    except dbt_command.DbtError as error:
        raise TraceError(f"the warehouse of that release cannot be rebuilt:\n{error}") from error
    partial.replace(place / "bodega.duckdb")
