"""The run that the tests of this folder publish, and the address of the schemas that validators ask for."""

import copy
import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.publish.bench import ACUERDOS, COMPRAS, CUT_OFF, Bench

SCHEMA = Path(os.environ.get("OC4IDS_SCHEMA", Path(__file__).parent / "oc4ids"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path, copy.deepcopy([CUT_OFF, ACUERDOS, COMPRAS]))
    bench.sql(
        "create schema marts",
        "create schema intermediate",
        "create table intermediate.int_fecha_corte as select date '2025-01-31' as fecha_corte",
        """
        create table marts.acuerdos as
        select * from (values
            ('2/2024', 'Aprueba plaza, "etapa 2"', 5000::bigint, date '2024-05-01', true, 12.50::decimal(18, 2), 'x'),
            ('1/2024', 'Aprueba cancha', null, date '2024-03-01', false, null, 'x')
        ) as t (acuerdo, materia, monto, fecha, aprobado, avance, analista)
        """,
        "create table marts.compras as select '5482-1-SE23' as codigo_oc, 'Andes Ltda.' as proveedor",
    )
    bench.reserve(("nombre", "Rosa Elena Ñancupil Soto"), ("cuenta", "1005572437"))
    bench.receive(("core/acuerdos_20250131.csv", "x"))
    return bench


@pytest.fixture(scope="module")
def schema_host() -> Iterator[str]:
    """The address that the schemas of OC4IDS are served at, on loopback."""
    handler = functools.partial(_Silent, directory=str(SCHEMA))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: pytest has its own output."""
