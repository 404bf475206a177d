"""A release written by hand: the portal knows nothing else."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from portal.build import build
from tests.conftest import PROJECT

SCHEMA = json.loads((PROJECT / "docs" / "schema.json").read_text("utf-8"))
THEMES = {"ficha_ciudadana": "budget_execution", "iniciativas": "initiative_traceability"}
TITLES = {"initiative_traceability": "Las obras", "budget_execution": "El dinero", "integrity": "Los archivos"}
BASE = "https://datos.example/releases"
ID = "2025-01-31-0123456789ab"

Rows = Sequence[Mapping[str, Any]]
MakeRelease = Callable[..., Path]


def sheet(anio: int, mes: int, programa: str, subtitulo: str, *figures: Any) -> dict[str, Any]:
    """A row of ficha_ciudadana: vigente, ejecutado, percentage."""
    vigente, ejecutado, porcentaje = figures
    return {
        "anio": anio,
        "mes": mes,
        "programa": programa,
        "subtitulo": subtitulo,
        "nombre": "Total" if subtitulo == "TOTAL" else f"Sueldos & honorarios {subtitulo}",
        "descripcion": "De todo.",
        "presupuesto_vigente": vigente,
        "ejecutado": ejecutado,
        "porcentaje_ejecucion": porcentaje,
    }


CODE = "40012345-0"
ROWS: dict[str, Rows] = {
    "ficha_ciudadana": [
        sheet(2023, 12, "01", "22", 1000, 880, 88),
        sheet(2023, 12, "01", "TOTAL", 1000, 880, 88),
        sheet(2024, 1, "01", "22", 9000, 10, "0.11"),
        sheet(2024, 1, "01", "TOTAL", 9000, 10, "0.11"),
        sheet(2024, 12, "01", "21", 8795139, 1713930, "19.49"),
        sheet(2024, 12, "01", "22", 9000, 8900, "98.88"),
        sheet(2024, 12, "01", "32", 0, -500, None),
        sheet(2024, 12, "01", "TOTAL", 8804139, 1722330, "19.56"),
        sheet(2024, 12, "02", "31", 1000, 1250, 125),
        sheet(2024, 12, "02", "TOTAL", 1000, 1250, 125),
    ],
    "contraste_fichas": [
        {
            "anio": 2023,
            "programa": "01",
            "subtitulo": "22",
            "campo": "porcentaje_ejecucion",
            "publicado": "97.90",
            "calculado": 88,
            "diferencia": "9.90",
            "coincide": False,
        }
    ],
    "ejecucion_presupuestaria": [
        {
            "anio": 2024,
            "mes": 12,
            "programa": "02",
            "tipo": "GASTO",
            "subtitulo": "31",
            "nombre_subtitulo": "Obras & estudios",
            "item": "02",
            "asignacion": "004",
            "denominacion": "Obras civiles",
            "presupuesto_vigente": 1000,
            "ejecucion_acumulada": 1250,
            "porcentaje_ejecucion": 125,
            "moneda": "P",
        },
        # Lines of the budget that end with their ítem, or with their subtítulo.
        *(
            {
                "anio": 2024,
                "mes": 12,
                "programa": "02",
                "tipo": "GASTO",
                "subtitulo": "29",
                "item": item,
                "denominacion": "Equipos",
                "presupuesto_vigente": vigente,
                "ejecucion_acumulada": 10,
                "moneda": "P",
            }
            for item, vigente in (("06", 300), (None, 50))
        ),
    ],
    "iniciativas": [
        {
            "codigo_iniciativa": CODE,
            "nombre": "Reposición Plaza Ñuñoa",
            "tipo": "PROYECTO",
            "etapa": "EJECUCIÓN",
            "estado": "EN EJECUCIÓN",
            "comunas": "Ñuñoa",
            "alcance": "COMUNAL",
            "latitud": -33.45,
            "longitud": -70.6,
            "origen_punto": "COMUNA",
            "subtitulo": "31",
            "item": "02",
            "asignacion": "004",
            "monto_total": 900000,
            "gasto_acumulado": 1250,
            "avance_financiero": "0.14",
            "compromiso": "PG-01",
            "fecha_corte": "2025-01-31",
        },
        {
            "codigo_iniciativa": "2401SC0001",
            "alcance": "REGIONAL",
            "estado": "TERMINADA",
            "subtitulo": "29",
            "item": "06",
            "fecha_corte": "2025-01-31",
        },
    ],
    "iniciativas_comunas": [{"codigo_iniciativa": CODE, "cut": "13120", "comuna": "Ñuñoa"}],
    "iniciativa_hitos": [
        {"codigo_iniciativa": CODE, "orden": 1, "hito": "POSTULACIÓN", "fecha": "2023-01-01"},
        {"codigo_iniciativa": CODE, "orden": 2, "hito": "RATE", "fecha": "2023-02-01", "dias_desde_anterior": 31},
    ],
    "iniciativa_gasto": [
        {"codigo_iniciativa": CODE, "anio": 2024, "mes": 1, "gasto_proyectado": 2000, "gasto_real": 1250},
        {"codigo_iniciativa": CODE, "anio": 2024, "mes": 2, "gasto_proyectado": 500},
    ],
    "iniciativa_trazabilidad": [
        {
            "codigo_iniciativa": CODE,
            "monto_total": 900000000,
            "monto_facturado": 1250000,
            "saldo_por_rendir": -5,
            "cantidad_alertas": 1,
            "alertas": "SALDO_BAJO_CERO",
        }
    ],
    "acuerdos_core": [
        {
            "acuerdo": "7/2023",
            "fecha": "2023-03-01",
            "materia": "Aprueba la plaza",
            "codigo_iniciativa": CODE,
            "monto": 900000,
            "votos_favor": 30,
            "resultado": "APROBADO",
        }
    ],
    "transferencias": [
        {
            "id_transferencia": "T-1",
            "codigo_iniciativa": CODE,
            "ejecutor": "Municipalidad de Ñuñoa",
            "fecha_transferencia": "2024-02-03",
            "monto_transferido": 1000000,
            "monto_rendido": 400000,
            "saldo_por_rendir": 600000,
            "estado_rendicion": "ATRASADA",
        }
    ],
    "compras": [{"codigo_oc": "1-1-SE24", "nombre": "Árboles", "estado": "Aceptada", "monto_total": 700}],
    "pagos_proveedores": [
        {
            "tipo_documento": "33",
            "folio": "9",
            "proveedor": "Vivero Ltda.",
            "monto_total": 700,
            "codigo_iniciativa": CODE,
            "orden_compra": "1-1-SE24",
        }
    ],
    "documentos": [{"id_documento": "SGD-1", "tipo_documento": "OFICIO", "codigo_iniciativa": CODE}],
    "pago_oportuno": [
        {"anio": 2024, "mes": 1, "programa": "01", "documentos_pagados": 3, "porcentaje_en_plazo": "66.67"},
        {"anio": 2024, "mes": 2, "programa": "01", "documentos_pagados": 4, "porcentaje_en_plazo": 50},
    ],
    "compromisos_programa": [
        {
            "compromiso": "PG-01",
            "desafio": "Región segura",
            "titulo": "Más plazas",
            "estado": "CUMPLIDO",
            "fecha_cumplimiento": "2024-06-15",
            "avance": 100,
            "iniciativas": 1,
            "monto_iniciativas": 900000,
            "gasto_acumulado": 1250,
        },
        {"compromiso": "PG-02", "titulo": "Más árboles", "estado": "NO INICIADO"},
    ],
    "fuentes": [
        {"archivo": "core/a.csv", "estado": "ACEPTADO", "filas": 10, "aceptadas": 7, "rechazadas": 2, "ignoradas": 1},
        {"archivo": "core/b.csv", "estado": "ACEPTADO", "filas": 1200, "aceptadas": 1200},
        {"archivo": "dte/c.csv", "estado": "RECHAZADO", "motivo": "not_a_table"},
    ],
    "filas_rechazadas": [
        {"export": "core_acuerdos", "archivo": "core/a.csv", "fila": fila, "motivo": "required_missing"}
        for fila in (1, 2)
    ],
}
REFUSED = [{"archivo": "dte/c.csv", "motivo": "not_a_table", "significado": "No es una tabla."}]
REJECTED = [{"fuente": "core_acuerdos", "motivo": "required_missing", "significado": "Falta un dato.", "filas": 2}]
BACKED = [
    {"anio": anio, "programa": "02", "ejecutado": 1000, "respaldo": 940, "diferencia": 60, "porcentaje": 94.0}
    for anio in (2023, 2024)
]
ALERTAS = "Códigos de lo que no cuadra. SALDO_BAJO_CERO: en alguna transferencia lo rendido supera lo transferido."


def written(folder: Path, held: Mapping[str, str], rows: Mapping[str, Rows | str]) -> Path:
    """A release of every dataset with these rows (or the SQL of them) but what is held, whose reasons are given."""
    folder.mkdir(parents=True)
    datasets, dictionary = [], []
    for name, schema in SCHEMA.items():
        if name in held:
            continue
        columns = {column: kind.partition(" [")[0] for column, kind in schema["columns"].items()}
        with duckdb.connect() as con:
            con.execute(f"create table t ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
            given = rows.get(name, [])
            if isinstance(given, str):
                con.execute(f"insert into t by name {given}")
            for row in given if not isinstance(given, str) else ():
                marks = ", ".join("?" for _ in row)
                con.execute(f"insert into t ({', '.join(row)}) values ({marks})", list(row.values()))
            con.execute(f"copy t to '{folder / name}.parquet' (format parquet)")
            (folder / f"{name}.csv").write_text("x")
            count = con.execute("select count(*) from t").fetchall()[0][0]
        datasets.append(
            {
                "nombre": name,
                "titulo": f"Título de {name}",
                "tema": THEMES.get(name, "integrity"),
                "descripcion": "Con <b>marcas</b>.",
                "recibido_en": "2025-02-03T08:30:00Z",
                "cita": f"Gobierno de Santiago: «{name}».",
                "filas": count,
                "columnas": list(columns),
                "archivos": [f"{name}.csv", f"{name}.parquet"],
                "controles": 5,
                "advertencias": 1,
            }
        )
        dictionary.append(
            {
                "nombre": name,
                "grano": schema["grain"],
                "columnas": [
                    {
                        "nombre": column,
                        "tipo": kind,
                        "tipo_en_palabras": f"{kind} en palabras",
                        "unidad": {"anio": "año", "mes": "mes"}.get(column, "texto"),
                        "descripcion": ALERTAS if column == "alertas" else f"Qué es {column}.",
                    }
                    for column, kind in columns.items()
                ],
            }
        )
    for name in ("LICENCIA.txt", "bodega.duckdb", "calidad.html", "cambios.html", "diccionario.csv"):
        (folder / name).write_text("x")
    _put(folder / "diccionario.json", {"conjuntos": dictionary})
    _put(folder / "changes.json", {"conjuntos": []})
    _put(
        folder / "datapackage.json",
        {
            "id": f"{BASE}/{ID}/datapackage.json",
            "title": "Datos abiertos",
            "homepage": "https://institucion.example",
            "contributors": [{"title": "La institución", "path": "https://institucion.example"}],
            "licenses": [{"path": "https://creativecommons.org/licenses/by/4.0/deed.es"}],
            "resources": [{"name": each["nombre"], "schema": keys(each)} for each in dictionary],
        },
    )
    check = {"dataset": "fuentes", "check": "c", "threshold": "0", "observed": "1", "severity": "warning"}
    _put(
        folder / "calidad.json",
        {
            "controles": [
                check | {"success": True, "meaning": "Pasa."},
                check | {"success": False, "meaning": "No pasa."},
            ],
            "datos_personales_reservados": {"acuerdos_core.materia": 1444},
            # As a release has them: None where the dataset that tells is not in it.
            "frescura": {key: None if "fuentes" in held else [] for key in ("fuentes", "conjuntos")},
            "rechazos": {
                "archivos_rechazados": None if "fuentes" in held else REFUSED,
                "por_motivo": None if "filas_rechazadas" in held else REJECTED,
            },
            "conciliacion": {"programas": None if "conciliacion" in held else BACKED},
        },
    )
    _put(
        folder / "manifest.json",
        {
            "id": ID,
            "fecha_corte": "2025-01-31",
            "anterior": None,
            "temas": [
                {"nombre": name, "titulo": title}
                for name, title in TITLES.items()
                if name in {each["tema"] for each in datasets}
            ],
            "conjuntos": datasets,
            "no_publicados": [{"nombre": k, "titulo": f"Título de {k}", "motivo": v} for k, v in held.items()],
            "datos_personales_reservados": {"acuerdos_core.materia": 1444},
            "archivos": [
                {
                    "nombre": path.name,
                    "bytes": path.stat().st_size,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
                for path in sorted(folder.iterdir())
            ],
        },
    )
    return folder


def keys(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a dataset as a Data Package has them: one of each sort, and none where a RUT is masked."""
    match dataset["nombre"]:
        case "pagos_proveedores":
            return {}
        case "conciliacion":
            return {"uniqueKeys": [dataset["grano"]]}
        case _:
            return {"primaryKey": dataset["grano"]}


def _put(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content), "utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the release written by hand, to be looked at and left as it is."""
    base = tmp_path_factory.mktemp("site")
    build(written(base / "releases" / ID, {}, ROWS), base / "portal")
    return base / "portal"


@pytest.fixture
def make_release(tmp_path: Path) -> MakeRelease:
    def make(held: Mapping[str, str] | None = None, **changed: Rows | str) -> Path:
        return written(tmp_path / "releases" / ID, held or {}, ROWS | changed)

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "portal"
