"""Checks of the portfolio of initiatives: where they are, their milestones and their spending."""

from __future__ import annotations

from expectations.kinds import (
    INITIATIVE_SHAPE,
    at_least,
    between,
    code_shape,
    complete_percentage,
    conserved,
    equal,
    has_rows,
    in_portfolio,
    not_after_cutoff,
    not_negative,
    pairs_in_set,
    same_unit,
    text_key,
    unique_key,
    valid_month,
    values_in_list,
    worst_first,
)
from expectations.model import MAX_CASES, Check, Expect

KINDS = ("PROYECTO", "PROGRAMA", "ESTUDIO BÁSICO")
TYPOLOGIES = ("MIDESO", "FRIL", "C-33", "FIC", "8%", "GLOSA", "OTRO")
STAGES = ("PREFACTIBILIDAD", "FACTIBILIDAD", "DISEÑO", "EJECUCIÓN")
STATES = (
    "EN ADMISIBILIDAD",
    "EN EVALUACIÓN",
    "RS",
    "APROBADO CORE",
    "EN CONVENIO",
    "EN LICITACIÓN",
    "EN EJECUCIÓN",
    "TERMINADA",
    "DESISTIDA",
)
DIVISIONS = ("DIPIR", "DIFOI", "DIDESOH", "DIT", "DIPLADER", "DAF")
REACHES = ("COMUNAL", "INTERCOMUNAL", "REGIONAL")
RATES = ("RS", "FI", "OT", "IN", "ADMISIBLE", "SIN RATE")
MILESTONES = (
    "POSTULACIÓN",
    "ADMISIBILIDAD",
    "RATE",
    "APROBACIÓN CORE",
    "CONVENIO",
    "TOMA DE RAZÓN",
    "LICITACIÓN",
    "ADJUDICACIÓN",
    "CONTRATO",
    "INICIO",
    "TÉRMINO",
    "RECEPCIÓN",
    "CIERRE",
)

#: Degrees that hold the whole region, with a margin.
REGION_LATITUDE = (-34.4, -32.8)
REGION_LONGITUDE = (-71.8, -69.7)

_CODE = "coalesce(codigo_iniciativa, '-')"
_PORTFOLIO = "staging.stg_sagir_iniciativas"


def _region_axis(axis: str, bounds: tuple[float, float]) -> Check:
    return Check(
        dataset="iniciativas",
        name=f"{axis}_en_la_region",
        severity="error",
        meaning="Cada iniciativa se dibuja en el mapa dentro de la Región Metropolitana.",
        threshold=f"de {bounds[0]} a {bounds[1]} grados",
        query=worst_first(
            f"select {_CODE} as clave, {axis} from marts.iniciativas where {axis} is not null",
            f"abs({axis} - ({sum(bounds) / 2:.2f}))",
        ),
        expectation=between(axis, *bounds),
        shows=(axis,),
    )


def _list(column: str, values: tuple[str, ...], meaning: str, *, required: bool) -> Check:
    return values_in_list("iniciativas", column, values, _CODE, meaning, required=required)


INITIATIVES = (
    has_rows("iniciativas"),
    unique_key("iniciativas", ["codigo_iniciativa"]),
    code_shape(
        "iniciativas",
        "codigo_iniciativa",
        INITIATIVE_SHAPE,
        "Cada código de iniciativa tiene la forma de un código BIP o de un código de fondo.",
        example="40012345-0 o 2401SC0626",
        staging="stg_sagir_iniciativas",
    ),
    conserved(
        "iniciativas",
        name="cartera_conservada",
        meaning="Están todas las iniciativas de la cartera recibida y sus montos suman lo mismo.",
        origin=_PORTFOLIO,
        group="estado",
        amounts=["monto_total", "monto_fndr"],
    ),
    Check(
        dataset="iniciativas",
        name="codigo_bip_coherente",
        severity="error",
        meaning="El código BIP y la parte son los que forman el código de la iniciativa.",
        threshold="código BIP, guion y parte dan el código; vacíos en un código de fondo",
        query=worst_first(
            f"select {_CODE} as clave, case when codigo_bip is null and parte is null "
            "then case when codigo_iniciativa like '%-%' then '(vacíos)' else codigo_iniciativa end "
            "else coalesce(codigo_bip, '') || '-' || coalesce(cast(parte as varchar), '') end as compuesto, "
            "case when codigo_iniciativa like '%-%' then split_part(codigo_iniciativa, '-', 1) || '-' || "
            "coalesce(cast(try_cast(split_part(codigo_iniciativa, '-', 2) as integer) as varchar), '?') "
            f"else {_CODE} end as codigo from marts.iniciativas",
            "compuesto <> codigo",
        ),
        expectation=equal("compuesto", "codigo"),
        shows=("compuesto",),
    ),
    _list("tipo", KINDS, "El tipo de cada iniciativa es proyecto, programa o estudio básico.", required=True),
    _list("tipologia", TYPOLOGIES, "La tipología de cada iniciativa es una de las que existen.", required=False),
    _list("etapa", STAGES, "La etapa de cada iniciativa es una de las que existen.", required=True),
    _list("estado", STATES, "El estado de cada iniciativa es uno de los que existen.", required=True),
    _list("division", DIVISIONS, "La división a cargo es una de las del Gobierno de Santiago.", required=False),
    _list("rate", RATES, "El resultado de la evaluación técnica (RATE) es uno de los que existen.", required=False),
    _list(
        "alcance",
        REACHES,
        "Cada iniciativa es de una comuna, de varias o de toda la región.",
        required=True,
    ),
    Check(
        dataset="iniciativas",
        name="alcance_segun_comunas",
        severity="error",
        meaning="Una iniciativa comunal está en una comuna, una intercomunal en dos o más y una regional en ninguna.",
        threshold="COMUNAL 1, INTERCOMUNAL 2 o más, REGIONAL 0 comunas",
        query=(
            "select min(clave) as clave, alcance, comunas, count(*) as filas from ("
            f"select coalesce(iniciativas.codigo_iniciativa, '-') as clave, coalesce(alcance, '-') as alcance, "
            "case coalesce(lugares.cantidad, 0) when 0 then '0' when 1 then '1' else '2 o más' end as comunas "
            "from marts.iniciativas as iniciativas left join ("
            "select codigo_iniciativa, count(*) as cantidad from marts.iniciativas_comunas group by codigo_iniciativa"
            ") as lugares on iniciativas.codigo_iniciativa = lugares.codigo_iniciativa "
            f"where alcance in {REACHES}) as casos "
            f"group by alcance, comunas order by clave limit {MAX_CASES}"
        ),
        expectation=pairs_in_set(
            "alcance", "comunas", [("COMUNAL", "1"), ("INTERCOMUNAL", "2 o más"), ("REGIONAL", "0")]
        ),
        shows=("comunas", "filas"),
    ),
    Check(
        dataset="iniciativas",
        name="punto_segun_origen",
        severity="error",
        meaning="Cada punto del mapa dice de dónde sale, y lo regional se dibuja en el edificio institucional.",
        threshold="regional: EDIFICIO INSTITUCIONAL; otras: SAGIR o COMUNA con punto, o sin punto ni origen",
        query=(
            f"select min({_CODE}) as clave, count(*) as filas, "
            "case when alcance = 'REGIONAL' then 'regional' else 'otra' end "
            "|| case when latitud is null or longitud is null then ', sin punto' else ', con punto' end as caso, "
            "coalesce(origen_punto, 'sin origen') as origen_punto "
            f"from marts.iniciativas group by caso, iniciativas.origen_punto order by clave limit {MAX_CASES}"
        ),
        expectation=pairs_in_set(
            "caso",
            "origen_punto",
            [
                ("regional, con punto", "EDIFICIO INSTITUCIONAL"),
                ("otra, con punto", "SAGIR"),
                ("otra, con punto", "COMUNA"),
                ("otra, sin punto", "sin origen"),
            ],
        ),
        shows=("caso", "filas"),
    ),
    Check(
        dataset="iniciativas",
        name="puntos_de_sagir_en_la_region",
        severity="warning",
        meaning=(
            "La mayoría de los puntos que trae SAGIR están dentro de la región; si no, vienen mal escritos o con la "
            "latitud y la longitud cambiadas, y en el mapa se usa un punto de la comuna."
        ),
        threshold="al menos la mitad de los puntos dentro de la región",
        query=worst_first(
            "select 'iniciativas con punto de SAGIR' as clave, count(*) as puntos, "
            "count(*) filter (where origen_punto = 'SAGIR') as en_la_region, "
            "100.0 * en_la_region / puntos as porcentaje from marts.iniciativas as cartera "
            "inner join staging.stg_sagir_iniciativas as recibida "
            "on cartera.codigo_iniciativa = recibida.codigo_iniciativa "
            "where alcance <> 'REGIONAL' and recibida.latitud is not null and recibida.longitud is not null "
            "having count(*) > 0",
            "-porcentaje",
        ),
        expectation=between("porcentaje", 50),
        shows=("puntos", "en_la_region"),
    ),
    _region_axis("latitud", REGION_LATITUDE),
    _region_axis("longitud", REGION_LONGITUDE),
    Check(
        dataset="iniciativas",
        name="gasto_acumulado_cuadra",
        severity="error",
        meaning="El gasto acumulado de cada iniciativa es la suma de sus gastos mensuales publicados.",
        threshold="diferencia 0",
        query=worst_first(
            "select coalesce(cartera.codigo_iniciativa, '-') as clave, "
            "coalesce(cartera.gasto_acumulado, -1) as gasto_acumulado, "
            "cast(coalesce(gastos.gasto_real, 0) as bigint) as suma_de_meses from marts.iniciativas as cartera "
            "left join (select codigo_iniciativa, sum(gasto_real) as gasto_real from marts.iniciativa_gasto "
            "group by codigo_iniciativa) as gastos on cartera.codigo_iniciativa = gastos.codigo_iniciativa",
            "abs(gasto_acumulado - suma_de_meses)",
        ),
        expectation=equal("gasto_acumulado", "suma_de_meses"),
        shows=("gasto_acumulado", "suma_de_meses"),
    ),
    complete_percentage("iniciativas", "avance_financiero", "monto_total - gasto_acumulado", _CODE),
    Check(
        dataset="iniciativas",
        name="gasto_sobre_monto_total",
        severity="warning",
        meaning="Ninguna iniciativa ha gastado más que su monto total.",
        threshold="gasto acumulado hasta el monto total",
        query=worst_first(
            f"select {_CODE} as clave, monto_total, gasto_acumulado from marts.iniciativas "
            "where monto_total >= 0 and gasto_acumulado is not null",
            "gasto_acumulado - monto_total",
        ),
        expectation=at_least("monto_total", "gasto_acumulado"),
        shows=("monto_total", "gasto_acumulado"),
    ),
    not_negative("iniciativas", "monto_total", _CODE, "Ninguna iniciativa tiene un monto total negativo."),
    same_unit("iniciativas", "sagir_iniciativas", guards_too=("iniciativa_trazabilidad", "compromisos_programa")),
    Check(
        dataset="iniciativas",
        name="fndr_hasta_monto_total",
        severity="warning",
        meaning="Lo que aporta el fondo regional (FNDR) no supera el monto total de la iniciativa.",
        threshold="monto FNDR hasta el monto total",
        query=worst_first(
            f"select {_CODE} as clave, monto_total, monto_fndr from marts.iniciativas "
            "where monto_total is not null and monto_fndr is not null",
            "monto_fndr - monto_total",
        ),
        expectation=at_least("monto_total", "monto_fndr"),
        shows=("monto_total", "monto_fndr"),
    ),
    Check(
        dataset="iniciativas",
        name="nombre_presente",
        severity="error",
        meaning="Toda iniciativa tiene un nombre.",
        threshold="ninguna sin nombre",
        query=worst_first(
            f"select {_CODE} as clave, nullif(trim(nombre), '') as nombre from marts.iniciativas", "nombre is null"
        ),
        expectation=Expect("ExpectColumnValuesToNotBeNull", {"column": "nombre"}),
    ),
    not_after_cutoff(
        "iniciativas",
        "fecha_estado",
        _CODE,
        "Ningún cambio de estado tiene una fecha posterior a la de los datos.",
    ),
    not_after_cutoff(
        "iniciativas",
        "fecha_rate",
        _CODE,
        "Ninguna evaluación técnica tiene una fecha posterior a la de los datos.",
    ),
    not_after_cutoff(
        "iniciativas",
        "fecha_core",
        _CODE,
        "Ningún acuerdo del consejo regional tiene una fecha posterior a la de los datos.",
    ),
)

_PLACES_RECEIVED = f"""(
    select codigo_iniciativa,
        case when comunas = 'REGIONAL' then 0
            else length(comunas) - length(replace(comunas, ' ', '')) + 1 end as lugares
    from {_PORTFOLIO}
)"""
_PLACES_PUBLISHED = "(select codigo_iniciativa, 1 as lugares from marts.iniciativas_comunas)"

PLACES = (
    has_rows("iniciativas_comunas", "warning"),
    unique_key("iniciativas_comunas", ["codigo_iniciativa", "cut"]),
    conserved(
        "iniciativas_comunas",
        name="comunas_conservadas",
        meaning="Cada iniciativa aparece en todas las comunas que declara, y las regionales en ninguna.",
        origin=_PLACES_RECEIVED,
        published=_PLACES_PUBLISHED,
        group="codigo_iniciativa",
        amounts=["lugares"],
        rows=False,
        may_be_empty=True,
    ),
    Check(
        dataset="iniciativas_comunas",
        name="comuna_de_la_region",
        severity="error",
        meaning="Cada comuna existe en la Región Metropolitana y su nombre corresponde a su código.",
        threshold="código y nombre de una de las 52 comunas",
        query=worst_first(
            "select 'comuna ' || coalesce(lugares.cut, '-') || ' de ' || min(lugares.codigo_iniciativa) as clave, "
            "coalesce(lugares.comuna, '(vacío)') as comuna, coalesce(oficial.comuna, '(no existe)') as nombre_oficial "
            "from marts.iniciativas_comunas as lugares left join staging.stg_comunas as oficial "
            "on lugares.cut = oficial.cut group by lugares.cut, lugares.comuna, oficial.comuna",
            "comuna <> nombre_oficial",
        ),
        expectation=equal("comuna", "nombre_oficial"),
        shows=("nombre_oficial",),
    ),
)

_MILESTONE = text_key("codigo_iniciativa", "orden", "hito")
_PLACE_IN_LIST = (
    "case hito " + " ".join(f"when '{name}' then {place}" for place, name in enumerate(MILESTONES)) + " end"
)

MILESTONE_CHECKS = (
    has_rows("iniciativa_hitos"),
    unique_key("iniciativa_hitos", ["codigo_iniciativa", "orden"]),
    conserved(
        "iniciativa_hitos",
        name="hitos_conservados",
        meaning="Están todos los hitos recibidos, ni uno más ni uno menos.",
        origin="staging.stg_sagir_hitos",
        group="hito",
    ),
    values_in_list(
        "iniciativa_hitos", "hito", MILESTONES, _CODE, "Cada hito es uno de los pasos que sigue una iniciativa."
    ),
    Check(
        dataset="iniciativa_hitos",
        name="orden_sin_saltos",
        severity="error",
        meaning="Los hitos de cada iniciativa se numeran 1, 2, 3… sin saltos.",
        threshold="el último orden es la cantidad de hitos",
        query=worst_first(
            f"select {_CODE} as clave, cast(max(orden) as bigint) as ultimo_orden, count(*) as hitos "
            "from marts.iniciativa_hitos group by codigo_iniciativa",
            "abs(ultimo_orden - hitos)",
        ),
        expectation=equal("ultimo_orden", "hitos"),
        shows=("ultimo_orden", "hitos"),
    ),
    Check(
        dataset="iniciativa_hitos",
        name="orden_segun_fecha",
        severity="error",
        meaning="Los hitos de cada iniciativa están ordenados por su fecha.",
        threshold="cada fecha igual o posterior a la del hito anterior",
        query=worst_first(
            f"select {_MILESTONE} as clave, fecha, fecha_anterior from (select *, lag(fecha) over ("
            "partition by codigo_iniciativa order by orden) as fecha_anterior from marts.iniciativa_hitos) as hitos "
            "where fecha_anterior is not null",
            "date_diff('day', fecha, fecha_anterior)",
        ),
        expectation=at_least("fecha", "fecha_anterior"),
        shows=("fecha", "fecha_anterior"),
    ),
    Check(
        dataset="iniciativa_hitos",
        name="dias_desde_anterior_calculados",
        severity="error",
        meaning="Los días desde el hito anterior son los que hay entre ambas fechas, y el primer hito no los tiene.",
        threshold="diferencia en días con el hito anterior; vacío en el primero",
        query=worst_first(
            f"select {_MILESTONE} as clave, coalesce(cast(dias_desde_anterior as varchar), 'vacío') as dias, "
            "coalesce(cast(date_diff('day', fecha_anterior, fecha) as varchar), 'vacío') as dias_esperados from ("
            "select *, lag(fecha) over (partition by codigo_iniciativa order by orden) as fecha_anterior "
            "from marts.iniciativa_hitos) as hitos",
            "dias <> dias_esperados",
        ),
        expectation=equal("dias", "dias_esperados"),
        shows=("dias", "dias_esperados"),
    ),
    Check(
        dataset="iniciativa_hitos",
        name="pasos_en_secuencia",
        severity="warning",
        meaning="Los pasos de una iniciativa ocurren en orden: por ejemplo, el contrato después de la licitación.",
        threshold="cada paso igual o posterior en fecha al paso que lo precede",
        query=worst_first(
            f"select {_MILESTONE} as clave, fecha, fecha_del_paso_previo from (select *, lag(fecha) over ("
            f"partition by codigo_iniciativa order by {_PLACE_IN_LIST}, fecha) as fecha_del_paso_previo "
            "from marts.iniciativa_hitos) as hitos where fecha_del_paso_previo is not null",
            "date_diff('day', fecha, fecha_del_paso_previo)",
        ),
        expectation=at_least("fecha", "fecha_del_paso_previo"),
        shows=("fecha", "fecha_del_paso_previo"),
    ),
    not_after_cutoff(
        "iniciativa_hitos", "fecha", _MILESTONE, "Ningún hito tiene una fecha posterior a la de los datos."
    ),
    in_portfolio("iniciativa_hitos", "los hitos"),
)

_SPENDING = f"{_CODE} || ' ' || printf('%d-%02d', anio, mes)"

SPENDING = (
    has_rows("iniciativa_gasto", "warning"),
    unique_key("iniciativa_gasto", ["codigo_iniciativa", "anio", "mes"], key=_SPENDING),
    conserved(
        "iniciativa_gasto",
        name="gasto_conservado",
        meaning="El gasto publicado de cada año, planificado y real, suma lo mismo que las planillas recibidas.",
        origin=("(select * from staging.stg_sagir_gasto where gasto_proyectado is not null or gasto_real is not null)"),
        group="anio",
        amounts=["gasto_proyectado", "gasto_real"],
        may_be_empty=True,
    ),
    valid_month(
        "iniciativa_gasto", "gasto", f"select min({_SPENDING}) as clave, mes from marts.iniciativa_gasto group by mes"
    ),
    Check(
        dataset="iniciativa_gasto",
        name="mes_con_cifras",
        severity="error",
        meaning="Cada fila trae el gasto planificado, el real o ambos; un mes sin cifras no tiene fila.",
        threshold="al menos una de las dos cifras",
        query=worst_first(
            f"select {_SPENDING} as clave, coalesce(gasto_proyectado, gasto_real) as cifra from marts.iniciativa_gasto",
            "cifra is null",
        ),
        expectation=Expect("ExpectColumnValuesToNotBeNull", {"column": "cifra"}),
    ),
    not_negative("iniciativa_gasto", "gasto_real", _SPENDING, "Ningún mes tiene un gasto real negativo."),
    not_negative("iniciativa_gasto", "gasto_proyectado", _SPENDING, "Ningún mes tiene un gasto planificado negativo."),
    Check(
        dataset="iniciativa_gasto",
        name="gasto_real_no_futuro",
        severity="warning",
        meaning="No hay gasto real en meses posteriores a la fecha de los datos.",
        threshold="gasto real solo hasta el mes de la fecha de corte",
        query=worst_first(
            f"select {_SPENDING} as clave, make_date(anio, least(greatest(mes, 1), 12), 1) as mes_de_gasto, "
            "corte.fecha_corte from marts.iniciativa_gasto cross join intermediate.int_fecha_corte as corte "
            "where coalesce(gasto_real, 0) <> 0",
            "mes_de_gasto",
        ),
        expectation=at_least("fecha_corte", "mes_de_gasto"),
        shows=("fecha_corte",),
    ),
    same_unit(
        "iniciativa_gasto", "sagir_gasto", guards_too=("iniciativas", "iniciativa_trazabilidad", "compromisos_programa")
    ),
    in_portfolio("iniciativa_gasto", "los gastos"),
)

CHECKS = (*INITIATIVES, *PLACES, *MILESTONE_CHECKS, *SPENDING)
