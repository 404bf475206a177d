"""The warehouse file before a run writes it: there, whole, and let go of by whatever wrote it last."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

PATIENCE_SECONDS = 120


def make_ready(warehouse: Path, warn: Callable[[str], None], patience: float = PATIENCE_SECONDS) -> None:
    """Leaves a warehouse that can be written: an empty one where there is none or a damaged one.

    dbt builds all of it from the raw rows, so that nothing is lost; what was damaged is kept beside it, one only.
    patience: seconds to wait while another process holds it, as the dbt of a run that was killed does until it ends.
    warn: told in a sentence whatever is out of the ordinary. Raises duckdb.IOException where it stays held.
    """
    if warehouse.exists() and not _opens(warehouse, warn, patience):
        warn(f"{warehouse} is damaged: it is put aside and built anew")
        # Of another file, what is still to be written would be written into this one.
        _log_of(warehouse).unlink(missing_ok=True)
        warehouse.replace(warehouse.with_name(f"{warehouse.name}.damaged"))
    if not warehouse.exists():
        _create(warehouse)


def _opens(warehouse: Path, warn: Callable[[str], None], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            duckdb.connect(str(warehouse)).close()
        except duckdb.Error as error:
            if "Could not set lock" not in str(error):
                return False
            if time.monotonic() > deadline:
                raise
            if patience:
                warn("another process holds the warehouse; waiting for it to end")
            time.sleep(min(5, patience))
        else:
            return True


def _create(warehouse: Path) -> None:
    """Under another name first: DuckDB refuses for ever a file whose creation was cut short."""
    partial = warehouse.with_name(f"{warehouse.name}.partial")
    partial.unlink(missing_ok=True)
    _log_of(partial).unlink(missing_ok=True)
    _log_of(warehouse).unlink(missing_ok=True)
    # As this engine writes best, and not so that its first version could read it: tables cost a fifth less.
    duckdb.connect(str(partial), config={"storage_compatibility_version": "v1.5.0"}).close()
    partial.replace(warehouse)


def _log_of(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.wal")
