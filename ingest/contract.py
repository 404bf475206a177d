"""The contract of an export: which files, which columns, which types, which privacy. One YAML file each."""

import calendar
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ingest import written

CONTRACTS = Path(__file__).parent / "contracts"

MONTHS = (
    "ENERO",
    "FEBRERO",
    "MARZO",
    "ABRIL",
    "MAYO",
    "JUNIO",
    "JULIO",
    "AGOSTO",
    "SEPTIEMBRE",
    "OCTUBRE",
    "NOVIEMBRE",
    "DICIEMBRE",
)

# By which the ledger's detail tells that a file has not all its columns.
LACKING = "Columns of the contract that it lacks:"
# By which it tells that a file may have been cut within its last row.
OPEN_END = "Its last line has no end: it may have been cut there."

# From 1900 on, as dates are read: the year 25 or 0 is a typing error.
_YEAR = r"(?P<yyyy>(?:19|[2-9]\d)\d{2})"
_PLACEHOLDERS = {
    "yyyymmdd": rf"{_YEAR}(?P<mm>\d{{2}})(?P<dd>\d{{2}})",
    "yyyymm": rf"{_YEAR}(?P<mm>\d{{2}})",
    "yyyy": _YEAR,
    "mm": r"(?P<mm>\d{2})",
    "m": r"(?P<mm>\d{1,2})",
    "programa": r"(?P<programa>01|02)",
}

Scalar = Literal[
    "text",
    "code",
    "integer",
    "pesos",
    "miles",
    "decimal",
    "date",
    "timestamp",
    "month",
    "rut",
    "initiative",
    "comuna",
    "flag",
    "lines",
]


def normalise(text: str) -> str:
    """A header as it is compared: no accents, no case, white space collapsed."""
    plain = unicodedata.normalize("NFKD", text.replace("\ufeff", " ").replace("°", "o"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).upper().split())


class ContractError(written.WrittenError):
    """A contract that cannot be followed, with its file, the line, what is wrong and what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column of an export.

    header: as the file prints it, compared without case and accents; {MES} stands for the name of a month; in XML the
    path of the element, with [X='y'] to choose among those of one name. type: a scalar type, or the list of accepted
    values. need: yes = a file without the column is refused, and a row without a readable value is rejected; no = the
    cell becomes NULL. privacy: open; rut = published under the rule for RUTs; closed = never published. pattern: the
    regular expression that the whole of a code fits. holds: what a closed column gives to the privacy scan. beside: the
    rut column whose owner a name belongs to. kept: no = read for that scan and for nothing else.
    """

    header: str
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Scalar | tuple[str, ...]
    need: bool
    privacy: Literal["open", "rut", "closed"]
    pattern: str | None = None
    holds: Literal["names", "account"] | None = None
    beside: str | None = None
    kept: bool = True

    @cached_property
    def width(self) -> int | None:
        """Digits of a code of fixed width (its lost leading zeros are given back), else None."""
        if isinstance(self.type, tuple):
            lengths = {len(v) for v in self.type}
            return lengths.pop() if len(lengths) == 1 and all(v.isdigit() for v in self.type) else None
        fixed = re.fullmatch(r"\\d\{(\d+)\}", self.pattern or "")
        return int(fixed[1]) if fixed else None

    @property
    def by_month(self) -> bool:
        """Whether the header names a month: of the row's cells where the contract has `unpivot`, else of the file."""
        return "{MES}" in self.header

    @property
    def several(self) -> bool:
        """Whether a cell may hold several values, one a line: where the header chooses among elements of one name."""
        return "[" in self.header


class Format(_Strict):
    """How the file is written. trailing_delimiter: whether each row below the header ends in one delimiter more."""

    type: Literal["csv", "xlsx", "xml"]
    encoding: Literal["UTF-8", "ISO-8859-1", "windows-1252"] = "UTF-8"
    delimiter: str = ";"
    quote: Literal["", '"'] = ""
    header_rows: Literal[1, 2] = 1
    trailing_delimiter: bool = False


class FileName(_Strict):
    """What a file's name says. begins, data_date: the first and the last day of its data, one day in a snapshot's."""

    period: str
    year: int | None
    month: int | None
    begins: date | None
    data_date: date | None

    @property
    def year_month(self) -> str | None:
        """The month, as 2024-12."""
        return None if self.year is None or self.month is None else f"{self.year}-{self.month:02}"


class Contract(_Strict):
    """One export: file pattern, format, key and columns. Source: the agreement with the system that exports it.

    file: the path below the exports folder, with * for any text and {yyyymmdd}, {yyyymm}, {yyyy}, {mm}, {m} or
    {programa} for what the name tells. mode: which rows count (macro en_vigor): snapshot = those of the newest file;
    period = those of the newest file of each period; upsert = of each key, the row of the newest file that has it.
    key: the columns that identify a row. continuation: the column that is empty, as the key is, in a row that only
    continues the one above. unpivot: the column for the month (1 to 12), where the columns with {MES} become one row a
    month. point: the columns of latitude and longitude (degrees, WGS 84), by which the comuna is found.
    cadence_days: how many days lie between one file's data and the next's. late_after_days: how old the newest data may
    grow until the next are here, from the date that a file's name gives, or else from its arrival.
    """

    export: str
    system: str
    description: str
    file: str
    mode: Literal["snapshot", "period", "upsert"]
    format: Format
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    cadence_days: int = Field(ge=1)
    late_after_days: int = Field(ge=1)
    continuation: str | None = None
    unpivot: str | None = None
    point: tuple[str, str] | None = None
    notes: str = ""

    @field_validator("key")
    @classmethod
    def _key_is_not_empty(cls, key: tuple[str, ...]) -> tuple[str, ...]:
        if not key:
            raise ValueError("a contract needs a key")
        return key

    @model_validator(mode="after")
    def _is_late_after_its_pace(self) -> "Contract":
        if self.late_after_days < self.cadence_days:
            raise ValueError("late_after_days is less than cadence_days: every file would come too late")
        return self

    @model_validator(mode="after")
    def _names_its_own_columns(self) -> "Contract":
        besides = [column.beside for column in self.columns if column.beside]
        named = {"key": self.key, "beside": besides, "point": self.point or ()}
        known = {column.name for column in self.columns}
        for part, names in named.items():
            if unknown := [name for name in names if name not in known]:
                raise ValueError(f"{part} names {', '.join(unknown)}, and no column is called so")
        return self

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the contract has none."""
        return next(c for c in self.columns if c.name == name)

    def cells(self) -> dict[str, Column]:
        """The cells of a row by name: the column's, with the month's number where columns repeat by month."""
        return {f"{c.name}_{month}" if month else c.name: c for c in self.columns for month in self.months_of(c)}

    def headers(self) -> list[str]:
        """The columns of a row as its file prints them, in the order of `cells`."""
        return [
            c.header.replace("{MES}", MONTHS[month - 1]) if month else c.header.replace(" {MES}", "")
            for c in self.columns
            for month in self.months_of(c)
        ]

    @property
    def monthly(self) -> bool:
        """Whether each file holds one month, which its name says."""
        return self.mode == "period" and not {"{mm}", "{m}", "{yyyymm}"}.isdisjoint(re.findall(r"\{\w+\}", self.file))

    @cached_property
    def holds_names(self) -> bool:
        """Whether any column gives names or accounts to the privacy scan."""
        return any(c.holds or c.beside for c in self.columns)

    def months_of(self, column: Column) -> range | tuple[int]:
        """The months for which a column stands in a row: 1 to 12, or 0 alone where it stands once."""
        return range(1, 13) if self.unpivot and column.by_month else (0,)

    @cached_property
    def _name_pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}|(\*)", self.file)
        literal, placeholders, stars = parts[0::3], parts[1::3], parts[2::3]
        pattern = re.escape(literal[0])
        for placeholder, star, text in zip(placeholders, stars, literal[1:], strict=True):
            pattern += ("[^/]+" if star else _PLACEHOLDERS[placeholder]) + re.escape(text)
        return re.compile(pattern)

    def match(self, path: str) -> FileName | None:
        """What the path below the exports folder says, or None where it is no file of this export."""
        found = self._name_pattern.fullmatch(path)
        if not found:
            return None
        parts = found.groupdict()
        year, month, day = (int(parts[k]) if parts.get(k) else None for k in ("yyyy", "mm", "dd"))
        begins = data_date = None
        if year is not None and month is not None:
            try:
                begins = date(year, month, 1 if day is None else day)
                data_date = begins if day else begins.replace(day=calendar.monthrange(year, month)[1])
            except (ValueError, calendar.IllegalMonthError):
                return None
        period = "-".join(v.lstrip("0") or "0" for v in parts.values() if v)
        return FileName(period=period, year=year, month=month, begins=begins, data_date=data_date)

    def _texts(self, column: Column) -> dict[int, str]:
        """How a column's header may read, normalised, by month, or 0 where it names none."""
        if not column.by_month:
            return {0: normalise(column.header)}
        return {n: normalise(column.header.replace("{MES}", month)) for n, month in enumerate(MONTHS, 1)}

    def months_named(self, header: list[str]) -> list[int]:
        """The months (1 to 12) named in a header, where a month is that of the whole file; none with `unpivot`."""
        cells = {normalise(cell) for cell in header}
        columns = [] if self.unpivot else [c for c in self.columns if c.by_month]
        return sorted(n for c in columns for n, text in self._texts(c).items() if text in cells)

    def named_twice(self, header: list[str]) -> list[str]:
        """The columns, as printed, that a header row names more than once."""
        printed = {normalise(cell): cell.strip() for cell in header}
        times = Counter(map(normalise, header))
        return [printed[text] for c in self.columns for text in self._texts(c).values() if times[text] > 1]

    def positions(self, header: list[str]) -> dict[str, dict[int, int]] | None:
        """Where each column stands in a header row, or None where a required column is missing.

        header: the cells as printed. Returns {column name: {month, or 0 where it has none: position from 0}}.
        """
        cells: dict[str, int] = {}
        for i, cell in enumerate(header):
            cells.setdefault(normalise(cell), i)
        found: dict[str, dict[int, int]] = {}
        for column in self.columns:
            spots = {n if self.unpivot else 0: cells[text] for n, text in self._texts(column).items() if text in cells}
            if column.need and not spots:
                return None
            found[column.name] = spots
        if self.unpivot and not any(found[c.name] for c in self.columns if c.by_month):
            return None
        return found


def load(folder: Path = CONTRACTS) -> dict[str, Contract]:
    """Every contract by export name. Raises ContractError where a file breaks the model."""
    contracts = [
        written.read(p, Contract, yaml.CSafeLoader, ContractError).content for p in sorted(folder.glob("*.yml"))
    ]
    return {c.export: c for c in contracts}


def listed(contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Every value of the contracts' lists: a word that names no person wherever it stands."""
    columns = (column for contract in contracts for column in contract.columns)
    return tuple(sorted({value for c in columns if isinstance(c.type, tuple) for value in c.type}))


def fingerprint(contract: Contract, *rules: bytes) -> str:
    """What a typed file depends on beside its bytes: the contract and the reading rules (16 hex digits)."""
    # How often files come changes nothing of how they are read.
    digest = hashlib.sha256(contract.model_dump_json(exclude={"cadence_days", "late_after_days"}).encode())
    for rule in rules:
        digest.update(rule)
    return digest.hexdigest()[:16]
