"""Quality: what was checked, refused and reconciled, and what is late."""

from collections.abc import Iterator

from portal.contents import Contents, by
from portal.pages import Kind, Page


def _pages(contents: Contents) -> Iterator[Page]:
    report = contents.quality
    files = contents.rows(
        "select estado, motivo, count(*) as n from fuentes group by all order by estado, n desc, motivo", "fuentes"
    )
    counts = contents.rows(
        """
        select cast(sum(filas) as bigint) as filas, cast(sum(aceptadas) as bigint) as aceptadas,
               cast(sum(rechazadas) as bigint) as rechazadas, cast(sum(duplicadas) as bigint) as duplicadas,
               cast(sum(ignoradas) as bigint) as ignoradas
        from fuentes
        """,
        "fuentes",
    )
    refused = contents.rows(
        "select export, motivo, count(*) as n from filas_rechazadas group by all order by export, n desc, motivo",
        "filas_rechazadas",
    )
    explained = [*(report["rechazos"]["archivos_rechazados"] or ()), *(report["rechazos"]["por_motivo"] or ())]
    failed = [check for check in report["controles"] if not check["success"]]
    values = {
        "informe": report,
        "conciliacion": contents.reconciliation,
        "fallan": len(failed),
        "fallan_por_significado": by(failed, "meaning", "threshold"),
        "archivos_recibidos": files,
        "filas": counts[0] if counts else None,
        "rechazos": refused,
        # Where the report has none, as of figures kept from before, the code is shown.
        "razones": {each["motivo"]: each["significado"] for each in explained if each["significado"]},
    }
    yield Page("calidad.html", "calidad.html", values)


KIND = Kind("calidad", ("fuentes", "filas_rechazadas"), _pages, of_release=True)
