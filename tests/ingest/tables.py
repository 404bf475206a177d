"""Small exports, written as the source systems write them: one good row each, and how to make files of such rows."""

import csv
import io
from collections.abc import Mapping, Sequence

import openpyxl

from ingest import contract

CONTRACTS = contract.load()
CSV_EXPORTS = [name for name, c in CONTRACTS.items() if c.format.type == "csv"]
QUOTED_EXPORTS = [name for name in CSV_EXPORTS if CONTRACTS[name].format.quote]

Row = Mapping[str, str]

# Where a file of the export lies.
PATHS = {
    "core_acuerdos": "core/acuerdos_20250131.csv",
    "dte_pagos": "dte/pagos_20250131.csv",
    "dte_rcv_compra": "dte/rcv_compra_202501.csv",
    "dte_xml": "dte/documento.xml",
    "presupuesto_ejecucion": "presupuesto/ejecucion_2025_01_02.csv",
    "programa_compromisos": "programa_gobierno/compromisos_20250131.csv",
    "sagir_gasto": "sagir/gasto_2025.xlsx",
    "sagir_hitos": "sagir/hitos_20250131.csv",
    "sagir_iniciativas": "sagir/iniciativas_20250131.csv",
    "sga_ordenes_compra": "sga/ordenes_compra_2025_1.csv",
    "sgd_documentos": "sgd/documentos_20250131.csv",
    "sisrec_rendiciones": "sisrec/rendiciones_20250131.csv",
    "sisrec_transferencias": "sisrec/transferencias_20250131.csv",
}

# A row of each export that is accepted, as cells by column name.
GOOD: dict[str, dict[str, str]] = {
    "core_acuerdos": {
        "acuerdo": "1/2022",
        "sesion": "10",
        "tipo_sesion": "Ordinaria",
        "fecha": "20/06/2022",
        "materia": "Aprueba plaza en Ñuñoa",
        "codigo_iniciativa": "40048922-1",
        "monto": "277.688",
        "votos_favor": "30",
        "votos_contra": "2",
        "abstenciones": "1",
        "resultado": "APROBADO",
    },
    "dte_pagos": {
        "rut_proveedor": "76.163.209-4",
        "tipo_documento": "33",
        "folio": "1",
        "estado": "Pagada",
        "programa": "2",
        "subtitulo": "31",
        "item": "2",
        "asignacion": "4",
        "codigo_iniciativa": "40048922",
        "orden_compra": "5482-1-SE23",
        "fecha_devengo": "01-02-2024",
        "fecha_pago": "15-feb-24",
        "monto_pagado": "$ 1.190.000",
        "rut_cesionario": "77.627.346-5",
        "cuenta_bancaria": "00-123-45678",
        "correo": "pagos@andes.cl",
    },
    "dte_rcv_compra": {
        "nro": "1",
        "tipo_documento": "33",
        "tipo_compra": "Del Giro",
        "rut_proveedor": "76163209-4",
        "razon_social": "Servicios Andes 7 Ltda.",
        "folio": "1",
        "fecha_emision": "01/02/2024",
        "fecha_recepcion": "02/02/2024 10:30:05",
        "fecha_acuse": "03/02/2024 08:00",
        "monto_exento": "0",
        "monto_neto": "1000000",
        "monto_iva": "190000",
        "monto_total": "1190000",
    },
    "presupuesto_ejecucion": {
        "partida": "31",
        "capitulo": "13",
        "programa": "2",
        "subtitulo": "31",
        "item": "2",
        "asignacion": "4",
        "moneda": "P",
        "denominacion": "OBRAS CIVILES             ",
        "presupuesto_inicial": "1.000",
        "presupuesto_vigente": "1.500",
        "ejecucion_acumulada": "-250",
    },
    "programa_compromisos": {
        "compromiso": "PG-01",
        "desafio": "Seguridad",
        "titulo": "Más luminarias",
        "tipo": "PROYECTO",
        "descripcion": "Calles mejor iluminadas",
        "division": "DIPIR",
        "estado": "En curso",
        "fecha_cumplimiento": "31.12.2025",
        "avance": "45,5",
    },
    "sagir_hitos": {
        "codigo_iniciativa": "40048922-0",
        "hito": "Aprobacion CORE",
        "fecha": "45292",
        "id_documento": "SGD-2024-000001",
        "responsable": "Juan Carlos Peñaloza",
    },
    "sagir_iniciativas": {
        "codigo_iniciativa": "40048922-0",
        "nombre": "Construcción Plaza “Ñuñoa”",
        "tipo": "Estudio basico",
        "tipologia": "8%",
        "etapa": "DISENO",
        "estado": "RS",
        "fecha_estado": "2024-05-01",
        "division": "DIPIR",
        "comunas": "Ñuñoa - Santiago",
        "latitud": "-33,447",
        "longitud": "-70.6513",
        "subtitulo": "31",
        "item": "2",
        "asignacion": "",
        "unidad_tecnica": "Municipalidad",
        "rut_unidad_tecnica": "69.070.500-1",
        "monto_total": "M$817.390",
        "monto_fndr": "-",
        "rate": "RS",
        "fecha_rate": "30-12-1899",
        "acuerdo_core": "907/2024",
        "fecha_core": "01-01-24",
        "eje_erd": "Eje 1",
        "objetivo_erd": "N/A",
        "compromiso": "PG-01",
        "rs_ciudadano": "sí",
        "id_licitacion": "1057439-20-LP25",
        "analista": "Rosa Elena Quezada",
        "observaciones": "Sin observaciones",
    },
    "sga_ordenes_compra": {
        "codigo_oc": "5482-634-SE23",
        "nombre": "Compra de servicios",
        "estado": "Aceptada",
        "tipo": "SE",
        "es_trato_directo": "No",
        "es_compra_agil": "Si",
        "fecha_envio": "2023-09-16",
        "fecha_aceptacion": "1900-01-01",
        "moneda": "CLP",
        "monto_total": "1177000,50",
        "rut_proveedor": "77.627.346-5",
        "razon_social": "Servicios Peñaflor Ltda.",
        "id_licitacion": "NA",
        "id_item": "1",
        "codigo_onu": "72000000",
        "cantidad": "1,00",
        "precio_neto": "362216,25",
        "total_linea_neto": "362216,25",
    },
    "sgd_documentos": {
        "id_documento": "SGD-2024-000001",
        "tipo_documento": "Resolución exenta",
        "folio": "00485",
        "fecha_creacion": "01-09-2024 09:30",
        "fecha_termino": "2024-09-10T18:05:09",
        "estado": "TRAMITADO",
        "unidad": "DIPIR",
        "materia": "Aprueba bases, año 2024",
        "remitente": "Juan Carlos Peñaloza",
        "destinatario": "Rosa Elena Quezada",
        "expediente": "EXP-1",
        "codigo_iniciativa": "2401SC0626",
        "efectos_terceros": "NO",
    },
    "sisrec_rendiciones": {
        "id_transferencia": "T-2024-00001",
        "periodo": "12-2024",
        "tipo": "Regularizacion",
        "estado": "APROBADA PARCIAL",
        "fecha_envio": "15-01-25",
        "monto_rendido": "51601",
        "monto_aprobado": "$36,120.00",
        "monto_observado": " $ - ",
        "monto_rechazado": "(15.481)",
        "monto_reintegrado": "",
        "encargado": "Juan Carlos Peñaloza",
    },
    "sisrec_transferencias": {
        "id_transferencia": "T-2024-00001",
        "codigo_iniciativa": "40048922-01",
        "programa": "02",
        "subtitulo": "33",
        "item": "3",
        "asignacion": "150",
        "rut_ejecutor": "690705001",
        "nombre_ejecutor": "Municipalidad de Peñaflor",
        "representante": "Rosa Elena Quezada",
        "resolucion": "366/2023",
        "fecha_resolucion": "11-06-2023",
        "fecha_transferencia": "45098",
        "monto_transferido": "941000",
    },
}

# How the i-th key of an export is written.
_KEYS = {
    "core_acuerdos": ("acuerdo", "{}/2022"),
    "dte_pagos": ("folio", "{}"),
    "dte_rcv_compra": ("folio", "{}"),
    "presupuesto_ejecucion": ("subtitulo", "{:02d}"),
    "programa_compromisos": ("compromiso", "PG-{:02d}"),
    "sagir_hitos": ("codigo_iniciativa", "4{:07d}-0"),
    "sagir_iniciativas": ("codigo_iniciativa", "4{:07d}-0"),
    "sga_ordenes_compra": ("id_item", "{}"),
    "sgd_documentos": ("id_documento", "SGD-2024-{:06d}"),
    "sisrec_rendiciones": ("id_transferencia", "T-2024-{:05d}"),
    "sisrec_transferencias": ("id_transferencia", "T-2024-{:05d}"),
}


def key_column(export: str) -> str:
    return _KEYS[export][0]


def row(export: str, number: int = 1, /, **cells: str) -> dict[str, str]:
    """The good row with the number-th key (1 to 99) and other cells."""
    name, spelling = _KEYS[export]
    return GOOD[export] | {name: spelling.format(number)} | cells


def headers(export: str, names: Sequence[str] | None = None) -> list[str]:
    """The printed headers of the columns, in the contract's order unless told otherwise."""
    c = CONTRACTS[export]
    return [c.column(n).header.replace("{MES}", "ENERO") for n in names or [c.name for c in c.columns]]


def line(export: str, cells: Sequence[str]) -> str:
    """Cells as one record of the export, quoted only where they must be."""
    c = CONTRACTS[export]
    if not c.format.quote:
        return c.format.delimiter.join(cells)
    out = io.StringIO()
    csv.writer(out, delimiter=c.format.delimiter, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def lines_of(export: str, rows: Sequence[Row | str], names: Sequence[str] | None = None) -> list[str]:
    """Header and rows as records; a row that is a text stands as it is."""
    order = list(names or [c.name for c in CONTRACTS[export].columns])
    records = [line(export, headers(export, order))]
    records += [r if isinstance(r, str) else line(export, [r[n] for n in order]) for r in rows]
    return records


def encoded(export: str, text: str) -> bytes:
    return text.encode(CONTRACTS[export].format.encoding)


def csv_file(export: str, rows: Sequence[Row | str], *, names: Sequence[str] | None = None, banner: str = "") -> bytes:
    """A CSV file of the export: banner (whole lines), header, rows."""
    return encoded(export, banner + "".join(record + "\n" for record in lines_of(export, rows, names)))


MONTHS = contract.MONTHS
SPENDING_HEADER: list[list[object]] = [
    ["Código BIP", "Subt", "Item", "Asig", *(text for month in MONTHS for text in (month, None))],
    [None, None, None, None, *("Proyectado", "Real") * 12],
]


def spending(code: object, *months: object, budget: Sequence[object] = ("31", "02", "004")) -> list[object]:
    """A line of the spending workbook; months: projected and real, month by month, the rest empty."""
    return [code, *budget, *months, *[None] * (24 - len(months))]


def workbook(*rows: Sequence[object], banner: int = 1, header: Sequence[Sequence[object]] = SPENDING_HEADER) -> bytes:
    """A workbook of monthly spending: banner rows, the header's two rows with merged months, the rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number in range(banner):
        sheet.append([f"GOBIERNO DE SANTIAGO {number}"])
    for cells in [*header, *rows]:
        sheet.append(list(cells) if any(cell is not None for cell in cells) else [None])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str) and cell.value.startswith("#"):
                cell.data_type = "e"
    for column in range(5, 29, 2):
        sheet.merge_cells(start_row=banner + 1, end_row=banner + 1, start_column=column, end_column=column + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def document(
    folio: int = 1, *, issuer: str = "76163209-4", total: str = "1190000", extra: str = "", **more: str
) -> str:
    """The content of a DTE. extra: XML after the heading. more: kind, date, name, expires."""
    expires = f"<FchVenc>{more['expires']}</FchVenc>" if "expires" in more else ""
    return (
        f'<Documento ID="T33F{folio}"><Encabezado>'
        f"<IdDoc><TipoDTE>{more.get('kind', '33')}</TipoDTE><Folio>{folio}</Folio>"
        f"<FchEmis>{more.get('date', '2024-02-01')}</FchEmis>{expires}</IdDoc>"
        f"<Emisor><RUTEmisor>{issuer}</RUTEmisor><RznSoc>{more.get('name', 'Andes 7 Ltda.')}</RznSoc></Emisor>"
        "<Receptor><RUTRecep>61923200-3</RUTRecep><Contacto>Juan Carlos Peñaloza</Contacto></Receptor>"
        "<Totales><MntNeto>1000000</MntNeto><MntExe>0</MntExe><IVA>190000</IVA>"
        f"<MntTotal>{total}</MntTotal></Totales></Encabezado>{extra}</Documento>"
    )


def dte(content: str) -> str:
    return f'<DTE version="1.0">{content}</DTE>'


def dte_set(*contents: str) -> str:
    """A set of documents, in SII's namespace."""
    documents = "".join(map(dte, contents))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<EnvioDTE xmlns="http://www.sii.cl/SiiDte" version="1.0">'
        f'<SetDTE ID="SetDoc"><Caratula version="1.0"><RutEmisor>76163209-4</RutEmisor></Caratula>{documents}</SetDTE>'
        "</EnvioDTE>"
    )
