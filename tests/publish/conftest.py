"""The run that the tests of this folder publish."""

import copy
from pathlib import Path

import pytest

from tests.publish.bench import ACUERDOS, COMPRAS, CUT_OFF, Bench


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
