"""The points of a dataset as GeoParquet and GeoJSON, made from its published file, so that nothing else gets out."""

from pathlib import Path

import duckdb

from publish import sql
from publish.catalog import Geography
from publish.files import ROW_GROUP_ROWS
from publish.sql import quoted

BATCH = 10_000


def write(con: duckdb.DuckDBPyConnection, geography: Geography, published: Path, folder: Path) -> None:
    """Writes `<name>.parquet` (GeoParquet, WGS 84, with bounding boxes) and `<name>.geojson`.

    published: the dataset's Parquet file. Rows without a point are in neither. Source of the GeoJSON: RFC 7946, whose
    coordinates are longitude before latitude, in degrees.
    """
    parquet, geojson = (folder / f"{geography.name}.{kind}" for kind in ("parquet", "geojson"))
    latitude, longitude = quoted(geography.latitude), quoted(geography.longitude)
    source = f"{sql.parquet(published)} where {latitude} is not null and {longitude} is not null"
    point = f"cast('POINT (' || {longitude} || ' ' || {latitude} || ')' as geometry('OGC:CRS84'))"
    con.execute("set threads = 1")
    con.execute(
        f"copy (select *, {point} as geometry from {source}) to {sql.text(parquet)} "
        f"(format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS}, geoparquet_version 'BOTH')"
    )
    features = con.execute(
        f"""select json_object(
                'type', 'Feature',
                'geometry', json_object('type', 'Point', 'coordinates', [{longitude}, {latitude}]),
                'properties', to_json(t)
            ) from (select * from {source}) as t"""
    )
    with geojson.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        separator = ""
        while batch := features.fetchmany(BATCH):
            file.write(separator + ",\n".join(feature for (feature,) in batch))
            separator = ",\n"
        file.write("\n]}\n")
    con.execute("reset threads")
