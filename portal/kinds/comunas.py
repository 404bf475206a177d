"""The initiatives by place: what each comuna gets and who accounts for it, and the page that leads to the lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.contents import Contents, Row, by
from portal.kinds import saldos
from portal.pages import Page, file_name

# Where each initiative is listed: under each of its comunas, or under the whole region (no cut).
PLACES = """
    with lugares as (
        select codigo_iniciativa, cut from iniciativas_comunas
        union all
        select codigo_iniciativa, null from iniciativas where alcance is null or alcance = 'REGIONAL'
    )
"""
MONEY = f"""
    {PLACES}
    select cut, cast(sum(monto_total) as bigint) as monto_total, cast(sum(gasto_acumulado) as bigint) as gasto_acumulado
    from iniciativas join lugares using (codigo_iniciativa) group by cut
"""
# In thousands of pesos as the money of the initiatives that it stands beside, rounded half up.
TRANSFERS = f"""
    {PLACES}
    select cut, (monto_transferido + 500) // 1000 as monto_transferido, (por_rendir + 500) // 1000 as por_rendir
    from ({saldos.SUMS}, cut from transferencias join lugares using (codigo_iniciativa) group by cut)
"""
RECEIVERS = f"""
    {PLACES} {saldos.SUMS}, cut, {saldos.RECEIVER}
    from transferencias join lugares using (codigo_iniciativa) group by cut, rut_ejecutor
    order by por_rendir desc nulls last, rut_ejecutor
"""


def path_of(cut: str) -> str:
    """Where the page of a comuna is, below the site's folder."""
    return f"iniciativas/comuna-{file_name(cut)}.html"


def pages(contents: Contents, initiatives: list[Row], traces: Mapping[str, Row]) -> Iterator[Page]:
    """A list for each comuna and one of the whole region, and the page that leads to them.

    initiatives: all of them, in the order of the lists. traces: their rows of iniciativa_trazabilidad, by code.
    """
    found = {row["codigo_iniciativa"]: row for row in initiatives}
    money = {row["cut"]: row for row in contents.rows(MONEY, "iniciativas", "iniciativas_comunas")}
    needs = ("transferencias", "iniciativas", "iniciativas_comunas")
    transfers = {row["cut"]: row for row in contents.rows(TRANSFERS, *needs)}
    receivers = by(contents.rows(RECEIVERS, *needs), "cut")

    def listed(path: str, cut: str | None, place: str, rows: list[Row]) -> Page:
        values: dict[str, Any] = {
            "lugar": place,
            "es_comuna": cut is not None,
            "iniciativas": rows,
            "pasos": traces,
            "sumas": money.get(cut),
            "transferido": transfers.get(cut),
            "quienes_recibieron": receivers.get(cut, []),
        }
        return Page(path, "iniciativas_lista.html", values)

    places = by(
        contents.rows(
            "select * from iniciativas_comunas order by strip_accents(comuna), codigo_iniciativa", "iniciativas_comunas"
        ),
        "cut",
    )
    comunas = []
    for cut, rows in places.items():
        here = [found[row["codigo_iniciativa"]] for row in rows if row["codigo_iniciativa"] in found]
        comunas.append({"cut": cut, "comuna": rows[0]["comuna"], "iniciativas": here})
        yield listed(path_of(cut), cut, rows[0]["comuna"], here)
    regional = [row for row in initiatives if row["alcance"] == "REGIONAL"]
    without = [row for row in initiatives if row["alcance"] is None]
    yield listed("iniciativas/regionales.html", None, "Toda la región", [*regional, *without])
    yield _index(contents, comunas, [*regional, *without])


def _index(contents: Contents, comunas: list[dict[str, Any]], regional: list[Row]) -> Page:
    states = contents.rows(
        """
        select estado, count(*) as n, cast(sum(monto_total) as bigint) as monto_total,
               cast(sum(gasto_acumulado) as bigint) as gasto_acumulado
        from iniciativas group by estado order by n desc, estado
        """,
        "iniciativas",
    )
    worst = contents.rows(
        """
        select i.codigo_iniciativa, i.nombre, t.cantidad_alertas
        from iniciativa_trazabilidad as t join iniciativas as i using (codigo_iniciativa)
        where t.cantidad_alertas > 0 order by t.cantidad_alertas desc, i.codigo_iniciativa limit 10
        """,
        "iniciativa_trazabilidad",
        "iniciativas",
    )
    values = {"comunas": comunas, "regionales": regional, "estados": states, "con_alertas": worst}
    return Page("iniciativas/index.html", "iniciativas.html", values)
