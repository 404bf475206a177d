"""How systems spell what they tell: SQL macros, and files of lines in the encoding of each export."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

# azar(n, k, m) is a number from 0 to m - 1: the k-th one of thing n. The last argument of a spelling picks one.
_MACROS = """
create macro azar(n, k, m) as cast(hash(n, k) % m as bigint);

create macro digito(n) as '0K987654321'[
    ((n % 10) * 2 + (n // 10 % 10) * 3 + (n // 100 % 10) * 4 + (n // 1000 % 10) * 5 + (n // 10000 % 10) * 6
    + (n // 100000 % 10) * 7 + (n // 1000000 % 10) * 2 + (n // 10000000 % 10) * 3) % 11 + 1];

create macro con_puntos(n) as replace(format('{:,}', n), ',', '.');

create macro escribir_rut(n, como) as case como
    when 0 then n || '-' || digito(n)
    when 1 then con_puntos(n) || '-' || digito(n)
    when 2 then n || lower(digito(n))
    else ' ' || con_puntos(n) || '-' || digito(n) || ' ' end;

create macro escribir_pesos(x, como) as case como
    when 0 then '$ ' || con_puntos(x) || ' '
    when 1 then con_puntos(x)
    when 2 then format('${:,}', x)
    when 3 then format('${:,}.00', x)
    else cast(x as varchar) end;

create macro escribir_fecha(f, como) as case como
    when 0 then strftime(f, '%d/%m/%Y')
    when 1 then strftime(f, '%d.%m.%Y')
    when 2 then strftime(f, '%Y-%m-%d')
    when 3 then strftime(f, '%d-')
        || ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'][month(f)]
        || strftime(f, '-%y')
    when 4 then cast(date_diff('day', date '1899-12-30', f) as varchar)
    when 5 then strftime(f, '%d-%m-%y')
    else strftime(f, '%d-%m-%Y') end;

create macro escribir_opcion(x, como) as case como when 0 then lower(x) when 1 then x || ' ' else x end;

create macro persona(n) as
    ['Pedro Pablo', 'Ana Luisa', 'Óscar Iván', 'Carmen Gloria', 'Juan Carlos', 'Rosa Elena', 'Luis Alberto',
     'María José', 'Íñigo Andrés', 'Sofía Belén'][n % 10 + 1] || ' '
    || ['Zúñiga', 'Huenchual', 'Peñaloza', 'Quezada', 'Yáñez', 'Echeñique', 'Órdenes', 'Ñancupil', 'Catrileo', 'Muñoz',
        'Iturriaga', 'Bahamondes', 'Llanquileo', 'Oyarzún', 'Güenul', 'Painemal', 'Saldívar'][n // 10 % 17 + 1] || ' '
    || ['Tapia', 'Rivas', 'Díaz', 'Moya', 'Lobos', 'Vera', 'Soto', 'Araya', 'Carrasco', 'Figueroa', 'Leiva', 'Ponce',
        'Riquelme', 'Sepúlveda', 'Toledo', 'Urrutia', 'Vergara', 'Zamorano', 'Alarcón'][n // 170 % 19 + 1];

create macro empresa(n) as
    ['Constructora', 'Consultora', 'Ingeniería', 'Comercial', 'Servicios'][n % 5 + 1] || ' '
    || ['Ñuble', 'Andes', 'Maipo', 'Peumo', 'Güechi', 'Añañuca'][n % 6 + 1] || ' ' || n || ' '
    || ['Ltda.', 'S.A.', 'SpA'][n % 3 + 1];
"""

_BATCH = 100_000


def connect() -> duckdb.DuckDBPyConnection:
    """A connection that knows the macros."""
    con = duckdb.connect()
    con.execute(_MACROS)
    return con


def write(con: duckdb.DuckDBPyConnection, path: Path, above: str, rows: str, below: str, encoding: str) -> None:
    """Writes the texts of a query, which bring their own line ends, between two others.

    rows: a query of one column, in its order.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(above.encode(encoding))
        for text in _texts(con, rows):
            file.write(text if encoding == "utf-8" else text.decode("utf-8").encode(encoding))
        file.write(below.encode(encoding))


def _texts(con: duckdb.DuckDBPyConnection, rows: str) -> Iterable[bytes]:
    """The texts of each batch as they lie one after the other in Arrow's memory."""
    for batch in con.execute(rows).to_arrow_reader(_BATCH):
        column = batch.column(0)
        _, offsets, content = column.buffers()
        if content is not None:
            ends = memoryview(offsets).cast("i")
            yield memoryview(content)[ends[column.offset] : ends[column.offset + len(column)]].tobytes()
