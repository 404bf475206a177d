"""A release written by hand: the portal knows nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

FICHA = """
    select * from (values
        (2024, 12, '01', 'TOTAL', 'Total', 'Todo el gasto.', 9000::bigint, 8900::bigint, 98.88::decimal(18, 2)),
        (2025, 1, '01', '21', 'Personal', 'Sueldos & honorarios.', 8795139, 1713930, 19.49),
        (2025, 1, '01', '32', 'Préstamos', 'Anticipos.', 0, -500, null),
        (2025, 1, '01', 'TOTAL', 'Total', 'Todo el gasto.', 8795139, 1713430, 19.48),
        (2025, 1, '02', '31', 'Iniciativas de inversión', 'Obras.', 1000, 1250, 125.00),
        (2025, 1, '02', 'TOTAL', 'Total', 'Todo el gasto.', 1000, 1250, 125.00)
    ) as t (anio, mes, programa, subtitulo, nombre, descripcion, presupuesto_vigente, ejecutado, porcentaje_ejecucion)
"""
FUENTES = """
    select * from (values
        ('core/a.csv', 'ACEPTADO', null, 10, 7, 2, 0, 1),
        ('core/b.csv', 'ACEPTADO', null, 1200, 1200, 0, 0, 0),
        ('dte/c.csv', 'RECHAZADO', 'not_a_table', null, null, null, null, null)
    ) as t (archivo, estado, motivo, filas, aceptadas, rechazadas, duplicadas, ignoradas)
"""
FILAS_RECHAZADAS = """
    select 'core_acuerdos' as export, 'core/a.csv' as archivo, n as fila, 'required_missing' as motivo
    from range(2) as t (n)
"""

MakeRelease = Callable[..., Path]


@pytest.fixture
def make_release(tmp_path: Path) -> MakeRelease:
    def make(held: dict[str, str] | None = None, **changed: Any) -> Path:
        held = held or {}
        folder = tmp_path / "releases" / "2025-01-31-0123456789ab"
        folder.mkdir(parents=True)
        tables = {"ficha_ciudadana": FICHA, "fuentes": FUENTES, "filas_rechazadas": FILAS_RECHAZADAS} | changed
        datasets = []
        for name, sql in tables.items():
            if name in held:
                continue
            with duckdb.connect() as con:
                con.execute(f"copy ({sql}) to '{folder / name}.parquet' (format parquet)")
                con.execute(f"copy ({sql}) to '{folder / name}.csv' (format csv, header)")
            datasets.append(
                {
                    "nombre": name,
                    "titulo": f"Título de {name}",
                    "tema": "integrity" if name != "ficha_ciudadana" else "budget_execution",
                    "descripcion": "Con <b>marcas</b>.",
                    "filas": 1234,
                    "columnas": [],
                    "archivos": [f"{name}.csv", f"{name}.parquet"],
                    "controles": 5,
                    "advertencias": 1,
                }
            )
        for name in ("LICENCIA.txt", "bodega.duckdb", "calidad.html", "cambios.html", "diccionario.csv"):
            (folder / name).write_text("x")
        manifest = {
            "id": folder.name,
            "fecha_corte": "2025-01-31",
            "conjuntos": datasets,
            "no_publicados": [{"nombre": k, "titulo": f"Título de {k}", "motivo": v} for k, v in held.items()],
            "datos_personales_reservados": {"acuerdos_core.materia": 1444},
            "archivos": [{"nombre": path.name, "bytes": path.stat().st_size} for path in folder.iterdir()],
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return folder

    return make
