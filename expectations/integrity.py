"""Checks of the record of files received and of rows rejected."""

from __future__ import annotations

from expectations.kinds import (
    at_least,
    between,
    conserved,
    equal,
    has_rows,
    in_set,
    matches,
    unique_key,
    values_in_list,
    worst_first,
)
from expectations.model import MAX_CASES, Check

#: Share of a file's rows, in percent, from which its rejected rows deserve a warning.
REJECTED_SHARE_LIMIT = 5

STATES = ("ACEPTADO", "RECHAZADO")
FILE_REASONS = ("not_a_table", "header_unknown", "empty", "truncated", "unreadable")
ROW_REASONS = (
    "required_missing",
    "rut_invalid",
    "amount_unreadable",
    "date_unreadable",
    "code_unreadable",
    "value_not_in_list",
    "column_count",
    "key_conflict",
    "bytes_unreadable",
)
#: Reasons that are the whole row's and name no column.
WHOLE_ROW_REASONS = ("column_count", "key_conflict", "bytes_unreadable")

_FILE = "coalesce(archivo, '-')"
_ROW = f"{_FILE} || ' fila ' || coalesce(cast(fila as varchar), '-')"
_FATES = ("aceptadas", "rechazadas", "duplicadas", "ignoradas")

FILES = (
    has_rows("fuentes"),
    unique_key("fuentes", ["archivo"]),
    conserved(
        "fuentes",
        name="archivos_conservados",
        meaning="Están todos los archivos recibidos y sus conteos de filas.",
        origin=(
            "(select * from staging.stg_archivos "
            "qualify row_number() over (partition by archivo order by presente desc) = 1)"
        ),
        group="export",
        amounts=["bytes", "filas", *_FATES],
    ),
    values_in_list("fuentes", "estado", STATES, _FILE, "Cada archivo recibido fue aceptado o rechazado."),
    values_in_list(
        "fuentes",
        "motivo",
        FILE_REASONS,
        _FILE,
        "El motivo por el que se rechaza un archivo es uno de los previstos.",
        required=False,
    ),
    Check(
        dataset="fuentes",
        name="filas_cuadran",
        severity="error",
        meaning="Ninguna fila se pierde: aceptadas, rechazadas, duplicadas e ignoradas suman las del archivo.",
        threshold="filas igual a la suma de los cuatro conteos",
        query=worst_first(
            f"select {_FILE} as clave, coalesce(filas, -1) as filas, "
            f"cast({' + '.join(f'coalesce({fate}, 0)' for fate in _FATES)} as bigint) as suma "
            "from marts.fuentes where estado = 'ACEPTADO'",
            "abs(filas - suma)",
        ),
        expectation=equal("filas", "suma"),
        shows=("filas", "suma"),
    ),
    Check(
        dataset="fuentes",
        name="estado_coherente",
        severity="error",
        meaning="Un archivo rechazado dice por qué y no tiene conteos; uno aceptado tiene todos sus conteos.",
        threshold="ACEPTADO sin motivo y con conteos, RECHAZADO con motivo y sin conteos",
        query=(
            f"select min({_FILE}) as clave, count(*) as archivos, estado "
            "|| case when motivo is null then ', sin motivo' else ', con motivo' end || case "
            + " ".join(
                f"when {' and '.join(f'{column} is {state}' for column in ('filas', *_FATES))} then ', {label}'"
                for state, label in (("null", "sin conteos"), ("not null", "con conteos"))
            )
            + f" else ', conteos incompletos' end as caso from marts.fuentes where estado in {STATES} group by caso "
            f"order by clave limit {MAX_CASES}"
        ),
        expectation=in_set("caso", ["ACEPTADO, sin motivo, con conteos", "RECHAZADO, con motivo, sin conteos"]),
        shows=("caso", "archivos"),
    ),
    Check(
        dataset="fuentes",
        name="archivo_rechazado",
        severity="warning",
        meaning="Todos los archivos recibidos se pudieron leer; de uno que no, rige lo último bueno, si lo hubo.",
        threshold="ningún archivo rechazado",
        query=worst_first(
            f"select {_FILE} as clave, estado, coalesce(motivo, '-') as motivo "
            f"from marts.fuentes where estado in {STATES} and coalesce(motivo, '{FILE_REASONS[0]}') in {FILE_REASONS}",
            "estado <> 'ACEPTADO'",
        ),
        expectation=in_set("estado", ["ACEPTADO"]),
        shows=("motivo",),
    ),
    Check(
        dataset="fuentes",
        name="archivo_faltante",
        severity="warning",
        meaning="Todos los archivos siguen en la carpeta de recepción; de uno que falta, rige lo último bueno.",
        threshold="ningún archivo faltante",
        query=worst_first(
            f"select {_FILE} as clave, case when presente then 'en la carpeta' else 'falta' end as lugar "
            "from marts.fuentes",
            "lugar = 'falta'",
        ),
        expectation=in_set("lugar", ["en la carpeta"]),
        shows=("lugar",),
    ),
    Check(
        dataset="fuentes",
        name="archivo_corregido",
        severity="warning",
        meaning="Las celdas se usan como vienen en los archivos; si alguna se corrigió a mano, aquí se cuenta.",
        threshold="0 celdas corregidas",
        query=worst_first(f"select {_FILE} as clave, celdas_corregidas as celdas from marts.fuentes", "celdas"),
        expectation=between("celdas", 0, 0),
        shows=("celdas",),
    ),
    Check(
        dataset="fuentes",
        name="en_vigor_coherente",
        severity="error",
        meaning="De un archivo aceptado rige su propio contenido; de uno rechazado, otro recibido antes, o ninguno.",
        threshold="ACEPTADO rige él mismo, RECHAZADO rige otro contenido o ninguno",
        query=(
            f"select min({_FILE}) as clave, count(*) as archivos, estado || case "
            "when sha256_en_vigor is null then ', no rige nada' when sha256_en_vigor = sha256 then ', rige este' "
            f"else ', rige otro' end as caso from marts.fuentes where estado in {STATES} group by caso "
            f"order by clave limit {MAX_CASES}"
        ),
        expectation=in_set("caso", ["ACEPTADO, rige este", "RECHAZADO, rige otro", "RECHAZADO, no rige nada"]),
        shows=("caso", "archivos"),
    ),
    Check(
        dataset="fuentes",
        name="filas_rechazadas_sobre_limite",
        severity="warning",
        meaning=f"Ningún archivo tiene más de un {REJECTED_SHARE_LIMIT} % de filas que no se pudieron usar.",
        threshold=f"hasta {REJECTED_SHARE_LIMIT} % de las filas del archivo",
        query=worst_first(
            f"select {_FILE} as clave, rechazadas, filas, 100.0 * rechazadas / filas as porcentaje "
            "from marts.fuentes where filas > 0 and rechazadas is not null",
            "porcentaje",
        ),
        expectation=between("porcentaje", None, REJECTED_SHARE_LIMIT),
        shows=("rechazadas", "filas"),
    ),
    Check(
        dataset="fuentes",
        name="sha256_con_forma",
        severity="error",
        meaning="Cada archivo tiene su huella digital, que permite comprobar que es el mismo que se recibió.",
        threshold="64 cifras hexadecimales",
        query=worst_first(
            f"select {_FILE} as clave, coalesce(sha256, '(vacío)') as huella from marts.fuentes",
            "not regexp_full_match(huella, '[0-9a-f]{64}')",
        ),
        expectation=matches("huella", "^[0-9a-f]{64}$"),
    ),
    Check(
        dataset="fuentes",
        name="fecha_dato_hasta_recepcion",
        severity="warning",
        meaning="Ningún archivo dice traer datos de un día posterior al día en que se recibió.",
        threshold="fecha de los datos hasta el día de recepción",
        query=worst_first(
            f"select {_FILE} as clave, fecha_dato, cast(recibido_en as date) as recibido from marts.fuentes "
            "where fecha_dato is not null and recibido_en is not null",
            "date_diff('day', recibido, fecha_dato)",
        ),
        expectation=at_least("recibido", "fecha_dato"),
        shows=("fecha_dato", "recibido"),
    ),
    Check(
        dataset="fuentes",
        name="archivo_no_repetido",
        severity="warning",
        meaning="Ningún archivo llegó dos veces con nombres distintos.",
        threshold="1 archivo por contenido",
        query=worst_first(
            f"select min({_FILE}) || case when count(*) > 1 then ' y ' || max({_FILE}) else '' end as clave, "
            "count(*) as archivos from marts.fuentes group by sha256",
            "archivos",
        ),
        expectation=between("archivos", 1, 1),
        shows=("archivos",),
    ),
)

_REJECTED = "(select archivo, rechazadas from staging.stg_archivos where estado = 'ACEPTADO')"
_LISTED = "(select archivo, 1 as rechazadas from marts.filas_rechazadas)"

# No check asks for rows: a day without a rejected row is a good one.
REJECTED_ROWS = (
    unique_key("filas_rechazadas", ["archivo", "fila"], key=_ROW),
    conserved(
        "filas_rechazadas",
        name="conteo_por_archivo",
        meaning="Cada fila rechazada que se cuenta en un archivo está en la lista, y ninguna otra.",
        origin=_REJECTED,
        published=_LISTED,
        group="archivo",
        amounts=["rechazadas"],
        rows=False,
        may_be_empty=True,
    ),
    values_in_list(
        "filas_rechazadas",
        "motivo",
        ROW_REASONS,
        _ROW,
        "El motivo por el que se rechaza una fila es uno de los previstos.",
    ),
    Check(
        dataset="filas_rechazadas",
        name="columna_segun_motivo",
        severity="error",
        meaning="Cada rechazo dice en qué columna estuvo el problema, salvo cuando es de la fila completa.",
        threshold="con columna, salvo en " + ", ".join(WHOLE_ROW_REASONS),
        query=(
            f"select min({_ROW}) as clave, count(*) as filas, case when motivo in "
            f"({', '.join(repr(reason) for reason in WHOLE_ROW_REASONS)}) then 'de la fila' else 'de una celda' end "
            "|| case when columna is null then ', sin columna' else ', con columna' end as caso "
            f"from marts.filas_rechazadas group by caso order by clave limit {MAX_CASES}"
        ),
        expectation=in_set("caso", ["de la fila, sin columna", "de una celda, con columna"]),
        shows=("caso", "filas"),
    ),
    Check(
        dataset="filas_rechazadas",
        name="fila_desde_1",
        severity="error",
        meaning="El número de cada fila rechazada permite encontrarla en el archivo: se cuenta desde 1.",
        threshold="fila 1 o más",
        query=worst_first(f"select {_ROW} as clave, coalesce(fila, 0) as fila from marts.filas_rechazadas", "-fila"),
        expectation=between("fila", 1),
    ),
)

CHECKS = (*FILES, *REJECTED_ROWS)
