"""The initiatives of the portfolio: a page each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.contents import Contents, Row, by
from portal.kinds import comunas, saldos
from portal.pages import Kind, Page, file_name

READS = (
    "iniciativas",
    "iniciativas_comunas",
    "iniciativa_hitos",
    "iniciativa_gasto",
    "iniciativa_trazabilidad",
    "transferencias",
    "pagos_proveedores",
    "compras",
    "documentos",
    "acuerdos_core",
    "compromisos_programa",
)
# A page lists so many of the newest documents, payments and transfers of an initiative, and says how many there are.
LISTED = 20

# What an initiative's page shows whole beside its own row: dataset, order. Each has the initiative's code.
WHOLE = {
    "iniciativas_comunas": "comuna",
    "iniciativa_hitos": "orden",
    "iniciativa_gasto": "anio, mes",
    "acuerdos_core": "fecha, acuerdo",
}

ORDERS = """
    with named as (
        select codigo_iniciativa, orden_compra as codigo_oc from pagos_proveedores
        where codigo_iniciativa is not null and orden_compra is not null
        union
        select i.codigo_iniciativa, c.codigo_oc
        from iniciativas as i join compras as c on c.id_licitacion = i.id_licitacion
    )
    select n.codigo_iniciativa, c.* from named as n join compras as c using (codigo_oc)
"""


@dataclass(frozen=True)
class Listed:
    """What the page shows of a long table, of which it lists the LISTED newest rows of an initiative.

    date: the column of the day; order: within a day. shows: the columns that the page prints; all rows of all pages are
    held at once, and the others would double that. rows: a query, of a dataset that does not name the initiative
    itself; needs: the datasets that it reads.
    """

    date: str
    order: str
    shows: tuple[str, ...]
    rows: str = ""
    needs: tuple[str, ...] = ()


# An initiative may have a hundred thousand rows of these.
LONG = {
    "transferencias": Listed(
        "fecha_transferencia",
        "id_transferencia",
        (
            "id_transferencia",
            "fecha_transferencia",
            "ejecutor",
            "monto_transferido",
            "monto_rendido",
            "saldo_por_rendir",
            "estado_rendicion",
        ),
    ),
    "compras": Listed(
        "fecha_envio",
        "codigo_oc",
        ("codigo_oc", "fecha_envio", "proveedor", "estado", "monto_total"),
        ORDERS,
        ("iniciativas", "pagos_proveedores", "compras"),
    ),
    "pagos_proveedores": Listed(
        "fecha_recepcion",
        "folio, rut_proveedor, tipo_documento, monto_total",
        ("tipo_documento", "folio", "proveedor", "fecha_recepcion", "fecha_pago", "dias_pago", "estado", "monto_total"),
    ),
    "documentos": Listed(
        "fecha_creacion",
        "id_documento",
        ("id_documento", "tipo_documento", "fecha_creacion", "fecha_termino", "dias_tramitacion", "estado"),
    ),
}
# The types of the SII, as on paper.
TAX_DOCUMENTS = {
    "33": "Factura",
    "34": "Factura exenta",
    "46": "Factura de compra",
    "52": "Guía de despacho",
    "56": "Nota de débito",
    "61": "Nota de crédito",
}


def path_of(codigo: str) -> str:
    """Where the page of an initiative is, below the site's folder."""
    return f"iniciativas/{file_name(codigo)}.html"


def _pages(contents: Contents) -> Iterator[Page]:
    initiatives = contents.rows(
        """
        select i.*, p.titulo as titulo_compromiso
        from iniciativas as i left join compromisos_programa as p using (compromiso)
        order by i.codigo_iniciativa
        """
        if "compromisos_programa" in contents.datasets
        else "select *, null as titulo_compromiso from iniciativas order by codigo_iniciativa",
        "iniciativas",
    )
    traces = {
        row["codigo_iniciativa"]: row
        for row in contents.rows("from iniciativa_trazabilidad", "iniciativa_trazabilidad")
    }
    owed = contents.rows(
        f"{saldos.SUMS}, codigo_iniciativa from transferencias group by codigo_iniciativa", "transferencias"
    )
    balances = {row["codigo_iniciativa"]: row for row in owed}
    parts = {name: _of_each(contents, f"from {name}", order, name) for name, order in WHOLE.items()}
    parts |= {name: _newest_of_each(contents, name, listed) for name, listed in LONG.items()}
    meanings = alerts(contents)
    for each in initiatives:
        code = each["codigo_iniciativa"]
        trace = traces.get(code)
        values: dict[str, Any] = {name: rows.get(code, []) for name, rows in parts.items()}
        values |= {
            "iniciativa": each,
            "paso": trace,
            "saldo": balances.get(code),
            "mes_mas_alto": _highest(values["iniciativa_gasto"]),
            "alertas": [meanings.get(alert, alert) for alert in _codes(trace)],
            "documentos_de": TAX_DOCUMENTS,
        }
        yield Page(path_of(code), "iniciativa.html", values)
    yield from comunas.pages(contents, initiatives, traces)


def _highest(months: list[Row]) -> tuple[Row, str] | None:
    """The month and the column with the most money: of equal ones what was spent, and the latest."""
    cells = [(row, column) for column in ("gasto_real", "gasto_proyectado") for row in reversed(months) if row[column]]
    return max(cells, key=lambda cell: cell[0][cell[1]], default=None)


def _of_each(contents: Contents, source: str, order: str, *needs: str) -> dict[str, list[Row]]:
    """The rows of each initiative in their order; `de` tells how many there are."""
    sql = f"""
        select *, count(*) over (partition by codigo_iniciativa) as de
        {source} where codigo_iniciativa is not null
        order by codigo_iniciativa, {order}"""
    return by(contents.rows(sql, *needs), "codigo_iniciativa")


def _newest_of_each(contents: Contents, name: str, listed: Listed) -> dict[str, list[Row]]:
    """The LISTED newest rows of each initiative, those without a date behind all others; `de` tells how many it has."""
    source = f"from ({listed.rows})" if listed.rows else f"from {name}"
    date, order = listed.date, listed.order
    # Only what is as new as the last one of the list is sorted: of millions of rows a few.
    sql = f"""
        with recientes as (
            select codigo_iniciativa, count(*) as de, max({date}, {LISTED})[{LISTED}] as desde
            {source} where codigo_iniciativa is not null group by codigo_iniciativa
        )
        select codigo_iniciativa, {", ".join(listed.shows)}, recientes.de
        from (select * {source}) as filas inner join recientes using (codigo_iniciativa)
        where recientes.desde is null or filas.{date} >= recientes.desde
        qualify row_number() over (partition by codigo_iniciativa order by {date} desc nulls last, {order}) <= {LISTED}
        order by codigo_iniciativa, {date} desc nulls last, {order}"""
    return by(contents.rows(sql, *(listed.needs or (name,))), "codigo_iniciativa")


def alerts(contents: Contents) -> Mapping[str, str]:
    """Each code of an alert and what it says in plain words, as the dictionary explains it."""
    columns = contents.dictionary.get("iniciativa_trazabilidad", {}).get("columnas", [])
    text = next((column["descripcion"] for column in columns if column["nombre"] == "alertas"), "")
    return {code: f"{said[0].upper()}{said[1:]}." for code, said in re.findall(r"([A-Z_]{4,}): ([^.]+)\.", text)}


def _codes(trace: Row | None) -> list[str]:
    return trace["alertas"].split(" | ") if trace and trace["alertas"] else []


KIND = Kind("iniciativas", READS, _pages)
