"""What the verdicts take from the files: sources that are missing, failed, refused, standing in or corrected."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb

from expectations.integrity import REJECTED_SHARE_LIMIT
from expectations.model import CheckResult
from ingest.contract import LACKING, OPEN_END
from orchestration.settings import ZONE
from publish.catalog import Catalog, Dataset, alternatives
from publish.reports import reception

# The check that a dataset fails where a source of it could not be read.
READ = "origen_leido"

_NAMED = 5


class _Warning(NamedTuple):
    """A check on the files of a dataset, its texts in Spanish. cases: query for (export, caso), one row a case."""

    check: str
    threshold: str
    meaning: str
    cases: str


_WARNINGS = (
    _Warning(
        "origen_sin_archivos_rechazados",
        "ningún archivo rechazado entre sus orígenes",
        "De un archivo rechazado rige lo último que se recibió bueno con ese nombre; si nunca hubo, no aporta nada",
        """select export, archivo || ': ' || coalesce(en_palabras, motivo)
            || case when archivo in (select archivo from en_vigor)
            then ' (rige lo recibido antes)' else ' (no rige nada con ese nombre)' end
        from bitacora left join motivos using (motivo) where estado = 'RECHAZADO'""",
    ),
    _Warning(
        "origen_sin_archivos_faltantes",
        "todos sus archivos de origen siguen en la carpeta de recepción",
        "De un archivo que falta en la carpeta de recepción rige lo último que se recibió bueno con ese nombre",
        f"""select export, archivo || ' (recibido el '
            || strftime(timezone('{ZONE}', timezone('UTC', recibido_en)), '%d-%m-%Y') || ')'
        from en_vigor where not presente and archivo not in (select archivo from bitacora where presente)""",
    ),
    _Warning(
        "origen_sin_exceso_de_filas_rechazadas",
        f"hasta {REJECTED_SHARE_LIMIT} % de filas rechazadas en cada archivo de sus orígenes",
        "Las filas rechazadas no aportan nada hasta que se corrijan en su sistema",
        f"""select export, archivo || ' (rechazadas: ' || rechazadas || ' de ' || filas || ')'
        from en_vigor where 100 * rechazadas > {REJECTED_SHARE_LIMIT} * filas""",
    ),
    _Warning(
        "origen_con_todas_sus_columnas",
        "todas las columnas acordadas en los archivos de sus orígenes",
        "Una columna que no viene en un archivo, o viene con otro nombre, queda vacía y no suma nada a los totales",
        f"select export, archivo from en_vigor where contains(detalle, '{LACKING}')",
    ),
    _Warning(
        "origen_con_final_de_linea",
        "un final de línea en la última fila de cada archivo de sus orígenes",
        "Un archivo que termina sin final de línea puede haberse cortado en su última fila, y la cifra ser otra",
        f"select export, archivo from en_vigor where contains(detalle, '{OPEN_END}')",
    ),
    _Warning(
        "origen_sin_celdas_corregidas",
        "ninguna celda de sus orígenes corregida a mano",
        "Cada celda corregida tiene su razón escrita, y rige hasta que se corrija en su sistema",
        """select export, archivo || ' (celdas corregidas: ' || count(*) || ')'
        from en_vigor inner join correcciones using (export, sha256) where aplicada group by export, archivo""",
    ),
    _Warning(
        "origen_con_celdas_legibles",
        f"hasta {REJECTED_SHARE_LIMIT} % de celdas ilegibles en cada columna de un archivo",
        "Una celda que no se pudo leer queda vacía: no se sabe su fecha, o con qué iniciativa u orden se relaciona",
        f"""select export, archivo || ' (' || columna || ': ' || count(distinct _fila) || ' de ' || aceptadas || ')'
        from en_vigor inner join observaciones using (export, sha256)
        where observaciones.motivo <> 'amount_unreadable' group by export, archivo, columna, aceptadas
        having 100 * count(distinct _fila) > {REJECTED_SHARE_LIMIT} * aceptadas""",
    ),
    _Warning(
        "origen_sin_cifras_ilegibles",
        "ninguna cifra ilegible entre las filas aceptadas de sus orígenes",
        "Una cifra que no se pudo leer queda vacía, y a los totales que la incluirían no les suma nada",
        """select export, archivo || ' (cifras ilegibles: ' || count(*) || ')'
        from en_vigor inner join observaciones using (export, sha256)
        where observaciones.motivo = 'amount_unreadable' group by export, archivo""",
    ),
)


def missing_datasets(catalog: Catalog, raw: Path, failed: Collection[str]) -> dict[str, str]:
    """The datasets whose source did not arrive at all, each with the reason in Spanish.

    failed: the exports that could not be read, of which nobody knows whether they arrived.
    """
    arrived = {*_accepted_files(raw), *failed}
    return {
        name: f"No llegó ningún archivo de {', '.join(lacking)}."
        for name, dataset in catalog.datasets.items()
        if (lacking := _lacking(dataset, arrived))
    }


def failed_sources(leaning: Mapping[str, Collection[str]]) -> list[CheckResult]:
    """A failed error for each dataset that leans on an export that could not be read in this run.

    leaning: per export that could not be read, the datasets below it.
    """
    names = sorted({name for datasets in leaning.values() for name in datasets})
    return [
        CheckResult(
            dataset=name,
            check=READ,
            severity="error",
            success=False,
            threshold="todos sus orígenes leídos en esta ejecución",
            observed=f"no se pudo leer {', '.join(sorted(e for e, datasets in leaning.items() if name in datasets))}",
            meaning="Una falla técnica, que no es de los archivos, impidió leer "
            + ", ".join(sorted(export for export, datasets in leaning.items() if name in datasets)),
        )
        for name in names
    ]


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


@contextmanager
def ledger(raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Gives the views `bitacora` of the last run's files, and `en_vigor` of those whose rows count."""
    with duckdb.connect() as con:
        con.execute(f"create view bitacora as from read_parquet('{raw}/archivos.parquet')")
        # Of a snapshot only the newest file is in force: an older one that is gone is missed by nobody.
        con.execute(
            """create view en_vigor as from bitacora where estado = 'ACEPTADO'
            qualify modo <> 'snapshot' or orden = max(orden) over (partition by export)"""
        )
        yield con


def mostly_rejected(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, int, int]]:
    """The files in force of which more than half of the rows were rejected.

    con: as of ledger. Each as (export, file, sha256, rejected rows, rows that are data).
    """
    return con.execute(
        """select export, archivo, sha256, rechazadas, aceptadas + rechazadas
        from en_vigor where rechazadas > aceptadas order by archivo"""
    ).fetchall()


def warnings(catalog: Catalog, raw: Path) -> list[CheckResult]:
    """What the public should know of the files that each dataset leans on; where there is something, it fails."""
    with ledger(raw) as con:
        _name_reasons(con, catalog)
        for table in ("correcciones", "observaciones"):
            con.execute(
                f"create view {table} as select *, _sha256 as sha256 from read_parquet('{raw}/{table}/*.parquet')"
            )
        found = [(warning, con.execute(f"{warning.cases} order by all").fetchall()) for warning in _WARNINGS]
    results = []
    for name, dataset in catalog.datasets.items():
        for warning, cases in found if dataset.exports else ():
            concerned = [case for export, case in cases if export in dataset.exports]
            observed = "; ".join(concerned[:_NAMED]) or "Sin casos"
            if len(concerned) > _NAMED:
                observed = f"{len(concerned)} archivos: {observed}; entre otros"
            results.append(
                CheckResult(
                    dataset=name,
                    check=warning.check,
                    severity="warning",
                    success=not concerned,
                    threshold=warning.threshold,
                    observed=observed,
                    meaning=warning.meaning,
                )
            )
    return results


def _name_reasons(con: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Makes the table `motivos`: what each reason of a refused file means, to stand within a sentence."""
    con.execute("create table motivos (motivo varchar, en_palabras varchar)")
    if files := catalog.datasets.get(reception.FILES):
        for reason, meaning in reception.meanings(files).items():
            con.execute("insert into motivos values (?, ?)", [reason, meaning[:1].lower() + meaning[1:].rstrip(".")])


def _accepted_files(raw: Path) -> dict[str, int]:
    """The exports that arrived in this run, and how many files of each were accepted."""
    with ledger(raw) as con:
        rows = con.execute(
            "select export, count(*) filter (where estado = 'ACEPTADO') from bitacora group by export"
        ).fetchall()
    return dict(rows)


def _lacking(dataset: Dataset, available: set[str]) -> list[str]:
    return [required for required in dataset.requires if available.isdisjoint(alternatives(required))]
