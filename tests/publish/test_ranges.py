"""A small part of a large dataset costs little over the network."""

import http.client
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import polars
import pyarrow.dataset
import pytest
from fsspec.spec import AbstractBufferedFile

from publish import files
from publish.catalog import Dataset
from tests.publish.tables import column

MAX_BYTES = 700_000
MAX_REQUESTS = 12

LINES = 8_334
ROWS = 120 * 2 * LINES

KEY = ("anio", "mes", "programa", "subtitulo", "item", "asignacion")
AMOUNTS = ("presupuesto_inicial", "presupuesto_vigente", "ejecucion_acumulada", "ejecucion_mes", "saldo")

EJECUCION = Dataset(
    name="ejecucion",
    title="Ejecución",
    theme="tema",
    description="Ejecución de cada mes.",
    grain=KEY,
    order=KEY,
    requires=(),
    columns=(
        *(column(name, "INTEGER") for name in KEY[:2]),
        *(column(name, "VARCHAR") for name in (*KEY[2:], "tipo", "denominacion", "moneda")),
        *(column(name, "BIGINT") for name in AMOUNTS),
        column("porcentaje_ejecucion", "DECIMAL(18,2)"),
    ),
    relation="marts.ejecucion",
)

# Ten years of twelve months of two programmes, in no order; amounts that no compression guesses.
SYNTHETIC = f"""
    create table marts.ejecucion as
    with lines as (
        select 2015 + m // 12 as anio, 1 + m % 12 as mes, '0' || (1 + p) as programa, l
        from range(120) as a(m), range(2) as b(p), range({LINES}) as c(l)
    )
    select anio::integer as anio, mes::integer as mes, programa,
           lpad((21 + l // 760)::varchar, 2, '0') as subtitulo, lpad((1 + l // 40 % 19)::varchar, 2, '0') as item,
           lpad((l % 40)::varchar, 3, '0') as asignacion, case when l % 9 = 0 then 'INGRESO' else 'GASTO' end as tipo,
           'Línea de gasto número ' || l || ' de la institución' as denominacion, 'CLP' as moneda,
           (hash(l, programa, anio) % 90000000)::bigint as presupuesto_inicial,
           (hash(l, programa, anio, mes // 3) % 90000000)::bigint as presupuesto_vigente,
           (hash(l, programa, anio, mes) % 80000000)::bigint as ejecucion_acumulada,
           (hash(l, programa, anio, mes, 1) % 8000000)::bigint as ejecucion_mes,
           (hash(l, programa, anio, mes, 2) % 80000000)::bigint as saldo,
           (hash(l, mes, anio) % 10000 / 100)::decimal(18, 2) as porcentaje_ejecucion
    from lines order by hash(l, mes)
"""


@dataclass
class Served:
    """A folder over HTTP, and what was asked of it: the method and the bytes that were sent."""

    folder: Path
    asked: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    def tell(self, what: str) -> None:
        """The figures, for whoever runs pytest with -s."""
        print(f"\n{what}: {len(self.asked)} requests, {self.bytes / 1000:.0f} KB")  # noqa: T201

    @property
    def bytes(self) -> int:
        return sum(sent for _, sent in self.asked)


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            path = served.folder / Path(self.path).name
            size = path.stat().st_size
            asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
            first, last = 0, size - 1
            if asked and asked[1]:
                first, last = int(asked[1]), min(int(asked[2] or last), last)
            elif asked:
                first = size - int(asked[2])
            count = last - first + 1
            self.send_response(206 if asked else 200)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(count))
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.end_headers()
            served.asked.append((self.command, count if with_body else 0))
            if with_body:
                with path.open("rb") as file:
                    file.seek(first)
                    self.wfile.write(file.read(count))

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The mart as our own writer writes it."""
    folder = tmp_path_factory.mktemp("ranges")
    with duckdb.connect(config={"memory_limit": files.MEMORY_LIMIT, "temp_directory": str(folder / "temp")}) as con:
        con.execute("create schema marts")
        con.execute(SYNTHETIC)
        assert files.write_table(con, EJECUCION, {}, folder / "ejecucion.parquet", folder / "ejecucion.csv") == ROWS
    (folder / "ejecucion.csv").unlink()
    served = Served(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(served)) as server:
        served.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield served
        server.shutdown()


class _RangedFile(AbstractBufferedFile):  # type: ignore[misc]
    def _fetch_range(self, start: int, end: int) -> bytes:
        answer: bytes = self.fs.ask("GET", self.path, {"Range": f"bytes={start}-{end - 1}"})[1]
        return answer


class _Ranged(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """Each read of a reader as one request, nothing kept nor fetched ahead: what is counted is the reader's own."""

    protocol = "ranged"
    cachable = False

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._known: dict[str, int] = {}

    def ask(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request(method, "/" + Path(path).name, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return int(answer.headers["Content-Length"]), body

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        name = Path(path).name
        if name not in self._known:
            self._known[name] = self.ask("HEAD", path, {})[0]
        return {"name": path, "size": self._known[name], "type": "file"}

    def modified(self, _: str) -> datetime:
        return datetime(2025, 1, 31, tzinfo=UTC)

    def glob(self, path: str, **_: Any) -> list[str]:
        return [path]

    def _open(self, path: str, mode: str = "rb", **_: Any) -> _RangedFile:
        return _RangedFile(self, path, mode, block_size=1, cache_type="none")


@pytest.mark.slow
def test_one_month_of_one_programme_out_of_two_million_rows_costs_little(served: Served) -> None:
    """DuckDB's own reader, all columns. Its httpfs, of which 1.5.5 was the newest to be had, took 627 KB in 11."""
    served.asked.clear()
    with duckdb.connect() as con:
        con.register_filesystem(_Ranged(served.port))
        rows = con.execute(
            "from read_parquet('ranged://ejecucion.parquet') where anio = 2019 and mes = 6 and programa = '02'"
        ).fetchall()
    served.tell("DuckDB, all columns")
    assert len(rows) == LINES
    assert served.bytes < MAX_BYTES
    assert len(served.asked) < MAX_REQUESTS


@pytest.mark.slow
def test_the_sum_of_one_column_costs_less(served: Served) -> None:
    served.asked.clear()
    with duckdb.connect() as con:
        con.register_filesystem(_Ranged(served.port))
        rows = con.execute(
            "select subtitulo, sum(ejecucion_mes) from read_parquet('ranged://ejecucion.parquet') "
            "where anio = 2019 and mes = 6 and programa = '02' group by all"
        ).fetchall()
    served.tell("DuckDB, a sum")
    assert len(rows) == 11
    assert served.bytes < MAX_BYTES / 2
    assert len(served.asked) <= MAX_REQUESTS


@pytest.mark.slow
def test_other_readers_fetch_a_part_of_the_file_too(served: Served) -> None:
    """polars and pyarrow leave out by row group only: three of them hold the month."""
    size = (served.folder / "ejecucion.parquet").stat().st_size
    served.asked.clear()
    frame = (
        polars.scan_parquet(f"http://127.0.0.1:{served.port}/ejecucion.parquet")
        .filter((polars.col("anio") == 2019) & (polars.col("mes") == 6) & (polars.col("programa") == "02"))
        .collect()
    )
    served.tell("polars, all columns")
    assert frame.height == LINES
    assert served.bytes < size / 20
    served.asked.clear()
    dataset = pyarrow.dataset.dataset("ejecucion.parquet", filesystem=_Ranged(served.port), format="parquet")
    where = pyarrow.dataset.field
    table = dataset.to_table(
        filter=(where("anio") == 2019) & (where("mes") == 6) & (where("programa") == "02"), use_threads=False
    )
    served.tell("pyarrow, all columns")
    assert table.num_rows == LINES
    assert served.bytes < size / 20
