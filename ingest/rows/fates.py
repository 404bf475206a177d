"""What becomes of each row: the SQL that types the cells of a contract and gives every row exactly one fate.

Source of the rules: the contract's fates and reasons. The order of reasons is: bytes_unreadable, column_count, the
cells in the order of the contract's columns, key_conflict.
"""

from collections.abc import Sequence

from ingest.cells import (
    Layout,
    cells_of,
    cut,
    delimiter_of,
    has_key,
    is_null,
    parts_of,
    quote,
    reason,
    sql_type,
    text_of,
    value_of,
)
from ingest.contract import Contract
from ingest.reading import lines
from ingest.rows.corrections import CellCorrection

BYTES_UNREADABLE, COLUMN_COUNT, KEY_CONFLICT = -1, -2, -3
ROW_REASONS = {
    BYTES_UNREADABLE: "bytes_unreadable",
    COLUMN_COUNT: "column_count",
    KEY_CONFLICT: "key_conflict",
}


def _ignored(layout: Layout) -> str:
    """SQL for the rows that are no data: blank lines, totals, notes, continuation rows."""
    contract = layout.contract
    if contract.format.type == "xml":
        return "false"
    d = delimiter_of(contract)
    first = next((c.name for c in layout.cells if c.position == 0 and c.column.name in contract.key), None)
    no_key = f"v_{first} is null" if first else "true"
    # A cell from its beginning to its delimiter.
    cell = f'"(?:[^"]|"")*"[^{d}]*|[^"{d}][^{d}]*' if contract.format.quote else f"[^{d}]+"
    key = [f"v_{c.name}" for c in layout.cells if c.column.need and c.column.name in contract.key]
    rules = [
        # What has its key is a row, whatever word a text begins with where the columns stand in another order.
        f"""case when regexp_matches(texto, '^(?i)[\\s"{d}]*(?:TOTAL|SUBTOTAL|RESULTADO)')
            then {" or ".join(f"{value} is null" for value in key) or "true"} else false end""",
        # Blank, or filled in the first cell alone.
        f"""case when regexp_full_match(texto, '(?:{cell})?[\\s"{d}]*')
            then {no_key} and not {_is_row_in_one_cell(layout)} else false end""",
    ]
    if any(c.column.name == contract.continuation and c.position is not None for c in layout.cells):
        # What has a key is a document, whoever forgot its number.
        empty = " and ".join(f"es_nulo(x_{name})" for name in (contract.continuation, *contract.key))
        rules.append(f"({empty})")
    return " or ".join(rules)


def _is_row_in_one_cell(layout: Layout) -> str:
    """SQL that tells whether the first cell holds a row with its key, as where a program took the line for one text.

    A row that was pasted from a spreadsheet is parted by tabs, which are read as blanks.
    """
    cells = "string_split(replace(celdas[1], '\"', ''), separador)"
    # To look for the key is dear, and a spreadsheet may write a million blank rows.
    is_row = f"case when contains(celdas[1], separador) then {has_key(layout, cells)} else false end"
    found = f"len(list_filter([';', ',', '|', ' '], lambda separador: {is_row})) > 0"
    return f"case when celdas[1] <> '' then {found} else false end"


def _several_records(layout: Layout) -> str:
    """SQL that tells whether a quote that was never closed has made one record of several.

    Then a text follows the quote that closes it, or a line of the record would be a row by itself, with its key ahead
    of any quote: behind the one that closes a cell of the line above, every row goes on.
    """
    contract = layout.contract
    if contract.format.type != "csv" or not contract.format.quote:
        return "false"
    d = quote(contract.format.delimiter)
    has_its_key = has_key(layout, f"string_split(split_part(linea, '\"', 1), {d})")
    # To cut a line is dear, and few have a key there.
    is_row = f"case when {has_its_key} then len({cut('linea', contract)}) >= {layout.width} else false end"
    rows = f"list_filter(string_split(texto, chr(10))[2:], lambda linea: {is_row})"
    well_quoted = f"bien_entrecomillado(texto, {d})"
    return f"case when contains(texto, chr(10)) then not {well_quoted} or len({rows}) > 0 else false end"


def _column_count_wrong(layout: Layout) -> str:
    w = layout.width
    return f"""{_several_records(layout)} or case len(celdas)
        when {w} then {"true" if layout.trailing else "false"}
        when {w + 1} then trim(celdas[{w + 1}]) <> ''
        else len(celdas) < {w} or len(list_filter(celdas[{w + 1}:], lambda c: trim(c) <> '')) > 0 end"""


def _cut_rows(layout: Layout, only: str = "") -> str:
    """SQL of the common tables that cut each record of the group into its cells, x_<name>, as the file has them.

    only: a semi join, where not every record of the group is wanted.
    """
    texts = ",\n        ".join(f"{text_of(c)} as x_{c.name}" for c in layout.cells)
    return f"""
    separadas as (
        select r.archivo_n, r.fila, r.texto, {cells_of(layout.contract)} as celdas
        from registros as r inner join grupo using (archivo_n) {only}
        where r.fila >= grupo.primera_fila
    ),
    cortadas as (
        select archivo_n, fila, texto, celdas,
        {texts}
        from separadas
    )"""


def _concerns(layout: Layout, correction: CellCorrection) -> str:
    """SQL that tells, of a cut row, whether it is the one that a correction names."""
    columns = {c.name: c.column for c in layout.cells}
    conditions = []
    for name, value in correction.donde.items():
        if name == "archivo":
            of_name = f"select archivo_n from grupo where list_contains(nombres, {quote(value)})"
            conditions.append(f"archivo_n in ({of_name})")
        elif name == "fila":
            conditions.append(f"fila = {int(value)}")
        else:
            typed = value_of(columns[name], f"x_{name}", parts_of(columns[name], f"x_{name}"))
            conditions.append(f"cast({typed} as varchar) is not distinct from nullif({quote(value)}, '')")
    return " and ".join(conditions)


def _says(correction: CellCorrection) -> str:
    return f"coalesce(x_{correction.columna}, '') = {quote(correction.dice.strip())}"


def _corrected(layout: Layout, corrections: Sequence[CellCorrection]) -> str:
    """SQL of the cut rows with their corrected cells instead of what the file says."""
    if not corrections:
        return "select * from cortadas"
    cells = []
    for column in sorted({c.columna for c in corrections}):
        cases = " ".join(
            f"when {_concerns(layout, c)} and {_says(c)} then {quote(c.debe_decir.strip())}"
            for c in corrections
            if c.columna == column
        )
        cells.append(f"case {cases} else x_{column} end as x_{column}")
    return f"select * replace ({', '.join(cells)}) from cortadas"


def corrected_cells(layout: Layout, corrections: Sequence[CellCorrection]) -> str:
    """Query for the cells that corrections name: export, _sha256, _fila, columna, correccion, aplicada, celda.

    aplicada: whether the cell is read as this one corrects it: the first, in their order, of those that the file says
    what they expect.
    """
    named = " union all ".join(
        f"""select archivo_n, fila, {quote(c.columna)} as columna, {quote(c.identity)} as correccion,
            case when {_says(c)} then {turn} end as turno, x_{c.columna} as celda
        from cortadas where {_concerns(layout, c)}"""
        for turn, c in enumerate(corrections)
    )
    return f"""
    with {_cut_rows(layout)}
    select {quote(layout.contract.export)} as export, sha256 as _sha256, fila as _fila, columna, correccion,
        coalesce(turno = min(turno) over (partition by archivo_n, fila, columna), false) as aplicada, celda
    from ({named}) inner join grupo using (archivo_n) order by all"""


def type_rows(layout: Layout, bytes_marked: bool, corrections: Sequence[CellCorrection] = ()) -> str:
    """Query for `leidas` (records.keep_typed), from `registros` and `grupo` (archivo_n, nombres, primera_fila).

    nombres: by which corrections know the file. bytes_marked: whether any file of the group has bytes that are no text.
    corrections: of this export's cells. In `leidas`: ignorada, falla (0 = none, else the 1-based cell that fails, or
    one of the negative row reasons), observada, each value as v_<name>, and whether the RUT beside a name is left
    empty, where it may be, as sin_<name>.
    """
    cells = layout.cells
    parts = {c: {part: f"{part}_{c.name}" for part in parts_of(c.column, "")} for c in cells}
    cuts = "".join(
        f",\n        {sql} as {parts[c][part]}"
        for c in cells
        for part, sql in parts_of(c.column, f"x_{c.name}").items()
    )
    values = ",\n        ".join(f"{value_of(c.column, f'x_{c.name}', parts[c])} as v_{c.name}" for c in cells)
    owners = {c.beside for c in layout.contract.columns}
    absent = "".join(
        f",\n        {is_null(c.column, f'x_{c.name}')} as sin_{c.name}"
        for c in cells
        if c.column.name in owners and not c.column.need
    )
    key = ", ".join(f"v_{k}" for k in layout.contract.key)
    marked = f"regexp_matches(texto, '{lines.MARK_RANGE}')" if bytes_marked else "false"
    failures = " ".join(f"when v_{c.name} is null then {i}" for i, c in enumerate(cells, 1) if c.column.need)
    optional = [c for c in cells if not c.column.need and c.column.kept]
    odd = " or ".join(
        [
            f"case when v_{c.name} is null and x_{c.name} <> '' then not {is_null(c.column, f'x_{c.name}')} "
            "else false end"
            for c in optional
        ]
        + [f"contains(x_{c.name}, chr(10))" for c in optional if c.column.several]
    )
    return f"""
    with {_cut_rows(layout)},
    corregidas as (
        {_corrected(layout, corrections)}
    ),
    partidas as (
        select *{cuts}
        from corregidas
    ),
    tipadas as (
        select *,
        {values}
        from partidas
    )
    select archivo_n, fila, hash({key}) as llave,
        coalesce({_ignored(layout)}, false) as ignorada,
        cast(case when {marked} then {BYTES_UNREADABLE}
            when {_column_count_wrong(layout)} then {COLUMN_COUNT} {failures} else 0 end as smallint) as falla,
        {f"coalesce({odd}, false)" if odd else "false"} as observada,
        {", ".join(f"v_{c.name}" for c in cells)}{absent}
    from tipadas"""


def find_candidates(contract: Contract) -> str:
    """Statement that fills `candidatas`: rows that share a key, and so every row that is there twice.

    They are few, and looked at word for word. The hash (llave) only finds them.
    """
    keys = ", ".join(f"v_{k}" for k in contract.key)
    return f"""
    create or replace temp table candidatas as
    with repetidas as (
        select archivo_n, llave from leidas where not ignorada group by all having count(*) > 1
    )
    select archivo_n, fila, falla, huella, {keys}
    from leidas inner join repetidas using (archivo_n, llave) inner join registros using (archivo_n, fila)
    where not ignorada"""


# Word for word the same row again, in one file: the first takes its own fate.
FIND_DUPLICATES = """
    create or replace temp table duplicadas as
    select archivo_n, fila from candidatas
    qualify row_number() over (partition by archivo_n, huella order by fila) > 1"""


def find_conflicts(contract: Contract) -> str:
    """Statement that fills `en_conflicto`: rows of one file with the same key, once nothing else rejects them."""
    keys = ", ".join(f"v_{k}" for k in contract.key)
    return f"""
    create or replace temp table en_conflicto as
    select archivo_n, fila
    from candidatas anti join duplicadas using (archivo_n, fila)
    where falla = 0
    qualify count(*) over (partition by archivo_n, {keys}) > 1"""


COUNT_FATES = """
    select archivo_n,
        count(*) filter (where ignorada) as ignoradas,
        count(d.fila) as duplicadas,
        count(*) filter (where not ignorada and d.fila is null and (falla <> 0 or c.fila is not null)) as rechazadas,
        count(*) filter (where not ignorada and d.fila is null and falla = 0 and c.fila is null) as aceptadas
    from leidas
    left join duplicadas as d using (archivo_n, fila)
    left join en_conflicto as c using (archivo_n, fila)
    group by archivo_n"""


def accepted_columns(contract: Contract) -> list[tuple[str, str]]:
    """Name and SQL type of each column of the accepted rows."""
    kept = [(c.name, sql_type(c)) for c in contract.columns if c.kept]
    if contract.unpivot:
        at = next(i for i, c in enumerate(contract.columns) if c.by_month)
        kept.insert(at, (contract.unpivot, "INTEGER"))
    return [("_sha256", "VARCHAR"), ("_fila", "INTEGER"), *kept]


def accepted_rows(layout: Layout) -> str:
    """Query for the accepted rows, with the columns of accepted_columns."""
    contract = layout.contract
    source = """leidas inner join grupo using (archivo_n)
        anti join duplicadas using (archivo_n, fila) anti join en_conflicto using (archivo_n, fila)"""
    if not contract.unpivot:
        values = ", ".join(f"v_{c.name} as {c.name}" for c in contract.columns if c.kept)
        return f"select sha256 as _sha256, fila as _fila, {values} from {source} where not ignorada and falla = 0"
    fixed = [c.name for c in contract.columns if c.kept and not c.by_month]
    monthly = [c.name for c in contract.columns if c.kept and c.by_month]
    months = ", ".join(f"{{mes: {m}, {', '.join(f'{name}: v_{name}_{m}' for name in monthly)}}}" for m in range(1, 13))
    return f"""
    select sha256 as _sha256, fila as _fila, {", ".join(f"v_{n} as {n}" for n in fixed)},
        celda.mes as {contract.unpivot}, {", ".join(f"celda.{n} as {n}" for n in monthly)}
    from {source}, unnest([{months}]) as meses(celda)
    where not ignorada and falla = 0
    order by archivo_n, fila, celda.mes"""


_REJECTED = f"""
        select leidas.* replace (case when falla <> 0 then falla else {KEY_CONFLICT} end as falla), sha256
        from leidas inner join grupo using (archivo_n)
        anti join duplicadas using (archivo_n, fila)
        where not ignorada and (falla <> 0 or (archivo_n, fila) in (select (archivo_n, fila) from en_conflicto))"""


def rejected_keys(layout: Layout) -> str:
    """Query for what can be read of the rejected rows' keys: export, _sha256, _fila, columna, valor.

    valor: as read, so of the corrected cell where it is corrected. Nothing of a row with more or fewer cells than the
    header, whose cells may stand in each other's places, nor of a value whose bytes are no text.
    """
    structs = ", ".join(f"{{columna: {quote(name)}, valor: cast(v_{name} as varchar)}}" for name in layout.contract.key)
    return f"""
    with malas as ({_REJECTED})
    select {quote(layout.contract.export)} as export, sha256 as _sha256, fila as _fila, parte.columna, parte.valor
    from malas, unnest([{structs}]) as llave(parte)
    where falla <> {COLUMN_COUNT} and not regexp_matches(parte.valor, '{lines.MARK_RANGE}')
    order by sha256, fila, parte.columna"""


def rejected_rows(layout: Layout, corrections: Sequence[CellCorrection]) -> str:
    """Query for the rejected rows: export, _sha256, _fila, columna, motivo, celda, celdas, registro.

    motivo: of what was read, so of the corrected cell where it is corrected. celda, celdas: as the file has them, the
    latter in the order of Contract.cells, for the correction desk.
    """
    cells = list(enumerate(layout.cells, 1))
    names = " ".join(f"when {i} then {quote(c.column.name)}" for i, c in cells)
    texts = " ".join(f"when {i} then {text_of(c)}" for i, c in cells if c.position is not None)
    originals = ", ".join(text_of(c) for c in layout.cells)
    nulls = " ".join(f"when {i} then {is_null(c.column, f'x_{c.name}')}" for i, c in cells if c.column.need)
    reasons = " ".join(f"when {i} then {quote(reason(c.column))}" for i, c in cells if c.column.need)
    row_reasons = " ".join(f"when {code} then {quote(why)}" for code, why in ROW_REASONS.items())
    return f"""
    with malas as ({_REJECTED}),
    {_cut_rows(layout, "semi join malas using (archivo_n, fila)")},
    corregidas as (
        {_corrected(layout, corrections)}
    )
    select {quote(layout.contract.export)} as export, sha256 as _sha256, fila as _fila,
        case falla {names} end as columna,
        case when falla < 0 then case falla {row_reasons} end
            when case falla {nulls} end then 'required_missing'
            else case falla {reasons} end end as motivo,
        case falla {texts} end as celda, [{originals}] as celdas, texto as registro
    from malas inner join corregidas using (archivo_n, fila) order by sha256, fila"""


def observed_cells(layout: Layout, corrections: Sequence[CellCorrection]) -> str:
    """Query for the unreadable cells of columns that may be empty: export, _sha256, _fila, columna, motivo, celda.

    columna: with the month's number where columns repeat by month (Cell.name). celda: as the file has it, also where
    what cannot be read is its correction; where several stand in it, those behind the first, which is the one read.
    """
    optional = [c for c in layout.cells if not c.column.need and c.column.kept and c.position is not None]
    structs = ", ".join(
        [
            f"""{{columna: {quote(c.name)}, motivo: {quote(reason(c.column))}, celda: {text_of(c)},
            rara: v_{c.name} is null and not {is_null(c.column, f"x_{c.name}")}}}"""
            for c in optional
        ]
        + [
            f"""{{columna: {quote(c.name)}, motivo: '{ROW_REASONS[COLUMN_COUNT]}',
            celda: regexp_replace({text_of(c)}, '^.*\n', ''), rara: contains({text_of(c)}, chr(10))}}"""
            for c in optional
            if c.column.several
        ]
    )
    return f"""
    with raras as (
        select leidas.*, sha256 from leidas inner join grupo using (archivo_n)
        anti join duplicadas using (archivo_n, fila) anti join en_conflicto using (archivo_n, fila)
        where observada and not ignorada and falla = 0
    ),
    {_cut_rows(layout, "semi join raras using (archivo_n, fila)")},
    corregidas as (
        {_corrected(layout, corrections)}
    )
    select {quote(layout.contract.export)} as export, sha256 as _sha256, fila as _fila,
        o.columna, o.motivo, o.celda
    from (select * from raras inner join corregidas using (archivo_n, fila)) as leidas,
        unnest([{structs}]) as celdas_raras(o)
    where o.rara order by sha256, fila, o.columna"""
