"""Points as GeoParquet and GeoJSON."""

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import shapely

from publish.catalog import Geography
from publish.forms import geography

POINTS = """
    select * from (values
        ('40000001-0', cast(-33.4430 as decimal(9, 6)), cast(-70.6513 as decimal(9, 6)), date '2024-05-01', null),
        ('40000002-0', null, null, null, 'sin "punto"')
    ) as t(codigo, latitud, longitud, fecha, nota)
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        con.execute(f"copy ({POINTS}) to '{tmp_path}/lugares.parquet'")
        lugares = Geography("lugares_geo", "latitud", "longitud")
        geography.write(con, lugares, tmp_path / "lugares.parquet", tmp_path)
    return tmp_path


def test_the_geojson_has_longitude_before_latitude_and_no_row_without_a_point(written: Path) -> None:
    content = json.loads((written / "lugares_geo.geojson").read_text("utf-8"))
    assert content == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-70.6513, -33.443]},
                "properties": {
                    "codigo": "40000001-0",
                    "latitud": -33.443,
                    "longitud": -70.6513,
                    "fecha": "2024-05-01",
                    "nota": None,
                },
            }
        ],
    }


def test_the_geoparquet_names_its_geometry_and_holds_the_same_points(written: Path) -> None:
    table = pq.read_table(written / "lugares_geo.parquet")
    geo = json.loads(pq.read_metadata(written / "lugares_geo.parquet").metadata[b"geo"])
    assert geo["primary_column"] == "geometry"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["bbox"] == [-70.6513, -33.443, -70.6513, -33.443]
    assert [shapely.from_wkb(g.as_py()).coords[0] for g in table["geometry"]] == [(-70.6513, -33.443)]


def test_the_same_points_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    before = [(written / f"lugares_geo.{kind}").read_bytes() for kind in ("parquet", "geojson")]
    with duckdb.connect() as con:
        geography.write(con, Geography("lugares_geo", "latitud", "longitud"), written / "lugares.parquet", tmp_path)
    assert [(tmp_path / f"lugares_geo.{kind}").read_bytes() for kind in ("parquet", "geojson")] == before
