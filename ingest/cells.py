"""How a record is cut into cells and a cell of each type is read: SQL over reading/records.sql and rows/spellings.sql.

Source of the rules: the contract's cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.contract import Column, Contract

# What stands between the cells of a record that comes as cells (a workbook's), where they are joined to one text.
CELLS_DELIMITER = "\t"

_SQL_TYPES = {
    "integer": "BIGINT",
    "pesos": "BIGINT",
    "miles": "BIGINT",
    "decimal": "DECIMAL(28, 8)",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "flag": "BOOLEAN",
}
_READERS = {
    "text": "leer_texto",
    "lines": "leer_texto",
    "integer": "leer_entero",
    "pesos": "leer_pesos",
    "miles": "leer_miles",
    "decimal": "leer_decimal",
    "date": "leer_fecha",
    "month": "leer_mes",
    "initiative": "leer_iniciativa",
    "comuna": "leer_comunas",
    "flag": "leer_bandera",
}
# Parts of a cell that are cut once, before it is read.
_PARTS = {
    "rut": {"numero": "numero_rut({x})", "digito": "digito_rut({x})"},
    "timestamp": {"fecha": "parte_fecha({x})", "hora": "parte_hora({x})"},
}
_REASONS = {
    "pesos": "amount_unreadable",
    "miles": "amount_unreadable",
    "decimal": "amount_unreadable",
    "date": "date_unreadable",
    "timestamp": "date_unreadable",
    "month": "date_unreadable",
    "rut": "rut_invalid",
    "code": "code_unreadable",
    "initiative": "code_unreadable",
    "integer": "code_unreadable",
}


@dataclass(frozen=True)
class Cell:
    """One column of the contract where it stands in the file; month is 0 but in columns that repeat by month."""

    column: Column
    month: int
    position: int | None

    @property
    def name(self) -> str:
        """The column's name in SQL, unique in its layout."""
        return f"{self.column.name}_{self.month}" if self.month else self.column.name


@dataclass(frozen=True)
class Layout:
    """How the columns stand in a file: files of one layout are typed in one statement.

    width: cells of the header up to its last filled one. trailing: whether each row has one more, which is empty.
    """

    contract: Contract
    cells: tuple[Cell, ...]
    width: int
    trailing: bool = False

    @classmethod
    def of(cls, contract: Contract, positions: Mapping[str, Mapping[int, int]], width: int) -> "Layout":
        """The layout for the positions that Contract.positions found in a header."""
        cells = []
        for column in contract.columns:
            spots = positions[column.name]
            cells += [Cell(column, month, spots.get(month)) for month in contract.months_of(column)]
        return cls(contract, tuple(cells), width)


def sql_type(column: Column) -> str:
    """The SQL type that a column's values have."""
    return _SQL_TYPES.get(column.type, "VARCHAR") if isinstance(column.type, str) else "VARCHAR"


def quote(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def parts_of(column: Column, cell: str) -> dict[str, str]:
    """SQL of each part of the cell that its reader needs, by the part's name."""
    parts = _PARTS.get(column.type, {}) if isinstance(column.type, str) else {}
    return {part: sql.format(x=cell) for part, sql in parts.items()}


def value_of(column: Column, cell: str, parts: Mapping[str, str]) -> str:
    """SQL that gives the cell's value, NULL where it is empty or unreadable. parts: as of parts_of."""
    if column.several:
        cell = f"split_part({cell}, chr(10), 1)"
    if column.type == "rut":
        return f"leer_rut({cell}, {parts['numero']}, {parts['digito']})"
    if column.type == "timestamp":
        return f"leer_fecha_hora({parts['fecha']}, {parts['hora']})"
    if isinstance(column.type, tuple):
        padded = cell
        if column.width and column.width > 1:
            padded = (
                f"case when regexp_full_match({cell}, '[0-9]{{1,{column.width - 1}}}') "
                f"then lpad({cell}, {column.width}, '0') else {cell} end"
            )
        options = ", ".join(quote(v) for v in column.type)
        choices = " ".join(f"when sin_tildes({quote(v)}) then {quote(v)}" for v in column.type)
        return f"case when {cell} in ({options}) then {cell} else case sin_tildes({padded}) {choices} end end"
    if column.type == "code":
        if column.width:
            match = f"regexp_full_match({cell}, '[0-9]{{1,{column.width}}}')"
            return f"case when {match} then lpad({cell}, {column.width}, '0') end"
        return f"case when regexp_full_match({cell}, {quote(column.pattern or '')}) then {cell} end"
    return f"{_READERS[column.type]}({cell})"


def is_null(column: Column, cell: str) -> str:
    """SQL that tells whether an untyped cell says that there is no value (as against one that cannot be read)."""
    if column.type == "date":
        return f"(es_nulo({cell}) or es_fecha_nula({cell}))"
    if column.type == "timestamp":
        return f"(es_nulo({cell}) or es_fecha_hora_nula({cell}))"
    return f"es_nulo({cell})"


def reason(column: Column) -> str:
    """The reason of a cell of this column that cannot be read."""
    return _REASONS.get(column.type, "value_not_in_list") if isinstance(column.type, str) else "value_not_in_list"


def delimiter_of(contract: Contract) -> str:
    """What stands between the cells in a record's text."""
    return CELLS_DELIMITER if contract.format.type == "xlsx" else contract.format.delimiter


def cells_of(contract: Contract) -> str:
    """SQL for the list of a record's cells, from the columns `texto` and `celdas` of `registros`."""
    return cut("texto", contract) if contract.format.type == "csv" else "celdas"


def cut(text: str, contract: Contract) -> str:
    """SQL for the list of the cells of a text, where the contract is of a CSV file."""
    plain = f"string_split({text}, {quote(contract.format.delimiter)})"
    if not contract.format.quote:
        return plain
    quoted = f"celdas_entre_comillas({text}, {quote(contract.format.delimiter)})"
    return f"case when contains({text}, '\"') then {quoted} else {plain} end"


def text_of(cell: Cell, cells: str = "celdas") -> str:
    """SQL of a cell as the file has it, from a list of cells; NULL where the file has no such column."""
    return "cast(null as varchar)" if cell.position is None else f"trim({cells}[{cell.position + 1}])"


def has_key(layout: Layout, cells: str = "celdas") -> str:
    """SQL that tells, by a list of cells, whether each part of the key that a row must have can be read."""
    contract = layout.contract
    key = [(c.column, text_of(c, cells)) for c in layout.cells if c.column.need and c.column.name in contract.key]
    values = [value_of(column, text, parts_of(column, text)) for column, text in key]
    return " and ".join(f"{value} is not null" for value in values) or "false"
