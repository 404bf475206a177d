"""The command `bodega` on a night of the story, for bench.nights.

The year of the story is the last with both clock changes so near to each other, and before that of the samples' data:
their names would be refused as of days that have not come.
"""

from ingest import pipeline


def main() -> None:
    """Runs the command."""
    pipeline.has_come = lambda day: True
    from orchestration.cli import app

    app()


if __name__ == "__main__":
    main()
