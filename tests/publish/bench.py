"""A small warehouse, the part of dbt's manifest that describes it, and the reserved values of its run."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from publish.files import MEMORY_LIMIT
from publish.gate import Gate
from publish.given import Given
from publish.policy import Policy
from publish.release import Release, publish

RUN = "ejecucion-1"


def column(name: str, data_type: str, *, privacidad: str = "abierta", texto_libre: bool = False) -> dict[str, Any]:
    meta: dict[str, Any] = {"unidad": "texto", "privacidad": privacidad}
    if texto_libre:
        meta["texto_libre"] = True
    return {
        "name": name,
        "description": f"Descripción de {name}.",
        "data_type": data_type,
        "meta": {},
        "config": {"meta": meta},
    }


def mart(name: str, columns: Sequence[dict[str, Any]], **meta: Any) -> dict[str, Any]:
    key = columns[0]["name"]
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": "marts",
        "fqn": ["bodega", "marts", "tema", name],
        "description": f"Conjunto {name}.",
        "columns": {each["name"]: each for each in columns},
        "config": {
            "meta": {"titulo": name.title(), "tema": "integrity", "grano": [key], "orden": [key], "requiere": []} | meta
        },
    }


CUT_OFF = {
    "resource_type": "model",
    "name": "int_fecha_corte",
    "alias": "int_fecha_corte",
    "schema": "intermediate",
    "fqn": ["bodega", "intermediate", "int_fecha_corte"],
    "description": "",
    "columns": {},
    "config": {},
}

ACUERDOS = mart(
    "acuerdos",
    [
        column("acuerdo", "varchar"),
        column("materia", "varchar", texto_libre=True),
        column("monto", "bigint"),
        column("fecha", "date"),
        column("aprobado", "boolean"),
        column("avance", "decimal(18,2)"),
    ],
)
COMPRAS = mart(
    "compras",
    [column("codigo_oc", "varchar"), column("proveedor", "varchar", privacidad="rut", texto_libre=True)],
)


def passed(dataset: str, *, success: bool = True, severity: str = "error") -> dict[str, Any]:
    return {
        "dataset": dataset,
        "check": "hay_filas",
        "severity": severity,
        "success": success,
        "meaning": "El conjunto tiene filas.",
    }


@dataclass
class Bench:
    """A run ready to be published, each part of which a test may change.

    exports: the releases that were made from its exports folder, None for every one. sources, parents: of dbt's
    manifest, what is made of what.
    """

    folder: Path
    nodes: list[dict[str, Any]]
    gate: Gate | None = None
    quality_json: str = '{"resumen": "sin novedad"}'
    quality_html: str = "<html><body><h1>Calidad</h1></body></html>"
    steps: list[str] = field(default_factory=list)
    exports: set[str] | None = None
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.folder / "bodega.duckdb"

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    def sql(self, *statements: str) -> None:
        with duckdb.connect(str(self.warehouse)) as con:
            for statement in statements:
                con.execute(statement)

    def reserve(self, *values: tuple[str, str], sha256: str = "x") -> None:
        """Values that the file of that sha256 held; the file "x" is the one of this run."""
        folder = self.folder / "raw" / "reservados"
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as con:
            con.execute("create table r (_sha256 varchar, tipo varchar, valor varchar)")
            for tipo, valor in values:
                con.execute("insert into r values (?, ?, ?)", [sha256, tipo, valor])
            con.execute(f"copy r to '{folder / f'{len(list(folder.iterdir()))}.parquet'}' (format parquet)")

    def receive(self, *received: tuple[str, str]) -> None:
        """The ledger of the run. received: path and sha256 of each file."""
        with duckdb.connect() as con:
            con.execute("create table a (archivo varchar, sha256 varchar, presente boolean)")
            for archivo, sha256 in received:
                con.execute("insert into a values (?, ?, true)", [archivo, sha256])
            con.execute(f"copy a to '{self.folder}/raw/archivos.parquet' (format parquet)")

    def marts(self) -> list[str]:
        return [node["name"] for node in self.nodes if node["schema"] == "marts"]

    def node(self, name: str) -> dict[str, Any]:
        return next(node for node in self.nodes if node["name"] == name)

    def manifest(self) -> Path:
        nodes = {f"model.bodega.{node['name']}": node for node in self.nodes}
        path = self.folder / "manifest.json"
        path.write_text(json.dumps({"nodes": nodes, "sources": self.sources, "parent_map": self.parents}), "utf-8")
        return path

    def rows(self, file: Path) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            return con.read_parquet(str(file)).fetchall()

    def publish(self, progress: Callable[[str], None] | None = None) -> Release:
        given = Given(
            warehouse=self.warehouse,
            raw_dir=self.folder / "raw",
            manifest=self.manifest(),
            memory_limit=MEMORY_LIMIT,
            run_id=RUN,
            gate=self.gate or Gate(RUN, {name: [passed(name)] for name in self.marts()}),
            quality_json=self.quality_json,
            quality_html=self.quality_html,
            paces={},
        )
        return publish(
            given,
            self.releases,
            Policy(),
            progress=progress or self.steps.append,
            same_exports=lambda release: self.exports is None or release in self.exports,
            before_in_force=lambda release: None,
        )


def opened(release: Path, tmp_path: Path) -> Path:
    """A copy of a release whose files can be changed."""
    folder = tmp_path / "copia"
    shutil.copytree(release, folder)
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    return folder
