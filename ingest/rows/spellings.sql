-- How a cell becomes a value: one macro a type, each NULL for a text that it does not accept.
-- Every argument is a trimmed cell. The accepted spellings are those of the contract with the source systems;
-- plain ones come first, because nearly every cell is plain.

-- A pattern, because a long IN becomes a join that is done for every row.
create or replace macro es_nulo(x) as
    x is null
    or x = ''
    or (
        strlen(x) <= 16
        and regexp_full_match(x, '-|N/A|NA|n/a|S/N|SN|s/n|null|NULL|NO APLICA|SIN INFORMACIÓN')
    );

create or replace macro sin_tildes(x) as upper(strip_accents(x));

-- The errors of spreadsheets are unreadable everywhere, in text too.
create or replace macro leer_texto(x) as
    case
        when es_nulo(x) then null
        when starts_with(x, '#') and regexp_full_match(x, '#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?)') then null
        when contains(x, chr(10)) or contains(x, chr(13)) or contains(x, chr(9)) or contains(x, '  ')
            then regexp_replace(x, '\s+', ' ', 'g')
        else x
    end;

create or replace macro leer_entero(x) as
    case when regexp_full_match(x, '-?[0-9]{1,18}') then try_cast(x as bigint) end;

-- A separator before exactly three digits is a thousands separator; decimals must be zeros.
create or replace macro es_monto(x) as
    regexp_full_match(
        x,
        '(?:-?\s*(?:\$\s*)?|\$\s*-\s*|\(\s*(?:\$\s*)?|\$\s*\(\s*)'
        || '(?:[0-9]{1,3}(?:\.[0-9]{3})+(?:,(?:0{1,2}|0{4,}))?'
        || '|[0-9]{1,3}(?:,[0-9]{3})+(?:\.(?:0{1,2}|0{4,}))?'
        || '|[0-9]+(?:[.,](?:0{1,2}|0{4,}))?)'
        || '(?:\s*\))?'
    )
    and contains(x, '(') = contains(x, ')');

create or replace macro cifras_de_monto(x) as
    (case when contains(x, '-') or contains(x, '(') then '-' else '' end)
    || regexp_replace(regexp_replace(x, '[.,](?:0{1,2}|0{4,})[\s)]*$', ''), '[^0-9]', '', 'g');

-- 15 digits of pesos are more than the whole country spends in a year. What is longer is another number in the wrong
-- column, and a sum with it would not fit.
create or replace macro leer_pesos(x) as
    case
        when regexp_full_match(x, '-?[0-9]{1,15}') then try_cast(x as bigint)
        when regexp_full_match(x, '\$\s*-') then 0
        when es_monto(x) then cast(try_cast(cifras_de_monto(x) as decimal(15, 0)) as bigint)
    end;

create or replace macro leer_miles(x) as
    cast(
        try_cast(leer_pesos(case when contains(x, 'M$') then replace(x, 'M$', '$') else x end) as decimal(12, 0))
        as bigint
    );

-- A single separator is always the decimal one; thousands show by a second separator. 15 whole digits as of pesos.
create or replace macro leer_decimal(x) as
    case
        -- What fits into 18 digits is read a hundred times faster than what does not.
        when regexp_full_match(x, '-?[0-9]{1,10}(?:[.,][0-9]{1,8})?')
            then cast(try_cast(replace(x, ',', '.') as decimal(18, 8)) as decimal(28, 8))
        when regexp_full_match(x, '-?[0-9]+(?:[.,][0-9]+)?')
            then cast(try_cast(replace(x, ',', '.') as decimal(23, 8)) as decimal(28, 8))
        when regexp_full_match(x, '-?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})')
            then cast(try_cast(replace(replace(x, '.', ''), ',', '.') as decimal(23, 8)) as decimal(28, 8))
        when regexp_full_match(x, '-?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})')
            then cast(try_cast(replace(x, ',', '') as decimal(23, 8)) as decimal(28, 8))
    end;

create or replace macro mes_abreviado(x) as
    nullif(
        (strpos('ENE FEB MAR ABR MAY JUN JUL AGO SEP OCT NOV DIC', upper(x)) + 3) // 4, 0
    );

-- The two dates that the systems write for none.
create or replace macro es_fecha_nula(x) as
    (contains(x, '1899') or contains(x, '1900'))
    and regexp_full_match(
        x,
        '30-12-1899|30/12/1899|30\.12\.1899|1899-12-30|0?1-0?1-1900|01/01/1900|01\.01\.1900|1900-01-01'
    );

-- The year 24 or 0 is a typing error; of the year 0 not every reader further on can even make a date.
create or replace macro desde_1900() as '(?:19|[2-9][0-9])[0-9]{2}';

-- Day first. 5 digits are a spreadsheet's serial number, from 2000-01-01 (36526) to 2099-12-31 (73050).
create or replace macro leer_fecha(x) as
    case
        when es_fecha_nula(x) then null
        when regexp_full_match(
            x, '(?:[0-9]{2}/[0-9]{2}/|[0-9]{2}\.[0-9]{2}\.|[0-9]{1,2}-[0-9]{1,2}-)' || desde_1900()
        )
            then cast(try_strptime(translate(x, '/.', '--'), '%d-%m-%Y') as date)
        when regexp_full_match(x, desde_1900() || '-[0-9]{2}-[0-9]{2}') then try_cast(x as date)
        when regexp_full_match(x, '[0-9]{5}')
            then case
                when cast(x as integer) between 36526 and 73050
                    then date '1899-12-30' + cast(x as integer)
            end
        when regexp_full_match(x, '[0-9]{2}-[0-9]{2}-[0-9]{2}')
            then try_cast('20' || x[7:8] || '-' || x[4:5] || '-' || x[1:2] as date)
        when regexp_full_match(x, '(?i)[0-9]{2}-(?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)-[0-9]{2}')
            then try_cast('20' || x[8:9] || '-' || lpad(cast(mes_abreviado(x[4:6]) as varchar), 2, '0') || '-' || x[1:2] as date)
    end;

-- The parts of a cell are cut before it is read: an expression that a macro repeats is computed again.
-- The shortest accepted one is a serial number with hours and minutes, 45066 10:00.
create or replace macro parte_fecha(x) as
    case
        when strlen(x) < 11 then null
        when substr(x, strlen(x) - 8, 1) in (' ', 'T') then left(x, -9)
        when substr(x, strlen(x) - 5, 1) in (' ', 'T') then left(x, -6)
    end;

create or replace macro parte_hora(x) as
    case
        when strlen(x) < 11 then null
        when substr(x, strlen(x) - 8, 1) in (' ', 'T') then right(x, 8)
        else right(x, 5)
    end;

create or replace macro es_hora(x) as regexp_full_match(x, '(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?');

create or replace macro leer_fecha_hora(fecha, hora) as
    case when es_hora(hora) then leer_fecha(fecha) + cast(hora as time) end;

create or replace macro es_fecha_hora_nula(x) as
    coalesce(es_fecha_nula(parte_fecha(x)) and es_hora(parte_hora(x)), false);

create or replace macro leer_mes(x) as
    case
        when regexp_full_match(x, desde_1900() || '-(?:0[1-9]|1[0-2])') then x
        when regexp_full_match(x, '(?:0[1-9]|1[0-2])-' || desde_1900()) then x[4:7] || '-' || x[1:2]
        when regexp_full_match(x, desde_1900() || '(?:0[1-9]|1[0-2])') then x[1:4] || '-' || x[5:6]
    end;

-- Modulus 11: weights 2 to 7 from the right, over and over; the remainder picks the digit.
create or replace macro digito_verificador(n) as
    '0K987654321'[
        (
            (n % 10) * 2 + (n // 10 % 10) * 3 + (n // 100 % 10) * 4 + (n // 1000 % 10) * 5
            + (n // 10000 % 10) * 6 + (n // 100000 % 10) * 7 + (n // 1000000 % 10) * 2 + (n // 10000000 % 10) * 3
        ) % 11 + 1
    ];

-- A RUT's number and digit are cut before it is read, as the parts of a timestamp are.
create or replace macro numero_rut(x) as try_cast(translate(x, ' .-', '')[:-2] as integer);

create or replace macro digito_rut(x) as upper(x[-1:]);

create or replace macro leer_rut(x, numero, digito) as
    case
        when digito_verificador(numero) = digito
            and numero between 1 and 99999999
            and regexp_full_match(
                x,
                '(?:[0-9] *){1,8}(?:- *)?[0-9Kk]|(?:[0-9] *){1,3}(?:\. *(?:[0-9] *){3}){1,2}- *[0-9Kk]'
            )
            then numero || '-' || digito
    end;

create or replace macro leer_iniciativa(x) as
    case
        when regexp_full_match(x, '[0-9]{8}-[0-9]') then x
        when regexp_full_match(x, '[0-9]{8}') then x || '-0'
        when regexp_full_match(x, '[0-9]{8}-[0-9]{2}') then x[1:9] || cast(cast(x[10:] as integer) as varchar)
        when regexp_full_match(x, '[0-9]{4}[A-Za-z]{2,5}[0-9]{2,4}') then upper(x)
    end;

create or replace macro leer_bandera(x) as
    case sin_tildes(x)
        when 'SI' then true
        when '1' then true
        when 'VERDADERO' then true
        when 'X' then true
        when 'NO' then false
        when '0' then false
        when 'FALSO' then false
    end;

-- Letters and digits alone, so that Til Til, TIL-TIL and Tiltil are one.
create or replace macro nombre_comuna(x) as regexp_replace(sin_tildes(x), '[^A-Z0-9]', '', 'g');

-- The variable comunas maps every accepted name and CUT code to the CUT code.
create or replace macro codigos_comuna(x) as
    list_transform(
        regexp_split_to_array(x, '\s-\s|[,/]'),
        lambda parte: getvariable('comunas')[nombre_comuna(parte)]
    );

create or replace macro leer_comunas(x) as
    case
        when es_nulo(x) then null
        when nombre_comuna(x) in ('REGIONAL', 'REGIONMETROPOLITANA') then 'REGIONAL'
        when list_contains(list_transform(codigos_comuna(x), lambda c: c is null), true) then null
        else array_to_string(list_sort(list_distinct(codigos_comuna(x))), ' ')
    end;
