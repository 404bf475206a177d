"""The engine that reads: DuckDB with the spellings of the contract, and no more memory than it is given."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest import geography

# Of the engine, where the caller says nothing else.
MEMORY_LIMIT = "600MB"
# Else the allocator keeps what the engine has freed, beside what the limit allows.
GIVES_BACK: dict[str, str | bool | int | float | list[str]] = {
    "allocator_flush_threshold": "16MB",
    "allocator_bulk_deallocation_flush_threshold": "16MB",
}
_SPELLINGS = Path(__file__).parent / "rows" / "spellings.sql"


@contextmanager
def connect(scratch: Path, memory_limit: str, threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that is ready to read files. scratch: a folder that it has for itself. threads: else one a core."""
    with _emptied(scratch) as folder:
        config = GIVES_BACK | {
            "memory_limit": memory_limit,
            "temp_directory": str(folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads:
            config["threads"] = threads
        with duckdb.connect(config=config) as con:
            # It would take a worker for a person at a terminal.
            con.execute("set enable_progress_bar = false")
            con.execute(_SPELLINGS.read_text("utf-8"))
            geography.register_names(con)
            yield con


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """A folder for what a run needs meanwhile: empty at first, whatever a run that was killed left there, then gone."""
    clear_away(folder)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        clear_away(folder)


def clear_away(folder: Path) -> None:
    """Removes a folder with all that is in it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)
