"""From a published amount back to the rows of the files that it is made of. For the institution, never the public."""

import json
import shlex
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ingest.placing import put
from orchestration import dbt_command
from orchestration.settings import Settings
from publish import place, retention, rows, versions
from publish.verify import MANIFEST

# Datasets whose published key is masked: the same rows with the key that only the institution knows.
UNMASKED = {"pagos_proveedores": "intermediate.int_documentos_tributarios"}

# Rows that are percentages, and so no amounts: per dataset, a column of its key and its value.
PERCENTAGES = {"contraste_fichas": ("campo", "porcentaje_ejecucion")}


class TraceError(ValueError):
    """A question that cannot be answered, with what to ask instead."""


@dataclass(frozen=True)
class Contribution:
    """A source row and what it contributed, in the unit of the figure.

    corregida: whether a cell of the row is read as corrections/ say and not as the file does.
    """

    archivo: str
    sha256: str | None
    fila: int
    valor: Decimal
    corregida: bool


@dataclass(frozen=True)
class Answer:
    """A figure and the source rows whose values add up to it. figure: None where it is not published (unknown)."""

    release: str
    figure: Decimal | None
    contributions: list[Contribution]

    @property
    def total(self) -> Decimal:
        """The sum of the contributions, before any rounding."""
        return sum((c.valor for c in self.contributions), Decimal(0))

    @property
    def adds_up(self) -> bool:
        """Whether the contributions are the figure, to half of its last unit: M$ are rounded once, at the end."""
        figure = self.figure or Decimal(0)
        half = Decimal(1).scaleb(int(figure.as_tuple().exponent)) / 2
        return abs(self.total - figure) <= (half if self.total % 1 or figure % 1 else 0)


def parse_key(text: str) -> dict[str, str]:
    """The key as a person writes it, "anio=2023 mes=12"; an empty value stands for a NULL.

    Raises TraceError where a part is not column=value, or names a column that another one has named.
    """
    try:
        parts = [part.partition("=") for part in shlex.split(text)]
    except ValueError as error:
        raise TraceError(f"KEY cannot be read ({error}): close its quotes") from error
    if wrong := [name for name, sign, _ in parts if not sign]:
        raise TraceError(f'KEY is "column=value column=value": {", ".join(wrong)} has no value')
    names = Counter(name for name, _, _ in parts)
    if twice := [name for name, times in names.items() if times > 1]:
        raise TraceError(f"KEY names {', '.join(twice)} more than once: give one value a column")
    return {name: value for name, _, value in parts}


def trace(
    settings: Settings, dataset: str, key: dict[str, str], column: str, release: str, progress: Callable[[str], None]
) -> Answer:
    """The source rows behind one figure of a release, which is read in the release itself.

    release: the id of a release still kept. progress: is told where the rows are those of an earlier release, whose
    version this one keeps. Raises TraceError where dataset, column, key or release is unknown, or the key fits no row
    or several.
    """
    said = _said(settings, release).get(dataset)
    origin = release
    if kept := versions.carried(said or {}):
        origin = kept.release
        if not _ledger(settings, origin).exists():
            raise TraceError(
                f"{release} keeps {dataset} of {origin}, whose ledger is no longer kept: mend what holds it back, and "
                "ask of the release that has it new"
            )
        progress(f"{dataset} was held back in {release}, which keeps that of {origin}: these are the rows of that one")
    with _opened(_warehouse(settings, origin, progress)) as con:
        keys = _keys(con, dataset)
        if not said:
            raise TraceError(f"{release} does not have {dataset}: ask of a release that does")
        if wrong := sorted(set(key) - set(keys)):
            raise TraceError(f"{dataset} has no key {', '.join(wrong)}: its keys are {', '.join(keys)}")
        _check_column(con, dataset, column)
        _check_amount(con, dataset, column, key)
        if late := [name for name in (*keys, column) if name not in said["columnas"]]:
            raise TraceError(f"{dataset} has no {', '.join(late)} in {release}: ask of a later release")
        condition, values = _condition(key, keys)
        _check_values(con, key, keys)
        found = con.execute(
            f"""select {", ".join(keys)}, _archivo, _sha256, _fila, valor,
                    (_archivo, _fila) in (select (archivo, fila) from staging.stg_correcciones) as corregida
                from trace.traza_{dataset} where columna = ? and {condition} order by _archivo, _fila""",
            [column, *values],
        ).fetchall()
        relation = UNMASKED.get(dataset) or _published(con, settings.releases / release, dataset)
        figure = _figure(con, relation, dataset, column, condition, values, keys)
    fitting = {row[: len(keys)] for row in found}
    if len(fitting) > 1:
        raise TraceError(f"{len(fitting)} rows of {dataset} fit this key: give more of {', '.join(keys)}")
    return Answer(release, figure, [Contribution(*row[len(keys) :]) for row in found])


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse to be asked. Raises TraceError where a run holds it, or it is not whole."""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            yield con
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise TraceError("a run is at work: ask again when it has ended") from error
        said = str(error).partition("\n")[0]
        raise TraceError(f"{warehouse} cannot be asked ({said}): `bodega run --again` makes it whole") from error


def _keys(con: duckdb.DuckDBPyConnection, dataset: str) -> dict[str, str]:
    """The key columns of a dataset's trace, with their types."""
    columns = con.execute(
        """select column_name, data_type from information_schema.columns
        where table_schema = 'trace' and table_name = 'traza_' || ? order by ordinal_position""",
        [dataset],
    ).fetchall()
    if not columns:
        known = con.execute(
            "select table_name[7:] from information_schema.tables where table_schema = 'trace' order by 1"
        ).fetchall()
        raise TraceError(f"{dataset} has no amounts to trace; these have: {', '.join(name for (name,) in known)}")
    return {name: kind for name, kind in columns if not name.startswith("_") and name not in ("columna", "valor")}


def _check_values(con: duckdb.DuckDBPyConnection, key: dict[str, str], keys: dict[str, str]) -> None:
    for name, value in key.items():
        if value and con.execute(f"select try_cast(? as {keys[name]}) is null", [value]).fetchall()[0][0]:
            raise TraceError(f"{name}={value} cannot be: {name} is {keys[name]}")


def _check_column(con: duckdb.DuckDBPyConnection, dataset: str, column: str) -> None:
    known = [
        name for (name,) in con.execute(f"select distinct columna from trace.traza_{dataset} order by 1").fetchall()
    ]
    if column not in known:
        raise TraceError(f"{dataset}.{column} is no amount that is traced; these are: {', '.join(known)}")


def _check_amount(con: duckdb.DuckDBPyConnection, dataset: str, column: str, key: dict[str, str]) -> None:
    """Raises TraceError where the row that the key means is a percentage."""
    name, percentage = PERCENTAGES.get(dataset, ("", ""))
    if not name or key.get(name) != percentage:
        return
    traced = con.execute(f"select distinct {name} from trace.traza_{dataset} order by 1").fetchall()
    known = ", ".join(f"{name}={value}" for (value,) in traced)
    raise TraceError(f"{dataset}.{column} of {name}={percentage} is no amount that is traced; these are: {known}")


def _condition(key: dict[str, str], keys: dict[str, str]) -> tuple[str, list[str]]:
    """SQL for the rows that fit the key, and its values in order."""
    parts = [
        f'"{name}" = cast(? as {keys[name]})' if value else f'"{name}" is null' for name, value in sorted(key.items())
    ]
    return " and ".join(parts) or "true", [key[name] for name in sorted(key) if key[name]]


def _said(settings: Settings, release: str) -> dict[str, dict[str, Any]]:
    """What the manifest of a release says of its datasets, by name. Empty where the release is gone."""
    manifest = settings.releases / release / MANIFEST
    if not manifest.exists():
        return {}
    try:
        return {each["nombre"]: each for each in json.loads(manifest.read_text("utf-8"))["conjuntos"]}
    except (ValueError, LookupError, TypeError) as error:
        raise TraceError(f"{manifest} is damaged: put it back from a backup") from error


def _published(con: duckdb.DuckDBPyConnection, release: Path, dataset: str) -> str:
    """SQL for the rows of a dataset as they were published."""
    relation = rows.table(release, dataset)
    try:
        con.execute(f"select count(*) from {relation}")
    except duckdb.Error as error:
        raise TraceError(
            f"{release / dataset}.parquet cannot be read: `bodega verify` tells what is damaged"
        ) from error
    return relation


def _figure(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    dataset: str,
    column: str,
    condition: str,
    values: list[str],
    keys: dict[str, str],
) -> Decimal | None:
    found = con.execute(f'select "{column}" from {relation} where {condition}', values).fetchall()
    if not found:
        raise TraceError(
            f"no row of {dataset} has this key; its keys are {', '.join(keys)}; codes keep their zeros (programa=02)"
        )
    if len(found) > 1:
        raise TraceError(f"{len(found)} rows of {dataset} fit this key: give more of {', '.join(keys)}")
    return None if found[0][0] is None else Decimal(found[0][0])


def _ledger(settings: Settings, release: str) -> Path:
    """Where the ledger of a release is kept."""
    return settings.ledgers / f"{release}.parquet"


def same_exports(settings: Settings, release: str) -> bool:
    """Whether a release was made from the exports folder of these settings, as far as its ledger is kept."""
    kept = _ledger(settings, release)
    if not kept.exists():
        return False
    if "carpeta" not in pq.read_schema(kept).names:
        return False
    folders = [(folder,) for folder in pq.read_table(kept, columns=["carpeta"])["carpeta"].unique().to_pylist()]
    return folders == [(str(settings.exports.resolve()),)]


def keep_ledger(settings: Settings, release: str) -> None:
    """Keeps the ledger of the files that a release is made of, so that its figures can be traced later."""
    kept = _ledger(settings, release)
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    for left in kept.parent.glob("*.partial"):
        left.unlink()
    if not kept.exists():
        partial = kept.with_suffix(".partial")
        shutil.copyfile(settings.raw / "archivos.parquet", partial)
        put(partial, kept)


def forget(settings: Settings, releases: Iterable[str]) -> None:
    """Removes the ledgers of releases that are gone, and the warehouses that were rebuilt of them.

    That of a release stays which one that is not gone keeps a dataset from: its figures are traced there.
    """
    held = [each for each in releases if _ledger(settings, each).exists() or (settings.traces / each).exists()]
    # The manifests of all that is left are read where there is something to remove, and not after every release.
    for release in set(held) - _kept_from(settings) if held else ():
        _ledger(settings, release).unlink(missing_ok=True)
        place = settings.traces / release
        if place.exists():
            shutil.rmtree(place)


def _kept_from(settings: Settings) -> set[str]:
    """The releases that one in the folder keeps a dataset from."""
    left = [each.id for each in retention.releases_in(settings.releases)]
    kept = (versions.carried(said) for release in left for said in _said(settings, release).values())
    return {each.release for each in kept if each}


def release_in_force(settings: Settings) -> str:
    """The id of the release in force. Raises TraceError where there is none."""
    ident = place.in_force(settings.releases)
    if not ident:
        raise TraceError(f"there is no release in {settings.releases}: run the job first")
    return ident


def _warehouse(settings: Settings, release: str, progress: Callable[[str], None]) -> Path:
    """The warehouse as it was for a release: rebuilt once from the raw rows of the files in its ledger, then kept."""
    ledger = _ledger(settings, release)
    if not ledger.exists():
        kept = ", ".join(sorted(p.stem for p in settings.ledgers.glob("*.parquet"))) or "none"
        raise TraceError(f"the ledger of release {release} is not kept; kept are: {kept}")
    if ledger.read_bytes() == (settings.raw / "archivos.parquet").read_bytes():
        return settings.warehouse
    place = settings.traces / release
    warehouse = place / "bodega.duckdb"
    if not warehouse.exists():
        progress(f"rebuilding the warehouse of {release}, once")
        _rebuild(settings, ledger, place)
    return warehouse


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
            "duckdb",
            place / "dbt",
            ("+path:models/trace", "stg_correcciones"),
            {"RAW_DIR": str(raw), "WAREHOUSE_PATH": str(partial)},
        )
    except dbt_command.DbtError as error:
        raise TraceError(f"the warehouse of that release cannot be rebuilt:\n{error}") from error
    partial.replace(place / "bodega.duckdb")
