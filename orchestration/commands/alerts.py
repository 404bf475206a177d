"""What is wrong, and whether people can be told of it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.commands.common import command
from orchestration.settings import Settings


def alerts(
    test: Annotated[bool, typer.Option("--test", help="Send a test through each channel; say what happened.")] = False,
) -> None:
    """Shows what is wrong and since when. For the institution only: it names files that are not published."""
    with command(width=160) as (console, settings):
        _test_alerts(settings, console) if test else _show_alerts(settings, console)


def _test_alerts(settings: Settings, console: Console) -> None:
    from orchestration import alerts as watching

    said = watching.send_test(settings)
    for channel, happened in said.items():
        console.print(f"{channel}: {escape(happened)}", highlight=False)
    if not said:
        console.print("no channel is set: ALERT_WEBHOOK_URL, or ALERT_SMTP_URL, ALERT_MAIL_TO and ALERT_MAIL_FROM")
    raise typer.Exit(any(happened != watching.DELIVERED for happened in said.values()) or not said)


def _show_alerts(settings: Settings, console: Console) -> None:
    from orchestration import alerts as watching
    from orchestration.alerts.kinds import KINDS, RUNBOOK

    table = Table(title="Open alerts", title_justify="left")
    for name in ("since", "severity", "alert", "where", "what", "what to do"):
        table.add_column(name, overflow="fold")
    for alert in watching.open_alerts(settings):
        kind = KINDS[alert.kind]
        since = f"{alert.since.astimezone():%Y-%m-%d %H:%M}"
        cells = (kind.heading, alert.inside or alert.where, alert.what, kind.remedy)
        table.add_row(since, kind.severity, *(escape(cell) for cell in cells))
    console.print(table if table.row_count else "nothing is wrong", highlight=False)
    console.print(f"Each alert has its heading in {RUNBOOK}.", highlight=False)
