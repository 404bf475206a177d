"""Kinds of checks that several datasets share.

Each query brings the rows nearest to breaking the rule (or past it) and leaves the verdict to the expectation, so that
ten million rows cost one scan and a frame of `MAX_CASES` rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from expectations.model import MAX_CASES, Check, Expect, Severity

#: RUTs that may be published: those of legal persons (law 21.719; the rest is natural or unknown).
PUBLIC_RUT_MIN = 50_000_000
PUBLIC_RUT_MAX = 99_999_999

#: Chilean verifying digit: weights from the last digit to the first.
_RUT_WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3)

#: Amounts from which the size of those of a file can be told.
FEW_AMOUNTS = 10
#: No month moves the amounts of an export so far; a change of unit (pesos, M$, and UF since it is above 30 M$) does.
UNIT_FACTOR = 30

INITIATIVE_SHAPE = r"^(?:9{8}-9{1,2}|9{4}A{2,5}9{2,4})$"


def between(column: str, minimum: float | None = None, maximum: float | None = None) -> Expect:
    """Expect each value of a column from `minimum` to `maximum`, both included."""
    return Expect("ExpectColumnValuesToBeBetween", {"column": column, "min_value": minimum, "max_value": maximum})


def in_set(column: str, values: Sequence[str]) -> Expect:
    """Expect each value of a column among `values`."""
    return Expect("ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)})


def matches(column: str, regex: str) -> Expect:
    """Expect each value of a column to match `regex`."""
    return Expect("ExpectColumnValuesToMatchRegex", {"column": column, "regex": regex})


def equal(column_a: str, column_b: str) -> Expect:
    """Expect two columns to be equal, row by row; a missing value equals nothing."""
    return _pair("ExpectColumnPairValuesToBeEqual", column_a, column_b)


def at_least(column_a: str, column_b: str) -> Expect:
    """Expect the first column to be the second one or more, row by row; a missing value is not."""
    return _pair("ExpectColumnPairValuesAToBeGreaterThanB", column_a, column_b, or_equal=True)


def pairs_in_set(column_a: str, column_b: str, pairs: Sequence[tuple[str, str]]) -> Expect:
    """Expect the values of two columns, row by row, among `pairs`."""
    return _pair("ExpectColumnPairValuesToBeInSet", column_a, column_b, value_pairs_set=list(pairs))


def _pair(kind: str, column_a: str, column_b: str, **arguments: Any) -> Expect:
    # By default a row with two missing values is left out of the judgement.
    return Expect(kind, {"column_A": column_a, "column_B": column_b, "ignore_row_if": "neither", **arguments})


def text_key(*columns: str) -> str:
    """SQL of the readable key of a row: its columns joined by blanks, missing ones shown as '-'."""
    return " || ' ' || ".join(f"coalesce(cast({column} as varchar), '-')" for column in columns)


def signed(amount: str) -> str:
    """SQL of an amount of a tax document as it is published: credit notes (tipo_documento 61) subtract."""
    return f"case when tipo_documento = '61' then -abs({amount}) else {amount} end"


def worst_first(rows: str, badness: str) -> str:
    """SQL of the `MAX_CASES` rows of a query with the greatest `badness`, in a fixed order."""
    return f"select * from ({rows}) as filas order by {badness} desc nulls first, clave limit {MAX_CASES}"


def worst_named(relation: str, where: str, badness: str, key: str, columns: str) -> str:
    """SQL of the `MAX_CASES` rows of a relation with the greatest `badness`, in the order of `worst_first`.

    Only rows as bad as those are named: where few rows are, the key of the millions of others costs most of the query.

    Args:
        relation: what holds the rows.
        where: condition of the rows that count.
        badness: SQL of a number or a lapse; one that many rows share saves nothing.
        key: SQL of the row's public key.
        columns: SQL of what else is brought of each row.
    """
    return (
        f"with filas as not materialized (select *, {badness} as gravedad from {relation} where {where}), "
        f"peores as (select gravedad from filas order by gravedad desc nulls first limit {MAX_CASES}) "
        f"select {key} as clave, {columns} from filas "
        "where gravedad is null or gravedad >= (select min(gravedad) from peores) "
        f"order by gravedad desc nulls first, clave limit {MAX_CASES}"
    )


def has_rows(dataset: str, severity: Severity = "error") -> Check:
    """A dataset has rows: an empty one would pass every other check. A warning where it may rightly be empty."""
    return Check(
        dataset=dataset,
        name="tiene_filas",
        severity=severity,
        meaning="El conjunto de datos trae información: no está vacío.",
        threshold="1 fila o más",
        query=f"select 'filas publicadas' as clave, count(*) as filas from marts.{dataset}",
        expectation=between("filas", 1),
        shows=("filas",),
    )


def unique_key(dataset: str, columns: Sequence[str], *, relation: str | None = None, key: str | None = None) -> Check:
    """No two rows have the same key; a missing part counts as a value like any other.

    Args:
        dataset: dataset that is guarded.
        columns: columns of the key.
        relation: where the key is looked for; the mart by default.
        key: SQL over `columns` that shows the key in public; the columns themselves by default.
    """
    joined = ", ".join(columns)
    return Check(
        dataset=dataset,
        name="clave_unica",
        severity="error",
        meaning="Ninguna fila aparece dos veces, así que nada se cuenta doble.",
        threshold=f"cada combinación de {joined} aparece 1 vez",
        query=worst_first(
            f"select {key or text_key(*columns)} as clave, veces from ("
            f"select {joined}, count(*) as veces from {relation or f'marts.{dataset}'} group by {joined}) as claves",
            "veces",
        ),
        expectation=between("veces", 1, 1),
        shows=("veces",),
    )


def values_in_list(
    dataset: str,
    column: str,
    values: Sequence[str],
    key: str,
    meaning: str,
    *,
    required: bool = True,
) -> Check:
    """A column holds only values of a list; where `required`, an empty one fails too.

    The value itself is never shown: what is in no list may be anything, a name included.
    """
    where = "" if required else f"where {column} is not null"
    return Check(
        dataset=dataset,
        name=f"{column}_en_lista",
        severity="error",
        meaning=meaning,
        threshold=("" if required else "vacío o ") + "uno de: " + ", ".join(values),
        query=(
            f"select coalesce(cast({column} as varchar), '(vacío)') as valor, min({key}) as clave, count(*) as filas "
            f"from marts.{dataset} {where} group by 1 order by filas, clave limit {MAX_CASES}"
        ),
        expectation=in_set("valor", values),
        shows=("filas",),
    )


def conserved(
    dataset: str,
    *,
    name: str,
    meaning: str,
    origin: str,
    group: str,
    amounts: Sequence[str] = (),
    published: str | None = None,
    rows: bool = True,
    may_be_empty: bool = False,
) -> Check:
    """Rows and sums are the same before and after our computation, group by group.

    Of a dataset without rows there is nothing to compare: that is for `has_rows` to say, with an error.

    Args:
        dataset: dataset that is guarded.
        name: the check's name.
        meaning: Spanish sentence.
        origin: relation, or query in brackets, that holds what must come out.
        group: SQL of the group, over both sides.
        amounts: columns of both sides whose sums are compared.
        published: relation that holds what came out; the mart by default.
        rows: whether the number of rows is compared.
        may_be_empty: whether no error says that the dataset has no rows, so that this one compares an empty one too.
    """

    def side(relation: str) -> str:
        sums = (f"sum(coalesce({amount}, 0)) as {amount}" for amount in amounts)
        return (
            f"select coalesce(cast({group} as varchar), '-') as grupo, {', '.join(['count(*) as cantidad', *sums])} "
            f"from {relation} as lado group by 1"
        )

    measures = [*(["cantidad"] if rows else []), *amounts]
    there = "" if may_be_empty else f" where exists (select 1 from marts.{dataset})"
    comparisons = " union all ".join(
        f"select coalesce(origen.grupo, publicado.grupo) || ' {measure}' as clave, "
        f"cast(coalesce(origen.{measure}, 0) as bigint) as en_origen, "
        f"cast(coalesce(publicado.{measure}, 0) as bigint) as en_publicacion "
        f"from origen full join publicado on origen.grupo = publicado.grupo{there}"
        for measure in measures
    )
    return Check(
        dataset=dataset,
        name=name,
        severity="error",
        meaning=meaning,
        threshold="diferencia 0 entre lo recibido y lo publicado",
        query=(
            f"with origen as ({side(origin)}), publicado as ({side(published or f'marts.{dataset}')}) "
            + worst_first(comparisons, "abs(en_origen - en_publicacion)")
        ),
        expectation=equal("en_origen", "en_publicacion"),
        shows=("en_origen", "en_publicacion"),
    )


def dates_in_order(
    dataset: str,
    first: str,
    second: str,
    key: str,
    meaning: str,
    *,
    guards_too: tuple[str, ...] = (),
) -> Check:
    """Where both dates are known, the second is not before the first."""
    return Check(
        dataset=dataset,
        name=f"{second}_no_antes_de_{first}",
        severity="warning",
        meaning=meaning,
        threshold=f"{second} igual o posterior a {first}",
        query=worst_named(
            f"marts.{dataset}",
            f"{first} is not null and {second} is not null",
            f"date_diff('second', {second}, {first})",
            key,
            f"{first}, {second}",
        ),
        expectation=at_least(second, first),
        shows=(first, second),
        guards_too=guards_too,
    )


def not_after_cutoff(dataset: str, column: str, key: str, meaning: str) -> Check:
    """A date of something that happened is not after the day up to which the data reach."""
    return Check(
        dataset=dataset,
        name=f"{column}_no_futura",
        severity="warning",
        meaning=meaning,
        threshold=f"{column} hasta la fecha de corte",
        query=worst_named(
            f"(select *, cast({column} as date) as dia from marts.{dataset}) as hechos "
            "cross join (select fecha_corte as corte from intermediate.int_fecha_corte) as limite",
            "dia is not null",
            "dia",
            key,
            f"dia as {column}, corte",
        ),
        expectation=at_least("corte", column),
        shows=(column, "corte"),
    )


def not_negative(
    dataset: str,
    column: str,
    key: str,
    meaning: str,
    *,
    where: str = "true",
) -> Check:
    """An amount is 0 or more in the rows that `where` keeps."""
    return Check(
        dataset=dataset,
        name=f"{column}_no_negativo",
        severity="warning",
        meaning=meaning,
        threshold=f"{column} de 0 o más",
        query=worst_named(f"marts.{dataset}", f"{column} is not null and {where}", f"-{column}", key, column),
        expectation=between(column, 0),
        shows=(column,),
    )


def same_unit(dataset: str, export: str, *, guards_too: tuple[str, ...] = ()) -> Check:
    """The amounts of a file of an export are not suddenly in another unit than those of the file before it.

    Of snapshots the newest alone is judged: one that was replaced is published no longer.

    Args:
        dataset: dataset that is guarded.
        export: whose files are compared, each column of amounts by itself.
        guards_too: further datasets that add the same amounts up.
    """
    typical = "cast(round(power(10, {})) as bigint)"
    return Check(
        dataset=dataset,
        name=f"unidad_de_{export}",
        severity="warning",
        meaning=(
            "Los montos de un archivo son de un tamaño parecido a los del anterior; un salto brusco suele indicar que "
            "vienen en otra unidad (por ejemplo, en pesos y no en miles)."
        ),
        threshold=f"monto típico hasta {UNIT_FACTOR} veces mayor o menor que el del archivo anterior",
        query=worst_first(
            f"select archivo || ' ' || columna as clave, {typical.format('magnitud')} as monto_tipico, "
            f"{typical.format('anterior')} as monto_tipico_anterior, "
            "power(10, abs(magnitud - anterior)) as veces from ("
            "select *, lag(magnitud) over por_fecha as anterior, lead(archivo) over por_fecha as siguiente "
            f"from staging.stg_montos_por_archivo where export = '{export}' and montos >= {FEW_AMOUNTS} "
            "window por_fecha as (partition by columna, programa order by fecha_dato, archivo)"
            ") as archivos where anterior is not null and (modo <> 'snapshot' or siguiente is null)",
            "veces",
        ),
        expectation=between("veces", None, UNIT_FACTOR),
        shows=("monto_tipico", "monto_tipico_anterior"),
        guards_too=guards_too,
        alarms=True,
    )


def mostly_in_its_month(dataset: str, staging: str, column: str, what: str) -> Check:
    """Of a file of a month, most rows are of that month: else it is another month's, or day and month are swapped.

    Args:
        dataset: dataset that is guarded.
        staging: model of the rows of those files.
        column: their date.
        what: the rows, in Spanish.
    """
    return Check(
        dataset=dataset,
        name="archivo_del_mes_que_dice",
        severity="warning",
        meaning=(
            f"{what} de cada archivo mensual son, en su mayoría, de ese mes; si no, el archivo es de otro mes o tiene "
            "cambiados el día y el mes de sus fechas."
        ),
        threshold="al menos la mitad de las filas del archivo en su mes",
        query=worst_first(
            f"select _archivo as clave, count(*) as filas, count(*) filter (where extract(year from {column}) = _anio "
            f"and extract(month from {column}) = _mes) as del_mes, 100.0 * del_mes / filas as porcentaje "
            f"from staging.{staging} group by _archivo",
            "-porcentaje",
        ),
        expectation=between("porcentaje", 50),
        shows=("filas", "del_mes"),
    )


def months_without_gaps(dataset: str, export: str, what: str, *, guards_too: tuple[str, ...] = ()) -> Check:
    """Between the first and the last month of an export that is in force, no month is missing.

    Args:
        dataset: dataset that is guarded.
        export: a monthly one; several files may be of one month.
        what: its files, in Spanish.
        guards_too: further datasets that add the same rows up.
    """
    return Check(
        dataset=dataset,
        name=f"meses_sin_saltos_de_{export}",
        severity="warning",
        meaning=(
            f"{what} de todos los meses, desde el primero hasta el último; lo de un mes que falta no está en los datos."
        ),
        threshold="ningún mes faltante entre el primero y el último",
        query="with recibidos as (select distinct anio * 12 + mes - 1 as numero from staging.stg_archivos "
        f"where export = '{export}' and estado = 'ACEPTADO') "
        + worst_first(
            "select printf('%d-%02d', numero // 12, numero % 12 + 1) as clave, "
            "case when numero in (from recibidos) then 'recibido' else 'falta' end as archivo "
            "from (select unnest(range(min(numero), max(numero) + 1)) as numero from recibidos) as meses",
            "archivo = 'falta'",
        ),
        expectation=in_set("archivo", ["recibido"]),
        shows=("archivo",),
        guards_too=guards_too,
    )


def valid_month(dataset: str, what: str, rows: str) -> Check:
    """A month is one of the year. what: what has it, in Spanish; rows: query of `clave` and `mes`."""
    return Check(
        dataset=dataset,
        name="mes_valido",
        severity="error",
        meaning=f"El mes de cada {what} es un mes del año.",
        threshold="de 1 a 12",
        query=worst_first(rows, "abs(mes - 6.5)"),
        expectation=between("mes", 1, 12),
        shows=("mes",),
    )


def complete_percentage(dataset: str, column: str, pending: str, key: str) -> Check:
    """A percentage reads 100,00 only where nothing is pending (contract of the datasets).

    Args:
        dataset: dataset that is guarded.
        column: the percentage.
        pending: SQL of what is left to complete, in any unit.
        key: SQL of the row's public key.
    """
    return Check(
        dataset=dataset,
        name=f"{column}_100_solo_si_completo",
        severity="error",
        meaning="Un porcentaje dice 100 solo cuando de verdad está todo completo; si falta algo, dice a lo más 99,99.",
        threshold="0 pendiente donde el porcentaje es 100,00",
        query=worst_first(
            f"select {key} as clave, {pending} as pendiente from marts.{dataset} where {column} = 100", "pendiente"
        ),
        expectation=between("pendiente", None, 0),
        shows=("pendiente",),
    )


def in_portfolio(dataset: str, what: str) -> Check:
    """Each initiative code that a dataset names is in the portfolio, if there is one."""
    return Check(
        dataset=dataset,
        name="iniciativa_en_cartera",
        severity="warning",
        meaning=f"Las iniciativas que nombran {what} están en la cartera de iniciativas del Gobierno de Santiago.",
        threshold="todo código de iniciativa está en la cartera",
        query=worst_first(
            "select nombrados.codigo_iniciativa as clave, nombrados.filas, "
            "case when cartera.codigo_iniciativa is null then 'NO' else 'SÍ' end as en_cartera from ("
            f"select codigo_iniciativa, count(*) as filas from marts.{dataset} "
            "where codigo_iniciativa is not null group by codigo_iniciativa) as nombrados "
            "left join marts.iniciativas as cartera on nombrados.codigo_iniciativa = cartera.codigo_iniciativa "
            "where exists (select 1 from marts.iniciativas)",
            "en_cartera = 'NO'",
        ),
        expectation=in_set("en_cartera", ["SÍ"]),
        shows=("filas",),
    )


def code_shape(dataset: str, column: str, regex: str, meaning: str, *, example: str, staging: str) -> Check:
    """Codes have the contract's shape, judged on shapes (digits as 9, letters as A) of which there are few.

    Args:
        dataset: dataset that is guarded.
        column: column of the mart.
        regex: what a shape must match.
        meaning: Spanish sentence.
        example: a right code, to show.
        staging: staging model, with the same column, whose file and row show where a wrong code comes from.
    """
    shape = f"regexp_replace(regexp_replace({column}, '[0-9]', '9', 'g'), '[[:alpha:]]', 'A', 'g')"
    return Check(
        dataset=dataset,
        name=f"{column}_con_forma",
        severity="error",
        meaning=meaning,
        threshold=f"forma de {example}",
        query=(
            f"select formas.forma, formas.filas, coalesce((select min(origen._archivo || ' fila ' || origen._fila) "
            f"from staging.{staging} as origen where origen.{column} = formas.ejemplo), '-') as clave "
            f"from (select coalesce({shape}, '(vacío)') as forma, count(*) as filas, min({column}) as ejemplo "
            f"from marts.{dataset} group by 1 order by filas, forma limit {MAX_CASES}) as formas"
        ),
        expectation=matches("forma", regex),
        shows=("filas",),
    )


def rut_in_public_range(dataset: str, column: str, key: str) -> Check:
    """Each published RUT is that of a legal person (law 21.719); the RUT itself is never shown."""
    return Check(
        dataset=dataset,
        name=f"{column}_en_rango_publico",
        severity="error",
        meaning="Solo se publican RUT de empresas e instituciones, nunca el de una persona.",
        threshold="RUT de 50.000.000 a 99.999.999",
        query=worst_first(
            f"select min(clave) as clave, numero from (select min({key}) as clave, {_rut_number(column)} as numero "
            f"from marts.{dataset} where {column} is not null group by {column}) as ruts group by numero",
            f"abs(numero - {(PUBLIC_RUT_MIN + PUBLIC_RUT_MAX) // 2})",
        ),
        expectation=between("numero", PUBLIC_RUT_MIN, PUBLIC_RUT_MAX),
    )


def rut_digit_right(dataset: str, column: str, key: str) -> Check:
    """Each published RUT has the verifying digit that its number asks for (modulus 11)."""
    total = " + ".join(f"(numero // {10**place}) % 10 * {weight}" for place, weight in enumerate(_RUT_WEIGHTS))
    digit = f"case 11 - ({total}) % 11 when 11 then '0' when 10 then 'K' else cast(11 - ({total}) % 11 as varchar) end"
    return Check(
        dataset=dataset,
        name=f"{column}_digito_correcto",
        severity="error",
        meaning="Los RUT publicados son válidos: su dígito verificador corresponde.",
        threshold="dígito verificador igual al calculado",
        query=worst_first(
            f"select clave, right({column}, 1) as digito, {digit} as calculado from ("
            f"select {column}, min({key}) as clave, {_rut_number(column)} as numero "
            f"from marts.{dataset} where {column} is not null group by {column}) as ruts",
            "digito <> calculado",
        ),
        expectation=equal("digito", "calculado"),
    )


def person_type_consistent(dataset: str, rut: str, name: str, key: str) -> Check:
    """RUT and name stand only beside tipo_persona JURIDICA, and JURIDICA always with its RUT."""
    return Check(
        dataset=dataset,
        name="tipo_persona_coherente",
        severity="error",
        meaning="El RUT y el nombre se muestran solo cuando son de una empresa o institución; de las personas, nunca.",
        threshold="JURIDICA con RUT; NATURAL_O_NO_DETERMINADA sin RUT ni nombre",
        query=worst_first(
            f"select min({key}) as clave, count(*) as filas, coalesce(tipo_persona, '(vacío)') "
            f"|| case when {rut} is null then ', sin RUT' else ', con RUT' end "
            f"|| case when {name} is null then ', sin nombre' else ', con nombre' end as caso "
            f"from marts.{dataset} group by caso",
            "-filas",
        ),
        expectation=in_set(
            "caso",
            [
                "JURIDICA, con RUT, con nombre",
                "JURIDICA, con RUT, sin nombre",
                "NATURAL_O_NO_DETERMINADA, sin RUT, sin nombre",
            ],
        ),
        shows=("filas",),
    )


def _rut_number(column: str) -> str:
    # 0 where it is no RUT at all, so that it falls outside the range instead of being left out as missing.
    # To be asked of each RUT once, not of each row: millions of rows have some thousand.
    return f"coalesce(try_cast(regexp_extract({column}, '^([0-9]+)-[0-9K]$', 1) as bigint), 0)"
