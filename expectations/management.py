"""Checks of the reconciliation of spending with its documents, and of the management indicators."""

from __future__ import annotations

from expectations.budget import PROGRAMS
from expectations.kinds import (
    between,
    conserved,
    equal,
    has_rows,
    in_set,
    signed,
    text_key,
    unique_key,
    values_in_list,
    worst_first,
)
from expectations.model import MAX_CASES, Check

INDICATORS = ("ejecucion_p02_junio", "arrastre_fndr", "arrastre_s31", "pago_30_dias")

#: CLP that a whole M$ may be away from the pesos it was made from: half of one.
ROUNDING_PESOS = 500

_LINE = text_key("anio", "programa", "subtitulo", "item")
_INDICATOR = text_key("indicador", "anio")

# Hundredths of a per cent, in whole numbers: half away from zero, and no more than 99,99 while incomplete.
_HUNDREDTHS = """case when coalesce({base}, 0) <> 0 and {part} is not null then
    case when ({base} > 0 and {part} < {base}) or ({base} < 0 and {part} > {base}) then least(9999, {exact})
    else {exact} end end"""
_EXACT_HUNDREDTHS = (
    "(case when ({part} < 0) <> ({base} < 0) then -1 else 1 end "
    "* ((20000 * abs(cast({part} as hugeint)) + abs({base})) // (2 * abs(cast({base} as hugeint)))))"
)


def _percentage_calculated(dataset: str, column: str, part: str, base: str, key: str) -> Check:
    """A percentage is its part over its base, recomputed in whole numbers."""
    exact = _EXACT_HUNDREDTHS.format(part=part, base=base)
    hundredths = _HUNDREDTHS.format(part=part, base=base, exact=exact)
    return Check(
        dataset=dataset,
        name=f"{column}_calculado",
        severity="error",
        meaning="Cada porcentaje corresponde a las dos cifras que lo acompañan, con dos decimales.",
        threshold=(
            f"{part} sobre {base}, a lo más 99,99 mientras no esté completo; vacío si falta una de las dos o la "
            "segunda es 0"
        ),
        query=worst_first(
            f"select {key} as clave, coalesce(cast(cast({column} * 100 as bigint) as varchar), 'vacío') as centesimas, "
            f"coalesce(cast({hundredths} as varchar), 'vacío') as centesimas_esperadas from marts.{dataset}",
            "centesimas <> centesimas_esperadas",
        ),
        expectation=equal("centesimas", "centesimas_esperadas"),
        shows=("centesimas", "centesimas_esperadas"),
    )


def _backed(column: str, name: str, documents: str, meaning: str) -> Check:
    """Backing in M$ is, line by line, within the rounding of the pesos of its documents."""
    return Check(
        dataset="conciliacion",
        name=name,
        severity="error",
        meaning=meaning,
        threshold=f"diferencia de hasta {ROUNDING_PESOS} pesos por línea, por redondeo",
        query="with documentos as ("
        f"select anio, programa, subtitulo, item, sum(pesos) as pesos from ({documents}) as uno "
        "group by anio, programa, subtitulo, item) "
        + worst_first(
            f"select {text_key('anio', 'programa', 'subtitulo', 'item')} as clave, "
            "cast(sum(publicado) as bigint) as publicado, cast(sum(pesos) as bigint) as pesos, "
            "cast(sum(1000 * publicado - pesos) as bigint) as diferencia from ("
            f"select anio, programa, subtitulo, item, {column} as publicado, 0 as pesos from marts.conciliacion "
            "union all select anio, programa, subtitulo, item, 0, pesos from documentos) as ambos "
            "where exists (select 1 from marts.conciliacion) group by anio, programa, subtitulo, item",
            "abs(diferencia)",
        ),
        expectation=between("diferencia", -ROUNDING_PESOS, ROUNDING_PESOS),
        shows=("publicado", "pesos"),
    )


_TAX_DOCUMENTS = (
    "select extract(year from fecha_devengo) as anio, programa, subtitulo, item, "
    f"{signed('monto_total')} as pesos "
    "from intermediate.int_documentos_tributarios "
    "where fecha_devengo is not null and monto_total is not null and estado not in ('RECLAMADA', 'ANULADA')"
)
_TRANSFERS = (
    "select extract(year from fecha_transferencia) as anio, programa, subtitulo, item, monto_transferido as pesos "
    "from marts.transferencias"
)

# The newest month of each programme's year, by subtítulo.
_NEWEST_SHEET = """(
    select anio, programa, subtitulo, ejecutado from marts.ficha_ciudadana where subtitulo <> 'TOTAL'
    qualify mes = max(mes) over (partition by anio, programa)
)"""

RECONCILIATION = (
    has_rows("conciliacion"),
    unique_key("conciliacion", ["anio", "programa", "subtitulo", "item"]),
    values_in_list(
        "conciliacion",
        "programa",
        PROGRAMS,
        _LINE,
        "Cada línea es del programa 01 (gastos de funcionamiento) o del 02 (inversión regional).",
    ),
    conserved(
        "conciliacion",
        name="ejecutado_cuadra_con_ficha",
        meaning="Lo ejecutado es, subtítulo a subtítulo, lo del último mes de la ficha ciudadana de cada año.",
        origin=_NEWEST_SHEET,
        group=text_key("anio", "programa", "subtitulo"),
        amounts=["ejecutado"],
        rows=False,
    ),
    _backed(
        "respaldo_dte",
        "respaldo_dte_conservado",
        _TAX_DOCUMENTS,
        "El respaldo en documentos tributarios es la suma de los documentos devengados en el año.",
    ),
    _backed(
        "respaldo_transferencias",
        "respaldo_transferencias_conservado",
        _TRANSFERS,
        "El respaldo en transferencias es la suma de las transferencias hechas en el año.",
    ),
    Check(
        dataset="conciliacion",
        name="partes_suman_el_total",
        severity="error",
        meaning="El respaldo total es la suma de los documentos tributarios y de las transferencias.",
        threshold="diferencia de 1 M$ o menos, por redondeo",
        query=worst_first(
            f"select {_LINE} as clave, respaldo_total, respaldo_dte + respaldo_transferencias as suma_de_partes, "
            "respaldo_total - respaldo_dte - respaldo_transferencias as diferencia_de_partes from marts.conciliacion",
            "abs(diferencia_de_partes)",
        ),
        expectation=between("diferencia_de_partes", -1, 1),
        shows=("respaldo_total", "suma_de_partes"),
    ),
    Check(
        dataset="conciliacion",
        name="diferencia_calculada",
        severity="error",
        meaning="La diferencia es lo ejecutado menos su respaldo.",
        threshold="ejecutado menos respaldo total; vacía donde no hay ejecución",
        query=worst_first(
            f"select {_LINE} as clave, coalesce(cast(diferencia as varchar), 'vacío') as diferencia, "
            "coalesce(cast(ejecutado - respaldo_total as varchar), 'vacío') as esperada from marts.conciliacion",
            "diferencia <> esperada",
        ),
        expectation=equal("diferencia", "esperada"),
        shows=("diferencia", "esperada"),
    ),
    _percentage_calculated("conciliacion", "porcentaje_respaldado", "respaldo_total", "ejecutado", _LINE),
    Check(
        dataset="conciliacion",
        name="respaldo_hasta_lo_ejecutado",
        severity="warning",
        meaning="Ningún ítem tiene más documentos que gasto ejecutado.",
        threshold="respaldo total hasta lo ejecutado; nada sin ejecución",
        query=worst_first(
            f"select {_LINE} as clave, ejecutado, respaldo_total, respaldo_total - coalesce(ejecutado, 0) as exceso "
            "from marts.conciliacion where respaldo_total <> 0",
            "exceso",
        ),
        expectation=between("exceso", None, 0),
        shows=("ejecutado", "respaldo_total"),
    ),
)


def _part_of(name: str, indicator: str, parts: str, meaning: str) -> Check:
    """The two parts of an indicator are those of another published dataset."""
    return Check(
        dataset="indicadores_gestion",
        name=name,
        severity="error",
        meaning=meaning,
        threshold="las mismas dos cifras",
        query=worst_first(
            f"select {text_key('indicadores.indicador', 'indicadores.anio')} as clave, "
            "concat_ws(' de ', coalesce(cast(indicadores.numerador as varchar), 'vacío'), "
            "coalesce(cast(indicadores.denominador as varchar), 'vacío')) as publicado, "
            "concat_ws(' de ', coalesce(cast(origen.numerador as varchar), 'vacío'), "
            "coalesce(cast(origen.denominador as varchar), 'vacío')) as esperado "
            f"from marts.indicadores_gestion as indicadores left join ({parts}) as origen "
            f"on indicadores.anio = origen.anio where indicadores.indicador = '{indicator}'",
            "publicado <> esperado",
        ),
        expectation=equal("publicado", "esperado"),
        shows=("publicado", "esperado"),
    )


_JUNE_OVER_APRIL = (
    "select anio, max(ejecutado) filter (where mes = 6) as numerador, "
    "max(presupuesto_vigente) filter (where mes = 4) as denominador "
    "from marts.ficha_ciudadana where programa = '02' and subtitulo = 'TOTAL' group by anio"
)
_PAID_IN_TIME = (
    "select anios.anio, case when count(pagos.documentos_en_plazo) = count(pagos.anio) "
    "then cast(coalesce(sum(pagos.documentos_en_plazo), 0) as bigint) end as numerador, "
    "cast(coalesce(sum(pagos.documentos_pagados), 0) as bigint) as denominador "
    "from (select distinct anio from marts.indicadores_gestion) as anios "
    "left join marts.pago_oportuno as pagos on anios.anio = pagos.anio group by anios.anio"
)

MANAGEMENT = (
    has_rows("indicadores_gestion"),
    unique_key("indicadores_gestion", ["indicador", "anio"]),
    values_in_list(
        "indicadores_gestion", "indicador", INDICATORS, _INDICATOR, "Cada indicador es uno de los cuatro definidos."
    ),
    Check(
        dataset="indicadores_gestion",
        name="todos_cada_anio",
        severity="error",
        meaning="Todos los indicadores están en cada año del presupuesto.",
        threshold=f"{len(INDICATORS)} indicadores por año",
        query=worst_first(
            "select 'año ' || coalesce(presupuesto.anio, propios.anio) as clave, "
            "case when presupuesto.anio is null then 0 else coalesce(propios.indicadores, 0) end as indicadores "
            "from (select anio from marts.ejecucion_presupuestaria union select anio from marts.ficha_ciudadana) "
            "as presupuesto full join ("
            "select anio, count(distinct indicador) as indicadores from marts.indicadores_gestion group by anio) "
            "as propios on presupuesto.anio = propios.anio where exists (select 1 from marts.indicadores_gestion)",
            f"abs(indicadores - {len(INDICATORS)})",
        ),
        expectation=between("indicadores", len(INDICATORS), len(INDICATORS)),
        shows=("indicadores",),
    ),
    _percentage_calculated("indicadores_gestion", "valor", "numerador", "denominador", _INDICATOR),
    Check(
        dataset="indicadores_gestion",
        name="parte_no_supera_al_total",
        severity="error",
        meaning="En los indicadores que cuentan iniciativas o documentos, la parte no supera al total.",
        threshold="numerador hasta el denominador",
        query=worst_first(
            f"select {_INDICATOR} as clave, numerador - denominador as exceso from marts.indicadores_gestion "
            "where unidad <> 'M$' and numerador is not null and denominador is not null",
            "exceso",
        ),
        expectation=between("exceso", None, 0),
        shows=("exceso",),
    ),
    _part_of(
        "ejecucion_cuadra_con_ficha",
        "ejecucion_p02_junio",
        _JUNE_OVER_APRIL,
        "La ejecución a junio y el presupuesto de abril son los de la ficha ciudadana.",
    ),
    _part_of(
        "pago_cuadra_con_pago_oportuno",
        "pago_30_dias",
        _PAID_IN_TIME,
        "Los documentos pagados y los pagados a tiempo son los del pago oportuno, mes a mes.",
    ),
    Check(
        dataset="indicadores_gestion",
        name="unidad_en_lista",
        severity="error",
        meaning="Cada indicador dice en qué se miden sus dos partes.",
        threshold="M$, iniciativas o documentos",
        query=(
            f"select min({_INDICATOR}) as clave, coalesce(unidad, '(vacío)') as unidad, count(*) as filas "
            f"from marts.indicadores_gestion group by indicadores_gestion.unidad order by filas, clave "
            f"limit {MAX_CASES}"
        ),
        expectation=in_set("unidad", ["M$", "iniciativas", "documentos"]),
        shows=("filas",),
    ),
)

CHECKS = (*RECONCILIATION, *MANAGEMENT)
