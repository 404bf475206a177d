"""Checks of the transfers and of the accounts rendered for them."""

from __future__ import annotations

from expectations.budget import PROGRAMS
from expectations.kinds import (
    at_least,
    code_shape,
    conserved,
    equal,
    has_rows,
    in_portfolio,
    in_set,
    matches,
    not_after_cutoff,
    not_negative,
    pairs_in_set,
    person_type_consistent,
    rut_digit_right,
    rut_in_public_range,
    same_unit,
    text_key,
    unique_key,
    values_in_list,
    worst_first,
)
from expectations.model import MAX_CASES, Check

_TRANSFER = "coalesce(id_transferencia, '-')"
_ACCOUNT = text_key("id_transferencia", "periodo", "tipo")
_TRANSFER_SHAPE = r"^A-9{4}-9{5}$"
_ACCOUNT_AMOUNTS = ("monto_rendido", "monto_aprobado", "monto_observado", "monto_rechazado", "monto_reintegrado")

_ACCOUNTS_OF_TRANSFERS = """(
    select cuentas.* from staging.stg_sisrec_rendiciones as cuentas
    inner join staging.stg_sisrec_transferencias as transferencias
        on cuentas.id_transferencia = transferencias.id_transferencia
)"""

#: Days up to the cut-off within which something must have moved (rule of estado_rendicion).
ACCOUNT_DAYS = 90
_LATELY = f"between corte.fecha_corte - {ACCOUNT_DAYS} and corte.fecha_corte"

# Transfers with an account that was rejected, or whose approved or returned amount was there and could not be read.
_UNREADABLE = """(
    select id_transferencia from staging.stg_sisrec_rendiciones_rechazadas
    union all
    select cuentas.id_transferencia from staging.stg_sisrec_rendiciones as cuentas
    inner join staging.stg_observaciones as celdas on cuentas._archivo = celdas.archivo and cuentas._fila = celdas.fila
    where celdas.export = 'sisrec_rendiciones' and celdas.columna in ('monto_aprobado', 'monto_reintegrado')
)"""

STATES = ("INCONSISTENTE", "CERRADA", "ATRASADA", "AL DÍA")

TRANSFERS = (
    has_rows("transferencias"),
    unique_key("transferencias", ["id_transferencia"]),
    code_shape(
        "transferencias",
        "id_transferencia",
        _TRANSFER_SHAPE,
        "Cada transferencia tiene un identificador bien formado.",
        example="T-2024-00001",
        staging="stg_sisrec_transferencias",
    ),
    conserved(
        "transferencias",
        name="transferencias_conservadas",
        meaning="Están todas las transferencias recibidas y sus montos suman lo mismo.",
        origin="staging.stg_sisrec_transferencias",
        group="programa",
        amounts=["monto_transferido"],
    ),
    conserved(
        "transferencias",
        name="rendido_conservado",
        meaning="Lo rendido por cada transferencia es la suma de las rendiciones recibidas.",
        origin=_ACCOUNTS_OF_TRANSFERS,
        group="id_transferencia",
        amounts=_ACCOUNT_AMOUNTS,
        rows=False,
    ),
    Check(
        dataset="transferencias",
        name="saldo_calculado",
        severity="error",
        meaning="El saldo por rendir es lo transferido menos lo rendido y lo devuelto.",
        threshold="saldo igual a transferido menos rendido menos reintegrado",
        query=worst_first(
            f"select {_TRANSFER} as clave, coalesce(cast(saldo_por_rendir as varchar), 'vacío') as saldo_por_rendir, "
            "coalesce(cast(monto_transferido - monto_rendido - monto_reintegrado as varchar), 'vacío') as esperado "
            "from marts.transferencias",
            "saldo_por_rendir <> esperado",
        ),
        expectation=equal("saldo_por_rendir", "esperado"),
        shows=("saldo_por_rendir", "esperado"),
    ),
    not_negative(
        "transferencias",
        "saldo_por_rendir",
        _TRANSFER,
        "Nadie rindió o devolvió más dinero que el que se le transfirió.",
    ),
    values_in_list(
        "transferencias",
        "estado_rendicion",
        STATES,
        _TRANSFER,
        "El estado de la rendición es inconsistente, cerrada, atrasada o al día.",
        required=False,
    ),
    Check(
        dataset="transferencias",
        name="estado_segun_montos",
        severity="error",
        meaning="El estado de la rendición corresponde a lo que dicen los montos de la transferencia.",
        threshold=(
            "saldo negativo: INCONSISTENTE; todo aprobado o devuelto: CERRADA; con saldo: ATRASADA, o AL DÍA si se "
            f"transfirió o rindió en los {ACCOUNT_DAYS} días hasta la fecha de corte; sin saldo: AL DÍA; vacío si "
            "sería ATRASADA y una rendición se rechazó o un monto aprobado o devuelto no se pudo leer"
        ),
        query=(
            f"select min({_TRANSFER}) as clave, count(*) as filas, "
            "case when saldo_por_rendir < 0 then 'saldo negativo' "
            "when monto_transferido - monto_aprobado - monto_reintegrado = 0 then 'todo aprobado' "
            f"when saldo_por_rendir > 0 and (fecha_transferencia {_LATELY} or exists ("
            "from marts.rendiciones as cuentas where cuentas.id_transferencia = transferencias.id_transferencia "
            f"and cuentas.fecha_envio {_LATELY})) then 'con saldo y movimiento reciente' "
            f"when saldo_por_rendir > 0 and id_transferencia in {_UNREADABLE} then 'con saldo que no se conoce' "
            "when saldo_por_rendir > 0 then 'con saldo' else 'sin saldo' end as caso, "
            "coalesce(estado_rendicion, 'vacío') as estado from marts.transferencias as transferencias "
            "cross join intermediate.int_fecha_corte as corte "
            f"where estado_rendicion in {STATES} or estado_rendicion is null "
            f"group by caso, estado_rendicion order by clave limit {MAX_CASES}"
        ),
        expectation=pairs_in_set(
            "caso",
            "estado",
            [
                ("saldo negativo", "INCONSISTENTE"),
                ("todo aprobado", "CERRADA"),
                ("con saldo y movimiento reciente", "AL DÍA"),
                ("con saldo que no se conoce", "vacío"),
                ("con saldo", "ATRASADA"),
                ("sin saldo", "AL DÍA"),
            ],
        ),
        shows=("caso", "filas"),
    ),
    values_in_list(
        "transferencias",
        "programa",
        PROGRAMS,
        _TRANSFER,
        "Cada transferencia se carga al programa 01 (gastos de funcionamiento) o al 02 (inversión regional).",
    ),
    rut_in_public_range("transferencias", "rut_ejecutor", _TRANSFER),
    rut_digit_right("transferencias", "rut_ejecutor", _TRANSFER),
    person_type_consistent("transferencias", "rut_ejecutor", "ejecutor", _TRANSFER),
    not_negative("transferencias", "monto_transferido", _TRANSFER, "Ninguna transferencia tiene un monto negativo."),
    same_unit("transferencias", "sisrec_transferencias", guards_too=("conciliacion", "iniciativa_trazabilidad")),
    not_after_cutoff(
        "transferencias",
        "fecha_transferencia",
        _TRANSFER,
        "Ninguna transferencia tiene una fecha posterior a la de los datos.",
    ),
    in_portfolio("transferencias", "las transferencias"),
)

ACCOUNTS = (
    has_rows("rendiciones"),
    unique_key("rendiciones", ["id_transferencia", "periodo", "tipo"]),
    conserved(
        "rendiciones",
        name="rendiciones_conservadas",
        meaning="Están todas las rendiciones recibidas y sus montos suman lo mismo.",
        origin="staging.stg_sisrec_rendiciones",
        group="periodo",
        amounts=_ACCOUNT_AMOUNTS,
    ),
    values_in_list(
        "rendiciones",
        "tipo",
        ("MENSUAL", "SIN MOVIMIENTO", "REGULARIZACIÓN"),
        _ACCOUNT,
        "Cada rendición es mensual, sin movimiento o de regularización.",
    ),
    values_in_list(
        "rendiciones",
        "estado",
        ("ENVIADA", "OBSERVADA", "APROBADA", "APROBADA PARCIAL", "RECHAZADA"),
        _ACCOUNT,
        "El estado de cada rendición es uno de los que existen.",
    ),
    Check(
        dataset="rendiciones",
        name="periodo_es_un_mes",
        severity="error",
        meaning="El período de cada rendición es un mes de un año.",
        threshold="forma de 2024-03",
        query=(
            f"select min({_TRANSFER}) as clave, coalesce(periodo, '(vacío)') as periodo, count(*) as filas "
            "from marts.rendiciones group by rendiciones.periodo "
            f"order by try_cast(rendiciones.periodo || '-01' as date) is null desc, clave limit {MAX_CASES}"
        ),
        expectation=matches("periodo", r"^[0-9]{4}-(?:0[1-9]|1[0-2])$"),
        shows=("filas",),
    ),
    Check(
        dataset="rendiciones",
        name="partes_no_superan_lo_rendido",
        severity="warning",
        meaning="Lo aprobado, observado y rechazado de una rendición no suma más que lo rendido.",
        threshold="aprobado más observado más rechazado hasta lo rendido",
        query=worst_first(
            f"select {_ACCOUNT} as clave, monto_rendido, coalesce(monto_aprobado, 0) + coalesce(monto_observado, 0) "
            "+ coalesce(monto_rechazado, 0) as suma_de_partes from marts.rendiciones "
            "where monto_rendido is not null and tipo <> 'REGULARIZACIÓN'",
            "suma_de_partes - monto_rendido",
        ),
        expectation=at_least("monto_rendido", "suma_de_partes"),
        shows=("monto_rendido", "suma_de_partes"),
    ),
    not_negative(
        "rendiciones",
        "monto_rendido",
        _ACCOUNT,
        "Ninguna rendición tiene un monto negativo, salvo las que regularizan una anterior.",
        where="tipo <> 'REGULARIZACIÓN'",
    ),
    same_unit("rendiciones", "sisrec_rendiciones", guards_too=("transferencias", "iniciativa_trazabilidad")),
    Check(
        dataset="rendiciones",
        name="sin_movimiento_sin_monto",
        severity="warning",
        meaning="Las rendiciones sin movimiento no traen montos rendidos.",
        threshold="monto rendido 0",
        query=worst_first(
            f"select {_ACCOUNT} as clave, monto_rendido, 0 as monto_esperado from marts.rendiciones "
            "where tipo = 'SIN MOVIMIENTO' and monto_rendido is not null",
            "abs(monto_rendido)",
        ),
        expectation=equal("monto_rendido", "monto_esperado"),
        shows=("monto_rendido",),
    ),
    Check(
        dataset="rendiciones",
        name="enviada_despues_de_empezar_el_mes",
        severity="warning",
        meaning="Ninguna rendición se envió antes de que empezara el mes que rinde.",
        threshold="fecha de envío igual o posterior al primer día del período",
        query=worst_first(
            f"select {_ACCOUNT} as clave, fecha_envio, try_cast(periodo || '-01' as date) as inicio_del_mes "
            "from marts.rendiciones "
            "where fecha_envio is not null and try_cast(periodo || '-01' as date) is not null",
            "date_diff('day', fecha_envio, inicio_del_mes)",
        ),
        expectation=at_least("fecha_envio", "inicio_del_mes"),
        shows=("fecha_envio",),
    ),
    not_after_cutoff(
        "rendiciones", "fecha_envio", _ACCOUNT, "Ninguna rendición se envió después de la fecha de los datos."
    ),
    Check(
        dataset="rendiciones",
        name="transferencia_existe",
        severity="warning",
        meaning="Cada rendición corresponde a una transferencia publicada.",
        threshold="toda rendición tiene su transferencia",
        query=worst_first(
            "select coalesce(cuentas.id_transferencia, '-') as clave, cuentas.filas, "
            "case when transferencias.id_transferencia is null then 'NO' else 'SÍ' end as existe from ("
            "select id_transferencia, count(*) as filas from marts.rendiciones group by id_transferencia) as cuentas "
            "left join marts.transferencias as transferencias "
            "on cuentas.id_transferencia = transferencias.id_transferencia "
            "where exists (select 1 from marts.transferencias)",
            "existe = 'NO'",
        ),
        expectation=in_set("existe", ["SÍ"]),
        shows=("filas",),
    ),
)

CHECKS = (*TRANSFERS, *ACCOUNTS)
