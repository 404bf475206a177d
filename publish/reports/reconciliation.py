"""How much of what the budget says was spent is explained by documents, per year and programme."""

from pathlib import Path
from typing import Any

import duckdb

from publish.rows import rows, table

RECONCILIATION = "conciliacion"


def programmes(con: duckdb.DuckDBPyConnection, folder: Path) -> list[dict[str, Any]]:
    """Per year and programme, in M$: what SIGFE says, what documents explain of it, and what is left.

    `respaldo` are the documents of lines with spending; `respaldo_sin_ejecucion` those of lines without any.
    `porcentaje` (two decimals, half up) never reads 100 while something is missing; it is None where nothing was spent.
    `respaldo_en_exceso` is by how much documents surpass the spending of their line: it hides gaps of the others.
    """
    found = rows(
        con,
        f"""
        with sumas as (
            select
                anio,
                programa,
                cast(sum(ejecutado) as bigint) as ejecutado,
                cast(coalesce(sum(respaldo_total) filter (where ejecutado is not null), 0) as bigint) as respaldo,
                cast(sum(diferencia) as bigint) as diferencia,
                cast(coalesce(sum(respaldo_total) filter (where ejecutado is null), 0) as bigint)
                    as respaldo_sin_ejecucion,
                cast(coalesce(sum(-diferencia) filter (where diferencia < 0), 0) as bigint) as respaldo_en_exceso,
                count(*) as lineas,
                count(*) filter (where diferencia < 0) as lineas_con_exceso
            from {table(folder, RECONCILIATION)} group by anio, programa
        ),
        centesimas as (
            select
                *,
                case when ejecutado > 0 then cast(
                    sign(respaldo) * ((20000 * abs(respaldo)::hugeint + ejecutado) // (2 * ejecutado::hugeint))
                    as bigint
                ) end as redondeado
            from sumas
        )
        select
            * exclude (redondeado),
            case when respaldo < ejecutado then least(redondeado, 9999) else redondeado end as porcentaje
        from centesimas order by anio, programa
        """,
    )
    return [
        row | {"porcentaje": None if (hundredths := row["porcentaje"]) is None else hundredths / 100} for row in found
    ]
