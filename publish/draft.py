"""The tables of a release while it is being written: the new ones, and the last good ones of what cannot be new."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from publish import files, texts
from publish.catalog import Dataset
from publish.edition import Carried
from publish.forms import geography
from publish.keeping.verify import sha256
from publish.keeping.versions import Version
from publish.privacy.screening import Screen, screen
from publish.sql import quoted


@dataclass
class Draft:
    """What is in a release's folder so far.

    datasets: as they were written, the kept ones as their own release declares them. held: what is not in the release,
    each with the reason in Spanish. carried: what is there as an earlier release had it, and versions, that version.
    masked: per dataset.column, how many personal data were replaced.
    """

    folder: Path
    datasets: dict[str, Dataset] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    carried: dict[str, Carried] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    masked: dict[str, int] = field(default_factory=dict)
    _hashes: dict[Path, str] = field(default_factory=dict, init=False, repr=False)

    def sha256(self, path: Path) -> str:
        """The hash of a file that is written and stays as it is, read once; the release is read again as a whole."""
        if path not in self._hashes:
            self._hashes[path] = sha256(path)
        return self._hashes[path]

    def parquet(self, dataset: str) -> Path:
        """Where a dataset's Parquet file is."""
        return self.folder / f"{dataset}.parquet"

    def kept(self) -> dict[str, str]:
        """Every dataset that is there as an earlier release had it, with the reason in Spanish."""
        return {name: texts.kept(carried) for name, carried in sorted(self.carried.items())}

    def not_new(self) -> dict[str, str]:
        """Every dataset that is not in the release as this run made it, each with the reason in Spanish."""
        return dict(sorted((self.held | self.kept()).items()))


def write_new(con: duckdb.DuckDBPyConnection, dataset: Dataset, using: Screen, draft: Draft) -> None:
    """Writes a dataset as this run made it, or notes why it must not be published."""
    files.check_columns(con, dataset)
    if reason := _write(con, dataset, using, draft):
        draft.held[dataset.name] = reason


def write_last_good(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, version: Version, using: Screen, draft: Draft
) -> str:
    """Writes a held dataset as an earlier release had it: whole, and screened with what this run knows of persons.

    dataset: as the catalogue declares it today. A version with columns that are no longer published, or that mean
    something else by now, is not kept: a column is published because a dataset lists it, never because it was there.
    Returns in Spanish why the version is not kept, where it is not.
    """
    today = _declared_today(dataset, version)
    kept = today and _as_its_rows_are(con, today)
    unfit = _write(con, kept, using, draft) if kept else "Tiene columnas que ya no se publican así."
    if unfit:
        return unfit
    draft.versions[dataset.name] = version
    draft.carried[dataset.name] = version.keep(draft.held.pop(dataset.name))
    for column, count in version.masked.items():
        draft.masked[column] = draft.masked.get(column, 0) + count
    return ""


def _declared_today(dataset: Dataset, version: Version) -> Dataset | None:
    """The version's rows under today's declaration of its columns, or None where a column is not declared so today."""
    held = {column.name: (column.type, column.unit) for column in version.dataset.columns}
    columns = tuple(column for column in dataset.columns if column.name in held)
    point = dataset.geography
    fits = {column.name: (column.type, column.unit) for column in columns} == held and held.keys() >= {*dataset.grain}
    return (
        replace(
            dataset,
            columns=columns,
            relation=version.dataset.relation,
            order=tuple(name for name in dataset.order if name in held),
            geography=point if point and held.keys() >= {point.latitude, point.longitude} else None,
            keys=tuple(key for key in dataset.keys if held.keys() >= {*key}),
            foreign_keys=tuple(key for key in dataset.foreign_keys if held.keys() >= {*key.columns}),
        )
        if fits
        else None
    )


def _as_its_rows_are(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Dataset:
    """The dataset, in which a column that has empty cells may have them: the rule against it may be newer."""
    full = ", ".join(f"count(*) = count({quoted(column.name)})" for column in dataset.columns)
    holds = con.execute(f"select {full} from {dataset.relation}").fetchall()[0]
    columns = zip(dataset.columns, holds, strict=True)
    return replace(dataset, columns=tuple(replace(each, required=each.required and full) for each, full in columns))


def _write(con: duckdb.DuckDBPyConnection, dataset: Dataset, using: Screen, draft: Draft) -> str:
    """Writes the files of a dataset; returns why it must not be published, where it must not."""
    screening = screen(con, dataset, using)
    if screening.reasons:
        return " ".join(screening.reasons)
    parquet = draft.parquet(dataset.name)
    rows = files.write_table(con, dataset, screening.replaced, parquet, parquet.with_suffix(".csv"))
    if dataset.geography:
        geography.write(con, dataset.geography, parquet, draft.folder)
    draft.rows[dataset.name] = rows
    draft.datasets[dataset.name] = dataset
    draft.masked.update({f"{dataset.name}.{column}": count for column, count in screening.masked.items()})
    return ""
