"""The end of a run in words: what came in, what was refused, what came out and where."""

from collections.abc import Mapping
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import sources
from orchestration.alerts.kinds import KINDS
from orchestration.settings import Settings
from orchestration.state import arrivals, gate
from portal.build import SCRIPTS
from publish.pages import number


def show(settings: Settings, console: Console, has_old_pages: bool = False) -> None:
    """Prints the tables of sources and of datasets, and where the release is.

    has_old_pages: whether the pages could not all be made from it.
    """
    summary = gate.read_summary(settings.summary)
    with sources.ledger(settings.raw) as con:
        _sources(con, console)
        _apart(con, settings, console)
    _datasets(settings, summary, console)
    release = settings.releases / summary["release"]
    old = " [red](not all of them are of this release)[/red]" if has_old_pages else ""
    console.print(f"pages for people: {settings.portal / 'index.html'}{old}", highlight=False)
    if not (settings.portal / SCRIPTS).is_dir():
        console.print("  `make portal` adds search, filters of the map, SQL and PDF to them", highlight=False)
    console.print(f"quality report: {release / 'calidad.html'}", highlight=False)


def _sources(con: duckdb.DuckDBPyConnection, console: Console) -> None:
    rows = con.execute(
        """select sistema, export, count(*), count(*) filter (where estado = 'RECHAZADO'), sum(filas), sum(aceptadas),
            sum(rechazadas), sum(duplicadas), sum(ignoradas), max(fecha_dato) filter (where estado = 'ACEPTADO')
        from bitacora group by all order by all"""
    ).fetchall()
    table = Table(title="What came in", title_justify="left")
    for name in ("system", "export"):
        table.add_column(name)
    for name in ("files", "refused", "rows", "accepted", "rejected", "duplicate", "ignored"):
        table.add_column(name, justify="right")
    table.add_column("data up to")
    for system, export, *counts, reach in rows:
        table.add_row(system, export, *(number(c or 0) for c in counts), str(reach or "-"))
    console.print(table)


def _apart(con: duckdb.DuckDBPyConnection, settings: Settings, console: Console) -> None:
    arrived = arrivals.read(settings.arrivals)
    for source in arrived.failed_sources.values():
        console.print(
            f"  [red]not read:[/red] {escape(source.sentence)}. It keeps what it had, and every dataset that leans on "
            f"it is held back. {KINDS['source_failed'].remedy}",
            highlight=False,
        )
    for path, reason, detail in con.execute(
        "select archivo, motivo, detalle from bitacora where estado = 'RECHAZADO' order by archivo"
    ).fetchall():
        console.print(f"  refused whole: [bold]{escape(path)}[/bold] ({reason}). {escape(detail)}", highlight=False)
    for _, path, _, bad, rows in sources.mostly_rejected(con):
        console.print(f"  mostly rejected: [bold]{escape(path)}[/bold], {bad} of {rows} rows", highlight=False)
    for each in arrived.fewer:
        console.print(
            f"  far fewer rows than before: [bold]{escape(each.path)}[/bold], {each.rows} instead of {each.before}",
            highlight=False,
        )
    for path, received, present in con.execute(
        """select archivo, recibido_en, archivo in (select archivo from bitacora where presente)
        from bitacora where estado = 'ACEPTADO' and not presente order by archivo"""
    ).fetchall():
        why = "refused" if present else "missing"
        came = f"{received:%Y-%m-%d %H:%M} UTC"
        console.print(f"  {why}, so what came on {came} stays in force: [bold]{escape(path)}[/bold]")
    for export, detail, files, newest in con.execute(
        """select export, detalle, count(*), max_by(archivo, orden)
        from bitacora where estado = 'ACEPTADO' and detalle is not null group by all order by all"""
    ).fetchall():
        more = f" and {files - 1} more of {export}" if files > 1 else ""
        console.print(f"  noted of [bold]{escape(newest)}[/bold]{more}: {escape(detail)}", highlight=False)
    for path, why in arrived.left_alone.items():
        console.print(f"  left alone: [bold]{escape(path)}[/bold]. {escape(why)}", highlight=False)
    for sentence in arrived.corrections_to_review:
        console.print(f"  [red]to review:[/red] {escape(sentence)}", highlight=False)
    desks = sorted(settings.desk.glob("*.csv"))
    if desks:
        console.print(
            f"  rejected rows and unreadable cells, for those who mend the sources: {settings.desk} "
            f"({len(desks)} exports)"
        )


def _datasets(settings: Settings, summary: Mapping[str, Any], console: Console) -> None:
    verdicts = gate.read(settings.gate)
    table = Table(title="What came out", title_justify="left")
    table.add_column("dataset")
    for name in ("rows", "checks", "warnings", "errors"):
        table.add_column(name, justify="right")
    table.add_column("published")
    held = summary["failed"] | summary["missing"]
    for name in sorted(summary["published"].keys() | held.keys()):
        results = verdicts.results.get(name, ())
        failed = [r["severity"] for r in results if not r["success"]]
        published = summary["published"].get(name)
        table.add_row(
            name,
            number(published["rows"]) if published else "-",
            str(len(results)),
            str(failed.count("warning")),
            str(failed.count("error")),
            f"as of {published['since']}" if published and published["since"] else "yes" if published else "NO",
        )
    console.print(table)
    for name, reason in held.items():
        word = "kept as it was" if name in summary["published"] else "not published"
        console.print(f"  {word}: [bold]{name}[/bold]. {escape(reason)}", highlight=False)
    for column, count in summary["masked"].items():
        console.print(f"  personal data masked: {column}, {count}", highlight=False)
    news = "new release" if summary["created"] else "nothing changed, release in force"
    console.print(f"\n{news}: [bold]{settings.releases / summary['release']}[/bold]", highlight=False)
