"""The points of a dataset as GeoParquet and GeoJSON, made from its published file, so that nothing else gets out."""

from pathlib import Path

import duckdb

from publish import rows, sql
from publish.catalog import Geography
from publish.files import ROW_GROUP_ROWS
from publish.sql import quoted

BATCH = 10_000

_BEGIN, _END = '{"type": "FeatureCollection", "features": [', "]}"


def write(con: duckdb.DuckDBPyConnection, geography: Geography, published: Path, folder: Path) -> None:
    """Writes `<name>.parquet` (GeoParquet, WGS 84, with bounding boxes) and `<name>.geojson`.

    published: the dataset's Parquet file. Rows without a point are in neither. Source of the GeoJSON: RFC 7946, whose
    coordinates are longitude before latitude, in degrees.
    """
    parquet, geojson = (folder / f"{geography.name}.{kind}" for kind in ("parquet", "geojson"))
    con.execute("set threads = 1")
    con.execute(
        f"copy {_with_points(geography, published)} to {sql.text(parquet)} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, geoparquet_version 'BOTH')"
    )
    features = con.execute(_features(geography, published))
    with geojson.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{_BEGIN}\n")
        separator = ""
        while batch := features.fetchmany(BATCH):
            file.write(separator + ",\n".join(feature for (feature,) in batch))
            separator = ",\n"
        file.write(f"\n{_END}\n")
    con.execute("reset threads")


def geoparquet_holds(con: duckdb.DuckDBPyConnection, geography: Geography, published: Path, path: Path) -> bool:
    """Whether a GeoParquet file, read back, has the points of the published file with all of their columns."""
    cells = [quoted(name) for name in rows.types(con, _with_points(geography, published))]
    return rows.same(con, sql.parquet(path), _with_points(geography, published), cells)


def geojson_holds(con: duckdb.DuckDBPyConnection, geography: Geography, published: Path, path: Path) -> bool:
    """Whether a GeoJSON file, read back, has the points of the published file with all of their columns.

    It is read a feature at a time, as it was written: as one document, 98 MB of it do not fit the memory of a run.
    """
    # A line is one cell, since JSON spells out the character that is the delimiter here.
    lines = (
        f"read_csv({sql.text(path)}, columns = {{linea: 'varchar'}}, header = false, auto_detect = false, "
        "delim = '\x1f', quote = '', escape = '')"
    )
    read = f"(select rtrim(linea, ',') as linea from {lines} where linea <> '')"
    ends = f"values ({sql.text(_BEGIN)}), ({sql.text(_END)})"
    return rows.same(con, read, f"({_features(geography, published)} union all {ends}) as t(linea)", ["linea"])


def _source(geography: Geography, published: Path) -> str:
    """SQL of the rows of the published file that have a point, as it stands behind FROM."""
    latitude, longitude = quoted(geography.latitude), quoted(geography.longitude)
    return f"{sql.parquet(published)} where {latitude} is not null and {longitude} is not null"


def _with_points(geography: Geography, published: Path) -> str:
    coordinates = f"{quoted(geography.longitude)} || ' ' || {quoted(geography.latitude)}"
    point = f"cast('POINT (' || {coordinates} || ')' as geometry('OGC:CRS84'))"
    return f"(select *, {point} as geometry from {_source(geography, published)})"


def _features(geography: Geography, published: Path) -> str:
    coordinates = f"[{quoted(geography.longitude)}, {quoted(geography.latitude)}]"
    return f"""
        select cast(json_object(
            'type', 'Feature',
            'geometry', json_object('type', 'Point', 'coordinates', {coordinates}),
            'properties', to_json(t)
        ) as varchar) from (select * from {_source(geography, published)}) as t
    """
