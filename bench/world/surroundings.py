"""What stands around the documents: portfolio, budget, transfers, orders, official documents, agreements, commitments.

Of a thousand order lines one has a total that cannot be read, of a thousand official documents one has no state, of a
thousand transfers one has a wrong digit and of a thousand accounts one an amount that cannot be read. The commitments
are those of the samples.
"""

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import xlsxwriter

from bench.world import spelling
from bench.world.documents import initiative, order
from bench.world.scale import FIRST_YEAR, MONTHS, SNAPSHOT, Scale, first_day, last_day
from ingest import contract

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_COMUNAS = """['Santiago', 'PUENTE ALTO', '13201', 'Ñuñoa', 'Til Til', 'MAIPU', 'San Bernardo', 'Peñaflor, Talagante',
    'REGIONAL', 'Estación Central', 'La Pintana', '13101/VITACURA']"""
_TOWNS = "['Santiago', 'Puente Alto', 'Maipú', 'Ñuñoa', 'Tiltil', 'Peñaflor', 'Buin', 'Colina']"
# The line of the budget of initiative k, as documents.py charges it.
_SUBTITULO = "['31', '31', '33', '24', '29'][k % 5 + 1]"
_ITEM = "['01', '2', '03', '01', '05'][k % 5 + 1]"
_ASIGNACION = "['002', '4', '125', '003', ''][k % 5 + 1]"
_TRANSFERS_OF_INITIATIVE = "['24', '33'][t % 2 + 1], ['01', '03'][t % 2 + 1], ['003', '125'][t % 2 + 1]"
_AGREEMENT = "(k + 1) || '/' || (2015 + k % 5)"


def write(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    """Writes every export but those of the tax documents."""
    _write_portfolio(con, scale, folder / "sagir")
    _write_spending(con, scale, folder / "sagir")
    _write_budget(scale, folder / "presupuesto")
    _write_transfers(con, scale, folder / "sisrec")
    _write_orders(con, scale, folder / "sga")
    _write_official_documents(con, scale, folder / "sgd")
    _write_agreements(con, scale, folder / "core")
    shutil.copytree(_SAMPLES / "programa_gobierno", folder / "programa_gobierno")


def _write_portfolio(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    cost = scale.documents // scale.initiatives * 9_000
    rows = f"""
    select concat_ws(';', {initiative("k")},
        case when k % 50 = 3 then '"Reposición Cancha ""Etapa ' || k || '"";' || chr(10) || 'sector norte"'
            else ['Construcción Polideportivo', 'Ampliación Red de Agua Potable', 'Mejoramiento Plaza'][k % 3 + 1]
                || ' ' || k end,
        escribir_opcion(['PROYECTO', 'PROGRAMA', 'ESTUDIO BÁSICO'][k % 3 + 1], azar(k, 50, 30)),
        ['MIDESO', 'FRIL', '8%', 'GLOSA'][k % 4 + 1], 'EJECUCIÓN',
        ['EN EJECUCIÓN', 'TERMINADA', 'EN LICITACIÓN', 'EN CONVENIO'][k % 4 + 1],
        escribir_fecha(date '2021-01-01' + cast(azar(k, 51, 900) as integer), azar(k, 52, 12)), 'DIPIR',
        {_COMUNAS}[k % 12 + 1], case when k % 3 = 0 then '-33,4569' else '' end,
        case when k % 3 = 0 then '-70,6483' else '' end,
        {_SUBTITULO}, {_ITEM}, {_ASIGNACION}, 'Municipalidad de ' || {_TOWNS}[k % 8 + 1],
        escribir_rut(69000000 + k % 8 * 10007, azar(k, 53, 4)),
        escribir_pesos({cost} + azar(k, 54, 90000), azar(k, 55, 10)),
        '', 'RS', '14-05-2019', {_AGREEMENT}, '20-06-2019', 'Región segura', 'Objetivo 1',
        'PG-' || lpad(cast(k % 40 + 1 as varchar), 2, '0'), ['SI', 'NO', ''][k % 3 + 1], '1057439-' || k || '-LP20',
        persona(k % 25), 'revisar con ' || persona(k % 25)) || chr(10)
    from range({{count}}) as numeros(k)"""
    header = (
        "Código BIP;Nombre Iniciativa;Tipo;Tipología;Etapa;Estado;Fecha Estado;División;Comuna;Latitud;Longitud;Subt;"
        "Item;Asig;Unidad Técnica;RUT Unidad Técnica;Monto Total M$;Monto FNDR M$;RATE;Fecha RATE;N° Certificado CORE;"
        "Fecha CORE;Eje ERD;Objetivo ERD;Compromiso Programa;RS Ciudadano;ID Licitación;Analista;Observaciones\n"
    )
    for day, share in (("20240415", 90), (f"{SNAPSHOT:%Y%m%d}", 100)):
        told = rows.format(count=scale.initiatives * share // 100)
        spelling.write(con, folder / f"iniciativas_{day}.csv", header, told, "", "windows-1252")
    milestones = f"""
    select concat_ws(';', {initiative("k")},
        ['POSTULACIÓN', 'APROBACIÓN CORE', 'CONVENIO', 'LICITACIÓN', 'CONTRATO', 'INICIO'][hito + 1],
        escribir_fecha(cast(date '2019-01-10' + cast(hito * 60 + k % 50 as integer) as date), azar(k, 56, 12)),
        case when hito = 4 then {_official("k * 7 % " + str(scale.official_documents))} else '' end,
        persona(k % 25)) || chr(10)
    from range({scale.initiatives}) as numeros(k), range(6) as hitos(hito)"""
    above = "Código BIP;Hito;Fecha;Documento SGD;Responsable\n"
    spelling.write(con, folder / f"hitos_{SNAPSHOT:%Y%m%d}.csv", above, milestones, "", "windows-1252")


def _write_spending(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    codes = con.execute(
        f"select {initiative('k')}, {_SUBTITULO}, {_ITEM}, {_ASIGNACION} from range({scale.initiatives}) t(k)"
    )
    lines = codes.fetchall()
    monthly = scale.documents // scale.initiatives * 100
    for year in range(FIRST_YEAR, SNAPSHOT.year + 1):
        with xlsxwriter.Workbook(folder / f"gasto_{year}.xlsx", {"constant_memory": True}) as book:
            # Or else it tells when it was written, and no two are the same.
            book.set_properties({"created": datetime(SNAPSHOT.year, SNAPSHOT.month, SNAPSHOT.day)})
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["PROGRAMACIÓN Y GASTO DE INICIATIVAS"])
            sheet.write_row(
                1, 0, ["Código BIP", "Subt", "Item", "Asig", *(x for m in contract.MONTHS for x in (m, ""))]
            )
            sheet.write_row(2, 4, ["Proyectado", "Real"] * 12)
            for row, line in enumerate(lines, 3):
                sheet.write_row(row, 0, line)
                for month in range((row + year) % 3, 12, 3):
                    amount = monthly + (row * 7919 + year * 31 + month * 7) % 50_000
                    sheet.write_number(row, 4 + 2 * month, amount)
                    if (year, month) <= (SNAPSHOT.year, SNAPSHOT.month - 1):
                        text = f"$ {amount:,} ".replace(",", ".")
                        sheet.write(row, 5 + 2 * month, text if row % 10 == 0 else amount)
            sheet.write_row(len(lines) + 3, 0, ["TOTAL", "", "", "", *[1] * 24])
            sheet.write(len(lines) + 4, 0, "Importante: cifras preliminares")


# Subtítulo, ítem, asignación and the share of the programme, in thousandths.
_BUDGET = {
    "01": [
        ("09", "01", "", 1000),
        ("21", "01", "", 600),
        ("22", "06", "", 130),
        ("22", "08", "", 140),
        ("22", "11", "", 130),
    ],
    "02": [
        ("09", "01", "", 1000),
        ("24", "01", "003", 200),
        ("29", "05", "", 200),
        ("31", "01", "002", 200),
        ("31", "02", "004", 200),
        ("33", "03", "125", 200),
    ],
}  # fmt: skip


def _write_budget(scale: Scale, folder: Path) -> None:
    """Each month of both programmes; a year's budget grows with the documents that are charged to it."""
    folder.mkdir(parents=True, exist_ok=True)
    for month in range(MONTHS - 1):
        day = first_day(month)
        for programme, leaves in _BUDGET.items():
            total = scale.documents * {"01": 1_500, "02": 1_800}[programme]
            amounts: dict[tuple[str, str, str], tuple[int, int]] = {}
            for subtitulo, item, asignacion, share in leaves:
                budget = total * share // 1000
                spent = budget * day.month // 12
                for level in dict.fromkeys([(subtitulo, "", ""), (subtitulo, item, ""), (subtitulo, item, asignacion)]):
                    before = amounts.get(level, (0, 0))
                    amounts[level] = (before[0] + budget, before[1] + spent)
            lines = [
                "Partida;Capítulo;Programa;Subtítulo;Item;Asignación;Moneda;Denominación;Presupuesto Inicial;"
                f"Presupuesto Vigente;Ejecución Acumulada al {contract.MONTHS[day.month - 1]}"
            ]
            for (subtitulo, item, asignacion), (budget, spent) in sorted(amounts.items()):
                name = f"Línea {subtitulo} {item} {asignacion}".ljust(60)
                lines.append(f"31;13;{programme};{subtitulo};{item};{asignacion};P;{name};{budget};{budget};{spent}")
            lines.append("RESULTADO;;;;;;;;0;0;0")
            path = folder / f"ejecucion_{day:%Y_%m}_{programme}.csv"
            path.write_bytes("".join(f"{line}\n" for line in lines).encode("iso-8859-1"))


def _transfer(number: str, scale: Scale) -> str:
    """SQL of a transfer's id: as many in each of five years."""
    return f"'T-' || (2020 + {number} * 5 // {scale.transfers}) || '-' || lpad(cast({number} + 1 as varchar), 5, '0')"


def _write_transfers(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    made = f"cast(date '2020-02-01' + cast(t * 1790 // {scale.transfers} as integer) as date)"
    amount = "1000000 + azar(t, 60, 60) * 600000"
    rows = f"""
    select concat_ws(';', {_transfer("t", scale)}, {initiative("k")}, '02', {_TRANSFERS_OF_INITIATIVE},
        case when azar(t, 61, 1000) = 0 then '69000000-X' when t % 9 = 0 then escribir_rut(8000000 + t * 131, t % 4)
            else escribir_rut(69000000 + t % 8 * 10007, azar(t, 62, 4)) end,
        case when t % 9 = 0 then persona(t % 300) else 'Municipalidad de ' || {_TOWNS}[t % 8 + 1] end, persona(t % 45),
        t || '/2020', escribir_fecha({made}, azar(t, 63, 12)), escribir_fecha({made}, azar(t, 64, 12)),
        escribir_pesos({amount}, azar(t, 65, 10))) || chr(10)
    from (select t, azar(t, 66, {scale.initiatives}) as k from range({scale.transfers}) as numeros(t))"""
    above = (
        "ID Transferencia;Código Iniciativa;Programa Presupuestario;Subtítulo;Ítem;Asignación;RUT Ejecutor;"
        "Nombre Ejecutor;Representante Legal;N° Resolución;Fecha Resolución;Fecha Transferencia;Monto Transferido\n"
    )
    spelling.write(con, folder / f"transferencias_{SNAPSHOT:%Y%m%d}.csv", above, rows, "", "utf-8")
    # Six accounts of a sixth, some of it not approved; every third transfer has rendered only four.
    part = f"(({amount}) // 6)"
    month = f"cast(date_trunc('month', {made}) + to_months(cast(c + 1 as integer)) as date)"
    accounts = f"""
    select concat_ws(';', {_transfer("t", scale)}, case t % 3 when 0 then strftime({month}, '%Y-%m')
            when 1 then strftime({month}, '%m-%Y') else strftime({month}, '%Y%m') end, 'MENSUAL',
        case when t % 5 = 0 then 'APROBADA PARCIAL' else escribir_opcion('APROBADA', azar(t, 67, 30)) end,
        escribir_fecha(cast({month} + interval 1 month + interval 14 day as date), azar(t * 6 + c, 68, 12)),
        case when azar(t * 6 + c, 69, 1000) = 0 then '#REF!' else escribir_pesos({part}, azar(t * 6 + c, 70, 10)) end,
        escribir_pesos(case when t % 5 = 0 then {part} // 10 * 9 else {part} end, azar(t * 6 + c, 71, 10)), '0',
        case when t % 5 = 0 then escribir_pesos({part} - {part} // 10 * 9, azar(t, 72, 10)) else ' $ - ' end, '0',
        persona(t % 45)) || chr(10)
    from range({scale.transfers}) as numeros(t), range(6) as cuotas(c)
    where (c < 4 or t % 3 > 0) and {month} < date '2024-12-01'"""
    above = (
        "ID Transferencia;Período;Tipo;Estado;Fecha Envío;Monto Rendido;Monto Aprobado;Monto Observado;"
        "Monto Rechazado;Monto Reintegrado;Encargado\n"
    )
    spelling.write(con, folder / f"rendiciones_{SNAPSHOT:%Y%m%d}.csv", above, accounts, "", "utf-8")


def _write_orders(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    names = [
        "Codigo",
        "Nombre",
        "Estado",
        "Tipo",
        "EsTratoDirecto",
        "EsCompraAgil",
        "FechaEnvio",
        "FechaAceptacion",
        "TipoMonedaOC",
        "MontoTotalOC_PesosChilenos",
        "RutSucursal",
        "NombreProveedor",
        "CodigoLicitacion",
        "IDItem",
        "codigoProductoONU",
        "cantidad",
        "precioNeto",
        "totalLineaNeto",
    ]
    above = ";".join(f'"{name}"' for name in names) + "\r\n"
    for month in range(MONTHS - 1):
        day = first_day(month)
        days = (last_day(month) - day).days + 1
        net = "(50000 + azar(o, 80, 9000000))"
        cells = f"""
            {order("o")},
            case when o % 4 = 0 then 'Compra de servicios' || chr(10) || 'para ""' || o || '""'
                else 'Materiales ' || o end,
            ['Aceptada', 'Recepción Conforme', 'Enviada a proveedor'][o % 3 + 1], 'SE', 'No', ['Si', 'No'][o % 2 + 1],
            cast(date '{day}' + cast(azar(o, 81, {days}) as integer) as date), '1900-01-01', 'CLP',
            {net} * 238 // 100 || ',00',
            escribir_rut(76000000 + azar(o, 82, 2000), 1), empresa(azar(o, 82, 2000)),
            case when o % 3 = 0 then '1057439-' || o % {scale.initiatives} || '-LP20' else 'NA' end, o * 10 + linea + 1,
            '72000000', '1,00', {net} || ',00',
            case when azar(o, 83, 1000) = linea then '#VALUE!' else {net} || ',00' end"""
        rows = f"""
        select '"' || concat_ws('";"', {cells}) || '"' || chr(13) || chr(10)
        from range({scale.begins(month, scale.orders)}, {scale.begins(month + 1, scale.orders)}) as numeros(o),
            range(2) as lineas(linea)"""
        spelling.write(con, folder / f"ordenes_compra_{day.year}_{day.month}.csv", above, rows, "", "iso-8859-1")


def _official(number: str) -> str:
    """SQL of an official document's id; numbers follow the years, at most a million of them."""
    return f"'SGD-' || (2020 + ({number}) % 5) || '-' || lpad(cast(({number}) as varchar), 6, '0')"


def _write_official_documents(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    above = (
        "\ufeffID,Tipo Documento,Folio,Fecha Creación,Fecha Término,Estado,Unidad,Materia,Remitente,Destinatario,"
        "Expediente,Código Iniciativa,Efectos sobre Terceros\n"
    )
    for year in range(5):
        created = f"cast(date '{2020 + year}-01-05' + cast(azar(d, 90, 300) as integer) as date)"
        code = initiative("k")
        rows = f"""
        select concat_ws(',', {_official("d")},
            escribir_opcion(['RESOLUCIÓN EXENTA', 'OFICIO', 'MEMO', 'INFORME', 'CONVENIO'][d // 5 % 5 + 1],
                azar(d, 91, 20)),
            lpad(cast(d as varchar), 6, '0'), strftime({created}, '%d-%m-%Y 09:30'),
            case when d % 4 = 0 then '' 
                else strftime({created} + cast(azar(d, 92, 40) as integer), '%d-%m-%Y 18:05:09') end,
            case when azar(d, 93, 1000) = 0 then '' when d % 4 = 0 then 'EN REVISIÓN' else 'TRAMITADO' end, 'DIPIR',
            case when d % 6 = 0 then '"Informe sobre ""obras"",' || chr(10) || 'remite ' || persona(d % 60) || '"'
                else 'Solicita antecedentes' end,
            persona(d % 60), persona(d % 30), 'EXP-' || d, coalesce({code}, ''),
            ['SI', 'NO', 'S/N'][d % 3 + 1]) || chr(10)
        from (
            select d, case when d % 2 = 0 then azar(d, 94, {scale.initiatives}) end as k
            from range({year}, {scale.official_documents}, 5) as numeros(d)
        )"""
        day = f"{2020 + year}1231" if year < 4 else f"{SNAPSHOT:%Y%m%d}"
        spelling.write(con, folder / f"documentos_{day}.csv", above, rows, "", "utf-8")


def _write_agreements(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    rows = f"""
    select concat_ws(';', {_AGREEMENT}, k % 40 + 1, 'ORDINARIA', escribir_fecha(date '2019-06-20', azar(k, 95, 12)),
        'Aprueba financiamiento de la iniciativa', {initiative("k")}, escribir_pesos(900000 + k, azar(k, 96, 10)),
        '30', '2', '1', 'APROBADO') || chr(10)
    from range({scale.initiatives}) as numeros(k)"""
    above = (
        "Consejo Regional Metropolitano\n\nN° Acuerdo;N° Sesión;Tipo Sesión;Fecha;Materia;Código Iniciativa;Monto M$;"
        "Votos a Favor;Votos en Contra;Abstenciones;Resultado\n"
    )
    spelling.write(
        con, folder / f"acuerdos_{SNAPSHOT:%Y%m%d}.csv", above, rows, "Nota: votaciones preliminares\n", "utf-8"
    )
