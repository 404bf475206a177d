"""The standard's own validator on the GeoParquet files of a release."""

from pathlib import Path

import duckdb
import geoparquet_validator

from publish.catalog import Geography
from publish.forms import geography


def test_the_validator_finds_a_geoparquet_file_conformant_and_a_plain_one_not(tmp_path: Path) -> None:
    plain = tmp_path / "lugares.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (select -33.443 as latitud, -70.6513 as longitud) to '{plain}'")
        geography.write(con, Geography("lugares_geo", "latitud", "longitud"), plain, tmp_path)
    assert geoparquet_validator.failed(geoparquet_validator.check(str(tmp_path / "lugares_geo.parquet"))) == []
    assert geoparquet_validator.failed(geoparquet_validator.check(str(plain))) == ["/conf/core/geo-metadata"]
