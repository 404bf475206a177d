"""The command `bodega`: the whole way from exports to release, for people and for timers."""

import typer

from orchestration.commands import alerts, backup, machine, release, run, services, trace

# What only one of the commands needs is imported in its function: a look that finds nothing new is over in a second.
from orchestration.machine import private

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Public data warehouse of the Gobierno de Santiago.")


@app.callback()
def main() -> None:
    """Public data warehouse of the Gobierno de Santiago."""
    private.write_for_owner_alone()


app.command()(run.run)
app.command()(release.rollback)
app.command()(release.withdraw)
app.command()(release.verify)
app.command()(alerts.alerts)
app.command(hidden=True)(services.ended)
app.command()(machine.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(services.webserver)
app.command(
    "dev",
    help="Opens Dagster's pages on the assets, the checks and the runs, until Ctrl-C. Runs asked for there start where "
    "`bodega daemon` is at work.",
)(services.webserver)
app.command()(services.daemon)
app.command()(trace.trace)

if __name__ == "__main__":
    app()
