"""The money: execution of the budget down to its lines, payment in 30 days, transfers and what they still owe."""

from collections import Counter
from collections.abc import Iterator

from portal import charts
from portal.contents import Contents, by
from portal.kinds import saldos
from portal.numbers import MONTHS
from portal.pages import Kind, Page
from portal.programmes import told

READS = (
    "ejecucion_presupuestaria",
    "ficha_ciudadana",
    "indicadores_gestion",
    "conciliacion",
    "pago_oportuno",
    "pagos_proveedores",
    "transferencias",
    "iniciativas",
)
LINES = """
    select * from ejecucion_presupuestaria
    qualify mes = max(mes) over (partition by anio, programa)
    order by anio desc, programa, tipo, subtitulo, item nulls first, asignacion nulls first, moneda
"""
# Lines in dollars are never added to pesos. Those without ítem have no sum: its key would be the whole subtítulo's.
LEVELS = """
    select anio, programa, tipo, subtitulo, item, moneda,
           cast(sum(presupuesto_vigente) as bigint) as presupuesto_vigente,
           cast(sum(ejecucion_acumulada) as bigint) as ejecucion_acumulada
    from (
        from ejecucion_presupuestaria qualify mes = max(mes) over (partition by anio, programa)
    )
    group by grouping sets (
        (anio, programa, tipo, moneda), (anio, programa, tipo, moneda, subtitulo),
        (anio, programa, tipo, moneda, subtitulo, item)
    )
    having grouping(item) = 1 or item is not null
"""


def _pages(contents: Contents) -> Iterator[Page]:
    yield _index(contents)
    yield from _execution(contents)
    yield _payments(contents)
    yield _transfers(contents)


def _index(contents: Contents) -> Page:
    totals = contents.rows(
        "select * from ficha_ciudadana where subtitulo = 'TOTAL' order by programa, anio, mes", "ficha_ciudadana"
    )
    programmes = []
    for programa, rows in by(totals, "programa").items():
        title = told(programa)[0]
        points = [(MONTHS[row["mes"] - 1][:3], str(row["anio"]), row["porcentaje_ejecucion"]) for row in rows]
        points.sort(key=lambda point: [month[:3] for month in MONTHS].index(point[0]))
        recent = {str(row["anio"]) for row in rows[-36:]}
        drawn = charts.lines(
            [point for point in points if point[1] in recent],
            "% ejecutado",
            f"Porcentaje ejecutado de {title}, mes a mes",
        )
        years = [each[-1] for each in by(rows, "anio").values()]
        programmes.append({"programa": programa, "titulo": title, "grafico": drawn, "anios": years[::-1]})
    indicators = contents.rows("select * from indicadores_gestion order by indicador, anio desc", "indicadores_gestion")
    lines = contents.rows("select distinct programa, anio from ejecucion_presupuestaria", "ejecucion_presupuestaria")
    by_line = {(row["programa"], row["anio"]) for row in lines}
    values = {
        "por_linea": by_line,
        "programas": programmes,
        "indicadores": by(indicators, "indicador"),
        "conciliacion": contents.reconciliation,
    }
    return Page("dinero/index.html", "dinero.html", values)


def _execution(contents: Contents) -> Iterator[Page]:
    """The lines of a programme and year, as of its newest month, under their subtítulo and ítem."""
    lines = contents.rows(LINES, "ejecucion_presupuestaria")
    levels = {
        (row["anio"], row["programa"], row["tipo"], row["moneda"], row["subtitulo"], row["item"]): row
        for row in contents.rows(LEVELS, "ejecucion_presupuestaria")
    }
    # A version kept from before it told the names has none.
    names = {row["subtitulo"]: row.get("nombre_subtitulo") or "" for row in lines}
    initiatives = by(
        contents.rows(
            """
            select codigo_iniciativa, nombre, subtitulo, item, asignacion, monto_total, gasto_acumulado
            from iniciativas order by monto_total desc nulls last, codigo_iniciativa
            """,
            "iniciativas",
        ),
        "subtitulo",
        "item",
        "asignacion",
    )
    for (anio, programa), rows in by(lines, "anio", "programa").items():
        tree = {
            kind: {subtitulo: by(each, "item") for subtitulo, each in by(of_kind, "subtitulo").items()}
            for kind, of_kind in sorted(
                by(rows, "tipo", "moneda").items(), key=lambda each: (each[0] != ("GASTO", "P"), each[0])
            )
        }
        values = {
            "anio": anio,
            "programa": programa,
            "titulo": told(programa)[0],
            "mes": rows[0]["mes"],
            "arbol": tree,
            "niveles": levels,
            "nombres": names,
            # Initiatives belong to the programme of regional investment.
            "iniciativas": initiatives if programa == "02" else {},
        }
        yield Page(
            f"dinero/{programa}-{anio}.html",
            "ejecucion.html",
            values,
            reads=("ejecucion_presupuestaria", "iniciativas"),
        )


def _payments(contents: Contents) -> Page:
    rows = contents.rows("select * from pago_oportuno order by anio, mes, programa", "pago_oportuno")
    points = [(f"{row['mes']:02}-{row['anio']}", told(row["programa"])[0], row["porcentaje_en_plazo"]) for row in rows]
    drawn = charts.lines(
        points, "% en 30 días", "Porcentaje de los documentos pagado dentro de 30 días, por mes de pago"
    )
    indicator = contents.rows(
        "select * from indicadores_gestion where indicador = 'pago_30_dias' order by anio desc", "indicadores_gestion"
    )
    late = contents.rows(
        """
        select count(*) as n, cast(sum(monto_total) as bigint) as monto_total
        from pagos_proveedores where fecha_pago is null and not dentro_plazo
        """,
        "pagos_proveedores",
    )
    undated = Counter[int]()
    for row in rows:
        undated[row["anio"]] += row["documentos_sin_recepcion"] or 0
    values = {
        "grafico": drawn,
        "filas": rows[::-1],
        "programas": {row["programa"]: told(row["programa"])[0] for row in rows},
        "indicador": indicator,
        "impagos": late,
        "sin_recepcion": undated,
    }
    return Page(
        "dinero/pagos.html", "pagos.html", values, reads=("pago_oportuno", "indicadores_gestion", "pagos_proveedores")
    )


def _transfers(contents: Contents) -> Page:
    states = contents.rows(
        f"{saldos.SUMS}, estado_rendicion from transferencias group by estado_rendicion order by n desc",
        "transferencias",
    )
    years = contents.rows(
        f"{saldos.SUMS}, year(fecha_transferencia) as anio from transferencias group by anio order by anio desc",
        "transferencias",
    )
    owing = contents.rows(
        f"""
        {saldos.SUMS}, {saldos.RECEIVER}
        from transferencias group by rut_ejecutor having max(saldo_por_rendir) > 0
        order by por_rendir desc, rut_ejecutor limit 50
        """,
        "transferencias",
    )
    values = {"estados": states, "anios": years, "saldos": owing}
    return Page("dinero/transferencias.html", "transferencias.html", values, reads=("transferencias",))


KIND = Kind("dinero", READS, _pages, of_release=True)
