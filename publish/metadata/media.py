"""What a file of a release is, by its name."""

_TYPES = {
    "csv": "text/csv",
    "duckdb": "application/octet-stream",
    "geojson": "application/geo+json",
    "html": "text/html",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "parquet": "application/vnd.apache.parquet",
    "rdf": "application/rdf+xml",
    "ttl": "text/turtle",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
# A browser guesses another encoding where these say none; Turtle is always UTF-8.
_OF_ANY_ENCODING = ("text/csv", "text/html", "text/plain")


def media_type(name: str) -> str:
    """The media type of a file. Raises KeyError where a release holds no file of this kind."""
    return _TYPES[name.rpartition(".")[2]]


def content_type(name: str) -> str:
    """What a web server has to say that a file is. Raises KeyError where a release holds no file of this kind."""
    kind = media_type(name)
    return f"{kind}; charset=utf-8" if kind in _OF_ANY_ENCODING else kind
