"""Checks of the payments to suppliers and of how timely they are."""

from __future__ import annotations

from expectations.budget import PROGRAMS
from expectations.kinds import (
    PUBLIC_RUT_MAX,
    PUBLIC_RUT_MIN,
    at_least,
    between,
    complete_percentage,
    conserved,
    dates_in_order,
    equal,
    has_rows,
    in_portfolio,
    in_set,
    months_without_gaps,
    mostly_in_its_month,
    not_after_cutoff,
    not_negative,
    pairs_in_set,
    person_type_consistent,
    rut_digit_right,
    rut_in_public_range,
    same_unit,
    signed,
    text_key,
    unique_key,
    valid_month,
    values_in_list,
    worst_first,
    worst_named,
)
from expectations.model import MAX_CASES, Check

DOCUMENT_TYPES = ("33", "34", "46", "52", "56", "61")
STATES = ("RECIBIDA", "ACEPTADA", "RECLAMADA", "DEVENGADA", "PAGADA", "ANULADA")

#: Calendar days to pay (law 21.131).
LEGAL_DAYS = 30

_TYPE_AND_FOLIO = "'tipo ', coalesce(tipo_documento, '-'), ' folio ', coalesce(cast(folio as varchar), '-')"
_PLAIN_DOCUMENT = f"concat({_TYPE_AND_FOLIO})"

# Folios repeat across suppliers. The RUT is shown only where it may be, in the mart too: were one there by mistake, the
# report of that mistake must not spread it.
_PUBLIC_RUT = (
    "case when try_cast(split_part(rut_proveedor, '-', 1) as bigint) "
    f"between {PUBLIC_RUT_MIN} and {PUBLIC_RUT_MAX} then rut_proveedor end"
)
# One step, and not one for each `||`: every row of millions is named.
_DOCUMENT = f"concat({_TYPE_AND_FOLIO}, ' de ', coalesce({_PUBLIC_RUT}, 'RUT reservado'))"


# Each key that the register, the payments or the XML holds, once, with the total of the register's newest period, else
# of the XML, which counts as before all periods.
_RECEIVED = f"""(
    select tipo_documento, {signed("monto_total")} as monto_total
    from (
        select rut_proveedor, tipo_documento, folio, arg_max(monto_total, periodo) as monto_total
        from (
            select rut_proveedor, tipo_documento, folio, monto_total,
                coalesce(_anio, 0) * 100 + coalesce(_mes, 0) as periodo
            from staging.stg_dte_rcv_compra
            union all
            select rut_proveedor, tipo_documento, folio, monto_total, -1 from staging.stg_dte_xml
            union all
            select rut_proveedor, tipo_documento, folio, null, null from staging.stg_dte_pagos
        ) as origenes
        group by rut_proveedor, tipo_documento, folio
    ) as documentos
)"""

# Documents whose day of payment was there and could not be read, or whose payment was rejected and not told since, as
# the mart names them.
_UNREADABLE_PAYMENTS = f"""(
    select tipo_documento, folio, {_PUBLIC_RUT} as rut_proveedor, true as pago_ilegible
    from staging.stg_dte_pagos as pagos
    inner join staging.stg_observaciones as celdas on pagos._archivo = celdas.archivo and pagos._fila = celdas.fila
    where celdas.export = 'dte_pagos' and celdas.columna = 'fecha_pago'
    union
    select tipo_documento, folio, {_PUBLIC_RUT} as rut_proveedor, true as pago_ilegible
    from staging.stg_dte_pagos_rechazados as rechazados
    where not exists (
        from staging.stg_dte_pagos as pagos
        where pagos.rut_proveedor = rechazados.rut_proveedor and pagos.tipo_documento = rechazados.tipo_documento
            and pagos.folio = rechazados.folio and pagos._orden > rechazados._orden
    )
)"""

# A file of the register is a month, and no file holds a document twice. The files are looked up for the worst only.
_PERIODS_OF_DOCUMENTS = f"""
with documentos as (
    select rut_proveedor, tipo_documento, folio, count(*) as periodos
    from staging.stg_dte_rcv_compra group by rut_proveedor, tipo_documento, folio
    order by periodos desc, rut_proveedor, tipo_documento, folio limit {MAX_CASES}
)
""" + worst_first(
    f"select {_DOCUMENT} as clave, periodos, min(_archivo) as primer_archivo, max(_archivo) as ultimo_archivo "
    "from documentos inner join staging.stg_dte_rcv_compra using (rut_proveedor, tipo_documento, folio) "
    "group by rut_proveedor, tipo_documento, folio, periodos",
    "periodos",
)

# Each document that both tell with an amount, credit notes below zero in both. Named are the worst only.
_TOLD_TWICE = f"""
with documentos as (
    select rut_proveedor, tipo_documento, folio, {signed("registro.monto_total")} as en_registro,
        {signed("xml.monto_total")} as en_xml
    from staging.stg_dte_xml as xml
    inner join intermediate.int_registro_compra as registro using (rut_proveedor, tipo_documento, folio)
    where registro.monto_total is not null and xml.monto_total is not null
    order by abs(en_registro - en_xml) desc, tipo_documento, folio, rut_proveedor limit {MAX_CASES}
)
""" + worst_first(f"select {_DOCUMENT} as clave, en_registro, en_xml from documentos", "abs(en_registro - en_xml)")

# Whose RUT it is, the one or the other, is not told.
_RECEIVERS = f"""
with institucion as (
    select rut_receptor from staging.stg_dte_xml where rut_receptor is not null
    group by rut_receptor order by count(*) desc, rut_receptor limit 1
), documentos as (
    select tipo_documento, folio, _archivo as archivo,
        case when xml.rut_receptor = institucion.rut_receptor then 'el de los demás' else 'otro' end as receptor
    from staging.stg_dte_xml as xml cross join institucion
    where xml.rut_receptor is not null
    order by receptor = 'otro' desc, tipo_documento, folio, archivo limit {MAX_CASES}
)
""" + worst_first(f"select {_PLAIN_DOCUMENT} as clave, archivo, receptor from documentos", "receptor = 'otro'")

SUPPLIER_PAYMENTS = (
    has_rows("pagos_proveedores"),
    # The mart has no public key of its own: RUTs of people are hidden in it.
    unique_key(
        "pagos_proveedores",
        ["rut_proveedor", "tipo_documento", "folio"],
        relation="intermediate.int_documentos_tributarios",
        key=_DOCUMENT,
    ),
    conserved(
        "pagos_proveedores",
        name="documentos_conservados",
        meaning="Cada documento recibido está publicado una vez y los montos suman lo mismo.",
        origin=_RECEIVED,
        group="tipo_documento",
        amounts=["monto_total"],
    ),
    conserved(
        "pagos_proveedores",
        name="montos_sin_cambio",
        meaning="Ocultar los datos de las personas no cambió ningún monto.",
        origin="intermediate.int_documentos_tributarios",
        group="tipo_documento",
        amounts=["monto_neto", "monto_iva", "monto_total"],
    ),
    rut_in_public_range("pagos_proveedores", "rut_proveedor", _PLAIN_DOCUMENT),
    rut_digit_right("pagos_proveedores", "rut_proveedor", _PLAIN_DOCUMENT),
    person_type_consistent("pagos_proveedores", "rut_proveedor", "proveedor", _PLAIN_DOCUMENT),
    values_in_list(
        "pagos_proveedores",
        "tipo_documento",
        DOCUMENT_TYPES,
        _DOCUMENT,
        "El tipo de cada documento es uno de los que existen (factura, guía de despacho, nota de crédito y otros).",
    ),
    values_in_list(
        "pagos_proveedores",
        "estado",
        STATES,
        _DOCUMENT,
        "El estado de cada documento es uno de los que usa el sistema de pagos.",
        required=False,
    ),
    values_in_list(
        "pagos_proveedores",
        "programa",
        PROGRAMS,
        _DOCUMENT,
        "Cada pago se carga al programa 01 (gastos de funcionamiento) o al 02 (inversión regional).",
        required=False,
    ),
    Check(
        dataset="pagos_proveedores",
        name="notas_de_credito_restan",
        severity="error",
        meaning="Las notas de crédito (tipo 61) se restan: sus montos no son positivos.",
        threshold="neto, IVA y total de 0 o menos",
        query=worst_first(
            f"select {_DOCUMENT} as clave, "
            "greatest(coalesce(monto_neto, 0), coalesce(monto_iva, 0), coalesce(monto_total, 0)) as monto "
            "from marts.pagos_proveedores where tipo_documento = '61'",
            "monto",
        ),
        expectation=between("monto", None, 0),
        shows=("monto",),
    ),
    not_negative(
        "pagos_proveedores",
        "monto_total",
        _DOCUMENT,
        "Los documentos que no son notas de crédito tienen montos positivos.",
        where="tipo_documento <> '61'",
    ),
    dates_in_order(
        "pagos_proveedores",
        "fecha_emision",
        "fecha_recepcion",
        _DOCUMENT,
        "Ningún documento se recibió antes de haber sido emitido.",
    ),
    dates_in_order(
        "pagos_proveedores",
        "fecha_recepcion",
        "fecha_pago",
        _DOCUMENT,
        "Ningún documento se pagó antes de haber sido recibido.",
        # Its days below zero pull the averages down.
        guards_too=("pago_oportuno",),
    ),
    dates_in_order(
        "pagos_proveedores",
        "fecha_devengo",
        "fecha_pago",
        _DOCUMENT,
        "Ningún documento se pagó antes de quedar reconocida la deuda (devengo).",
    ),
    not_after_cutoff(
        "pagos_proveedores", "fecha_pago", _DOCUMENT, "Ningún pago tiene una fecha posterior a la de los datos."
    ),
    Check(
        dataset="pagos_proveedores",
        name="dias_pago_calculados",
        severity="error",
        meaning="Los días de pago son los días corridos desde que se recibió el documento hasta que se pagó.",
        threshold="igual a fecha de pago menos fecha de recepción; vacío si falta una",
        query=worst_first(
            f"select {_DOCUMENT} as clave, coalesce(cast(dias_pago as varchar), 'vacío') as dias_pago, "
            "coalesce(cast(date_diff('day', fecha_recepcion, fecha_pago) as varchar), 'vacío') as dias_esperados "
            "from marts.pagos_proveedores",
            "dias_pago <> dias_esperados",
        ),
        expectation=equal("dias_pago", "dias_esperados"),
        shows=("dias_pago", "dias_esperados"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="dentro_plazo_coherente",
        severity="error",
        meaning="Se dice que un pago está dentro de plazo solo si se hizo en 30 días o menos, como pide la ley 21.131.",
        threshold=(
            f"SÍ con {LEGAL_DAYS} días o menos, NO con más, también sin pago a la fecha de corte; vacío en notas de "
            "crédito, reclamadas y anuladas, y donde no se puede saber"
        ),
        query=(
            f"with documentos as (select pagos.*, ilegibles.pago_ilegible from marts.pagos_proveedores as pagos "
            f"left join {_UNREADABLE_PAYMENTS} as ilegibles on pagos.tipo_documento = ilegibles.tipo_documento "
            "and pagos.folio = ilegibles.folio and pagos.rut_proveedor is not distinct from ilegibles.rut_proveedor) "
            f"select min({_DOCUMENT}) as clave, count(*) as filas, case "
            "when tipo_documento = '61' or estado in ('RECLAMADA', 'ANULADA') then 'excluido' "
            f"when dias_pago <= {LEGAL_DAYS} then 'hasta {LEGAL_DAYS} días' "
            f"when dias_pago > {LEGAL_DAYS} then 'más de {LEGAL_DAYS} días' "
            "when fecha_pago is not null or estado = 'PAGADA' then 'pagado en días que no se conocen' "
            # Folios repeat among people, whom their RUT does not tell apart here.
            "when pago_ilegible and rut_proveedor is null then 'quizás pagado en días que no se conocen' "
            "when pago_ilegible then 'pagado en días que no se conocen' "
            f"when date_diff('day', fecha_recepcion, corte.fecha_corte) > {LEGAL_DAYS} "
            f"then 'impago por más de {LEGAL_DAYS} días' else 'impago' end as caso, "
            "case when dentro_plazo then 'SÍ' when not dentro_plazo then 'NO' else 'vacío' end as dentro_plazo "
            "from documentos cross join intermediate.int_fecha_corte as corte group by caso, documentos.dentro_plazo "
            f"order by clave limit {MAX_CASES}"
        ),
        expectation=pairs_in_set(
            "caso",
            "dentro_plazo",
            [
                ("excluido", "vacío"),
                ("pagado en días que no se conocen", "vacío"),
                ("quizás pagado en días que no se conocen", "vacío"),
                ("quizás pagado en días que no se conocen", "NO"),
                (f"impago por más de {LEGAL_DAYS} días", "NO"),
                ("impago", "vacío"),
                (f"hasta {LEGAL_DAYS} días", "SÍ"),
                (f"más de {LEGAL_DAYS} días", "NO"),
            ],
        ),
        shows=("caso", "dentro_plazo", "filas"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="pagada_con_fecha",
        severity="warning",
        meaning="Todo documento que figura pagado dice cuándo se pagó, y ninguno que no lo esté tiene fecha de pago.",
        threshold="fecha de pago si y solo si el estado es PAGADA",
        query=worst_first(
            f"select {_DOCUMENT} as clave, case when estado = 'PAGADA' then 'PAGADA' else 'OTRO' end as estado, "
            "case when fecha_pago is null then 'sin fecha de pago' else 'con fecha de pago' end as pago "
            "from marts.pagos_proveedores where estado is not null",
            "(estado = 'PAGADA') <> (pago = 'con fecha de pago')",
        ),
        expectation=pairs_in_set("estado", "pago", [("PAGADA", "con fecha de pago"), ("OTRO", "sin fecha de pago")]),
        shows=("pago",),
    ),
    Check(
        dataset="pagos_proveedores",
        name="documento_en_un_solo_periodo",
        severity="warning",
        meaning="Ningún documento aparece en el registro de compras de dos meses distintos.",
        threshold="1 período por documento",
        query=_PERIODS_OF_DOCUMENTS,
        expectation=between("periodos", 1, 1),
        shows=("periodos", "primer_archivo", "ultimo_archivo"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="monto_conocido",
        severity="warning",
        meaning=(
            "De cada documento que registró el sistema de pagos se conoce el monto, por el registro de compras o el "
            "documento electrónico; donde no, lo facturado y el respaldo del gasto quedan cortos."
        ),
        threshold="0 documentos sin monto en cada mes de devengo, sin contar reclamados ni anulados",
        query=worst_first(
            "select coalesce(strftime(fecha_devengo, '%Y-%m'), 'sin devengo') || ' ' || coalesce(programa, '-') "
            "as clave, count(*) filter (where monto_total is null) as sin_monto, count(*) as documentos "
            "from marts.pagos_proveedores where estado not in ('RECLAMADA', 'ANULADA') group by clave",
            "sin_monto",
        ),
        expectation=between("sin_monto", 0, 0),
        shows=("sin_monto", "documentos"),
        # They add the same amounts up.
        guards_too=("conciliacion", "iniciativa_trazabilidad"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="neto_hasta_monto_total",
        severity="warning",
        meaning="El monto neto de un documento no supera su monto total, que lleva impuestos.",
        threshold="monto neto hasta el monto total",
        query=worst_named(
            "marts.pagos_proveedores",
            "monto_neto is not null and monto_total is not null",
            "abs(monto_neto) - abs(monto_total)",
            _DOCUMENT,
            "abs(monto_neto) as monto_neto, abs(monto_total) as monto_total",
        ),
        expectation=at_least("monto_total", "monto_neto"),
        shows=("monto_neto", "monto_total"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="xml_igual_al_registro",
        severity="warning",
        meaning=(
            "El documento electrónico (XML) y el registro de compras dicen el mismo monto total de cada documento; "
            "donde no, se publica el del registro."
        ),
        threshold="el mismo monto total en ambos",
        query=_TOLD_TWICE,
        expectation=equal("en_registro", "en_xml"),
        shows=("en_registro", "en_xml"),
    ),
    Check(
        dataset="pagos_proveedores",
        name="xml_dirigido_a_la_institucion",
        severity="warning",
        meaning=(
            "Todos los documentos electrónicos (XML) están dirigidos al mismo receptor, la institución; uno dirigido a "
            "otro puede no ser un gasto suyo."
        ),
        threshold="el receptor que nombra la mayor cantidad de documentos electrónicos",
        query=_RECEIVERS,
        expectation=in_set("receptor", ["el de los demás"]),
        shows=("archivo",),
    ),
    same_unit("pagos_proveedores", "dte_rcv_compra", guards_too=("conciliacion", "iniciativa_trazabilidad")),
    months_without_gaps(
        "pagos_proveedores",
        "dte_rcv_compra",
        "Se recibió el registro de compras",
        guards_too=("pago_oportuno", "indicadores_gestion", "conciliacion", "iniciativa_trazabilidad"),
    ),
    mostly_in_its_month("pagos_proveedores", "stg_dte_rcv_compra", "fecha_recepcion", "Los documentos recibidos"),
    in_portfolio("pagos_proveedores", "los pagos"),
)

_MONTH = f"printf('%d-%02d', anio, mes) || ' ' || {text_key('programa')}"

_PAID = """(
    select cast(extract(year from fecha_pago) as integer) as anio,
        cast(extract(month from fecha_pago) as integer) as mes,
        programa, count(*) as documentos_pagados, count(*) filter (where dentro_plazo) as documentos_en_plazo,
        sum(dias_pago) as suma, count(dias_pago) as dias, quantile_cont(dias_pago, [0.5, 0.9]) as percentiles
    from marts.pagos_proveedores
    where tipo_documento in ('33', '34', '46', '56') and estado not in ('RECLAMADA', 'ANULADA')
        and fecha_pago is not null
    group by all
)"""

# The average in whole hundredths, half away from zero: a quotient of doubles is off by one now and then.
_DAYS = f"""(
    select anio, mes, programa, percentiles[1] as mediana, percentiles[2] as p90,
        case when suma < 0 then -1 else 1 end * ((200 * abs(suma) + dias) // (2 * dias)) / 100 as promedio
    from {_PAID} as meses
)"""


def _three(*days: str) -> str:
    decimals = (f"coalesce(cast(cast({column} as decimal(18, 2)) as varchar), 'vacío')" for column in days)
    return f"concat_ws(' / ', {', '.join(decimals)})"


_PAID_AMOUNTS = """(
    select cast(extract(year from fecha_pago) as integer) as anio,
        cast(extract(month from fecha_pago) as integer) as mes,
        programa, sum(monto_pagado) as monto_pagado
    from staging.stg_dte_pagos
    where tipo_documento in ('33', '34', '46', '56') and estado not in ('RECLAMADA', 'ANULADA')
        and fecha_pago is not null
    group by all
)"""

TIMELY_PAYMENT = (
    has_rows("pago_oportuno", "warning"),
    unique_key("pago_oportuno", ["anio", "mes", "programa"], key=_MONTH),
    conserved(
        "pago_oportuno",
        name="documentos_contados",
        meaning="Los documentos contados en cada mes son los pagados ese mes según los pagos a proveedores.",
        origin=_PAID,
        group=_MONTH,
        amounts=["documentos_pagados", "documentos_en_plazo"],
        rows=False,
        may_be_empty=True,
    ),
    conserved(
        "pago_oportuno",
        name="montos_pagados",
        meaning="El monto pagado en cada mes es el que registró el sistema de pagos.",
        origin=_PAID_AMOUNTS,
        group=_MONTH,
        amounts=["monto_pagado"],
        rows=False,
        may_be_empty=True,
    ),
    values_in_list(
        "pago_oportuno",
        "programa",
        PROGRAMS,
        _MONTH,
        "Cada fila es del programa 01 (gastos de funcionamiento) o del 02 (inversión regional).",
    ),
    Check(
        dataset="pago_oportuno",
        name="porcentaje_entre_0_y_100",
        severity="error",
        meaning="El porcentaje de documentos pagados a tiempo está entre 0 y 100.",
        threshold="de 0 a 100; vacío si no se conoce la recepción de ningún documento",
        query=worst_first(
            f"select {_MONTH} as clave, coalesce(porcentaje_en_plazo, -1) as porcentaje_en_plazo "
            "from marts.pago_oportuno where porcentaje_en_plazo is not null or documentos_en_plazo is not null",
            "abs(porcentaje_en_plazo - 50)",
        ),
        expectation=between("porcentaje_en_plazo", 0, 100),
        shows=("porcentaje_en_plazo",),
    ),
    complete_percentage("pago_oportuno", "porcentaje_en_plazo", "documentos_pagados - documentos_en_plazo", _MONTH),
    Check(
        dataset="pago_oportuno",
        name="dias_calculados",
        severity="error",
        meaning=(
            "El promedio, la mediana y el percentil 90 de los días de pago de cada mes son los de los documentos "
            "pagados ese mes según los pagos a proveedores."
        ),
        threshold="las mismas tres cifras, con dos decimales; vacías si no se conocen los días de ningún documento",
        query=worst_first(
            f"select {_MONTH} as clave, {_three('dias_promedio', 'dias_mediana', 'dias_p90')} as publicado, "
            f"{_three('promedio', 'mediana', 'p90')} as esperado "
            f"from marts.pago_oportuno left join {_DAYS} as pagados using (anio, mes, programa)",
            "publicado <> esperado",
        ),
        expectation=equal("publicado", "esperado"),
        shows=("publicado", "esperado"),
    ),
    Check(
        dataset="pago_oportuno",
        name="monto_pagado_conocido",
        severity="warning",
        meaning="De cada documento pagado se sabe cuánto se pagó; donde no, lo pagado del mes queda corto.",
        threshold="0 documentos sin monto pagado en cada mes de pago",
        query=worst_first(
            "select strftime(fecha_pago, '%Y-%m') || ' ' || coalesce(programa, '-') as clave, "
            "count(*) filter (where monto_pagado is null) as sin_monto, count(*) as documentos "
            "from intermediate.int_documentos_tributarios "
            "where estado not in ('RECLAMADA', 'ANULADA') and fecha_pago is not null group by clave",
            "sin_monto",
        ),
        expectation=between("sin_monto", 0, 0),
        shows=("sin_monto", "documentos"),
        # It adds the same payments up.
        guards_too=("iniciativa_trazabilidad",),
    ),
    Check(
        dataset="pago_oportuno",
        name="pagado_hasta_monto_total",
        severity="warning",
        meaning="Por ningún documento se pagó más que su monto total.",
        threshold="monto pagado hasta el monto total, sin contar notas de crédito, reclamados ni anulados",
        query=worst_named(
            "intermediate.int_documentos_tributarios",
            # Most are paid what they say, which breaks no rule: each of them would be named.
            "tipo_documento <> '61' and estado not in ('RECLAMADA', 'ANULADA') and monto_pagado <> monto_total",
            "monto_pagado - monto_total",
            _DOCUMENT,
            "monto_pagado, monto_total",
        ),
        expectation=at_least("monto_total", "monto_pagado"),
        shows=("monto_pagado", "monto_total"),
        # It adds the same payments up.
        guards_too=("iniciativa_trazabilidad",),
    ),
    same_unit("pago_oportuno", "dte_pagos", guards_too=("iniciativa_trazabilidad",)),
    Check(
        dataset="pago_oportuno",
        name="recepcion_conocida",
        severity="warning",
        meaning=(
            "De cada documento pagado se sabe cuándo se recibió; los demás no se cuentan en plazo, y el porcentaje "
            "baja sin que se sepa si se pagaron tarde."
        ),
        threshold="0 documentos sin fecha de recepción",
        query=worst_first(
            f"select {_MONTH} as clave, documentos_sin_recepcion, documentos_pagados from marts.pago_oportuno",
            "documentos_sin_recepcion",
        ),
        expectation=between("documentos_sin_recepcion", 0, 0),
        shows=("documentos_sin_recepcion", "documentos_pagados"),
        # It counts the same documents over the year.
        guards_too=("indicadores_gestion",),
    ),
    valid_month("pago_oportuno", "fila", f"select {_MONTH} as clave, mes from marts.pago_oportuno"),
)

CHECKS = (*SUPPLIER_PAYMENTS, *TIMELY_PAYMENT)
