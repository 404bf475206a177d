"""What the end of a run says of the files that came in."""

import shutil

import pytest
from rich.console import Console

from ingest import pipeline
from orchestration import summary
from orchestration.settings import Settings
from orchestration.state import arrivals
from tests.ingest.tables import PATHS, csv_file, row
from tests.orchestration.places import write

SGD = PATHS["sgd_documentos"]


@pytest.fixture
def told(ended: Settings) -> str:
    """The words about a run that took in one file as agreed, two with a column that no contract knows, one with two."""
    good = csv_file("sgd_documentos", [row("sgd_documentos", remitente="Ana Soto", fecha_termino="x")]).decode()
    new = good.replace("ID,", "Columna Nueva,ID,", 1).replace("SGD-", "Eva Rojas,SGD-", 1)
    for folder in (ended.exports, ended.raw, ended.desk):
        shutil.rmtree(folder)
    for path, content in {
        SGD.replace("2025", "2024"): good,
        SGD.replace("2025", "2026"): new,
        SGD: new.replace("00485", "00486"),
        SGD.replace("2025", "2023"): new.replace("ID,", "Otra,ID,", 1).replace("SGD-", "x,SGD-", 1),
    }.items():
        write(ended.exports / path, content)
    places = pipeline.Places(ended.exports, ended.corrections, ended.raw, ended.archive, ended.desk)
    arrivals.write(pipeline.run(places), ended.arrivals)
    console = Console(record=True, width=300)
    summary.show(ended, console)
    return console.export_text()


def test_columns_that_no_contract_knows_are_named_with_their_files(told: str) -> None:
    names = "Columns that the contract does not know: Columna Nueva"
    assert f"noted of sgd/documentos_20260131.csv and 1 more of sgd_documentos: {names}.\n" in told
    assert f"noted of sgd/documentos_20230131.csv: {names}, Otra.\n" in told
    assert told.count("noted of") == 2


def test_unreadable_cells_are_pointed_to_and_no_cell_is_shown(told: str, ended: Settings) -> None:
    assert f"rejected rows and unreadable cells, for those who mend the sources: {ended.desk} (1 exports)" in told
    assert "Ana Soto" not in told
    assert "Eva Rojas" not in told
