"""`python -m portal build RELEASE OUT` makes the whole site: pages, scripts, PDF. `serve` shows it on this machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from portal import serve as server
from portal import whole
from portal.build import OldPagesError

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)


@app.command()
def build(
    release: Annotated[Path, typer.Argument(help="The folder of a release, as releases/latest.")],
    out: Annotated[Path, typer.Argument(help="Where the site goes, best beside the folder of releases.")],
) -> None:
    """Makes the pages, their scripts and the PDF of the sheets; what a tool is missing for is left out and said."""
    if not (release / "manifest.json").is_file():
        console.print(f"[red]{release} is no release: make run makes one[/red]")
        raise typer.Exit(1)
    try:
        made = whole.make(release.resolve(), out, console.print)
    except OldPagesError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    console.print(f"the portal: {made.index}")
    for each in made.missing:
        console.print(f"[yellow]not all of it: {escape(each)}[/yellow]")
    if made.missing:
        raise typer.Exit(1)


@app.command()
def serve(
    out: Annotated[Path, typer.Argument(help="The folder of a built site.")],
    releases: Annotated[Path, typer.Argument(help="The folder of the releases that it links to.")],
    port: Annotated[int, typer.Option(help="On this machine alone.")] = 8000,
) -> None:
    """Shows the site and its releases, and nothing else of the disk, on http://localhost."""
    if not (out / "index.html").is_file():
        console.print(f"[red]{out} has no site: make run makes one, and make portal all of it[/red]")
        raise typer.Exit(1)
    try:
        running = server.make(out, releases, port)
    except OSError as error:
        console.print(f"[red]port {port} cannot be had ({error.strerror}): make serve PORT=8001[/red]")
        raise typer.Exit(1) from error
    with running:
        console.print(f"http://localhost:{running.server_port}/{out.absolute().name}/index.html  (Ctrl+C ends it)")
        running.serve_forever()


if __name__ == "__main__":
    app()
