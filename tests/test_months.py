"""One month read again by the command once its rows were damaged: all is as a full rebuild makes it, byte for byte."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SAMPLES, World, run_job

pytestmark = pytest.mark.slow

MONTH, EXPORT = "2024-12", "dte_rcv_compra"


@pytest.fixture(scope="module")
def read_again(sample_world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The samples' warehouse without its releases and with rows of a month lost, after that month was read again."""
    base = tmp_path_factory.mktemp("months") / "world"
    shutil.copytree(sample_world.base / "internal", base / "internal", symlinks=True)
    shutil.rmtree(base / "internal" / "dbt")
    for rows in files_of_the_month(base):
        with duckdb.connect() as con:
            con.execute(f"copy (select * from '{rows}' limit 1) to '{rows}.half' (format parquet)")
        Path(f"{rows}.half").replace(rows)
    assert raw(base) != raw(sample_world.base)
    return run_job(SAMPLES, base, "--month", MONTH, "--export", EXPORT)


def files_of_the_month(base: Path) -> list[Path]:
    """Its accepted rows in the raw layer."""
    with duckdb.connect() as con:
        found = con.execute(
            f"""select distinct filename from read_parquet('{base}/internal/raw/{EXPORT}/*.parquet', filename = true)
            where _sha256 in (
                select sha256 from '{base}/internal/raw/archivos.parquet'
                where export = '{EXPORT}' and printf('%d-%02d', anio, mes) = '{MONTH}'
            )"""
        ).fetchall()
    return [Path(name) for (name,) in found]


def raw(base: Path) -> dict[str, bytes]:
    folder = base / "internal" / "raw"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.parquet")}


def marts(base: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(base / "internal" / "bodega.duckdb"), read_only=True) as con:
        names = con.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by all"
        ).fetchall()
        return {name: con.execute(f'select * from marts."{name}" order by all').fetchall() for (name,) in names}


def test_the_raw_layer_is_the_same(sample_world: World, read_again: World) -> None:
    assert read_again.code == 0, read_again.output
    assert re.findall(r"(\w+): reading (\d+) file", read_again.output) == [(EXPORT, "1")]
    assert raw(read_again.base) == raw(sample_world.base)


def test_the_marts_are_the_same(sample_world: World, read_again: World) -> None:
    assert marts(read_again.base) == marts(sample_world.base)
    assert len(marts(read_again.base)) >= 20


def test_the_release_is_the_same_in_every_file(sample_world: World, read_again: World) -> None:
    assert read_again.release.name == sample_world.release.name
    one, other = (
        {p.name: p.read_bytes() for p in world.release.iterdir() if p.suffix != ".duckdb"}
        for world in (sample_world, read_again)
    )
    assert [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--month", "2031-12"), "no file is of 2031-12; there are 2022-12 to 2025-02"),
        (("--export", "sga_ordenes_compra"), "say with --month which month of it"),
        (("--month", MONTH, "--export", "sagir"), "one of dte_rcv_compra, presupuesto_ejecucion, sga_ordenes_compra"),
    ],
)
def test_what_is_no_month_or_no_monthly_export_is_said(read_again: World, options: tuple[str, ...], said: str) -> None:
    release = (read_again.releases / "latest").readlink()
    refused = run_job(SAMPLES, read_again.base, *options)
    assert refused.code == 2
    assert said in " ".join(refused.output.split())
    assert (read_again.releases / "latest").readlink() == release
    assert run_job(SAMPLES, read_again.base).output.count("nothing new since") == 1
