"""The verdicts of a run, written down between the checks and the release, stamped with the run's id."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from expectations.model import CheckResult
from publish.catalog import Catalog, Dataset
from publish.gate import Gate
from publish.release import Release


def missing_datasets(catalog: Catalog, raw: Path) -> dict[str, str]:
    """The datasets whose source did not arrive at all, each with the reason in Spanish."""
    arrived = set(_accepted_files(raw))
    return {
        name: f"No llegó ningún archivo de {', '.join(lacking)}."
        for name, dataset in catalog.datasets.items()
        if (lacking := _lacking(dataset, arrived))
    }


def refused_sources(catalog: Catalog, raw: Path) -> list[CheckResult]:
    """A failed error for each dataset whose source arrived and was refused whole: that is no absence to get used to."""
    files = _accepted_files(raw)
    accepted = {export for export, count in files.items() if count}
    return [
        CheckResult(
            dataset=name,
            check="origen_aceptado",
            severity="error",
            success=False,
            threshold="al menos un archivo aceptado de cada origen",
            observed=f"ningún archivo aceptado de {', '.join(lacking)}",
            meaning=f"Llegaron archivos de {', '.join(lacking)}, y todos fueron rechazados",
        )
        for name, dataset in catalog.datasets.items()
        if not _lacking(dataset, set(files)) and (lacking := _lacking(dataset, accepted))
    ]


def refused_files(catalog: Catalog, raw: Path) -> list[CheckResult]:
    """A warning for each dataset that leans on an export of which a file was refused: part of it may be missing."""
    with duckdb.connect() as con:
        rows = con.execute(
            """select export, string_agg(archivo || ' (' || motivo || ')', ', ' order by archivo)
            from read_parquet(?) where estado = 'RECHAZADO' group by export""",
            [str(raw / "archivos.parquet")],
        ).fetchall()
    refused = dict(rows)
    return [
        CheckResult(
            dataset=name,
            check="origen_sin_archivos_rechazados",
            severity="warning",
            success=False,
            threshold="ningún archivo rechazado entre sus orígenes",
            observed="; ".join(refused[export] for export in leans),
            meaning="Se rechazó un archivo de sus orígenes: lo que ese archivo traía no está en este conjunto",
        )
        for name, dataset in catalog.datasets.items()
        if (leans := [e for alternatives in dataset.requires for e in alternatives.split(" | ") if e in refused])
    ]


def _accepted_files(raw: Path) -> dict[str, int]:
    """The exports that arrived in this run, and how many files of each were accepted."""
    with duckdb.connect() as con:
        rows = con.execute(
            "select export, count(*) filter (where estado = 'ACEPTADO') from read_parquet(?) group by export",
            [str(raw / "archivos.parquet")],
        ).fetchall()
    return dict(rows)


def _lacking(dataset: Dataset, available: set[str]) -> list[str]:
    # An entry may name alternatives: "dte_pagos | dte_xml" asks for one of the two.
    return [export for export in dataset.requires if not available & set(export.split(" | "))]


def judge(catalog: Catalog, missing: Mapping[str, str], results_found: list[CheckResult], run_id: str) -> Gate:
    """Sorts the results of this run's checks by dataset: its verdicts."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in catalog.datasets if name not in missing}
    for result in results_found:
        if result.dataset in results:
            results[result.dataset].append(vars(result))
    return Gate(run_id=run_id, results=results, missing=missing)


def write(gate: Gate, path: Path) -> None:
    """Writes the verdicts so that a reader sees the old ones or the new ones, never half."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(vars(gate), ensure_ascii=False, indent=1), "utf-8")
    partial.replace(path)


def read(path: Path) -> Gate:
    """The verdicts last written. Raises FileNotFoundError where no checks were ever run."""
    return Gate(**json.loads(path.read_text("utf-8")))


def all_results(gate: Gate) -> list[CheckResult]:
    """Every result of the verdicts, dataset by dataset."""
    return [CheckResult(**result) for results in gate.results.values() for result in results]


def write_summary(gate: Gate, made: Release, path: Path) -> None:
    """What this run published and held back, for the pages and for the end of the run.

    `failed` names the datasets that a check or the privacy scan held back; those whose source is missing are apart.
    """
    content = {
        "run_id": gate.run_id,
        "release": made.id,
        "created": made.created,
        "published": {name: vars(published) for name, published in made.published.items()},
        "missing": dict(gate.missing),
        "failed": {name: reason for name, reason in made.held.items() if name not in gate.missing},
        "masked": dict(made.masked),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
