"""Checks of the budget execution and of the sheets for citizens."""

from __future__ import annotations

from expectations.kinds import (
    between,
    complete_percentage,
    conserved,
    equal,
    has_rows,
    in_set,
    not_negative,
    same_unit,
    text_key,
    unique_key,
    valid_month,
    values_in_list,
    worst_first,
)
from expectations.model import Check, Expect, Severity

PROGRAMS = ("01", "02")

#: M$ that a parent may differ from the sum of its children: sources round each line (export presupuesto_ejecucion).
ROUNDING_MILES = 2

#: Percent that the sum of the initial budget may differ within a year: rounding, and a row that was rejected.
INITIAL_MARGIN = 1
#: M$, or thousands of dollars, that rounding alone may add up to: of a small budget that is more than its percent.
INITIAL_ROUNDING = 100

# What adds the lines of the budget up.
_SUMS_OF_LINES = ("ficha_ciudadana", "conciliacion", "indicadores_gestion")

_MONTH = "printf('%d-%02d', anio, mes)"
_LINE = f"{_MONTH} || ' ' || coalesce(programa, '-') || ' ' || concat_ws('.', subtitulo, item, asignacion)"
_SHEET_ROW = f"{_MONTH} || ' ' || {text_key('programa', 'subtitulo')}"
_CONTRAST_ROW = text_key("anio", "programa", "subtitulo", "campo")

#: What was spent beyond the budget; of a negative budget (subtítulo 32, money that comes back) in its own direction.
_EXCESS = "case when presupuesto_vigente < 0 then -1 else 1 end * ({spent} - presupuesto_vigente)"

_BLOCK = "anio, mes, partida, capitulo, programa, subtitulo"

# An ítem whose own row is missing is worth its asignaciones: only the lowest rows are published, and those are there. A
# line is compared with what stands below it in its own currency, and with nothing where all of that is in another.
_PARENTS = f"""
with montos as (
    select {_BLOCK}, item, asignacion, moneda, monto, valor
    from staging.stg_presupuesto_ejecucion
    unpivot (valor for monto in (presupuesto_inicial, presupuesto_vigente, ejecucion_acumulada))
),
items as (
    select {_BLOCK}, item, moneda, monto,
        max(valor) filter (where asignacion is null) as linea,
        sum(valor) filter (where asignacion is not null) as hijas,
        sum(count(asignacion)) over (partition by {_BLOCK}, item) > 0 as con_hijas
    from montos where item is not null
    group by {_BLOCK}, item, moneda, monto
),
subtitulos as (
    select {_BLOCK}, cast(null as varchar) as item, moneda, monto,
        max(valor) filter (where item is null) as linea,
        sum(valor) filter (where item is not null) as hijas,
        sum(count(item)) over (partition by {_BLOCK}) > 0 as con_hijas
    from (
        select {_BLOCK}, item, moneda, monto, coalesce(linea, hijas) as valor from items
        union all
        select {_BLOCK}, item, moneda, monto, valor from montos where item is null and asignacion is null
    ) as lineas
    group by {_BLOCK}, moneda, monto
),
con_rechazos as (
    select distinct anio, mes, partida, capitulo, programa
    from staging.stg_presupuesto_ejecucion
    where _archivo in (select archivo from marts.filas_rechazadas)
        or _archivo in (select archivo from staging.stg_observaciones)
),
lineas as (
    select lineas.* replace (coalesce(hijas, 0) as hijas) from (
        select * from items where linea is not null and con_hijas
        union all
        select * from subtitulos where linea is not null and con_hijas
    ) as lineas {{join}} join con_rechazos using (anio, mes, partida, capitulo, programa)
)
""" + worst_first(
    f"select {_MONTH} || ' ' || programa || ' ' || concat_ws('.', subtitulo, item) || ' ' || monto as clave, "
    "cast(linea as bigint) as linea, cast(hijas as bigint) as suma_de_hijas, "
    "cast(linea - hijas as bigint) as diferencia from lineas",
    "abs(diferencia)",
)

# A leaf is a row with no row below it, found here by counting what stands below, not as the models do. An asignación
# whose ítem could not be read stands below an ítem that nobody knows: of its subtítulo the rows of the ítems count.
_LEAVES = f"""(
    select * from (
        select *,
            count(coalesce(item, asignacion)) over (partition by {_BLOCK}) as lineas_bajo_el_subtitulo,
            count(asignacion) over (partition by {_BLOCK}, item) as asignaciones_del_item,
            count(*) over (partition by {_BLOCK}, item) > asignaciones_del_item as item_con_linea,
            count(*) filter (where asignacion is null and item is not null) over (partition by {_BLOCK}) as items,
            count(*) filter (where asignacion is not null and item is null) over (partition by {_BLOCK}) as huerfanas
        from staging.stg_presupuesto_ejecucion
    ) as contadas
    where case
        when item is null and asignacion is null then lineas_bajo_el_subtitulo = 0
        when item is null then items = 0
        when asignacion is null then huerfanas > 0 or asignaciones_del_item = 0
        else huerfanas = 0 or not item_con_linea
    end
)"""


def _parents_equal_children(name: str, severity: Severity, meaning: str, join: str) -> Check:
    """Each line equals the lines below it; where the file had unreadable rows or cells, the difference is theirs.

    join: 'anti' for the files without such rows or cells, 'semi' for those with them.
    """
    return Check(
        dataset="ejecucion_presupuestaria",
        name=name,
        severity=severity,
        meaning=meaning,
        threshold=f"diferencia de {ROUNDING_MILES} M$ o menos, por redondeo",
        query=_PARENTS.replace("{join}", join),
        expectation=between("diferencia", -ROUNDING_MILES, ROUNDING_MILES),
        shows=("linea", "suma_de_hijas"),
        # The sheets sum the same lines.
        guards_too=("ficha_ciudadana",),
    )


EXECUTION = (
    has_rows("ejecucion_presupuestaria"),
    unique_key("ejecucion_presupuestaria", ["anio", "mes", "programa", "subtitulo", "item", "asignacion"], key=_LINE),
    _parents_equal_children(
        "linea_suma_sus_hijas",
        "error",
        "Cada línea del presupuesto es igual a la suma de las que la componen, en todos sus niveles.",
        "anti",
    ),
    _parents_equal_children(
        "linea_suma_sus_hijas_con_rechazos",
        "warning",
        "Donde se rechazó una fila del archivo, a la línea que la contiene le falta lo que traía esa fila.",
        "semi",
    ),
    conserved(
        "ejecucion_presupuestaria",
        name="montos_conservados",
        meaning="Lo publicado suma, mes a mes, lo mismo que los archivos de presupuesto recibidos.",
        origin=_LEAVES,
        group=_MONTH,
        amounts=["presupuesto_inicial", "presupuesto_vigente", "ejecucion_acumulada"],
    ),
    values_in_list(
        "ejecucion_presupuestaria",
        "programa",
        PROGRAMS,
        _LINE,
        "Cada línea pertenece al programa 01 (gastos de funcionamiento) o al 02 (inversión regional).",
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="tipo_segun_subtitulo",
        severity="error",
        meaning="Los subtítulos 05 a 15 son ingresos y los 21 a 35 son gastos.",
        threshold="INGRESO de 05 a 15, GASTO de 21 a 35",
        query=worst_first(
            f"select min({_LINE}) as clave, count(*) as filas, coalesce(tipo, '(vacío)') as tipo, "
            "case when subtitulo between '05' and '15' then 'INGRESO' "
            "when subtitulo between '21' and '35' then 'GASTO' else '(desconocido)' end as tipo_esperado "
            "from marts.ejecucion_presupuestaria group by ejecucion_presupuestaria.tipo, tipo_esperado",
            "tipo <> tipo_esperado",
        ),
        expectation=equal("tipo", "tipo_esperado"),
        shows=("tipo", "filas"),
    ),
    valid_month(
        "ejecucion_presupuestaria",
        "línea",
        f"select min({_LINE}) as clave, mes from marts.ejecucion_presupuestaria group by mes",
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="saldo_calculado",
        severity="error",
        meaning="El saldo es el presupuesto vigente menos lo ejecutado.",
        threshold="saldo igual a vigente menos ejecución acumulada",
        query=worst_first(
            f"select {_LINE} as clave, coalesce(saldo, 0) as saldo, "
            "presupuesto_vigente - ejecucion_acumulada as saldo_esperado from marts.ejecucion_presupuestaria",
            "abs(saldo - saldo_esperado)",
        ),
        expectation=equal("saldo", "saldo_esperado"),
        shows=("saldo", "saldo_esperado"),
    ),
    complete_percentage(
        "ejecucion_presupuestaria", "porcentaje_ejecucion", f"-({_EXCESS.format(spent='ejecucion_acumulada')})", _LINE
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="ejecucion_sobre_vigente",
        severity="warning",
        meaning="Lo ejecutado en una línea no pasa de su presupuesto vigente.",
        threshold="ejecución acumulada hasta el presupuesto vigente",
        query=worst_first(
            f"select {_LINE} as clave, presupuesto_vigente, ejecucion_acumulada, "
            f"{_EXCESS.format(spent='ejecucion_acumulada')} as exceso from marts.ejecucion_presupuestaria",
            "exceso",
        ),
        expectation=between("exceso", None, 0),
        shows=("presupuesto_vigente", "ejecucion_acumulada"),
    ),
    not_negative(
        "ejecucion_presupuestaria",
        "ejecucion_mes",
        _LINE,
        "Lo ejecutado desde enero no baja de un mes al siguiente (salvo en préstamos, que se devuelven).",
        where="subtitulo <> '32'",
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="meses_suman_lo_acumulado",
        severity="warning",
        meaning=(
            "Lo ejecutado en cada mes es lo que subió la ejecución acumulada de su subtítulo; si no, una línea dejó de "
            "informarse, su gasto pasó a otra y la suma de los meses lo cuenta dos veces."
        ),
        threshold="diferencia de 0, donde se recibió el mes anterior y se conoce lo ejecutado en cada línea",
        query=worst_first(
            f"select {_MONTH} || ' ' || {text_key('programa', 'subtitulo', 'moneda')} as clave, del_mes, aumento from ("
            "select *, mes - lag(mes) over anterior as paso, acumulada - lag(acumulada) over anterior as aumento from ("
            "select anio, mes, programa, subtitulo, moneda, cast(sum(ejecucion_acumulada) as bigint) as acumulada, "
            "cast(sum(ejecucion_mes) as bigint) as del_mes, count(*) = count(ejecucion_mes) as se_conoce "
            "from marts.ejecucion_presupuestaria group by anio, mes, programa, subtitulo, moneda"
            ") as meses window anterior as (partition by anio, programa, subtitulo, moneda order by mes)"
            ") as comparados where paso = 1 and se_conoce",
            "abs(del_mes - aumento)",
        ),
        expectation=equal("del_mes", "aumento"),
        shows=("del_mes", "aumento"),
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="meses_sin_saltos",
        severity="warning",
        meaning="Se recibió el presupuesto de todos los meses, desde enero hasta el último disponible de cada año.",
        threshold="tantos meses como el número del último mes",
        query=worst_first(
            "select anio || ' ' || coalesce(programa, '-') as clave, count(distinct mes) as meses_recibidos, "
            "max(mes) as ultimo_mes from marts.ejecucion_presupuestaria group by anio, programa",
            "ultimo_mes - meses_recibidos",
        ),
        expectation=equal("meses_recibidos", "ultimo_mes"),
        shows=("meses_recibidos", "ultimo_mes"),
    ),
    Check(
        dataset="ejecucion_presupuestaria",
        name="presupuesto_inicial_no_cambia",
        severity="warning",
        meaning=(
            "El presupuesto inicial de gastos, que fija la ley, es el mismo todos los meses del año; si cambia, un "
            "archivo vino incompleto, con columnas trocadas, de otro año o en otra unidad."
        ),
        threshold=f"diferencia de hasta {INITIAL_MARGIN} % con el primer mes del año, más {INITIAL_ROUNDING} M$",
        query=worst_first(
            f"select {_MONTH} || ' ' || {text_key('programa', 'moneda')} as clave, inicial, "
            f"primero, 100.0 * greatest(abs(inicial - primero) - {INITIAL_ROUNDING}, 0) / abs(primero) as porcentaje "
            "from ("
            "select *, first_value(inicial) over (partition by anio, programa, moneda order by mes) as primero from ("
            "select anio, mes, programa, moneda, cast(sum(presupuesto_inicial) as bigint) as inicial "
            "from marts.ejecucion_presupuestaria where tipo = 'GASTO' group by anio, mes, programa, moneda"
            ") as meses) as comparados where primero <> 0",
            "porcentaje",
        ),
        expectation=between("porcentaje", None, INITIAL_MARGIN),
        shows=("inicial", "primero"),
        guards_too=_SUMS_OF_LINES,
        alarms=True,
    ),
    same_unit("ejecucion_presupuestaria", "presupuesto_ejecucion", guards_too=_SUMS_OF_LINES),
)

_SHEET_SUMS = """
select {key} as clave, '{amount}' as monto,
    cast(coalesce(sum({amount}) filter (where subtitulo = 'TOTAL'), 0) as bigint) as total,
    cast(coalesce(sum({amount}) filter (where subtitulo <> 'TOTAL'), 0) as bigint) as suma_de_subtitulos
from marts.ficha_ciudadana group by anio, mes, programa
"""

_LEAF_SUMS = """(
    select anio, mes, programa, subtitulo, presupuesto_vigente, ejecucion_acumulada as ejecutado
    from marts.ejecucion_presupuestaria where tipo = 'GASTO' and moneda = 'P'
)"""

_SHEET_SUMMED = """(
    select anio, mes, programa, subtitulo, presupuesto_vigente, ejecutado
    from marts.ficha_ciudadana where subtitulo <> 'TOTAL'
)"""


def _explained(column: str, meaning: str) -> Check:
    return Check(
        dataset="ficha_ciudadana",
        name=f"{column}_presente",
        severity="error",
        meaning=meaning,
        threshold="ningún subtítulo sin texto",
        query=worst_first(
            f"select 'subtítulo ' || coalesce(subtitulo, '-') as clave, nullif(min(coalesce({column}, '')), '') "
            f"as {column} from marts.ficha_ciudadana group by subtitulo",
            f"{column} is null",
        ),
        expectation=Expect("ExpectColumnValuesToNotBeNull", {"column": column}),
    )


SHEETS = (
    has_rows("ficha_ciudadana"),
    unique_key("ficha_ciudadana", ["anio", "mes", "programa", "subtitulo"], key=_SHEET_ROW),
    Check(
        dataset="ficha_ciudadana",
        name="total_suma_subtitulos",
        severity="error",
        meaning="El total de cada ficha es la suma de los subtítulos que muestra.",
        threshold="diferencia 0",
        query=worst_first(
            " union all ".join(
                _SHEET_SUMS.format(key=f"{_MONTH} || ' ' || coalesce(programa, '-')", amount=amount)
                for amount in ("presupuesto_vigente", "ejecutado")
            ),
            "abs(total - suma_de_subtitulos)",
        ),
        expectation=equal("total", "suma_de_subtitulos"),
        shows=("monto", "total", "suma_de_subtitulos"),
    ),
    conserved(
        "ficha_ciudadana",
        name="cuadra_con_ejecucion",
        meaning="Cada cifra de la ficha es la suma de las líneas de gasto de la ejecución presupuestaria publicada.",
        origin=_LEAF_SUMS,
        published=_SHEET_SUMMED,
        group=_SHEET_ROW,
        amounts=["presupuesto_vigente", "ejecutado"],
        rows=False,
    ),
    values_in_list(
        "ficha_ciudadana",
        "programa",
        PROGRAMS,
        _SHEET_ROW,
        "Cada ficha es del programa 01 (gastos de funcionamiento) o del 02 (inversión regional).",
    ),
    _explained("nombre", "Cada subtítulo de la ficha tiene un nombre que se entiende."),
    _explained("descripcion", "Cada subtítulo de la ficha explica en qué se gasta el dinero."),
    complete_percentage(
        "ficha_ciudadana", "porcentaje_ejecucion", f"-({_EXCESS.format(spent='ejecutado')})", _SHEET_ROW
    ),
    Check(
        dataset="ficha_ciudadana",
        name="ejecutado_sobre_vigente",
        severity="warning",
        meaning="Lo ejecutado en un subtítulo no pasa de su presupuesto vigente.",
        threshold="ejecutado hasta el presupuesto vigente",
        query=worst_first(
            f"select {_SHEET_ROW} as clave, presupuesto_vigente, ejecutado, "
            f"{_EXCESS.format(spent='ejecutado')} as exceso from marts.ficha_ciudadana",
            "exceso",
        ),
        expectation=between("exceso", None, 0),
        shows=("presupuesto_vigente", "ejecutado"),
    ),
)

# No check asks for rows: where the budget of those years was not received there is nothing to compare.
CONTRAST = (
    unique_key("contraste_fichas", ["anio", "programa", "subtitulo", "campo"], key=_CONTRAST_ROW),
    values_in_list(
        "contraste_fichas",
        "campo",
        ("presupuesto_vigente", "ejecutado", "porcentaje_ejecucion"),
        _CONTRAST_ROW,
        "Solo se comparan las tres cifras que traían las fichas impresas.",
    ),
    Check(
        dataset="contraste_fichas",
        name="calculado_es_la_ficha",
        severity="error",
        meaning="La cifra calculada que se compara es la de diciembre de la ficha ciudadana.",
        threshold="igual a la ficha ciudadana de diciembre",
        query=worst_first(
            f"select {text_key('contraste.anio', 'contraste.programa', 'contraste.subtitulo', 'contraste.campo')} "
            "as clave, coalesce(cast(cast(contraste.calculado as decimal(18, 2)) as varchar), '(nada)') as calculado, "
            "coalesce(cast(cast(case contraste.campo when 'presupuesto_vigente' then ficha.presupuesto_vigente "
            "when 'ejecutado' then ficha.ejecutado else ficha.porcentaje_ejecucion end as decimal(18, 2)) as varchar), "
            "'(nada)') as en_ficha "
            "from marts.contraste_fichas as contraste left join marts.ficha_ciudadana as ficha "
            "on contraste.anio = ficha.anio and ficha.mes = 12 and contraste.programa = ficha.programa "
            "and contraste.subtitulo = ficha.subtitulo",
            "calculado <> en_ficha",
        ),
        expectation=equal("calculado", "en_ficha"),
        shows=("calculado", "en_ficha"),
    ),
    Check(
        dataset="contraste_fichas",
        name="diferencia_coherente",
        severity="error",
        meaning="La diferencia es lo impreso menos lo calculado, y coincide solo cuando es cero.",
        threshold="diferencia y coincide corresponden; vacíos donde no hay cálculo",
        query=worst_first(
            f"select {_CONTRAST_ROW} as clave, case "
            "when calculado is null and diferencia is null and coincide is null then 'sin cálculo' "
            "when diferencia = publicado - calculado and coincide = (diferencia = 0) then 'coherente' "
            "else 'incoherente' end as caso from marts.contraste_fichas",
            "caso = 'incoherente'",
        ),
        expectation=in_set("caso", ["sin cálculo", "coherente"]),
    ),
    Check(
        dataset="contraste_fichas",
        name="ficha_impresa_coincide",
        severity="warning",
        meaning="Las cifras de las fichas impresas coinciden con las calculadas a partir de los datos.",
        threshold="coincide en todas las cifras calculadas",
        query=worst_first(
            f"select {_CONTRAST_ROW} as clave, publicado, calculado, "
            "case when coincide then 'SÍ' else 'NO' end as coincide "
            "from marts.contraste_fichas where calculado is not null",
            "coincide = 'NO'",
        ),
        expectation=in_set("coincide", ["SÍ"]),
        shows=("publicado", "calculado"),
    ),
)

CHECKS = (*EXECUTION, *SHEETS, *CONTRAST)
