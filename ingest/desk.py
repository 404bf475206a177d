"""The correction desk: per export its rejected rows and unreadable cells, for who must mend the source. Internal."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from ingest.cells import quote, reason
from ingest.contract import Column, Contract
from ingest.raw.store import whole

REMEDIES = {
    "required_missing": "La celda está vacía y no puede estarlo: complétela.",
    "rut_invalid": "No es un RUT, o su dígito verificador no corresponde: corríjalo.",
    "amount_unreadable": (
        "No es un monto, o tiene demasiadas cifras para serlo: escríbalo solo con cifras, sin letras ni decimales que "
        "sobren."
    ),
    "date_unreadable": "No es una fecha que exista: escríbala como día-mes-año.",
    "code_unreadable": "No es un código de la forma acordada: corríjalo.",
    "value_not_in_list": "No es uno de los valores acordados para esta columna: elija uno de ellos.",
    "column_count": (
        "La fila tiene más o menos celdas que el encabezado o las demás: revise separadores y comillas. En un XML, el "
        "DTE tiene más de un documento, o un dato dos veces: pida uno por DTE. Si nombra más de una orden de compra, "
        "rige la primera."
    ),
    "key_conflict": "Hay otra fila con la misma clave y distinto contenido: deje una sola.",
    "bytes_unreadable": "Hay caracteres dañados: exporte el archivo con la codificación acordada, {encoding}.",
}

# What cannot be read: of rejected rows all that the file has, of the others the cell alone.
_FAULTS = """
    create or replace temp view faltas as
    select _sha256, _fila, 'rechazada' as destino, columna, motivo, celda, celdas, registro
    from read_parquet('{raw}/filas_rechazadas/*.parquet') where export = '{export}'
    union all
    select _sha256, _fila, 'aceptada sin esta celda', columna, motivo, celda, null, null
    from read_parquet('{raw}/observaciones/*.parquet') where export = '{export}'"""

# Of records that are read at a time: those of a large file may all be rejected.
SLICE_BYTES = 16 << 20
# About what a line has beside the record.
_LINE_BYTES = 200
_PLACES = """
    create or replace temp table lugares as
    with filas as (
        select _sha256, _fila, sum(coalesce(strlen(registro), 0) + {line}) as largo from faltas group by all
    )
    select orden, archivo, _sha256, _fila,
        sum(largo) over (order by orden desc, archivo, _fila) // {slice} as tramo
    from filas
    inner join read_parquet('{raw}/archivos.parquet') as archivos on filas._sha256 = archivos.sha256
    where archivos.export = '{export}' and estado = 'ACEPTADO'"""

# columna: as corrections/ name it. encabezado: as the file prints it.
_PLACE = ("archivo", "fila", "destino de la fila", "columna", "encabezado", "motivo", "qué hacer", "celda")
_BOM = b"\xef\xbb\xbf"

# A spreadsheet takes a text that begins like this for a formula, and would run what a stranger wrote into a cell.
_FORMULA = r"'*[=+@\t\r\n-](?s:.*)"
_HARMLESS = r"[+-]? ?\$? ?[0-9]+(?:[.,][0-9]+)*|-"


def _shown(cell: str) -> str:
    """SQL of a cell as a spreadsheet may open it: an apostrophe before what it would take for a formula.

    An amount (-1.500) or a lone dash stays. It can be undone: an apostrophe is taken away from any cell that begins
    with apostrophes and one of these signs.
    """
    return (
        f"case when regexp_full_match({cell}, {quote(_FORMULA)}) and not regexp_full_match({cell}, {quote(_HARMLESS)}) "
        f"then '''' || {cell} else {cell} end"
    )


def remedy(why: str, contract: Contract, column: Column | None = None) -> str:
    """What the person who mends the source does. why: a key of REMEDIES. column: the one that cannot be read."""
    if column and isinstance(column.type, tuple):
        return f"No es uno de los valores acordados para esta columna: elija entre {', '.join(column.type)}."
    if column and column.type == "month":
        return "No es un mes que exista: escríbalo como año-mes (2024-12)."
    return REMEDIES[why].format(encoding=contract.format.encoding)


def _remedies(contract: Contract) -> str:
    """SQL of what to do, by motivo and columna."""
    cases = [
        (f"motivo = {quote(reason(column))} and columna = {quote(name)}", remedy(reason(column), contract, column))
        for name, column in contract.cells().items()
    ]
    cases += [(f"motivo = {quote(each)}", remedy(each, contract)) for each in REMEDIES]
    return " ".join(f"when {case} then {quote(text)}" for case, text in cases)


def write(con: duckdb.DuckDBPyConnection, raw: Path, contract: Contract, folder: Path) -> None:
    """Writes <export>.csv, or takes it away where no row in force is rejected and no cell of one unreadable.

    raw: with the ledger of this run. The newest file comes first, each rejected row with its own cells. UTF-8 with a
    mark and semicolons, as a spreadsheet in Chile opens it, and no cell that it would run as a formula.
    """
    path = folder / f"{contract.export}.csv"
    printed = dict(zip(contract.cells(), contract.headers(), strict=True))
    names = " ".join(f"when {quote(name)} then {quote(header)}" for name, header in printed.items())
    cells = ", ".join(_shown(f"celdas[{i}]") for i in range(1, len(printed) + 1))
    con.execute(_FAULTS.format(raw=raw, export=contract.export))
    con.execute(_PLACES.format(raw=raw, export=contract.export, slice=SLICE_BYTES, line=_LINE_BYTES))
    slices = con.execute("select tramo, min(_fila), max(_fila) from lugares group by tramo order by tramo").fetchall()
    if not slices:
        for left in folder.glob(f"{contract.export}.*"):
            left.unlink()
        return
    remedies = _remedies(contract)
    header = [*_PLACE, *printed.values(), "registro completo"]
    schema = pa.schema([(name, pa.int32() if name == "fila" else pa.string()) for name in header])
    with whole(path) as partial, partial.open("wb") as file:
        file.write(_BOM)
        with pa.csv.CSVWriter(file, schema, write_options=pa.csv.WriteOptions(delimiter=";")) as writer:
            for cut in slices:
                rows = con.execute(
                    f"""select archivo, _fila, destino, columna, case columna {names} end, motivo,
                        case {remedies} end, {_shown("celda")}, {cells}, {_shown("registro")}
                    from lugares inner join faltas using (_sha256, _fila)
                    where tramo = ? and _fila between ? and ?
                    order by orden desc, archivo, _fila, columna""",
                    cut,
                ).to_arrow_table()
                writer.write_table(pa.Table.from_arrays(rows.columns, schema=schema))
