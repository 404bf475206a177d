"""Checks of the way of each initiative: what adds up along it, and the alerts where it does not."""

from __future__ import annotations

from expectations.kinds import (
    INITIATIVE_SHAPE,
    at_least,
    code_shape,
    conserved,
    equal,
    has_rows,
    in_set,
    signed,
    unique_key,
    worst_first,
)
from expectations.model import Check

#: The closed list of alerts, in the order in which an initiative names its own.
ALERTS = (
    "GASTO_SIN_ACUERDO_CORE",
    "GASTO_ANTES_DE_ACUERDO_CORE",
    "GASTO_SOBRE_MONTO_TOTAL",
    "FACTURADO_SOBRE_MONTO_TOTAL",
    "PAGADO_SOBRE_FACTURADO",
    "GASTO_SIN_RESPALDO",
    "RESPALDO_SIN_GASTO",
    "SALDO_BAJO_CERO",
    "RENDICION_ATRASADA",
    "TRANSFERENCIA_A_QUIEN_DEBE_RENDIR",
    "TRANSFERENCIA_SIN_CONVENIO_PREVIO",
    "TERMINADA_CON_SALDO_POR_RENDIR",
    "ORDEN_SIN_FACTURA",
    "DOCUMENTO_IMPAGO",
    "HITOS_DESORDENADOS",
    "PUNTO_FUERA_DE_LA_REGION",
    "PUNTO_FUERA_DE_SU_COMUNA",
)
SEPARATOR = " | "

#: What the published columns alone say of some alerts: each stands where, and only where, its condition holds.
_RECOMPUTED = {
    "GASTO_SOBRE_MONTO_TOTAL": "gasto_real > monto_total",
    "FACTURADO_SOBRE_MONTO_TOTAL": "monto_facturado > monto_total",
    "PAGADO_SOBRE_FACTURADO": (
        "monto_pagado > monto_facturado and codigo_iniciativa not in (select p.codigo_iniciativa "
        "from marts.pagos_proveedores as p where p.codigo_iniciativa is not null and p.monto_total is null "
        "and p.estado not in ('RECLAMADA', 'ANULADA'))"
    ),
    "SALDO_BAJO_CERO": (
        "codigo_iniciativa in (select t.codigo_iniciativa from marts.transferencias as t where t.saldo_por_rendir < 0)"
    ),
    "RENDICION_ATRASADA": (
        "codigo_iniciativa in (select t.codigo_iniciativa from marts.transferencias as t "
        "where t.estado_rendicion = 'ATRASADA')"
    ),
}

_DATASET = "iniciativa_trazabilidad"
_CODE = "coalesce(codigo_iniciativa, '-')"
_PORTFOLIO = "(select codigo_iniciativa from staging.stg_sagir_iniciativas)"

_COSTS = (
    "(select codigo_iniciativa, cast(monto_total as bigint) * 1000 as monto_total from staging.stg_sagir_iniciativas)"
)
_SPENDING = f"""(
    select codigo_iniciativa, cast(gasto_real as bigint) * 1000 as gasto_real from marts.iniciativa_gasto
    where codigo_iniciativa in {_PORTFOLIO}
)"""
_DOCUMENTS = f"""(
    select codigo_iniciativa, 1 as documentos_dte, monto_total as monto_facturado,
        {signed("monto_pagado")} as monto_pagado
    from intermediate.int_documentos_tributarios
    where estado not in ('RECLAMADA', 'ANULADA') and codigo_iniciativa in {_PORTFOLIO}
)"""
_TRANSFERS = f"(select * from marts.transferencias where codigo_iniciativa in {_PORTFOLIO})"
_ORDERS = """(
    select codigo_iniciativa, monto_total as monto_ordenes_compra from (
        select cartera.codigo_iniciativa, compras.codigo_oc, compras.monto_total
        from staging.stg_sagir_iniciativas as cartera
        inner join marts.compras as compras on cartera.id_licitacion = compras.id_licitacion
        union
        select cartera.codigo_iniciativa, compras.codigo_oc, compras.monto_total
        from staging.stg_sagir_iniciativas as cartera
        inner join intermediate.int_documentos_tributarios as documentos
            on cartera.codigo_iniciativa = documentos.codigo_iniciativa
        inner join marts.compras as compras on documentos.orden_compra = compras.codigo_oc
    ) as ordenes
)"""


def _adds_up(name: str, meaning: str, origin: str, amounts: tuple[str, ...]) -> Check:
    return conserved(
        _DATASET, name=name, meaning=meaning, origin=origin, group="codigo_iniciativa", amounts=amounts, rows=False
    )


def _calculated(column: str, formula: str, meaning: str, threshold: str) -> Check:
    return Check(
        dataset=_DATASET,
        name=f"{column}_calculado",
        severity="error",
        meaning=meaning,
        threshold=threshold,
        query=worst_first(
            f"select {_CODE} as clave, coalesce(cast({column} as varchar), 'vacío') as publicado, "
            f"coalesce(cast({formula} as varchar), 'vacío') as esperado from marts.{_DATASET}",
            "publicado <> esperado",
        ),
        expectation=equal("publicado", "esperado"),
        shows=("publicado", "esperado"),
    )


def _counts_at_least(column: str, dataset: str, meaning: str) -> Check:
    """A count is no less than the rows that name the initiative; the model may join more by other ways."""
    return Check(
        dataset=_DATASET,
        name=f"{column}_contados",
        severity="error",
        meaning=meaning,
        threshold="tantos como los publicados que la nombran, o más",
        query=worst_first(
            f"select coalesce(camino.codigo_iniciativa, '-') as clave, coalesce(camino.{column}, -1) as {column}, "
            f"coalesce(nombrados.cantidad, 0) as la_nombran from marts.{_DATASET} as camino left join ("
            f"select codigo_iniciativa, count(*) as cantidad from marts.{dataset} group by codigo_iniciativa) "
            "as nombrados on camino.codigo_iniciativa = nombrados.codigo_iniciativa",
            f"la_nombran - {column}",
        ),
        expectation=at_least(column, "la_nombran"),
        shows=(column, "la_nombran"),
    )


# Each alert that an initiative names, with its place in the text.
_NAMED = f"""(
    select {_CODE} as clave, unnest(string_split(alertas, '{SEPARATOR}')) as alerta,
        unnest(range(1, len(string_split(alertas, '{SEPARATOR}')) + 1)) as lugar
    from marts.{_DATASET} where alertas is not null
)"""
_PLACE_IN_LIST = "case alerta " + " ".join(f"when '{alert}' then {n}" for n, alert in enumerate(ALERTS, 1)) + " end"

_RECOMPUTED_CASES = " union all ".join(
    f"select {_CODE} as clave, '{alert}' as alerta, "
    f"case when '{SEPARATOR}' || coalesce(alertas, '') || '{SEPARATOR}' like '%{SEPARATOR}{alert}{SEPARATOR}%' "
    f"then 'SÍ' else 'NO' end as publicada, case when {condition} then 'SÍ' else 'NO' end as esperada "
    f"from marts.{_DATASET}"
    for alert, condition in _RECOMPUTED.items()
)

CHECKS = (
    has_rows(_DATASET),
    unique_key(_DATASET, ["codigo_iniciativa"]),
    code_shape(
        _DATASET,
        "codigo_iniciativa",
        INITIATIVE_SHAPE,
        "Cada código de iniciativa tiene la forma de un código BIP o de un código de fondo.",
        example="40012345-0 o 2401SC0626",
        staging="stg_sagir_iniciativas",
    ),
    conserved(
        _DATASET,
        name="cartera_conservada",
        meaning="Están todas las iniciativas de la cartera recibida, y su costo en pesos es el mismo.",
        origin=_COSTS,
        group="codigo_iniciativa",
        amounts=["monto_total"],
    ),
    _adds_up(
        "gasto_cuadra",
        "El gasto real de cada iniciativa es la suma de sus gastos mensuales publicados.",
        _SPENDING,
        ("gasto_real",),
    ),
    _adds_up(
        "documentos_cuadran",
        "Lo facturado y lo pagado de cada iniciativa es la suma de sus documentos tributarios.",
        _DOCUMENTS,
        ("documentos_dte", "monto_facturado", "monto_pagado"),
    ),
    _adds_up(
        "transferencias_cuadran",
        "Lo transferido, rendido, aprobado y devuelto de cada iniciativa es la suma de sus transferencias.",
        _TRANSFERS,
        ("monto_transferido", "monto_rendido", "monto_aprobado", "monto_reintegrado"),
    ),
    _adds_up(
        "ordenes_cuadran",
        "Las órdenes de compra de cada iniciativa se cuentan una vez cada una.",
        _ORDERS,
        ("monto_ordenes_compra",),
    ),
    _calculated(
        "saldo_por_rendir",
        "monto_transferido - monto_rendido - monto_reintegrado",
        "El saldo por rendir es lo transferido menos lo rendido y lo devuelto.",
        "transferido menos rendido menos reintegrado",
    ),
    _calculated(
        "diferencia_gasto",
        "gasto_real - (monto_facturado + monto_transferido)",
        "La diferencia es el gasto real menos lo facturado y lo transferido.",
        "gasto real menos facturado menos transferido",
    ),
    _counts_at_least(
        "documentos_sgd", "documentos", "Se cuentan todos los documentos oficiales que nombran a cada iniciativa."
    ),
    _counts_at_least(
        "acuerdos_core",
        "acuerdos_core",
        "Se cuentan todos los acuerdos del Consejo Regional que nombran a cada iniciativa.",
    ),
    Check(
        dataset=_DATASET,
        name="alertas_en_lista",
        severity="error",
        meaning="Cada alerta es una de la lista conocida.",
        threshold="uno de: " + ", ".join(ALERTS),
        query=worst_first(
            f"select min(clave) as clave, alerta, count(*) as filas from {_NAMED} as nombradas group by alerta",
            f"{_PLACE_IN_LIST} is null",
        ),
        expectation=in_set("alerta", ALERTS),
        shows=("filas",),
    ),
    Check(
        dataset=_DATASET,
        name="alertas_en_orden",
        severity="error",
        meaning="Las alertas de cada iniciativa van siempre en el mismo orden y no se repiten.",
        threshold="el orden de la lista de alertas",
        query=worst_first(
            "select clave, case when coalesce(lugar_en_lista > lag(lugar_en_lista) over (partition by clave "
            "order by lugar), lugar = 1) then 'en orden' else 'fuera de orden' end as caso "
            f"from (select clave, lugar, {_PLACE_IN_LIST} as lugar_en_lista from {_NAMED} as nombradas) as lugares",
            "caso = 'fuera de orden'",
        ),
        expectation=in_set("caso", ["en orden"]),
    ),
    _calculated(
        "cantidad_alertas",
        f"coalesce(len(string_split(alertas, '{SEPARATOR}')), 0)",
        "Se cuentan tantas alertas como se nombran.",
        "cantidad de códigos en alertas; 0 si está vacío",
    ),
    Check(
        dataset=_DATASET,
        name="alertas_segun_los_datos",
        severity="error",
        meaning="Las alertas que se pueden comprobar con los datos publicados están donde corresponde, y solo allí.",
        threshold="alerta presente donde se cumple su condición: " + ", ".join(_RECOMPUTED),
        query=worst_first(
            f"select clave || ' ' || alerta as clave, publicada, esperada from ({_RECOMPUTED_CASES}) as casos",
            "publicada <> esperada",
        ),
        expectation=equal("publicada", "esperada"),
        shows=("publicada", "esperada"),
    ),
)
