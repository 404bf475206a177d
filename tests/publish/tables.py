"""A dataset with a column of every type, and the Parquet file that a release would hold."""

from datetime import date
from pathlib import Path

import duckdb

from publish.catalog import Column, Dataset
from publish.edition import Publisher
from publish.files import PARQUET
from publish.metadata.dictionary import Facts

FACTS = Facts(date(2025, 1, 31), Publisher())


def column(name: str, data_type: str, unit: str = "texto") -> Column:
    return Column(name, data_type, f"Qué es {name}.", unit, "abierta", False)


PAGOS = Dataset(
    name="pagos",
    title="Pagos",
    theme="tema",
    description="Pagos de cada mes.",
    grain=("codigo",),
    order=("codigo",),
    requires=(),
    columns=(
        column("codigo", "VARCHAR", "código"),
        column("materia", "VARCHAR"),
        column("anio", "INTEGER", "año"),
        column("monto_total", "BIGINT", "CLP"),
        column("porcentaje_ejecucion", "DECIMAL(18,2)", "%"),
        column("latitud", "DECIMAL(9,6)", "grados"),
        column("fecha_pago", "DATE", "fecha"),
        column("recibido_en", "TIMESTAMP", "fecha y hora UTC"),
        column("cedida", "BOOLEAN", "sí/no"),
    ),
    relation="marts.pagos",
)

ROWS = """
    ('03', '=1+1', 2024, 1234567, 88.68, -33.437800, date '2024-12-31', timestamp '2024-12-31 23:59:58', true),
    ('0004', 'https://ejemplo.cl', 2024, -5, 100.00, null, date '1899-12-31', timestamp '1850-01-01 12:00:00', false),
    ('1e5', 'ñandú "3" <b>&amp;', null, 9007199254740993, 0.01, null, null, null, null),
    ('=A1', null, null, null, 1234567890123456.78, null, date '1900-03-01', null, null)
"""


def parquet(folder: Path, dataset: Dataset = PAGOS, rows: str = ROWS) -> Path:
    """Writes the rows, an SQL list of values, as the dataset's Parquet file."""
    path = folder / f"{dataset.name}.parquet"
    cells = ", ".join(f"cast({each.name} as {each.type}) as {each.name}" for each in dataset.columns)
    names = ", ".join(each.name for each in dataset.columns)
    with duckdb.connect() as con:
        con.execute(f"copy (select {cells} from (values {rows}) as t ({names})) to '{path}' ({PARQUET})")
    return path
