"""How fresh the data are, by two clocks that are never mixed.

`fecha_dato` is the day up to which data reach; `recibido_en` is the moment at which a file came. A file that came today
may bring data of last year. Distances are counted to the cut-off date of the release, never to the day of the run.
A source is late (`atrasada`) where its data end more than so many days before the cut-off as its pace allows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from publish.catalog import Dataset
from publish.reports.reception import FILES
from publish.rows import MOMENT, rows, table


@dataclass(frozen=True)
class Pace:
    """What is expected of an export. cadence_days: between one file's data and the next's.

    late_after_days: how old the newest data may grow until the next are here.
    """

    cadence_days: int
    late_after_days: int


def sources(
    con: duckdb.DuckDBPyConnection, folder: Path, cut_off: date, paces: Mapping[str, Pace]
) -> list[dict[str, Any]]:
    """Per export that sent a file: how far its data in force reach, and when its newest file came.

    `fecha_dato` is of the newest content in force, None where no file in force says its date; `dias_hasta_corte` counts
    from it to the cut-off. `recibido_en` is of the newest arrival, whatever became of it; `recibido_en_del_dato` of the
    accepted file that reaches `fecha_dato`, None where that content is older than a refused file of its name.
    paces: by export; `cadencia_dias` and `plazo_dias` are None where it has none, and `atrasada` is None there too and
    where no file says its date.
    """
    found = rows(
        con,
        f"""
        with archivos as (
            select *, max(fecha_dato) filter (where sha256_en_vigor is not null) over (partition by export) as hasta
            from {table(folder, FILES)}
        )
        select
            sistema,
            export as fuente,
            count(*) as archivos,
            count(sha256_en_vigor) as archivos_en_vigor,
            cast(hasta as varchar) as fecha_dato,
            date_diff('day', hasta, cast(? as date)) as dias_hasta_corte,
            strftime(max(recibido_en), '{MOMENT}') as recibido_en,
            strftime(
                max(recibido_en) filter (where estado = 'ACEPTADO' and fecha_dato = hasta), '{MOMENT}'
            ) as recibido_en_del_dato
        from archivos group by sistema, export, hasta order by sistema, export
        """,
        [cut_off],
    )
    return [source | _lateness(source["dias_hasta_corte"], paces.get(source["fuente"])) for source in found]


def _lateness(days: int | None, pace: Pace | None) -> dict[str, Any]:
    return {
        "cadencia_dias": pace and pace.cadence_days,
        "plazo_dias": pace and pace.late_after_days,
        "atrasada": days > pace.late_after_days if pace and days is not None else None,
    }


def arrivals(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, datetime]:
    """Per export that sent a file, when its newest one came, whatever became of it, UTC."""
    query = f"select export, max(recibido_en) from {table(folder, FILES)} group by export order by export"
    return dict(con.execute(query).fetchall())


def newest_arrival(dataset: Dataset, found: Mapping[str, datetime], cut_off: date) -> datetime:
    """When the newest file that a new dataset depends on came, UTC.

    found: what `arrivals` says, empty where nobody can tell: then it is the first moment of the cut-off date.
    """
    own = [found[export] for export in dataset.sources if export in found]
    return max(own or found.values(), default=datetime.combine(cut_off, time.min))


def of_datasets(
    datasets: Sequence[Dataset], carried: Collection[str], found: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Per dataset of the release, which of its exports lags behind, which is newest, and which are late (`atrasadas`).

    found: what `sources` says. Of the alternatives in `a | b`, those that came count. A dataset that is carried from an
    earlier release leans on files of then, and has neither; nor has one that requires no export.
    """
    by_name = {source["fuente"]: source for source in found}
    return [_of_dataset(dataset, dataset.name in carried, by_name) for dataset in datasets]


def _of_dataset(dataset: Dataset, is_carried: bool, by_name: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    used = [] if is_carried else [by_name[export] for export in dataset.exports if export in by_name]
    dated = sorted((source for source in used if source["fecha_dato"]), key=lambda each: each["fecha_dato"])
    return {
        "conjunto": dataset.name,
        "titulo": dataset.title,
        "fuentes": dataset.exports,
        "version_anterior": is_carried,
        "mas_atrasada": _clocks(dated[0]) if dated else None,
        "mas_al_dia": _clocks(dated[-1]) if dated else None,
        "sin_fecha": [source["fuente"] for source in used if not source["fecha_dato"]],
        "atrasadas": [source["fuente"] for source in used if source["atrasada"]],
    }


def _clocks(source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fuente": source["fuente"],
        "fecha_dato": source["fecha_dato"],
        "dias_hasta_corte": source["dias_hasta_corte"],
        "recibido_en": source["recibido_en_del_dato"],
    }
