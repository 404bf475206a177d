"""The floor: a bare DuckDB script for the same reading, typing, digit check, split and Parquet of one register.

What an engineer would write by hand: the usual spellings of the contract, and nothing else. No other encoding, no
other order of columns, no fate but accepted and rejected, no reason nor place of a rejected row.

Usage: python -m bench.bare_register FILE FOLDER
"""

import sys
from pathlib import Path

import duckdb

_NULLS = "('', '-', 'N/A', 'NA', 'n/a', 'S/N', 'SN', 's/n', 'null', 'NULL', 'NO APLICA', 'SIN INFORMACIÓN')"
_DATES = "['%d-%m-%Y', '%d/%m/%Y', '%d.%m.%Y', '%Y-%m-%d', '%d-%m-%y']"
_TIMES = "['%d/%m/%Y %H:%M:%S', '%d-%m-%Y %H:%M:%S', '%Y-%m-%d %H:%M:%S', '%d/%m/%Y %H:%M', '%Y-%m-%dT%H:%M:%S']"


def _text(cell: str) -> str:
    return f"case when trim({cell}) not in {_NULLS} then trim({cell}) end"


def _date(cell: str) -> str:
    return f"cast(try_strptime(trim({cell}), {_DATES}) as date)"


def _time(cell: str) -> str:
    return f"try_strptime(trim({cell}), {_TIMES})"


def _amount(cell: str) -> str:
    plain = f"regexp_full_match(trim({cell}), '-?[0-9]{{1,18}}')"
    dressed = f"regexp_full_match(trim({cell}), '-?\\$? ?-?[0-9]{{1,3}}(?:[.,][0-9]{{3}})+')"
    return f"""case when {plain} then try_cast(trim({cell}) as bigint)
        when {dressed} then try_cast(regexp_replace({cell}, '[$., ]', '', 'g') as bigint) end"""


_NAMES = [
    "nro",
    "tipo",
    "tipo_compra",
    "rut",
    "nombre",
    "folio",
    "emision",
    "recepcion",
    "acuse",
    "exento",
    "neto",
    "iva",
]
_COLUMNS = dict.fromkeys([*_NAMES, "c12", "c13", "total", *(f"c{i}" for i in range(15, 28))], "VARCHAR")


def _typed(file: Path) -> str:
    return f"""
create temp table leidas as
with celdas as (
    select *, upper(replace(replace(trim(rut), '.', ''), '-', '')) as r
    from read_csv(
        '{file}', delim = ';', quote = '"', header = false, skip = 1, auto_detect = false, columns = {_COLUMNS}
    )
),
numeros as (
    select *, try_cast(r[:-2] as integer) as n, r[-1:] as dv from celdas
)
select try_cast(nro as bigint) as nro,
    case when tipo in ('33', '34', '46', '52', '56', '61') then tipo end as tipo_documento,
    {_text("tipo_compra")} as tipo_compra,
    case when regexp_full_match(r, '[0-9]{{2,8}}[0-9K]') and '0K987654321'[
        ((n % 10) * 2 + (n // 10 % 10) * 3 + (n // 100 % 10) * 4 + (n // 1000 % 10) * 5 + (n // 10000 % 10) * 6
        + (n // 100000 % 10) * 7 + (n // 1000000 % 10) * 2 + (n // 10000000 % 10) * 3) % 11 + 1] = dv
        then n || '-' || dv end as rut_proveedor,
    {_text("nombre")} as razon_social,
    try_cast(trim(folio) as bigint) as folio,
    {_date("emision")} as fecha_emision,
    {_time("recepcion")} as fecha_recepcion,
    {_time("acuse")} as fecha_acuse,
    {_amount("exento")} as monto_exento,
    {_amount("neto")} as monto_neto,
    {_amount("iva")} as monto_iva,
    {_amount("total")} as monto_total
from numeros
"""


_BAD = """tipo_documento is null or rut_proveedor is null or razon_social is null or folio is null
    or fecha_emision is null or fecha_recepcion is null or monto_total is null"""


def run(file: Path, folder: Path) -> None:
    """Reads the register and writes accepted.parquet and rejected.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(_typed(file))
        con.execute(f"copy (from leidas where not ({_BAD})) to '{folder}/accepted.parquet' (compression zstd)")
        con.execute(f"copy (from leidas where {_BAD}) to '{folder}/rejected.parquet' (compression zstd)")


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
