"""Tax documents: the register of each month, what the payments' system says of them, and the XML of some.

Of 100.000 documents, by their number (azar(i, 0, 100000), the classes below): 225 have a row of the register that must
be rejected, 50 one that comes twice, 10 two that contradict each other, 50 come again in the next month; of the rows of
payments it is 150, 20 and 10, and 50 have a date that cannot be read. 200 are known to payments alone, 20 to the XML
alone, 2.000 have no payment row, 1.000 an XML beside the register. Whatever is wrong with a document in one export, the
other holds it, so that every document is published.
"""

from pathlib import Path

import duckdb

from bench.world import spelling
from bench.world.scale import MONTHS, NEXT_DAY, NEXT_DOCUMENTS, TODAY, Scale, first_day, last_day

_BAD_DIGIT, _NO_FOLIO = "cl between 0 and 49", "cl between 50 and 99"
_BAD_TOTAL, _BAD_RECEPTION, _BAD_TYPE = "cl between 100 and 149", "cl between 150 and 199", "cl between 200 and 224"
_TWICE, _CONFLICT, _AGAIN = "cl between 225 and 274", "cl between 275 and 284", "cl between 285 and 334"
_PAID_BAD_DIGIT, _PAID_BAD_STATE = "cl between 400 and 449", "cl between 450 and 499"
_PAID_NO_ITEM, _PAID_TWICE = "cl between 500 and 549", "cl between 550 and 569"
_PAID_CONFLICT, _PAID_BAD_DATE = "cl between 570 and 579", "cl between 580 and 629"
_ONLY_PAID, _ONLY_XML = "cl between 700 and 899", "cl between 900 and 919"
_NOT_PAID_FOR, _ALSO_XML = "cl between 1000 and 2999", "cl between 3000 and 3999"

_REGISTER_HEADER = (
    "Nro;Tipo Doc;Tipo Compra;RUT Proveedor;Razon Social;Folio;Fecha Docto;Fecha Recepcion;Fecha Acuse;Monto Exento;"
    "Monto Neto;Monto IVA Recuperable;Monto Iva No Recuperable;Codigo IVA No Rec.;Monto Total;Monto Neto Activo Fijo;"
    "IVA Activo Fijo;IVA uso Comun;Impto. Sin Derecho a Credito;IVA No Retenido;Tabacos Puros;Tabacos Cigarrillos;"
    "Tabacos Elaborados;NCE o NDE sobre Fact. de Compra;Codigo Otro Impuesto;Valor Otro Impuesto;Tasa Otro Impuesto\n"
)
_REGISTER_BANNER = "Registro de Compras\n\n"
_PAYMENTS_HEADER = (
    "RUT Proveedor;Tipo Documento;Folio;Estado;Programa;Subtítulo;Ítem;Asignación;Código Iniciativa;Orden de Compra;"
    "Fecha Devengo;Fecha Pago;Monto Pagado;RUT Cesionario;Cuenta Bancaria;Correo Proveedor\n"
)
_PAYMENTS_TOTAL = "TOTAL;;;;;;;;;;;;1;;;\n"
# Payments of a document come up to so many months after it.
_LATEST_PAYMENT_MONTHS = 2


def write(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    """Writes registers, payments and XML of every month."""
    for month in range(MONTHS):
        _write_register(con, scale, folder, month, scale.documents)
        _write_payments(con, scale, folder, month)
        _write_xml(con, folder / f"envio_{month:04}.xml", _documents(scale, *_month(scale, month)))


def write_registers(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    """Writes the registers alone."""
    for month in range(MONTHS):
        _write_register(con, scale, folder, month, scale.documents)


def write_next_day(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path) -> None:
    """Writes what arrives a day later: the month's register with more documents, a file of payments, an XML."""
    until = scale.documents + NEXT_DOCUMENTS
    _write_register(con, scale, folder, MONTHS - 1, until)
    new = _documents(scale, MONTHS - 1, scale.documents, until)
    before = _documents(scale, *_month(scale, MONTHS - 1))
    day = f"date '{NEXT_DAY}'"
    # Every tenth document of the month that was open is paid on that day.
    newly_paid = f"""select * replace ({day} as pago, true as pagada)
        from ({before}) where not (pagada and pago <= date '{TODAY}') and i % 10 = 0 and tipo <> '61'"""
    told = f"select *, false as cerrada from ({new}) union all select *, true as cerrada from ({newly_paid})"
    _write_latin(con, folder / f"pagos_{NEXT_DAY:%Y%m%d}.csv", _payment_lines(told, scale))
    _write_xml(con, folder / f"envio_{MONTHS:04}.xml", new)


def _month(scale: Scale, month: int) -> tuple[int, int, int]:
    return month, scale.begins(month), scale.begins(month + 1)


def _documents(scale: Scale, month: int, begin: int, end: int) -> str:
    """Query for documents of a month: what is true of each, before any system spells it."""
    first, days = first_day(month), (last_day(month) - first_day(month)).days + 1
    return f"""
    select *, neto + iva + exento as total, recepcion + 2 as devengo, tipo <> '61' and azar(i, 8, 100) < 85 as pagada,
        cast(recepcion + 5 + cast(azar(i, 9, 50) as integer) as date) as pago,
        cast(recepcion - cast(azar(i, 4, 5) as integer) as date) as emision
    from (
        select *, case when tipo = '34' then monto else 0 end as exento,
            case when tipo = '34' then 0 else monto end as neto,
            case when tipo = '34' then 0 else monto * 19 // 100 end as iva,
            case when s % 8 = 0 then 5000000 + s * 7919 % 20000000 else 76000000 + s * 7919 % 3000000 end as n,
            case when s % 8 = 0 then persona(s // 8) 
                when s % 997 = 1 then '"Sociedad ""El Roble""; ' || empresa(s) || '"'
                else empresa(s) end as nombre
        from (
            select i, azar(i, 0, 100000) as cl,
                (azar(i // 10, 1, {scale.suppliers}) + i % 10 * 101) % {scale.suppliers} as s,
                case when azar(i, 2, 100) < 85 then '33' when azar(i, 2, 100) < 95 then '34'
                    when azar(i, 2, 100) < 98 then '61' when azar(i, 2, 100) < 99 then '56' else '46' end as tipo,
                i // 10 + 1 as folio,
                case when i >= {scale.documents} then date '{NEXT_DAY}'
                    else cast(date '{first}' + cast(azar(i, 3, {days}) as integer) as date) end as recepcion,
                10000 + azar(i, 5, cast(power(10, 5 + azar(i, 6, 4)) as bigint)) as monto
            from range({begin}, {end}) as numeros(i)
        )
    )"""


def _write_register(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path, month: int, documents: int) -> None:
    number, begin, end = _month(scale, month)
    end = documents if month == MONTHS - 1 else end
    known = f"select * from ({_documents(scale, number, begin, end)}) where not ({_ONLY_PAID} or {_ONLY_XML})"
    told = f"select *, 0 as vez from ({known})"
    told += f" union all select *, 0 as vez from ({known}) where {_TWICE}"
    told += f" union all select *, 1 as vez from ({known}) where {_CONFLICT}"
    if month:
        again = f"select * from ({_documents(scale, *_month(scale, month - 1))}) where {_AGAIN}"
        told += f" union all select *, 0 as vez from ({again})"
    lines = f"""
    select concat_ws(';', i - {begin} + 1, case when {_BAD_TYPE} then '99' else tipo end, 'Del Giro',
        case when {_BAD_DIGIT} then n || '-' || case digito(n) when '1' then '2' else '1' end
            else escribir_rut(n, azar(i, 20, 4)) end,
        nombre, case when {_NO_FOLIO} then '' else cast(folio as varchar) end,
        strftime(emision, '%d/%m/%Y'),
        case when {_BAD_RECEPTION} then '31/02/2024 09:15:40' else
            strftime(recepcion, '%d/%m/%Y ') || lpad(cast(8 + azar(i, 21, 10) as varchar), 2, '0') || ':'
            || lpad(cast(azar(i, 22, 60) as varchar), 2, '0') || ':40' end,
        case when azar(i, 23, 2) = 0 then '' else 'null' end, exento, neto, iva, '', '',
        case when {_BAD_TOTAL} then '#VALUE!' else escribir_pesos(total + vez, azar(i, 24, 80)) end,
        '', '', '', '0', '', '', '', '0', '', '', '', '', '') || chr(10)
        || case when azar(i, 25, 200) = 0 then ';;;;;;;;;;;;;;;;;;;;;;;;28;1001;10;' || chr(10) else '' end
    from ({told})"""
    path = folder / f"rcv_compra_{first_day(month):%Y%m}.csv"
    banner = _REGISTER_BANNER if month % 12 == 0 else ""
    spelling.write(con, path, banner + _REGISTER_HEADER, lines, "", "utf-8")


def _write_payments(con: duckdb.DuckDBPyConnection, scale: Scale, folder: Path, month: int) -> None:
    """What is new or has changed: documents paid in the month, and a part of those received and not paid in it.

    Of the documents paid in a later month than that of their reception, three in ten are told twice.
    """
    file_month = f"(year(pago) - year(date '{first_day(0)}')) * 12 + month(pago) - month(date '{first_day(0)}')"
    parts = []
    for received in range(max(0, month - _LATEST_PAYMENT_MONTHS), month + 1):
        paid = f"(pagada and pago <= date '{TODAY}')"
        closed = f"({paid} and {file_month} = {month})"
        opened = f"(not {paid} or ({file_month} > {month} and azar(i, 10, 10) < 3))" if received == month else "false"
        parts.append(
            f"select *, {closed} as cerrada from ({_documents(scale, *_month(scale, received))}) "
            f"where {closed} or {opened}"
        )
    _write_latin(con, folder / f"pagos_{last_day(month):%Y%m%d}.csv", _payment_lines(" union all ".join(parts), scale))


def _write_latin(con: duckdb.DuckDBPyConnection, path: Path, lines: str) -> None:
    spelling.write(con, path, _PAYMENTS_HEADER, lines, _PAYMENTS_TOTAL, "iso-8859-1")


def _payment_lines(documents: str, scale: Scale) -> str:
    """cerrada: whether the document is told as paid. A document's line of the budget is that of its initiative."""
    told = f"select * from ({documents}) where not ({_ONLY_XML} or {_NOT_PAID_FOR})"
    twice = f"select *, 0 as vez from ({told}) union all select *, 0 as vez from ({told}) where {_PAID_TWICE}"
    twice += f" union all select *, 1 as vez from ({told}) where {_PAID_CONFLICT}"
    return f"""
    select concat_ws(';',
        case when {_PAID_BAD_DIGIT} then n || '-' || case digito(n) when '1' then '2' else '1' end
            else escribir_rut(n, azar(i, 30, 4)) end,
        tipo, folio, escribir_opcion(case when {_PAID_BAD_STATE} then 'PENDIENTE' else estado end, azar(i, 31, 40)),
        case when k is null then '01' else '02' end,
        case when k is null then '22' else ['31', '31', '33', '24', '29'][k % 5 + 1] end,
        case when {_PAID_NO_ITEM} then '' when k is null then ['08', '11', '6'][i % 3 + 1]
            else ['01', '2', '03', '01', '05'][k % 5 + 1] end,
        case when k is null then '' else ['002', '4', '125', '003', ''][k % 5 + 1] end,
        coalesce({initiative("k")}, ''),
        case when azar(i // 5, 33, 20) = 0 then 'NA' when i % 5 = 0 then {order("i // 20")} else '' end,
        case when cerrada or estado = 'DEVENGADA' then escribir_fecha(devengo, azar(i, 34, 16)) else '' end,
        case when not cerrada then '' when {_PAID_BAD_DATE} then '31-02-2024'
            else escribir_fecha(pago, azar(i, 35, 16)) end,
        case when cerrada then escribir_pesos(total + vez, azar(i, 36, 10)) else '' end,
        case when azar(i, 37, 50) = 0 then escribir_rut(77000001, azar(i, 38, 4)) else '' end,
        '10' || n, 'ventas' || n || '@correo.cl') || chr(10)
    from (
        select *, case when azar(i, 32, 10) < 6 then azar(i, 39, {scale.initiatives}) end as k,
            case when cerrada then 'PAGADA' when vez = 1 then 'RECIBIDA' when tipo = '61' then 'DEVENGADA'
                else ['RECLAMADA', 'ANULADA', 'DEVENGADA', 'DEVENGADA', 'ACEPTADA', 'ACEPTADA', 'ACEPTADA',
                    'RECIBIDA'][i % 8 + 1]
            end as estado
        from ({twice})
    )"""


def initiative(number: str) -> str:
    """SQL of an initiative's code as the portfolio has it; every twentieth is a part, every tenth of a fund."""
    return f"""case when {number} % 10 = 7 then '2401SC' || lpad(cast({number} as varchar), 4, '0')
        else (40000000 + {number} * 41) || '-' || case when {number} % 20 = 1 then '1' else '0' end end"""


def order(number: str) -> str:
    """SQL of a purchase order's code."""
    return f"'5482-' || ({number}) || '-SE' || (20 + ({number}) % 6)"


def _write_xml(con: duckdb.DuckDBPyConnection, path: Path, documents: str) -> None:
    """A set of some 5 KB a document: eight lines of detail, a stamp and a signature."""
    detail = "".join(
        f"<Detalle><NroLinDet>{line}</NroLinDet><NmbItem>Servicio de mantención Nº {line} según bases técnicas"
        f"</NmbItem><QtyItem>{line}</QtyItem><UnmdItem>UN</UnmdItem><PrcItem>1000</PrcItem><MontoItem>{line}000</MontoItem></Detalle>"
        for line in range(1, 9)
    )
    # Letters alone, as no part of a signature may look like anybody's number.
    letters = "translate(md5(cast(i as varchar)), '0123456789', 'GHIJKLMNOP')"
    rows = f"""
    select '<DTE version="1.0"><Documento ID="T' || tipo || 'F' || folio || '"><Encabezado><IdDoc><TipoDTE>' || tipo
        || '</TipoDTE><Folio>' || folio || '</Folio><FchEmis>' || emision || '</FchEmis></IdDoc><Emisor><RUTEmisor>'
        || n || '-' || digito(n) || '</RUTEmisor><RznSoc>' || case when s % 8 = 0 then nombre else empresa(s) end
        || '</RznSoc><GiroEmis>Obras &amp; Servicios</GiroEmis></Emisor><Receptor><RUTRecep>61923200-3</RUTRecep>'
        || '<RznSocRecep>Gobierno Regional Metropolitano</RznSocRecep><Contacto>' || persona(i % 40)
        || '</Contacto></Receptor><Totales><MntNeto>' || neto || '</MntNeto><MntExe>' || exento || '</MntExe><IVA>'
        || iva || '</IVA><MntTotal>' || total || '</MntTotal></Totales></Encabezado>{detail}'
        || case when i % 5 = 0 then '<Referencia><NroLinRef>1</NroLinRef><TpoDocRef>801</TpoDocRef><FolioRef>'
            || {order("i // 20")}
            || '</FolioRef><FchRef>' || emision || '</FchRef></Referencia>' else '' end
        || '<TED version="1.0"><FRMT algoritmo="SHA1withRSA">' || repeat({letters}, 10) || '</FRMT></TED></Documento>'
        || '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>' || repeat({letters}, 70)
        || '</SignatureValue></Signature></DTE>' || chr(10)
    from ({documents}) where {_ONLY_XML} or {_ALSO_XML}"""
    above = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<EnvioDTE xmlns="http://www.sii.cl/SiiDte" version="1.0">'
        '<SetDTE ID="S1"><Caratula version="1.0"><RutEmisor>76000000-1</RutEmisor></Caratula>\n'
    )
    spelling.write(con, path, above, rows, "</SetDTE></EnvioDTE>", "iso-8859-1")
