"""A run finds a warehouse that it can write, whatever the one before left."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.machine.warehouse import make_ready

HOLD = """
import duckdb, sys, time
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""
WRITE_AND_DIE = """
import duckdb, os, sys
con = duckdb.connect(sys.argv[1])
con.execute("create table t as select 1")
os.kill(os.getpid(), 9)
"""


def ready(warehouse: Path, patience: float = 0) -> list[str]:
    warned: list[str] = []
    make_ready(warehouse, warned.append, patience)
    duckdb.connect(str(warehouse)).close()
    return warned


def hold(warehouse: Path, seconds: float) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(warehouse), str(seconds)], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    return process


def test_there_is_one_where_there_was_none(tmp_path: Path) -> None:
    assert ready(tmp_path / "bodega.duckdb") == []


@pytest.mark.parametrize("size", [0, 100, 8192])
def test_one_whose_creation_was_cut_is_put_aside_and_made_anew(tmp_path: Path, size: int) -> None:
    warehouse = tmp_path / "bodega.duckdb"
    duckdb.connect(str(warehouse)).close()
    with warehouse.open("r+b") as file:
        file.truncate(size)
    assert "damaged" in ready(warehouse)[0]
    assert (tmp_path / "bodega.duckdb.damaged").stat().st_size == size


def test_one_that_was_killed_with_writes_pending_keeps_them(tmp_path: Path) -> None:
    warehouse = tmp_path / "bodega.duckdb"
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(warehouse)], check=False)
    assert (tmp_path / "bodega.duckdb.wal").exists()
    assert ready(warehouse) == []
    with duckdb.connect(str(warehouse)) as con:
        assert con.execute("from t").fetchall() == [(1,)]


def test_one_that_another_process_holds_is_waited_for_and_never_taken_for_damaged(tmp_path: Path) -> None:
    warehouse = tmp_path / "bodega.duckdb"
    with hold(warehouse, 60) as holder:
        with pytest.raises(duckdb.IOException, match="lock"):
            make_ready(warehouse, lambda text: None, patience=0)
        holder.kill()
    with hold(warehouse, 0.3):
        assert "waiting" in ready(warehouse, patience=20)[0]
