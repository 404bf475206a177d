"""The region's 52 comunas, and in which of them a point falls."""

from decimal import Decimal

import pyarrow as pa
import pytest
import shapely

from ingest import geography
from tests.ingest.conftest import Ingest
from tests.ingest.tables import PATHS, csv_file, row


def located(*points: tuple[float, float]) -> dict[tuple[float, float], str]:
    degrees = pa.decimal128(28, 8)
    table = pa.table(
        {
            "latitud": pa.array([Decimal(str(lat)) for lat, _ in points], degrees),
            "longitud": pa.array([Decimal(str(lon)) for _, lon in points], degrees),
        }
    )
    return {(float(r["latitud"]), float(r["longitud"])): r["cut"] for r in geography.locate(table).to_pylist()}


def test_the_region_has_52_comunas_in_six_provinces() -> None:
    rows = geography.comunas().to_pylist()
    assert len({r["cut"] for r in rows}) == len({r["comuna"] for r in rows}) == len(rows) == 52
    assert len({r["provincia"] for r in rows}) == 6
    assert all(r["cut"].startswith("13") and len(r["cut"]) == 5 for r in rows)


def test_the_point_of_a_comuna_is_inside_it() -> None:
    rows = geography.comunas().to_pylist()
    found = located(*((r["latitud"], r["longitud"]) for r in rows))
    assert {(float(r["latitud"]), float(r["longitud"])): r["cut"] for r in rows} == found


@pytest.mark.parametrize(
    ("latitude", "longitude", "cut"),
    [
        (-33.4430, -70.6513, "13101"),  # Bandera 46, Santiago
        (-33.5110, -70.7580, "13119"),  # Maipú, its square
        (-33.4569, -70.5979, "13120"),  # Ñuñoa, its square
        (-33.6850, -71.2150, "13501"),  # Melipilla
        (-33.0840, -70.9280, "13303"),  # Tiltil
        (-33.6430, -70.3530, "13203"),  # San José de Maipo
        (-33.0400, -71.9000, None),  # the sea
        (-33.0460, -71.6200, None),  # Valparaíso
        (-34.1700, -70.7400, None),  # Rancagua
        (-70.6513, -33.4430, None),  # swapped
        (33.4430, 70.6513, None),  # without signs
        (0, 0, None),
        (-334430, -706513, None),  # without the decimal point
        (-33.447, 0, None),
    ],
)
def test_a_point_falls_in_its_comuna_or_outside_the_region(latitude: float, longitude: float, cut: str | None) -> None:
    assert located((latitude, longitude)) == ({(latitude, longitude): cut} if cut else {})


def test_the_region_has_no_holes() -> None:
    outlines = shapely.from_wkb(geography._division("geometry")["geometry"].to_pylist())
    region = shapely.union_all(outlines)
    slivers = [shapely.Polygon(ring) for part in shapely.get_parts(region) for ring in part.interiors]
    points = [shapely.point_on_surface(sliver) for sliver in slivers]
    inside = [(round(p.y, 8), round(p.x, 8)) for p in points]
    found = located(*inside)
    assert set(found) == set(inside)
    whole = geography._filled(outlines)
    assert all(not part.interiors for part in shapely.get_parts(whole))


def test_no_points_have_no_comunas() -> None:
    assert located() == {}


def test_each_distinct_point_of_the_initiatives_is_looked_up_once(ingest: Ingest) -> None:
    places = [("-33,4430", "-70.6513"), ("-33.443", "-70,6513"), ("0", "0"), ("", "-70,65"), ("-33,511", "-70,758")]
    rows = [row("sagir_iniciativas", i, latitud=lat, longitud=lon) for i, (lat, lon) in enumerate(places)]
    bench = ingest({PATHS["sagir_iniciativas"]: csv_file("sagir_iniciativas", rows)})
    assert bench.table("select * from '{raw}/puntos.parquet' order by latitud") == [
        {"latitud": Decimal("-33.511"), "longitud": Decimal("-70.758"), "cut": "13119"},
        {"latitud": Decimal("-33.443"), "longitud": Decimal("-70.6513"), "cut": "13101"},
    ]
