"""A disk that is full ends the run with what could not be written, and leaves nothing half written on it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy

from orchestration.dbt_command import DbtError
from orchestration.machine import space
from tests.ingest.tables import PATHS, document, dte_set

XML = PATHS["dte_xml"]
# The system refuses to write files of more than so many bytes, as a full disk would.
LIMITED = """
import resource, sys
from pathlib import Path
from orchestration.machine import space
from tests.ingest.bench import Bench
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
bench = Bench(Path(sys.argv[1]))
try:
    bench.run()
except Exception as error:
    assert space.is_full(error), error
    print(space.said(error))
"""


@pytest.mark.parametrize(
    ("share", "unwritten"), [(0.5, "archive/."), (1.1, "rechazos/dte_xml.partial")], ids=["archive", "desk"]
)
def test_a_full_disk_is_told_with_its_place_and_its_remedy(tmp_path: Path, share: float, unwritten: str) -> None:
    file = tmp_path / "exports" / XML
    file.parent.mkdir(parents=True)
    # All rejected: at the desk each stands with its cells and its whole text.
    file.write_text(dte_set(*(document(i, total="mil") for i in range(1000))), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), str(int(file.stat().st_size * share))],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert f"{tmp_path}/{unwritten}" in done.stdout
    assert "Make room there" in done.stdout
    assert not [*tmp_path.rglob("*.partial"), *tmp_path.rglob(".tmp")]


def test_a_full_disk_is_known_by_what_each_engine_says(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        # A file of its own: pyarrow would remove the device by its name.
        with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space") as told:
            pq.write_table(pa.table({"n": range(100_000)}), full)
        assert space.is_full(told.value)
        con.execute(
            f"set temp_directory = '{tmp_path}/t'; set memory_limit = '20MB'; set max_temp_directory_size = '1MB'"
        )
        with pytest.raises(duckdb.Error) as spilled:
            con.execute("create temp table t as select range as a, hash(range) as b from range(9000000)")
        assert space.is_full(spilled.value)
    # Dagster keeps its history with SQLAlchemy, which wraps what SQLite says.
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/history.db")
    with engine.connect() as history:
        history.execute(sqlalchemy.text("pragma max_page_count = 1"))
        with pytest.raises(sqlalchemy.exc.OperationalError) as wrapped:
            history.execute(sqlalchemy.text("create table runs (id)"))
    assert space.is_full(wrapped.value)
    assert space.is_full(DbtError("Encountered an error: [Errno 28] No space left on device"))
    assert not space.is_full(DbtError("Compilation Error"))
    assert space.is_full(duckdb.IOException('Could not write file "a": No space left on device'))
    assert not space.is_full(PermissionError(13, "Permission denied"))
    assert not space.is_full(ValueError("No space left on device"))
