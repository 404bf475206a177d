"""What the pages show, read from a release's manifest and its Parquet files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

THEMES = {
    "budget_execution": "Ejecución del presupuesto",
    "initiative_traceability": "Iniciativas de inversión",
    "proactive_transparency": "Transparencia proactiva",
    "integrity": "De dónde vienen los datos",
}

REASONS = {
    "not_a_table": "no es una tabla",
    "header_unknown": "le falta alguna columna obligatoria",
    "empty": "está vacío",
    "truncated": "está incompleto",
    "unreadable": "no se puede leer",
    "required_missing": "falta un dato obligatorio",
    "rut_invalid": "RUT no válido",
    "amount_unreadable": "monto que no se puede leer",
    "date_unreadable": "fecha que no se puede leer",
    "code_unreadable": "código que no se puede leer",
    "value_not_in_list": "valor fuera de la lista",
    "column_count": "más o menos celdas que columnas",
    "key_conflict": "filas distintas con la misma clave",
    "bytes_unreadable": "caracteres que no se pueden leer",
}


@dataclass(frozen=True)
class Line:
    """A subtítulo of the Ficha Ciudadana, M$ (thousands of pesos). NULL amounts are unknown."""

    subtitulo: str
    nombre: str
    descripcion: str
    vigente: int | None
    ejecutado: int | None
    porcentaje: Decimal | None

    @property
    def bar(self) -> Decimal:
        """The length of its bar, 0 to 100."""
        return min(max(self.porcentaje or Decimal(0), Decimal(0)), Decimal(100))


@dataclass(frozen=True)
class Ficha:
    """The Ficha Ciudadana of a programme in its newest month."""

    anio: int
    mes: int
    total: Line
    lines: list[Line]


class Contents:
    """A release as the pages need it. Raises FileNotFoundError where the folder is no release."""

    def __init__(self, release: Path) -> None:
        self._release = release
        self.manifest: Mapping[str, Any] = json.loads((release / "manifest.json").read_text("utf-8"))
        self.sizes: Mapping[str, int] = {file["nombre"]: file["bytes"] for file in self.manifest["archivos"]}
        self._datasets = {dataset["nombre"] for dataset in self.manifest["conjuntos"]}

    def why_missing(self, dataset: str) -> str:
        """In Spanish, why the dataset is not in the release; '' if it is."""
        if dataset in self._datasets:
            return ""
        reasons = {held["nombre"]: held["motivo"] for held in self.manifest["no_publicados"]}
        return str(reasons.get(dataset, "No está entre los conjuntos de datos de esta publicación."))

    def why_kept(self, dataset: str) -> str:
        """In Spanish, why the dataset is there as an earlier release had it; '' if it is new."""
        kept = next((each.get("conservado") for each in self.manifest["conjuntos"] if each["nombre"] == dataset), None)
        return f"Cifras de la publicación {kept['publicacion']}. {kept['motivo']}" if kept else ""

    def themes(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """The datasets under their themes, in the order of THEMES and then of any other theme's name."""
        datasets = self.manifest["conjuntos"]
        found = {dataset["tema"] for dataset in datasets}
        names = [*(theme for theme in THEMES if theme in found), *sorted(found - THEMES.keys())]
        return [(THEMES.get(name, name), [each for each in datasets if each["tema"] == name]) for name in names]

    def ficha(self, programa: str) -> Ficha | None:
        """The newest month of the programme; None where the dataset is missing or does not hold the programme."""
        if self.why_missing("ficha_ciudadana"):
            return None
        rows = self._rows(
            "ficha_ciudadana",
            """
            select anio, mes, subtitulo, nombre, descripcion, presupuesto_vigente, ejecutado, porcentaje_ejecucion
            from {table}
            where programa = $programa
            qualify dense_rank() over (order by anio desc, mes desc) = 1
            order by subtitulo
            """,
            programa=programa,
        )
        lines = {row[2]: Line(*row[2:]) for row in rows}
        if "TOTAL" not in lines:
            return None
        return Ficha(rows[0][0], rows[0][1], lines.pop("TOTAL"), list(lines.values()))

    def files(self) -> list[tuple[str, str, int]]:
        """Of the files received: state, reason (in Spanish, '' if accepted) and how many."""
        rows = self._rows(
            "fuentes", "select estado, motivo, count(*) from {table} group by all order by estado, 3 desc, motivo"
        )
        return [(estado, _reason(motivo), count) for estado, motivo, count in rows]

    def row_counts(self) -> Mapping[str, int]:
        """Of the rows of the accepted files: how many met each fate."""
        names = ("filas", "aceptadas", "rechazadas", "duplicadas", "ignoradas")
        sums = ", ".join(f"cast(coalesce(sum({name}), 0) as bigint)" for name in names)
        return dict(zip(names, self._rows("fuentes", f"select {sums} from {{table}}")[0], strict=True))

    def rejections(self) -> list[tuple[str, str, int]]:
        """Of the rows refused: export, reason in Spanish and how many."""
        rows = self._rows(
            "filas_rechazadas",
            "select export, motivo, count(*) from {table} group by all order by export, 3 desc, motivo",
        )
        return [(export, _reason(motivo), count) for export, motivo, count in rows]

    def _rows(self, dataset: str, sql: str, **values: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            table = con.read_parquet(str(self._release / f"{dataset}.parquet"))
            con.register("datos", table)
            return con.execute(sql.format(table="datos"), values or None).fetchall()


def _reason(code: str | None) -> str:
    return REASONS.get(code, code) if code else ""
