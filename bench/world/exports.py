"""All exports of a made-up institution, and what arrives a day later."""

from pathlib import Path

from bench.world import documents, spelling, surroundings
from bench.world.scale import Scale


def generate(count: int, folder: Path) -> None:
    """Writes all exports; count: tax documents, from 100.000 on so that each month has an XML."""
    scale = Scale(count)
    with spelling.connect() as con:
        surroundings.write(con, scale, folder)
        documents.write(con, scale, folder / "dte")


def generate_register(count: int, folder: Path) -> None:
    """Writes the purchases register alone."""
    with spelling.connect() as con:
        documents.write_registers(con, Scale(count), folder / "dte")


def add_next_day(count: int, folder: Path) -> None:
    """Writes what arrives on the day after; count: the documents that the folder's world was written with."""
    with spelling.connect() as con:
        documents.write_next_day(con, Scale(count), folder / "dte")
