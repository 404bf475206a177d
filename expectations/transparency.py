"""Checks of purchases, of the council's agreements and of the programme of government."""

from __future__ import annotations

from expectations.kinds import (
    at_least,
    between,
    code_shape,
    conserved,
    equal,
    has_rows,
    in_portfolio,
    in_set,
    months_without_gaps,
    mostly_in_its_month,
    not_after_cutoff,
    not_negative,
    person_type_consistent,
    rut_digit_right,
    rut_in_public_range,
    same_unit,
    unique_key,
    values_in_list,
    worst_first,
)
from expectations.model import MAX_CASES, Check

CURRENCIES = ("CLP", "CLF", "USD", "UTM", "EUR")

#: Pesos, as the total of an order in any currency. A single separator is read as the decimal one (export
#: sga_ordenes_compra), so 382.520 would be less.
SMALLEST_ORDER = 1000
#: Times its initiative's cost that an agreement may approve: further initiatives of the same code, years of inflation.
AGREED_FACTOR = 10

_ORDER = "coalesce(codigo_oc, '-')"
_AGREEMENT = "coalesce(acuerdo, '-')"
_COMMITMENT = "coalesce(compromiso, '-')"

_NEWEST_FIRST = "_anio desc nulls last, _mes desc nulls last, _archivo desc"

# Each line of an order as the newest month that tells it does.
_NEWEST_LINES = f"""(
    select * from staging.stg_sga_ordenes_compra
    qualify _archivo = first_value(_archivo) over (partition by codigo_oc, id_item order by {_NEWEST_FIRST})
)"""

# What an order says of itself repeats on each of its lines, and counts once. Its sum is rounded as it is published.
_ORDERS_RECEIVED = f"""(
    select codigo_oc, first(moneda order by {_NEWEST_FIRST}, id_item, _fila) as moneda,
        round(first(monto_total order by {_NEWEST_FIRST}, id_item, _fila)) as monto_total,
        count(*) as lineas, round(sum(total_linea_neto), 4) as total_lineas_neto
    from {_NEWEST_LINES} as lineas group by codigo_oc
)"""

PURCHASES = (
    has_rows("compras"),
    unique_key("compras", ["codigo_oc"]),
    code_shape(
        "compras",
        "codigo_oc",
        r"^9+-9+-AA99$",
        "Cada orden de compra tiene un código bien formado.",
        example="5482-1-SE23",
        staging="stg_sga_ordenes_compra",
    ),
    conserved(
        "compras",
        name="ordenes_conservadas",
        meaning="Cada orden de compra recibida está publicada una vez, y el monto de cada una se cuenta una sola vez.",
        origin=_ORDERS_RECEIVED,
        group="moneda",
        amounts=["monto_total"],
    ),
    conserved(
        "compras",
        name="lineas_conservadas",
        meaning="Están todas las líneas de las órdenes recibidas y sus totales netos suman lo mismo.",
        origin=_ORDERS_RECEIVED,
        group="moneda",
        amounts=["lineas", "total_lineas_neto"],
        rows=False,
    ),
    Check(
        dataset="compras",
        name="monto_unico_por_orden",
        severity="warning",
        meaning="Todas las líneas de una orden de compra informan el mismo monto total.",
        threshold="1 monto total por orden",
        query=worst_first(
            f"select {_ORDER} as clave, count(distinct monto_total) as montos from {_NEWEST_LINES} as lineas "
            "group by codigo_oc",
            "montos",
        ),
        expectation=between("montos", 1, 1),
        shows=("montos",),
    ),
    Check(
        dataset="compras",
        name="moneda_unica_por_orden",
        severity="warning",
        meaning="Todas las líneas de una orden de compra están en la misma moneda; si no, no se pueden sumar.",
        threshold="1 moneda por orden",
        query=worst_first(
            f"select {_ORDER} as clave, count(distinct moneda) as monedas from {_NEWEST_LINES} as lineas "
            "group by codigo_oc",
            "monedas",
        ),
        expectation=between("monedas", 1, 1),
        shows=("monedas",),
    ),
    values_in_list("compras", "moneda", CURRENCIES, _ORDER, "La moneda de cada orden es una de las que existen."),
    not_negative("compras", "monto_total", _ORDER, "Ninguna orden de compra tiene un monto negativo."),
    Check(
        dataset="compras",
        name="neto_hasta_monto_total",
        severity="warning",
        meaning="El total neto de las líneas de una orden en pesos no supera su monto total, que lleva impuestos.",
        threshold="total neto hasta el monto total",
        query=worst_first(
            f"select {_ORDER} as clave, monto_total, total_lineas_neto from marts.compras "
            "where moneda = 'CLP' and monto_total is not null and total_lineas_neto is not null",
            "total_lineas_neto - monto_total",
        ),
        expectation=at_least("monto_total", "total_lineas_neto"),
        shows=("monto_total", "total_lineas_neto"),
    ),
    Check(
        dataset="compras",
        name="monto_de_mil_pesos_o_mas",
        severity="warning",
        meaning=(
            "Ninguna orden es de menos de mil pesos, tampoco una en otra moneda, cuyo monto total también está en "
            "pesos; en una así suele haberse leído un punto de miles como si fuera de decimales."
        ),
        threshold=f"monto total de {SMALLEST_ORDER} pesos o más, o 0",
        query=worst_first(
            f"select {_ORDER} as clave, monto_total from marts.compras where monto_total > 0",
            "-monto_total",
        ),
        expectation=between("monto_total", SMALLEST_ORDER),
        shows=("monto_total",),
    ),
    same_unit("compras", "sga_ordenes_compra", guards_too=("iniciativa_trazabilidad",)),
    months_without_gaps(
        "compras",
        "sga_ordenes_compra",
        "Se recibieron las órdenes de compra",
        guards_too=("iniciativa_trazabilidad",),
    ),
    mostly_in_its_month("compras", "stg_sga_ordenes_compra", "fecha_envio", "Las órdenes"),
    rut_in_public_range("compras", "rut_proveedor", _ORDER),
    rut_digit_right("compras", "rut_proveedor", _ORDER),
    person_type_consistent("compras", "rut_proveedor", "proveedor", _ORDER),
    not_after_cutoff(
        "compras", "fecha_envio", _ORDER, "Ninguna orden de compra se envió después de la fecha de los datos."
    ),
)

AGREEMENTS = (
    has_rows("acuerdos_core"),
    unique_key("acuerdos_core", ["acuerdo"]),
    code_shape(
        "acuerdos_core",
        "acuerdo",
        r"^9+/9999$",
        "Cada acuerdo lleva su número y su año.",
        example="907/2024",
        staging="stg_core_acuerdos",
    ),
    conserved(
        "acuerdos_core",
        name="acuerdos_conservados",
        meaning="Están todos los acuerdos recibidos y sus montos suman lo mismo.",
        origin="staging.stg_core_acuerdos",
        group="resultado",
        amounts=["monto", "votos_favor", "votos_contra", "abstenciones"],
    ),
    values_in_list(
        "acuerdos_core", "resultado", ("APROBADO", "RECHAZADO"), _AGREEMENT, "Cada acuerdo fue aprobado o rechazado."
    ),
    values_in_list(
        "acuerdos_core",
        "tipo_sesion",
        ("ORDINARIA", "EXTRAORDINARIA"),
        _AGREEMENT,
        "Cada sesión es ordinaria o extraordinaria.",
        required=False,
    ),
    Check(
        dataset="acuerdos_core",
        name="resultado_segun_votos",
        severity="warning",
        meaning="Los acuerdos aprobados tienen más votos a favor que en contra, y los rechazados no.",
        threshold="APROBADO con más votos a favor; RECHAZADO con los mismos o menos",
        query=(
            f"select min({_AGREEMENT}) as clave, count(*) as acuerdos, coalesce(resultado, '-') "
            "|| case when votos_favor > votos_contra then ', más votos a favor' else ', sin más votos a favor' end "
            "as caso from marts.acuerdos_core where votos_favor is not null and votos_contra is not null "
            f"group by caso order by acuerdos, clave limit {MAX_CASES}"
        ),
        expectation=in_set("caso", ["APROBADO, más votos a favor", "RECHAZADO, sin más votos a favor"]),
        shows=("acuerdos",),
    ),
    *(
        not_negative("acuerdos_core", column, _AGREEMENT, "Ningún acuerdo tiene menos de 0 votos o abstenciones.")
        for column in ("votos_favor", "votos_contra", "abstenciones")
    ),
    not_negative("acuerdos_core", "monto", _AGREEMENT, "Ningún acuerdo aprueba un monto negativo."),
    Check(
        dataset="acuerdos_core",
        name="monto_cercano_al_de_la_iniciativa",
        severity="warning",
        meaning=(
            f"Ningún acuerdo aprueba más de {AGREED_FACTOR} veces el monto total de su iniciativa; si lo hace, uno de "
            "los dos suele venir en otra unidad."
        ),
        threshold=f"monto hasta {AGREED_FACTOR} veces el monto total de la iniciativa",
        query=worst_first(
            f"select {_AGREEMENT} as clave, acuerdos.monto, iniciativas.monto_total, "
            f"{AGREED_FACTOR} * iniciativas.monto_total as tope from marts.acuerdos_core as acuerdos "
            "inner join marts.iniciativas as iniciativas on acuerdos.codigo_iniciativa = iniciativas.codigo_iniciativa "
            "where acuerdos.monto is not null and iniciativas.monto_total > 0",
            "monto - tope",
        ),
        expectation=at_least("tope", "monto"),
        shows=("monto", "monto_total"),
        guards_too=("iniciativas",),
    ),
    same_unit("acuerdos_core", "core_acuerdos"),
    Check(
        dataset="acuerdos_core",
        name="anio_segun_fecha",
        severity="warning",
        meaning="El año que lleva el número de cada acuerdo es el de la sesión.",
        threshold="año del número igual al de la fecha",
        query=worst_first(
            f"select {_AGREEMENT} as clave, split_part(acuerdo, '/', 2) as anio_del_numero, "
            "cast(extract(year from fecha) as varchar) as anio_de_la_fecha from marts.acuerdos_core",
            "anio_del_numero <> anio_de_la_fecha",
        ),
        expectation=equal("anio_del_numero", "anio_de_la_fecha"),
        shows=("anio_de_la_fecha",),
    ),
    not_after_cutoff(
        "acuerdos_core", "fecha", _AGREEMENT, "Ningún acuerdo tiene una fecha posterior a la de los datos."
    ),
    in_portfolio("acuerdos_core", "los acuerdos"),
)

_ANSWERS = """(
    select compromiso, 1 as iniciativas, monto_total as monto_iniciativas, gasto_acumulado from marts.iniciativas
    where compromiso in (select compromiso from marts.compromisos_programa)
)"""

COMMITMENTS = (
    has_rows("compromisos_programa"),
    unique_key("compromisos_programa", ["compromiso"]),
    code_shape(
        "compromisos_programa",
        "compromiso",
        r"^AA-99$",
        "Cada compromiso lleva un código bien formado.",
        example="PG-01",
        staging="stg_programa_compromisos",
    ),
    conserved(
        "compromisos_programa",
        name="compromisos_conservados",
        meaning="Están todos los compromisos recibidos, ni uno más ni uno menos.",
        origin="staging.stg_programa_compromisos",
        group="estado",
    ),
    conserved(
        "compromisos_programa",
        name="cuadra_con_iniciativas",
        meaning="Las iniciativas de cada compromiso, su costo y su gasto son los de la cartera publicada.",
        origin=_ANSWERS,
        group="compromiso",
        amounts=["iniciativas", "monto_iniciativas", "gasto_acumulado"],
        rows=False,
    ),
    values_in_list(
        "compromisos_programa",
        "tipo",
        ("INICIATIVA", "ACTIVIDAD", "PROYECTO", "PROGRAMA"),
        _COMMITMENT,
        "El tipo de cada compromiso es uno de los que existen.",
    ),
    values_in_list(
        "compromisos_programa",
        "estado",
        ("NO INICIADO", "EN CURSO", "CUMPLIDO"),
        _COMMITMENT,
        "Cada compromiso está no iniciado, en curso o cumplido.",
    ),
    Check(
        dataset="compromisos_programa",
        name="avance_100_solo_si_completo",
        severity="error",
        meaning="El avance de un compromiso dice 100 solo cuando de verdad está todo completo.",
        threshold="avance informado de 100 o más donde se publica 100,00",
        query=worst_first(
            "select coalesce(publicado.compromiso, '-') as clave, coalesce(origen.avance, 0) as avance_informado "
            "from marts.compromisos_programa as publicado left join staging.stg_programa_compromisos as origen "
            "on publicado.compromiso = origen.compromiso where publicado.avance >= 100",
            "-avance_informado",
        ),
        expectation=between("avance_informado", 100),
    ),
    Check(
        dataset="compromisos_programa",
        name="avance_es_un_porcentaje",
        severity="warning",
        meaning="El avance de cada compromiso va de 0 a 100 por ciento.",
        threshold="de 0 a 100",
        query=worst_first(
            f"select {_COMMITMENT} as clave, avance from marts.compromisos_programa where avance is not null",
            "abs(avance - 50)",
        ),
        expectation=between("avance", 0, 100),
        shows=("avance",),
    ),
    Check(
        dataset="compromisos_programa",
        name="cumplido_si_completo",
        severity="warning",
        meaning="Los compromisos cumplidos tienen un avance de 100, y los demás no.",
        threshold="CUMPLIDO con avance 100; los demás con menos",
        query=(
            f"select min({_COMMITMENT}) as clave, count(*) as compromisos, "
            "case when estado = 'CUMPLIDO' then 'cumplido' else 'por cumplir' end "
            "|| case when avance >= 100 then ', completo' else ', incompleto' end as caso "
            "from marts.compromisos_programa where avance is not null "
            f"group by caso order by compromisos, clave limit {MAX_CASES}"
        ),
        expectation=in_set("caso", ["cumplido, completo", "por cumplir, incompleto"]),
        shows=("compromisos",),
    ),
    Check(
        dataset="compromisos_programa",
        name="compromiso_de_las_iniciativas_existe",
        severity="warning",
        meaning="Todo compromiso que nombra una iniciativa es del programa de gobierno.",
        threshold="todo código de compromiso está en el programa",
        query=worst_first(
            "select nombrados.compromiso as clave, nombrados.iniciativas, "
            "case when programa.compromiso is null then 'NO' else 'SÍ' end as existe from ("
            "select compromiso, count(*) as iniciativas from marts.iniciativas where compromiso is not null "
            "group by compromiso) as nombrados left join marts.compromisos_programa as programa "
            "on nombrados.compromiso = programa.compromiso",
            "existe = 'NO'",
        ),
        expectation=in_set("existe", ["SÍ"]),
        shows=("iniciativas",),
    ),
)

CHECKS = (*PURCHASES, *AGREEMENTS, *COMMITMENTS)
