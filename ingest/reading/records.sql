-- From physical lines to records as a spreadsheet shows them, and from records to cells.
-- A quote opens a cell only where the cell begins; inside, two quotes are one.

-- Does a line that starts outside quotes end inside them?
create or replace macro abre_comillas(linea, d) as
    contains(linea, '"')
    and regexp_full_match(
        linea,
        '(?:(?:"(?:[^"]|"")*"(?:[^"' || d || '][^' || d || ']*)?|[^"' || d || '][^' || d || ']*)?' || d || ')*"(?:[^"]|"")*'
    );

-- Does a line that starts inside quotes end inside them?
create or replace macro sigue_en_comillas(linea, d) as
    not contains(linea, '"')
    or regexp_full_match(linea, '(?:[^"]|"")*')
    or (
        regexp_full_match(linea, '(?:[^"]|"")*"(?:[^"' || d || '][^' || d || ']*)?' || d || '(?s:.*)')
        and abre_comillas(
            regexp_replace(linea, '^(?:[^"]|"")*"(?:[^"' || d || '][^' || d || ']*)?' || d, ''), d
        )
    );

-- Does no text follow a quote that closes? Where one does in a record of several lines, a quote that was never closed
-- has met the next one, and what stands between is other records.
create or replace macro bien_entrecomillado(texto, d) as
    regexp_full_match(
        texto || d, '(?:(?:"(?:[^"]|"")*" *|[^"' || d || '][^' || d || ']*)?' || d || ')*'
    );

create or replace macro sin_comillas(celda) as
    case
        when not starts_with(celda, '"') then celda
        when celda = '""' then ''
        when contains(celda, '""') then
            replace(regexp_extract(celda, '^"((?:[^"]|"")*)"', 1), '""', '"')
            || regexp_replace(celda, '^"(?:[^"]|"")*"', '')
        else regexp_replace(celda, '^"([^"]*)"', '\1')
    end;

create or replace macro celdas_una_por_una(texto, d) as
    list_transform(
        regexp_extract_all(texto || d, '("(?:[^"]|"")*"[^' || d || ']*|[^' || d || ']*)' || d, 1),
        lambda celda: trim(sin_comillas(celda), ' ' || chr(10))
    );

create or replace macro celdas_entre_comillas(texto, d) as
    case
        -- Every cell in quotes and none of them inside a cell, as systems write them: cut without looking at each.
        when regexp_full_match(texto, '"[^"]*"(?:' || d || '"[^"]*")*') and not regexp_matches(texto, '"[ \n]|[ \n]"')
            then string_split(texto[2:-2], '"' || d || '"')
        -- So too with quotes in cells, where none beside a delimiter looks like a cell's end.
        when regexp_full_match(texto, '"(?:[^"]|"")*"(?:' || d || '"(?:[^"]|"")*")*')
            and not regexp_matches(texto, '""' || d || '"["' || d || ']')
            then list_transform(
                string_split(texto[2:-2], '"' || d || '"'),
                lambda celda: trim(replace(celda, '""', '"'), ' ' || chr(10))
            )
        else celdas_una_por_una(texto, d)
    end;

-- Each line maps (outside, inside) to (outside, inside): it keeps the state, sets it, or swaps it. The state
-- before a line is what the last line that set it left, swapped once for each line that swaps after that.
create or replace macro registros_de_lineas(d) as table
    with transiciones as (
        select fila, texto,
            cast(abre_comillas(texto, d) as integer) as desde_fuera,
            cast(sigue_en_comillas(texto, d) as integer) as desde_dentro
        from lineas
    ),

    cuentas as (
        select *,
            coalesce(
                sum(cast(desde_fuera = 1 and desde_dentro = 0 as integer))
                    over (order by fila rows between unbounded preceding and 1 preceding),
                0
            ) as cambios
        from transiciones
    ),

    estados as (
        select *,
            (
                cambios + coalesce(
                    last_value(case when desde_fuera = desde_dentro then (desde_fuera + cambios) % 2 end ignore nulls)
                        over (order by fila rows between unbounded preceding and 1 preceding),
                    0
                )
            ) % 2 as dentro
        from cuentas
    ),

    numeradas as (
        select *, cast(sum(1 - dentro) over (order by fila) as integer) as registro
        from estados
    )

    select
        registro as fila,
        string_agg(texto, chr(10) order by fila) as texto,
        cast(count(*) as integer) as lineas,
        min(numeradas.fila) as primera_linea,
        max_by(case when dentro = 0 then desde_fuera else desde_dentro end, numeradas.fila) as queda_abierto
    from numeradas
    group by registro;
