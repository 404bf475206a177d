"""Corrections of what a source says, as data: each with its reason, who answers for it, its date and a guard.

The right place to correct is the source. Until it does, `corrections/*.yml` holds what must be read instead:

    celdas:
      - export: sagir_iniciativas
        donde: {codigo_iniciativa: 40012345-0}     # the row's key as it is published, or {archivo: ..., fila: 17}
        columna: monto_total
        dice: '12.3A4'                             # the guard: as it stands in the file
        debe_decir: '12.344'
        motivo: A letter among the digits; the resolution says 12.344.
        autor: Data analyst, budget division       # a role, never a name
        fecha: 2026-11-20
    retiros:                                       # a file taken from the folder that must no longer be in force
      - archivo: dte/pagos_20231231.csv
        motivo: Delivered by mistake, of another service.
        autor: Data analyst, payments
        fecha: 2026-11-20
"""

from collections.abc import Mapping, Set
from datetime import date
from pathlib import Path
from typing import Annotated

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest import written
from ingest.contract import Contract

_Text = Annotated[str, Field(min_length=1)]


class CorrectionsError(written.WrittenError):
    """A corrections file that cannot be followed, with its name, the line, what is wrong and what to do."""


class _Signed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    motivo: _Text
    autor: _Text
    fecha: date


class CellCorrection(_Signed):
    """A cell that is read as `debe_decir` as long as the file says `dice`.

    donde: the values of the contract's key as they are published, an empty one for NULL, and `archivo` where it is for
    one file alone; or `archivo` and `fila` where the key itself cannot be read. columna: of the contract; of a workbook
    with columns by month, with the month's number (gasto_real_3).
    """

    export: str
    donde: dict[str, str]
    columna: str
    dice: str
    debe_decir: str

    @model_validator(mode="after")
    def _changes_something(self) -> "CellCorrection":
        if self.dice.strip() == self.debe_decir.strip():
            raise ValueError("dice and debe_decir are the same: say what must be read instead")
        return self

    @property
    def by_place(self) -> bool:
        """Whether the row is named by file and number, and not by its key."""
        return self.donde.keys() == {"archivo", "fila"}

    @property
    def identity(self) -> str:
        """What tells it from any other correction, of the same cell too."""
        return f"{self} = {self.dice.strip()}"

    def __str__(self) -> str:
        place = ", ".join(f"{name} {value}" for name, value in self.donde.items())
        return f"{self.export} {place}: {self.columna}"


class Withdrawal(_Signed):
    """A file that was taken from the folder and must no longer be in force."""

    archivo: _Text


class Corrections(BaseModel):
    """What the files of corrections/ say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    celdas: tuple[CellCorrection, ...] = ()
    retiros: tuple[Withdrawal, ...] = ()

    def of(self, export: str) -> tuple[CellCorrection, ...]:
        """The corrections of an export's cells."""
        return tuple(c for c in self.celdas if c.export == export)


def load(folder: Path, contracts: Mapping[str, Contract]) -> Corrections:
    """Every correction of the folder's *.yml.

    Raises CorrectionsError where a file breaks the model or a contract, and where the folder is not there: what it
    withdraws would be in force again.
    """
    celdas: list[CellCorrection] = []
    retiros: list[Withdrawal] = []
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise CorrectionsError(
            f"{folder} cannot be looked into ({error.strerror}), and nobody knows what it corrects and withdraws: "
            "mount it, mend its rights, or set CORRECTIONS_DIR to the right folder; an empty one corrects nothing"
        ) from error
    if odd := [path.name for path in paths if path.suffix == ".yaml"]:
        raise CorrectionsError(f"{folder}: {', '.join(odd)} would not be read: corrections end in .yml")
    where: dict[str, str] = {}
    for path in (path for path in paths if path.suffix == ".yml"):
        # Scalars stay as they are written: 907/2024, 03 and 1_000 are text.
        file = written.read(path, Corrections, yaml.CBaseLoader, CorrectionsError)
        for number, cell in enumerate(file.content.celdas):
            place = file.place("celdas", number)
            if wrong := _wrong(cell, contracts):
                raise CorrectionsError(f"{place}: {wrong}")
            if cell.identity in where:
                raise CorrectionsError(
                    f"{place}: {cell} is corrected twice, first in {where[cell.identity]}. Take one of the two away"
                )
            where[cell.identity] = place
        celdas += file.content.celdas
        retiros += file.content.retiros
    return Corrections(celdas=tuple(celdas), retiros=tuple(retiros))


def _wrong(cell: CellCorrection, contracts: Mapping[str, Contract]) -> str:
    """What of a correction its export's contract does not allow, and what to do; empty where all fits."""
    contract = contracts.get(cell.export)
    if contract is None:
        return f"no contract has the export {cell.export}: name one of {', '.join(sorted(contracts))}"
    cells = contract.cells()
    if cell.columna not in cells:
        open_ones = ", ".join(name for name, column in cells.items() if column.privacy != "closed")
        return f"{cell.export} has no column {cell.columna} that can be corrected: name one of {open_ones}"
    if cells[cell.columna].privacy == "closed":
        return f"{cell.columna} of {cell.export} is never published: it can only be corrected at the source"
    if cell.by_place and not cell.donde["fila"].isdecimal():
        return f"fila is {cell.donde['fila']!r}: give the number of the row in the file"
    if not cell.by_place and cell.donde.keys() - {"archivo"} != set(contract.key):
        return f"donde must give {', '.join(contract.key)}, or archivo and fila"
    return ""


def to_review(
    con: duckdb.DuckDBPyConnection, raw: Path, corrections: Corrections, present: Set[str], withdrawn: Set[str]
) -> list[str]:
    """What corrects nothing, or no longer, one sentence each.

    The guard of a cell is asked of the newest row in force that the correction names; of a correction of one file, of
    that file. A withdrawn file must not lie in the folder, and must have been there. raw: with the ledger of this run.
    present: the names of the folder's files. withdrawn: the names of the files that are not in force for it.
    """
    taken = {newest: _taken(con, raw, newest) for newest in (True, False)}
    cells = [(c, taken["archivo" not in c.donde].get(c.identity)) for c in corrections.celdas]
    by_identity = {c.identity: c for c in corrections.celdas}
    return [
        f"the correction of {c} ({c.fecha}) corrects nothing: {_why(c, other, by_identity)}"
        for c, other in cells
        if other != c.identity
    ] + [
        f"{w.archivo} is withdrawn by corrections/, and lies in the exports folder: what lies there counts, if it can "
        "be read. Take the withdrawal away, or the file."
        if w.archivo in present
        else f"{w.archivo} is withdrawn by corrections/, and no file of that name was ever in force. Mend the name."
        for w in corrections.retiros
        if w.archivo in present or w.archivo not in withdrawn
    ]


def _why(c: CellCorrection, taken: str | None, by_identity: Mapping[str, CellCorrection]) -> str:
    """Why a correction corrects nothing, and what to do. taken: as of _taken, None where it names no row."""
    if taken is None:
        return (
            "no row in force is named so. Name it by archivo and fila if its key is corrected itself, or take it away."
        )
    other = by_identity.get(taken)
    if other and other.dice.strip() == c.dice.strip():
        return f"that of {other} ({other.fecha}) corrects the same cell. Take one of the two away."
    return "the source no longer says what it expects. Take it away."


def _taken(con: duckdb.DuckDBPyConnection, raw: Path, newest: bool) -> dict[str, str]:
    """By a correction's identity, that of the one by which the newest cell that it names is read; empty without one.

    newest: of a snapshot only the newest file counts.
    """
    only = "qualify modo <> 'snapshot' or orden = max(orden) over (partition by export)" if newest else ""
    rows = con.execute(
        f"""
        with en_vigor as (
            select * from read_parquet('{raw}/archivos.parquet') where estado = 'ACEPTADO' {only}
        ),
        celdas as (
            select correccion, orden, _fila, coalesce(
                    max(case when aplicada then correccion end)
                        over (partition by celdas.export, orden, _sha256, _fila, columna),
                    ''
                ) as tomada
            from read_parquet('{raw}/correcciones/*.parquet') as celdas
            inner join en_vigor on celdas._sha256 = en_vigor.sha256 and celdas.export = en_vigor.export
        )
        select correccion, max_by(tomada, (orden, _fila)) from celdas group by correccion"""
    ).fetchall()
    return dict(rows)
