"""What the privacy scan looks for: the SQL that finds the names and accounts in the closed columns of an export."""

from collections.abc import Sequence

from ingest.cells import Layout, quote, sql_type
from ingest.contract import Contract
from ingest.rows.fates import COLUMN_COUNT


def find_shifted(contract: Contract) -> str:
    """Statement that fills `corridas`: what stands in a closed column's place in rows of another number of cells.

    They are few. The engine knows that of a table alone: else it joins every row, column by column.
    """
    values = ", ".join(f"v_{c.name}" for c in contract.columns if c.holds or c.beside)
    return f"""
    create or replace temp table corridas as
    select distinct valor
    from (select unnest([{values}]) as valor from leidas where falla = {COLUMN_COUNT} and not ignorada)
    where valor is not null"""


def values(layout: Layout, listed: Sequence[str]) -> str | None:
    """Query for what the privacy scan looks for (_sha256, tipo, valor), or None where the contract holds nothing.

    To be asked once find_shifted has filled its table. listed: every value of the contracts' lists (contract.listed).

    Every row counts, rejected ones too. A name beside a publishable RUT is kept apart: it cancels an equal one. One
    beside an empty RUT is left out, where that may be empty: most such names are of municipalities. What stands in a
    person's place and is none has the tipo no_es_persona: comunas, values of the contracts' lists, what has no word;
    and, in rows with more or fewer cells than the header, whose cells stand in each other's places, amounts, codes,
    RUTs alone, what is the whole of an open cell elsewhere in the file, and names beside a publishable RUT.
    """
    shifted = f"falla = {COLUMN_COUNT}"
    words = ", ".join(f"sin_tildes({quote(value)})" for value in listed)
    selects = []
    for c in layout.contract.columns:
        told = ""
        if c.holds:
            kind, public = "nombre" if c.holds == "names" else "cuenta", "false"
        elif c.beside:
            # Of a RUT in its one spelling, without a cast of every row: eight digits, the first from 5 on.
            kind, public = "nombre_rut", f"coalesce(len(v_{c.beside}) = 10 and v_{c.beside} >= '5', false)"
            told = "" if layout.contract.column(c.beside).need else f"and not sin_{c.beside}"
        else:
            continue
        selects.append(
            f"""select archivo_n, '{kind}' as tipo, v_{c.name} as valor, {public} as publicable, {shifted} as corrida
            from leidas where not ignorada and v_{c.name} is not null {told} group by all"""
        )
    if not selects:
        return None
    return f"""
    with celdas as materialized ({" union all ".join(selects)}),
    abiertas as ({_open_cells(layout)})
    select distinct sha256 as _sha256,
        case when publicable and corrida then 'no_es_persona'
            when {_NO_NAME.format(words=words)} or corrida and ({_NO_PERSON}) then 'no_es_persona'
            when corrida and (archivo_n, valor) in (select (archivo_n, valor) from abiertas) then 'no_es_persona'
            when publicable then 'nombre_rut_publicable' else tipo end as tipo,
        valor
    from celdas inner join grupo using (archivo_n) order by all"""


def _open_cells(layout: Layout) -> str:
    """SQL for the values that stand in a closed column's place in a shifted row, and in an open one in a good row."""
    # Found in the column's own type, so that only what is found is cast to text, and not every cell of every row.
    return " union ".join(
        f"""select archivo_n, valor from (
            select distinct archivo_n, v_{c.name}, cast(v_{c.name} as varchar) as valor from leidas
            where falla = 0 and not ignorada
                and v_{c.name} in (select try_cast(valor as {sql_type(c.column)}) from corridas)
        ) where valor in (select valor from corridas)"""
        for c in layout.cells
        if c.column.privacy == "open" and c.column.kept
    )


_NO_NAME = """tipo like 'nombre%' and (
        not regexp_matches(strip_accents(valor), '[A-Za-z]{{2}}')
        or leer_comunas(valor) is not null or sin_tildes(valor) in ({words}))"""
# A RUT below thirty million, where codes of initiatives begin: the name beside it is a person's, not that of a work.
_OF_A_PERSON = r"\b[12]?[0-9][.]?[0-9]{3}[.]?[0-9]{3} ?- ?[0-9kK]\b"
_NO_PERSON = f"""case tipo
        when 'cuenta' then leer_rut(valor, numero_rut(valor), digito_rut(valor)) is not null
            or leer_fecha(valor) is not null or not regexp_matches(valor, '@|([0-9][^0-9]*){{6}}')
        else regexp_matches(regexp_replace(valor, '{_OF_A_PERSON}', '', 'g'), '[0-9]') end"""
