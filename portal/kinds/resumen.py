"""The executive summary of the programme of government: a sheet for each month, and the list of them.

Money and fulfilments have dates, so every month has them. State and progress are told without history, as they are now:
they stand on the newest sheet alone, and the others say so.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.contents import Contents, Row, by
from portal.pages import Page

Month = tuple[int, int]

# Each challenge and all together (todos), as they are now.
NOW = """
    select desafio, grouping(desafio) = 1 as todos, count(*) as compromisos,
           count(*) filter (where estado = 'CUMPLIDO') as cumplidos,
           count(*) filter (where estado = 'EN CURSO') as en_curso,
           count(*) filter (where estado = 'NO INICIADO') as no_iniciados,
           count(*) filter (where avance is null) as sin_avance,
           cast(
               -- Whole hundredths, where a half is exact; what is not complete never reads 100.
               least(round(100 * sum(avance) / count(avance)) / 100, case when min(avance) < 100 then 99.99 end)
               as decimal(18, 2)
           ) as avance_promedio,
           cast(sum(monto_iniciativas) as bigint) as monto_iniciativas,
           cast(sum(gasto_acumulado) as bigint) as gasto_acumulado
    from compromisos_programa group by rollup (desafio) order by todos, desafio nulls last
"""
# The same for every month in which something was spent or fulfilled. A month of which no spending is known has none;
# in another month a commitment of which none is told has 0.
MONTHLY = """
    with gasto as (
        select i.compromiso, g.anio, g.mes, sum(g.gasto_real) as gasto
        from iniciativa_gasto as g join iniciativas as i using (codigo_iniciativa)
        where i.compromiso is not null and g.gasto_real is not null group by all
    ),
    meses as (
        select anio, mes from gasto
        union
        select year(fecha_cumplimiento), month(fecha_cumplimiento) from compromisos_programa
        where estado = 'CUMPLIDO' and fecha_cumplimiento is not null
    ),
    gasto_del_mes as (
        select m.anio, m.mes, g.compromiso,
               sum(g.gasto) filter (where g.anio = m.anio and g.mes = m.mes) as gasto_mes,
               sum(g.gasto) as gasto_acumulado
        from meses as m join gasto as g on (g.anio, g.mes) <= (m.anio, m.mes) group by all
    )
    select m.anio, m.mes, c.desafio, grouping(c.desafio) = 1 as todos, count(*) as compromisos,
           count(*) filter (
               where c.estado = 'CUMPLIDO' and c.fecha_cumplimiento <= last_day(make_date(m.anio, m.mes, 1))
           ) as cumplidos,
           cast(sum(c.monto_iniciativas) as bigint) as monto_iniciativas,
           cast(
               case when exists (select 1 from gasto where gasto.anio = m.anio and gasto.mes = m.mes)
                    then coalesce(sum(g.gasto_mes), 0) end as bigint
           ) as gasto_mes,
           cast(coalesce(sum(g.gasto_acumulado), 0) as bigint) as gasto_acumulado
    from meses as m cross join compromisos_programa as c
    left join gasto_del_mes as g on (g.anio, g.mes, g.compromiso) = (m.anio, m.mes, c.compromiso)
    group by m.anio, m.mes, rollup (c.desafio)
    order by m.anio, m.mes, todos, c.desafio nulls last
"""


def path_of(anio: int, mes: int) -> str:
    """Where the summary of a month is, below the site's folder."""
    return f"programa/resumen-{anio}-{mes:02}.html"


def pages(contents: Contents, commitments: list[Row]) -> Iterator[Page]:
    """The sheets, and the page that leads to them. commitments: every one, in the order of the pages."""
    cut_off = date.fromisoformat(contents.manifest["fecha_corte"])
    newest = (cut_off.year, cut_off.month)
    found = by(contents.rows(MONTHLY, "compromisos_programa", "iniciativas", "iniciativa_gasto"), "anio", "mes")
    now = contents.rows(NOW, "compromisos_programa")
    months: dict[Month, list[Row]] = {month: rows for month, rows in found.items() if month < newest}
    if now:
        spent = {(row["todos"], row["desafio"]): row["gasto_mes"] for row in found.get(newest, [])}
        months[newest] = [{**row, "gasto_mes": spent.get((row["todos"], row["desafio"]))} for row in now]
    order = sorted(months)
    told = max((month for month in order if months[month][-1]["gasto_mes"] is not None), default=None)
    for place, month in enumerate(order):
        values: dict[str, Any] = {
            "anio": month[0],
            "mes": month[1],
            "desafios": months[month],
            "es_ultimo": month == newest,
            "cumplidos": [each for each in commitments if _fulfilled(each, month, month == newest)],
            "sin_fecha": sum(each["estado"] == "CUMPLIDO" and not each["fecha_cumplimiento"] for each in commitments),
            "gasto_hasta": told,
            "anterior": order[place - 1] if place else None,
            "siguiente": order[place + 1] if place + 1 < len(order) else None,
        }
        yield Page(path_of(*month), "resumen.html", values, printed=True)
    totals = [(month, months[month][-1]) for month in reversed(order)]
    yield Page("programa/resumen.html", "resumenes.html", {"meses_con_resumen": totals})


def _fulfilled(commitment: Row, month: Month, is_newest: bool) -> bool:
    """Whether a commitment is fulfilled by the end of a month; without a date it is from the newest month on."""
    if commitment["estado"] != "CUMPLIDO":
        return False
    day = commitment["fecha_cumplimiento"]
    return is_newest or (day is not None and (day.year, day.month) <= month)
