"""Checks of the register of official documents."""

from __future__ import annotations

from expectations.kinds import (
    between,
    code_shape,
    conserved,
    dates_in_order,
    equal,
    has_rows,
    in_portfolio,
    not_after_cutoff,
    unique_key,
    values_in_list,
    worst_first,
)
from expectations.model import Check

_DOCUMENT = "coalesce(id_documento, '-')"

CHECKS = (
    has_rows("documentos"),
    unique_key("documentos", ["id_documento"]),
    code_shape(
        "documentos",
        "id_documento",
        r"^AAA-9{4}-9{6}$",
        "Cada documento tiene un identificador bien formado.",
        example="SGD-2024-000001",
        staging="stg_sgd_documentos",
    ),
    conserved(
        "documentos",
        name="documentos_conservados",
        meaning="Están todos los documentos recibidos, ni uno más ni uno menos.",
        origin="staging.stg_sgd_documentos",
        group="tipo_documento",
    ),
    values_in_list(
        "documentos",
        "tipo_documento",
        (
            "RESOLUCIÓN EXENTA",
            "RESOLUCIÓN AFECTA",
            "OFICIO",
            "MEMO",
            "CONVENIO",
            "CERTIFICADO CORE",
            "INFORME",
        ),
        _DOCUMENT,
        "El tipo de cada documento es uno de los que existen.",
    ),
    values_in_list(
        "documentos",
        "estado",
        ("EN ELABORACIÓN", "EN REVISIÓN", "APROBADO", "RECHAZADO", "TRAMITADO"),
        _DOCUMENT,
        "El estado de cada documento es uno de los que existen.",
    ),
    dates_in_order(
        "documentos",
        "fecha_creacion",
        "fecha_termino",
        _DOCUMENT,
        "Ningún documento se terminó de tramitar antes de haber sido creado.",
    ),
    not_after_cutoff(
        "documentos",
        "fecha_creacion",
        _DOCUMENT,
        "Ningún documento fue creado después de la fecha de los datos.",
    ),
    Check(
        dataset="documentos",
        name="dias_tramitacion_calculados",
        severity="error",
        meaning="Los días de tramitación son los días corridos desde la creación hasta el término del documento.",
        threshold="diferencia en días entre ambas fechas; vacío si sigue en elaboración o revisión, o sin término",
        query=worst_first(
            f"select {_DOCUMENT} as clave, coalesce(cast(dias_tramitacion as varchar), 'vacío') as dias_tramitacion, "
            "coalesce(cast(case when coalesce(estado, '') not in ('EN ELABORACIÓN', 'EN REVISIÓN') "
            "then date_diff('day', cast(fecha_creacion as date), cast(fecha_termino as date)) end as varchar), "
            "'vacío') as dias_esperados from marts.documentos",
            "dias_tramitacion <> dias_esperados",
        ),
        expectation=equal("dias_tramitacion", "dias_esperados"),
        shows=("dias_tramitacion", "dias_esperados"),
    ),
    Check(
        dataset="documentos",
        name="folio_unico_por_tipo_y_anio",
        severity="warning",
        meaning="Dos documentos del mismo tipo y año no llevan el mismo folio.",
        threshold="1 documento por tipo, año y folio",
        query=worst_first(
            f"select min({_DOCUMENT}) || ' y ' || max({_DOCUMENT}) as clave, count(*) as documentos "
            "from marts.documentos group by tipo_documento, extract(year from fecha_creacion), folio",
            "documentos",
        ),
        expectation=between("documentos", 1, 1),
        shows=("documentos",),
    ),
    in_portfolio("documentos", "los documentos"),
)
