"""Writes a purchases register of N rows in the layout of SII's download, with the dirt that the contract names.

Usage: python -m bench.generate_register ROWS FILE
"""

import sys
from pathlib import Path

import duckdb

_HEADER = (
    "Nro;Tipo Doc;Tipo Compra;RUT Proveedor;Razon Social;Folio;Fecha Docto;Fecha Recepcion;Fecha Acuse;Monto Exento;"
    "Monto Neto;Monto IVA Recuperable;Monto Iva No Recuperable;Codigo IVA No Rec.;Monto Total;Monto Neto Activo Fijo;"
    "IVA Activo Fijo;IVA uso Comun;Impto. Sin Derecho a Credito;IVA No Retenido;Tabacos Puros;Tabacos Cigarrillos;"
    "Tabacos Elaborados;NCE o NDE sobre Fact. de Compra;Codigo Otro Impuesto;Valor Otro Impuesto;Tasa Otro Impuesto"
)

# Every spelling by a hash of the row's number, so that each run writes the same bytes.
_ROWS = """
with numeros as (
    select i, hash(i) as h, cast(60000000 + hash(i % 5000) % 39000000 as bigint) as n from range(1, {rows} + 1) as t(i)
),
datos as (
    select *, cast(1000 + h % 90000000 as bigint) as neto, date '2024-01-01' + cast(h % 31 as integer) as emision,
        '0K987654321'[
            ((n % 10) * 2 + (n // 10 % 10) * 3 + (n // 100 % 10) * 4 + (n // 1000 % 10) * 5 + (n // 10000 % 10) * 6
            + (n // 100000 % 10) * 7 + (n // 1000000 % 10) * 2 + (n // 10000000 % 10) * 3) % 11 + 1] as dv
    from numeros
)
select concat_ws(';', i, case when i % 1000 = 1 then '99' when h % 20 = 0 then '34' else '33' end, 'Del Giro',
    case when i % 1000 = 2 then n || '-X'
        when h % 3 = 0 then n || '-' || dv
        when h % 3 = 1 then replace(printf('%,d', n), ',', '.') || '-' || dv
        else ' ' || n || lower(dv) || ' ' end,
    'Constructora Ñuble ' || n % 5000 || ' Ltda.', case when i % 1000 = 3 then '' else cast(i as varchar) end,
    strftime(emision, '%d/%m/%Y'), strftime(emision + cast(h % 5 as integer), '%d/%m/%Y') || ' 09:15:40',
    case when h % 2 = 0 then '' else 'null' end, '0', neto, neto * 19 // 100, '', '',
    case when i % 1000 = 4 then '#VALUE!' else cast(neto + neto * 19 // 100 as varchar) end,
    '', '', '', '0', '', '', '', '0', '', '', '', '', '') as linea
from datos
"""


def generate(rows: int, path: Path) -> None:
    """Writes the file; four rows in a thousand are bad, one for each reason."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(
            f"""copy (select '{_HEADER}' as linea union all from ({_ROWS.format(rows=rows)})) to '{path}'
                (format csv, header false, delimiter '\x01', quote '')"""
        )


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]))
