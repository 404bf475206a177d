"""The floor: a bare DuckDB script that goes the whole way of the job for what grows with the documents, and no more.

It reads, types, checks digits, splits into accepted and rejected, joins, and writes: accepted and rejected rows as
Parquet, and of a release the sorted Parquet, CSV, workbook, zip, the DuckDB file and the hashes of all files. No file
is kept, no second reading is made, no reason nor place of a rejected row is told, nor alerts of an initiative nor what
its milestones name; nothing is checked, traced, screened for personal data, described or compared with the release
before. See sources.py for what it knows of its files.

Usage: python -m bench.floor EXPORTS FOLDER [register]

register: reads and splits the purchases register, and no more.
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa

from bench import outputs
from bench.sources import BUDGET, MONTHS, NULLS, PAYMENTS, REGISTER, SOURCES, Column, Source

_MACROS = f"""
create macro es_nulo(x) as x in ({", ".join(f"'{null}'" for null in NULLS)});
create macro leer_texto(x) as case when es_nulo(x) or starts_with(x, '#') then null
    when contains(x, chr(10)) or contains(x, '  ') then regexp_replace(x, '\\s+', ' ', 'g') else x end;
create macro leer_pesos(x) as case when regexp_full_match(x, '-?[0-9]+') then try_cast(x as bigint)
    when regexp_full_match(x, '\\$ *-') then 0
    when regexp_full_match(x, '\\$? ?[0-9]{{1,3}}(?:[.,][0-9]{{3}})*(?:[.,]00)?')
        then try_cast(regexp_replace(regexp_replace(x, '[.,]00$', ''), '[^0-9]', '', 'g') as bigint) end;
create macro leer_decimal(x) as try_cast(replace(x, ',', '.') as decimal(28, 8));
create macro leer_fecha(x) as case
    when x = '1900-01-01' then null
    when strlen(x) = 5 then date '1899-12-30' + try_cast(x as integer)
    when strlen(x) = 8 then try_cast('20' || x[7:8] || '-' || x[4:5] || '-' || x[1:2] as date)
    when strlen(x) = 9 then try_cast('20' || x[8:9] || '-'
        || list_position({MONTHS}, x[4:6]) || '-' || x[1:2] as date)
    when x[5] = '-' then try_cast(x as date)
    else cast(try_strptime(translate(x, '/.', '--'), '%d-%m-%Y') as date) end;
create macro leer_fecha_hora(x) as try_strptime(x, ['%d/%m/%Y %H:%M:%S', '%d-%m-%Y %H:%M', '%d-%m-%Y %H:%M:%S']);
create macro leer_mes(x) as case when x[5] = '-' then x when x[3] = '-' then x[4:7] || '-' || x[1:2]
    else x[1:4] || '-' || x[5:6] end;
create macro leer_iniciativa(x) as case
    when regexp_full_match(x, '[0-9]{{8}}-[0-9]{{1,2}}|[0-9]{{4}}[A-Z]{{2,5}}[0-9]{{2,4}}') then x end;
create macro leer_bandera(x) as case upper(x) when 'SI' then true when 'NO' then false end;
create macro digito(n) as '0K987654321'[
    ((n % 10) * 2 + (n // 10 % 10) * 3 + (n // 100 % 10) * 4 + (n // 1000 % 10) * 5 + (n // 10000 % 10) * 6
    + (n // 100000 % 10) * 7 + (n // 1000000 % 10) * 2 + (n // 10000000 % 10) * 3) % 11 + 1];
create macro leer_rut(r) as case when digito(try_cast(r[:-2] as integer)) = r[-1:] then r[:-2] || '-' || r[-1:] end;
create macro es_publico(rut) as try_cast(split_part(rut, '-', 1) as integer) between 50000000 and 99999999;
create macro con_signo(tipo, monto) as case when tipo = '61' then -abs(monto) else monto end;
create macro miles(pesos) as cast(round(pesos / 1000.0) as bigint);
"""

_READERS = {
    "text": "leer_texto({x})",
    "integer": "try_cast({x} as bigint)",
    "pesos": "leer_pesos({x})",
    "decimal": "leer_decimal({x})",
    "date": "leer_fecha({x})",
    "timestamp": "leer_fecha_hora({x})",
    "month": "leer_mes({x})",
    "initiative": "leer_iniciativa({x})",
    "flag": "leer_bandera({x})",
    "code2": "lpad(nullif({x}, ''), 2, '0')",
    "code3": "lpad(nullif({x}, ''), 3, '0')",
    "rut": "leer_rut(upper(translate({x}, '. -', '')))",
}


def _value(column: Column) -> str:
    cell = f"trim({column.name})"
    if "|" not in column.kind:
        return f"{_READERS[column.kind].format(x=cell)} as {column.name}"
    values = ", ".join(f"'{value}'" for value in column.kind.split("|"))
    choice = f"when {cell} in ({values}) then {cell} when upper({cell}) in ({values}) then upper({cell})"
    return f"case {choice} end as {column.name}"


def _read(con: duckdb.DuckDBPyConnection, source: Source, exports: Path, raw: Path) -> None:
    """Types an export's rows into a table, and splits them into two files.

    Rows that a file holds twice count once; rows of one key that say different things are all rejected.
    """
    cells = dict.fromkeys(source.cells, "VARCHAR")
    cell, pattern = source.data
    key = ", ".join(source.key)
    con.execute(f"""
        create or replace temp table leidas as
        select filename as archivo, {", ".join(_value(c) for c in source.columns)}
        from read_csv('{exports}/{source.files}', header = false, auto_detect = false, columns = {cells},
            filename = true, delim = '{source.delimiter}', quote = '"', escape = '"', encoding = '{source.encoding}',
            null_padding = {not source.line_breaks}, strict_mode = {not source.line_breaks})
        where regexp_full_match({cell}, '(?s){pattern}')""")
    good = " and ".join(f"{column.name} is not null" for column in source.columns if column.need)
    con.execute(f"""
        create or replace temp table repetidas as
        select archivo, {key} from leidas where {good} group by all having count(*) > 1""")
    con.execute(f"""
        create or replace temp table distintas as
        select distinct leidas.* from leidas semi join repetidas using (archivo, {key}) where {good}""")
    contradicted = f"(select archivo, {key} from distintas group by all having count(*) > 1)"
    con.execute(f"""
        copy (
            select * from leidas anti join repetidas using (archivo, {key}) where {good}
            union all
            select * from distintas anti join {contradicted} using (archivo, {key})
        ) to '{raw}/{source.export}.parquet' (compression zstd)""")
    con.execute(f"""
        copy (
            select * from leidas where not ({good})
            union all
            select * from distintas semi join {contradicted} using (archivo, {key})
        ) to '{raw}/{source.export}_rechazadas.parquet' (compression zstd)""")
    con.execute("drop table leidas")


def _read_xml(con: duckdb.DuckDBPyConnection, exports: Path, raw: Path) -> None:
    cells = pa.Table.from_pylist([row for path in sorted(exports.glob("dte/*.xml")) for row in outputs.read_xml(path)])
    con.register("celdas", cells)
    con.execute(f"""
        copy (
            select tipo_documento, cast(folio as bigint) as folio, cast(fecha_emision as date) as fecha_emision,
                leer_rut(replace(rut_proveedor, '-', '')) as rut_proveedor, razon_social, rut_receptor, orden_compra,
                cast(monto_neto as bigint) as monto_neto, cast(monto_exento as bigint) as monto_exento,
                cast(monto_iva as bigint) as monto_iva, cast(monto_total as bigint) as monto_total
            from celdas
        ) to '{raw}/dte_xml.parquet' (compression zstd)""")
    con.unregister("celdas")


def _read_small(con: duckdb.DuckDBPyConnection, exports: Path) -> None:
    """The portfolio and the budget, which do not grow with the documents."""
    con.execute(f"""
        create temp table iniciativas as
        select "Código BIP" as codigo_iniciativa, leer_texto("Nombre Iniciativa") as nombre, "ID Licitación" as id_licitacion
        from read_csv('{exports}/sagir/iniciativas_20250131.csv', delim = ';', header = true, all_varchar = true,
            quote = '"', encoding = 'latin-1')""")
    columns = dict.fromkeys(BUDGET, "VARCHAR")
    con.execute(f"""
        create temp table ejecucion as
        select cast(regexp_extract(filename, '_([0-9]{{4}})_', 1) as integer) as anio, programa, subtitulo, item,
            sum(cast(ejecutado as bigint)) as ejecutado
        from read_csv('{exports}/presupuesto/*.csv', delim = ';', header = false, columns = {columns},
            auto_detect = false, encoding = 'latin-1', filename = true, quote = '')
        where subtitulo between '21' and '35' and item <> '' and (asignacion <> '' or subtitulo in ('21', '22', '29'))
            and (filename like '%_12_0_.csv' or filename like '%2025_01_0_.csv')
        group by all""")


_MARTS = {
    "pagos_proveedores": """
        select case when es_publico(rut_proveedor) then rut_proveedor end as rut_proveedor,
            case when es_publico(rut_proveedor) then proveedor end as proveedor,
            case when es_publico(rut_proveedor) then 'JURIDICA' else 'NATURAL_O_NO_DETERMINADA' end as tipo_persona,
            tipo_documento, folio, fecha_emision, fecha_recepcion, fecha_devengo, fecha_pago, dias_pago, dentro_plazo,
            estado, monto_neto, monto_iva, monto_total, programa, subtitulo, item, asignacion, codigo_iniciativa,
            orden_compra, cedida
        from documentos order by fecha_recepcion, tipo_documento, folio, rut_proveedor""",
    "pago_oportuno": """
        select year(fecha_pago) as anio, month(fecha_pago) as mes, programa, count(*) as documentos_pagados,
            count(*) filter (where dentro_plazo) as documentos_en_plazo,
            round(100.0 * count(*) filter (where dentro_plazo) / count(*), 2) as porcentaje_en_plazo,
            round(avg(dias_pago), 2) as dias_promedio, round(quantile_cont(dias_pago, 0.5), 2) as dias_mediana,
            round(quantile_cont(dias_pago, 0.9), 2) as dias_p90, cast(sum(monto_pagado) as bigint) as monto_pagado
        from documentos
        where tipo_documento in ('33', '34', '46', '56') and estado not in ('RECLAMADA', 'ANULADA')
            and fecha_pago is not null
        group by all order by all""",
    "conciliacion": """
        select anio, programa, subtitulo, item, cast(max(ejecutado) as bigint) as ejecutado,
            miles(sum(dte)) as respaldo_dte, miles(sum(transferencias)) as respaldo_transferencias,
            miles(sum(dte + transferencias)) as respaldo_total,
            cast(max(ejecutado) as bigint) - miles(sum(dte + transferencias)) as diferencia,
            round(100.0 * miles(sum(dte + transferencias)) / max(ejecutado), 2) as porcentaje_respaldado
        from (
            select anio, programa, subtitulo, item, ejecutado, 0 as dte, 0 as transferencias from ejecucion
            union all
            select year(fecha_devengo), programa, subtitulo, item, null, coalesce(monto_total, 0), 0 from documentos
            where fecha_devengo is not null and estado not in ('RECLAMADA', 'ANULADA')
            union all
            select year(fecha_transferencia), programa, subtitulo, item, null, 0, monto_transferido
            from read_parquet('{raw}/sisrec_transferencias.parquet')
        ) group by all order by all""",
    "compras": """
        select codigo_oc, any_value(nombre) as nombre, any_value(estado) as estado, any_value(tipo) as tipo,
            any_value(es_trato_directo) as es_trato_directo, any_value(es_compra_agil) as es_compra_agil,
            any_value(fecha_envio) as fecha_envio, any_value(moneda) as moneda,
            cast(any_value(monto_total) as bigint) as monto_total, count(*) as lineas,
            cast(sum(total_linea_neto) as decimal(28, 4)) as total_lineas_neto,
            case when es_publico(any_value(rut_proveedor)) then any_value(rut_proveedor) end as rut_proveedor,
            case when es_publico(any_value(rut_proveedor)) then any_value(razon_social) end as proveedor,
            any_value(id_licitacion) as id_licitacion
        from read_parquet('{raw}/sga_ordenes_compra.parquet') group by codigo_oc order by codigo_oc""",
    "documentos": """
        select id_documento, tipo_documento, folio, fecha_creacion, fecha_termino,
            cast(date_diff('day', fecha_creacion, fecha_termino) as integer) as dias_tramitacion, estado, unidad,
            expediente, codigo_iniciativa, efectos_terceros
        from read_parquet('{raw}/sgd_documentos.parquet')
        qualify row_number() over (partition by id_documento order by archivo desc) = 1 order by id_documento""",
    "rendiciones": """
        select * exclude (archivo) from read_parquet('{raw}/sisrec_rendiciones.parquet')
        order by id_transferencia, periodo, tipo""",
    "transferencias": """
        select * exclude (ultimo_envio, rut_ejecutor, nombre_ejecutor),
            case when es_publico(rut_ejecutor) then rut_ejecutor end as rut_ejecutor,
            case when es_publico(rut_ejecutor) then nombre_ejecutor end as ejecutor,
            monto_transferido - monto_rendido - monto_reintegrado as saldo_por_rendir,
            case when monto_transferido - monto_rendido - monto_reintegrado < 0 then 'INCONSISTENTE'
                when monto_transferido - monto_aprobado - monto_reintegrado = 0 then 'CERRADA'
                when monto_transferido - monto_rendido - monto_reintegrado > 0
                    and greatest(fecha_transferencia, ultimo_envio) < date '2025-02-28' - 90 then 'ATRASADA'
                else 'AL DÍA' end as estado_rendicion
        from (
            select transferencias.* exclude (archivo, fecha_resolucion),
                {sums}, max(fecha_envio) as ultimo_envio
            from read_parquet('{raw}/sisrec_transferencias.parquet') as transferencias
            left join read_parquet('{raw}/sisrec_rendiciones.parquet') as rendiciones using (id_transferencia)
            group by all
        ) order by id_transferencia""",
    "iniciativa_trazabilidad": """
        select iniciativas.codigo_iniciativa, nombre, coalesce(compras.monto, 0) as monto_ordenes_compra,
            coalesce(documentos_dte, 0) as documentos_dte, coalesce(monto_facturado, 0) as monto_facturado,
            coalesce(monto_pagado, 0) as monto_pagado, coalesce(monto_transferido, 0) as monto_transferido,
            coalesce(monto_rendido, 0) as monto_rendido, coalesce(documentos_sgd, 0) as documentos_sgd
        from iniciativas
        left join (
            select codigo_iniciativa, count(*) as documentos_dte, cast(sum(monto_total) as bigint) as monto_facturado,
                cast(sum(con_signo(tipo_documento, monto_pagado)) as bigint) as monto_pagado
            from documentos where estado not in ('RECLAMADA', 'ANULADA') group by 1
        ) using (codigo_iniciativa)
        left join (
            select codigo_iniciativa, cast(sum(monto_total) as bigint) as monto
            from (
                select codigo_iniciativa, codigo_oc
                from iniciativas inner join '{release}/compras.parquet' using (id_licitacion)
                union
                select codigo_iniciativa, orden_compra from documentos
                where codigo_iniciativa is not null and orden_compra is not null
            ) inner join '{release}/compras.parquet' using (codigo_oc) group by 1
        ) as compras using (codigo_iniciativa)
        left join (
            select codigo_iniciativa, cast(sum(monto_transferido) as bigint) as monto_transferido,
                cast(sum(monto_rendido) as bigint) as monto_rendido
            from '{release}/transferencias.parquet' group by 1
        ) using (codigo_iniciativa)
        left join (
            select codigo_iniciativa, count(*) as documentos_sgd from '{release}/documentos.parquet' group by 1
        ) using (codigo_iniciativa)
        order by codigo_iniciativa""",
}
_RENDERED = ("monto_rendido", "monto_aprobado", "monto_observado", "monto_rechazado", "monto_reintegrado")


def _join(con: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Each document once: what the newest register, the newest payment row and the XML say of it."""
    key = ", ".join(REGISTER.key)

    def newest(source: Source) -> str:
        return f"""(from read_parquet('{raw}/{source.export}.parquet')
            qualify row_number() over (partition by {key} order by archivo desc) = 1)"""

    con.execute(f"""
        create temp table documentos as
        select *, case when tipo_documento = '61' or estado in ('RECLAMADA', 'ANULADA') then null
            when fecha_pago is not null then dias_pago <= 30 when estado = 'PAGADA' then null
            when date_diff('day', fecha_recepcion, date '2025-02-28') > 30 then false end as dentro_plazo
        from (
            select {key}, coalesce(r.razon_social, x.razon_social) as proveedor,
                coalesce(r.fecha_emision, x.fecha_emision) as fecha_emision,
                cast(fecha_recepcion as date) as fecha_recepcion, fecha_devengo, fecha_pago,
                cast(date_diff('day', cast(fecha_recepcion as date), fecha_pago) as integer) as dias_pago, estado,
                con_signo(tipo_documento, coalesce(r.monto_neto, x.monto_neto)) as monto_neto,
                con_signo(tipo_documento, coalesce(r.monto_iva, x.monto_iva)) as monto_iva,
                con_signo(tipo_documento, coalesce(r.monto_total, x.monto_total)) as monto_total, monto_pagado,
                programa, subtitulo, item, asignacion, codigo_iniciativa,
                coalesce(p.orden_compra, x.orden_compra) as orden_compra,
                case when p.archivo is not null then rut_cesionario is not null end as cedida
            from {newest(REGISTER)} as r
            full join {newest(PAYMENTS)} as p using ({key})
            full join read_parquet('{raw}/dte_xml.parquet') as x using ({key})
        )""")


def run_register(exports: Path, folder: Path) -> None:
    """Reads and splits the register alone."""
    folder.mkdir(parents=True)
    with duckdb.connect(config={"temp_directory": str(folder / "tmp")}) as con:
        con.execute(_MACROS)
        _read(con, REGISTER, exports, folder)


def run(exports: Path, folder: Path) -> None:
    """Goes the whole way; what it found is in FOLDER/found.json."""
    raw, release = folder / "raw", folder / "release"
    for place in (raw, release):
        place.mkdir(parents=True)
    costs = outputs.Costs()
    with duckdb.connect(config={"temp_directory": str(folder / "tmp")}) as con:
        con.execute(_MACROS)
        with costs.of("hashes"):
            outputs.hash_files(exports)
        for source in SOURCES:
            with costs.of("reading"):
                _read(con, source, exports, raw)
        with costs.of("reading XML"):
            _read_xml(con, exports, raw)
        with costs.of("joining"):
            _read_small(con, exports)
            _join(con, raw)
        sums = ", ".join(f"cast(coalesce(sum({name}), 0) as bigint) as {name}" for name in _RENDERED)
        for name, query in _MARTS.items():
            with costs.of("tables"):
                made = query.format(raw=raw, release=release, sums=sums)
                con.execute(f"""copy ({made}) to '{release}/{name}.parquet'
                    (compression zstd, row_group_size {outputs.ROW_GROUP_ROWS}, write_bloom_filter false)""")
                con.execute(f"copy (from '{release}/{name}.parquet') to '{release}/{name}.csv'")
        told = {
            name: con.execute(f"select count(*) from '{release}/{name}.parquet'").fetchall()[0][0] for name in _MARTS
        }
        told["monto_total"] = int(con.execute("select sum(monto_total) from documentos").fetchall()[0][0])
    tables = [release / f"{name}.parquet" for name in _MARTS]
    for name, write in (("workbooks", outputs.write_workbook), ("zips", outputs.write_zip)):
        with costs.of(name):
            for table in tables:
                write(table)
    with costs.of("DuckDB file"):
        outputs.write_warehouse(tables, release / "bodega.duckdb")
    with costs.of("hashes"):
        outputs.hash_files(release)
    outputs.finish(folder, costs, told)


if __name__ == "__main__":
    way = run_register if sys.argv[3:] == ["register"] else run
    way(Path(sys.argv[1]), Path(sys.argv[2]))
