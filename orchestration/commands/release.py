"""A release that is there: it is put in force again, taken away, or checked."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from orchestration.commands.common import command, in_words, read_settings


def rollback(
    release: Annotated[str, typer.Argument(help="The id of an earlier release that is still kept.")],
) -> None:
    """Puts another release in force; the one that is left is not published again by itself, unless it is the older one.

    Of the one in force already it makes the pages again, and its copy in the bucket; that is no error.
    """
    from portal import whole
    from publish.keeping.rollback import roll_back, withdrawn
    from publish.remote import bucket

    with command("bodega rollback") as (console, settings):
        left = roll_back(settings.releases, release)
        said = f"in force: {release}; left: {left}"
        if left == release:
            said = f"{release} is in force already: there is nothing to go back from. What is made of it is made again."
        elif left not in withdrawn(settings.releases):
            said += ", which is the older of the two: a run that gives it again puts it in force"
        console.print(said, highlight=False)
        # First what others read from, so that pages that cannot be made do not leave it behind.
        if settings.bucket:
            bucket.upload(settings.releases, release, settings.bucket, console.print)
        made = whole.keep(settings.releases / release, settings.portal, console.print)
        console.print(f"pages for people: {made.index}", highlight=False)
        for each in made.missing:
            console.print(f"not all of it: {escape(each)}", highlight=False)


def withdraw(
    release: Annotated[str, typer.Argument(help="The id of a release that is not in force.")],
) -> None:
    """Deletes a release that holds what must not be public, also from the bucket; it is not published again."""
    from publish.keeping.rollback import withdraw as take_away
    from publish.remote import bucket

    with command("bodega withdraw") as (console, settings):
        now = take_away(settings.releases, release)
        console.print(f"deleted: {release}; in force: {now}", highlight=False)
        if settings.bucket:
            bucket.upload(settings.releases, now, settings.bucket, console.print)


def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A release's folder, or a copy of it; the release in force where none is given."),
    ] = None,
) -> None:
    """Checks a release from its folder alone: hashes, columns and types, keys, each form against Parquet.

    Where latest.json lies beside the folder and names that release, the manifest is held against the hash in it.
    """
    from publish.keeping.audit import audit

    console = Console(width=140, soft_wrap=True)
    with in_words(console):
        # A release is verified by whoever has it, whatever the settings there.
        place = (folder or read_settings().releases / "latest").resolve()
        found = audit(place)
        for problem in found:
            console.print(f"  [red]{escape(problem)}[/red]", highlight=False)
        console.print(f"{place}: {'whole and consistent' if not found else f'problems: {len(found)}'}")
    if found:
        raise typer.Exit(1)
