"""What arrived and what became of it: files refused, rows rejected and why, and no row lost between its four fates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from publish.catalog import Dataset
from publish.rows import rows, table

# The dataset of the files that arrived, and that of their rejected rows.
FILES = "fuentes"
REJECTED = "filas_rechazadas"

FATES = ("aceptadas", "rechazadas", "duplicadas", "ignoradas")


def rejections(
    con: duckdb.DuckDBPyConnection, folder: Path, datasets: Mapping[str, Dataset]
) -> dict[str, list[dict[str, Any]] | None]:
    """The section `rechazos`: per export its rows by fate, its refused files, and its rejected rows by reason.

    datasets: the new ones of the release, by name. What comes from one that is not among them is None. Counts are of
    rows; a file that was refused whole has none, and adds to no count. `filas` of a reason counts all rejected rows
    that the release lists; `de_contenido_anterior`, those in content that stays in force since its file was refused.
    """
    files, rejected = datasets.get(FILES), datasets.get(REJECTED)
    return {
        "por_fuente": _by_export(con, folder) if files else None,
        "archivos_rechazados": _refused_files(con, folder, files) if files else None,
        "por_motivo": _by_reason(con, folder, rejected, knows_files=files is not None) if rejected else None,
    }


def fates(con: duckdb.DuckDBPyConnection, folder: Path, *, with_detail: bool) -> list[dict[str, Any]]:
    """Per export, and in the last row ('TOTAL') of all: rows = accepted + rejected + duplicate + ignored.

    with_detail: whether filas_rechazadas is there to be compared; `rechazadas_detalladas` counts its rows in accepted
    files, else it is None. `cuadra` is whether all that adds up, file by file: without the detail it is
    False or None, since nobody can tell.
    """
    listed = (
        f"(select archivo, count(*) as detalladas from {table(folder, REJECTED)} group by archivo)"
        if with_detail
        else "(select null::varchar as archivo, null::bigint as detalladas where false)"
    )
    detail = "coalesce(detalladas, 0)" if with_detail else "null::bigint"
    fates_add_up = f"filas = {' + '.join(FATES)}"
    adds_up = (
        f"coalesce(bool_and({fates_add_up} and detalladas = rechazadas), true)"
        if with_detail
        else f"case when not bool_and({fates_add_up}) then false end"
    )
    return rows(
        con,
        f"""
        with archivos as (
            select export, filas, {", ".join(FATES)}, {detail} as detalladas
            from {table(folder, FILES)} left join {listed} using (archivo)
            where estado = 'ACEPTADO'
        )
        select
            coalesce(export, 'TOTAL') as fuente,
            {_sums("filas", *FATES)},
            cast(sum(detalladas) as bigint) as rechazadas_detalladas,
            {adds_up} as cuadra
        from archivos group by grouping sets (export, ()) order by grouping(export), export
        """,
    )


def meanings(dataset: Dataset) -> dict[str, str]:
    """What each reason of the files, or of the rejected rows, means: a sentence in Spanish."""
    return dict(next((column.meanings for column in dataset.columns if column.name == "motivo"), ()))


def _by_export(con: duckdb.DuckDBPyConnection, folder: Path) -> list[dict[str, Any]]:
    return rows(
        con,
        f"""
        select
            sistema,
            export as fuente,
            count(*) as archivos,
            count(*) filter (where estado = 'RECHAZADO') as archivos_rechazados,
            {_sums("filas", *FATES)}
        from {table(folder, FILES)} group by sistema, export order by sistema, export
        """,
    )


def _refused_files(con: duckdb.DuckDBPyConnection, folder: Path, files: Dataset) -> list[dict[str, Any]]:
    found = rows(
        con,
        f"""
        select export as fuente, archivo, motivo, sha256_en_vigor is not null as rige_contenido_anterior
        from {table(folder, FILES)} where estado = 'RECHAZADO' order by export, archivo
        """,
    )
    return _explained(found, files)


def _by_reason(
    con: duckdb.DuckDBPyConnection, folder: Path, rejected: Dataset, *, knows_files: bool
) -> list[dict[str, Any]]:
    earlier = (
        f"count(*) filter (where archivo in (select archivo from {table(folder, FILES)} where estado = 'RECHAZADO'))"
        if knows_files
        else "null"
    )
    found = rows(
        con,
        f"""
        select export as fuente, motivo, count(*) as filas, {earlier} as de_contenido_anterior
        from {table(folder, REJECTED)} group by export, motivo order by export, motivo
        """,
    )
    return _explained(found, rejected)


def _explained(found: list[dict[str, Any]], dataset: Dataset) -> list[dict[str, Any]]:
    """The rows with what their reason means, as the dictionary of the dataset says it."""
    said = meanings(dataset)
    return [row | {"significado": said.get(row["motivo"])} for row in found]


def _sums(*columns: str) -> str:
    return ", ".join(f"coalesce(cast(sum({name}) as bigint), 0) as {name}" for name in columns)
