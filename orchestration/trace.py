"""From a published amount back to the rows of the files that it is made of. For the institution, never the public."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.settings import Settings
from orchestration.state import ledgers
from orchestration.state.ledgers import TraceError
from publish import rows
from publish.keeping import place, versions

# Datasets whose published key is masked: the same rows with the key that only the institution knows.
UNMASKED = {"pagos_proveedores": "intermediate.int_documentos_tributarios"}

# Rows that are percentages, and so no amounts: per dataset, a column of its key and its value.
PERCENTAGES = {"contraste_fichas": ("campo", "porcentaje_ejecucion")}


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


@dataclass(frozen=True)
class _Question:
    """A figure as it is asked for. key: of its row. keys: the key columns of the dataset's trace, with their types."""

    con: duckdb.DuckDBPyConnection
    dataset: str
    column: str
    key: dict[str, str]
    keys: dict[str, str]

    def check(self) -> None:
        """Raises TraceError where there is no such key, column or value, or the row is a percentage."""
        if wrong := sorted(set(self.key) - set(self.keys)):
            raise TraceError(f"{self.dataset} has no key {', '.join(wrong)}: its keys are {', '.join(self.keys)}")
        if self.column not in (known := self._traced("columna")):
            raise TraceError(f"{self.dataset}.{self.column} is no amount that is traced; these are: {', '.join(known)}")
        name, percentage = PERCENTAGES.get(self.dataset, ("", ""))
        if name and self.key.get(name) == percentage:
            amounts = ", ".join(f"{name}={value}" for value in self._traced(name))
            raise TraceError(
                f"{self.dataset}.{self.column} of {name}={percentage} is no amount that is traced; these are: {amounts}"
            )
        for name, value in self.key.items():
            kind = self.keys[name]
            if value and self.con.execute(f"select try_cast(? as {kind}) is null", [value]).fetchall()[0][0]:
                raise TraceError(f"{name}={value} cannot be: {name} is {kind}")

    def _traced(self, column: str) -> list[str]:
        found = self.con.execute(f"select distinct {column} from trace.traza_{self.dataset} order by 1").fetchall()
        return [value for (value,) in found]

    @property
    def condition(self) -> str:
        """SQL for the rows that fit the key, with a place for each of `values`."""
        parts = (f'"{n}" = cast(? as {self.keys[n]})' if v else f'"{n}" is null' for n, v in self.key.items())
        return " and ".join(parts) or "true"

    @property
    def values(self) -> list[str]:
        """The values of the condition, in order."""
        return [value for value in self.key.values() if value]

    def contributions(self) -> list[Contribution]:
        """The source rows behind the figure. Raises TraceError where they are of several rows of the dataset."""
        found = self.con.execute(
            f"""select {", ".join(self.keys)}, _archivo, _sha256, _fila, valor,
                    (_archivo, _fila) in (select (archivo, fila) from staging.stg_correcciones) as corregida
                from trace.traza_{self.dataset} where columna = ? and {self.condition} order by _archivo, _fila""",
            [self.column, *self.values],
        ).fetchall()
        self._check_one_row(len({row[: len(self.keys)] for row in found}))
        return [Contribution(*row[len(self.keys) :]) for row in found]

    def figure(self, relation: str) -> Decimal | None:
        """The figure itself. relation: SQL for the rows of the dataset. Raises TraceError where none or several fit."""
        found = self.con.execute(
            f'select "{self.column}" from {relation} where {self.condition}', self.values
        ).fetchall()
        if not found:
            raise TraceError(
                f"no row of {self.dataset} has this key; its keys are {', '.join(self.keys)}; codes keep their zeros "
                "(programa=02)"
            )
        self._check_one_row(len(found))
        return None if found[0][0] is None else Decimal(found[0][0])

    def _check_one_row(self, fitting: int) -> None:
        if fitting > 1:
            raise TraceError(f"{fitting} rows of {self.dataset} fit this key: give more of {', '.join(self.keys)}")


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
    said = ledgers.datasets(settings, release).get(dataset)
    origin = release
    if kept := versions.carried(said or {}):
        origin = kept.release
        if not ledgers.path_of(settings, origin).exists():
            raise TraceError(
                f"{release} keeps {dataset} of {origin}, whose ledger is no longer kept: mend what holds it back, and "
                "ask of the release that has it new"
            )
        progress(f"{dataset} was held back in {release}, which keeps that of {origin}: these are the rows of that one")
    with _opened(ledgers.warehouse(settings, origin, progress)) as con:
        asked = _asked(con, dataset, column, key)
        if not said:
            raise TraceError(f"{release} does not have {dataset}: ask of a release that does")
        asked.check()
        if late := [name for name in (*asked.keys, column) if name not in said["columnas"]]:
            raise TraceError(f"{dataset} has no {', '.join(late)} in {release}: ask of a later release")
        relation = UNMASKED.get(dataset) or _published(con, settings.releases / release, dataset)
        figure = asked.figure(relation)
        return Answer(release, figure, asked.contributions())


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


def _asked(con: duckdb.DuckDBPyConnection, dataset: str, column: str, key: dict[str, str]) -> _Question:
    """The question to a warehouse. Raises TraceError where the dataset has no trace there."""
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
    keys = {name: kind for name, kind in columns if not name.startswith("_") and name not in ("columna", "valor")}
    return _Question(con, dataset, column, key, keys)


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


def release_in_force(settings: Settings) -> str:
    """The id of the release in force. Raises TraceError where there is none."""
    ident = place.in_force(settings.releases)
    if not ident:
        raise TraceError(f"there is no release in {settings.releases}: run the job first")
    return ident
