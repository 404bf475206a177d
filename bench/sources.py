"""The exports that grow with the documents, as bench.world writes them: what a script that knows its files would know.

The order of the columns is fixed here, and of each type only the spellings that the world holds are read. The product
reads more: any order of columns, every spelling and encoding of the contract.
"""

from dataclasses import dataclass

NULLS = ["", "-", "N/A", "NA", "n/a", "S/N", "SN", "s/n", "null", "NULL", "NO APLICA", "SIN INFORMACIÓN"]
MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]

# The cells of a row of budget execution.
BUDGET = [
    "partida",
    "capitulo",
    "programa",
    "subtitulo",
    "item",
    "asignacion",
    "moneda",
    "denominacion",
    "inicial",
    "vigente",
    "ejecutado",
]


@dataclass(frozen=True)
class Column:
    """kind: the type of the contract, or the values of a list apart by |. need: a row without it is rejected."""

    name: str
    kind: str
    need: bool


@dataclass(frozen=True)
class Source:
    """files: a pattern. cells: names of a row's cells in their order. columns: those that are read.

    data: a cell, and the pattern that it matches in rows that are no banner, header, total nor continuation.
    """

    export: str
    files: str
    encoding: str
    delimiter: str
    key: tuple[str, ...]
    data: tuple[str, str]
    columns: tuple[Column, ...]
    cells: tuple[str, ...]
    line_breaks: bool = False


def _source(
    export: str,
    files: str,
    encoding: str,
    delimiter: str,
    key: str,
    data: tuple[str, str],
    cells: str,
    line_breaks: bool = False,
) -> Source:
    """cells: name:kind of each, ! where it is needed; - for one that is not read."""
    columns, names = [], []
    for number, cell in enumerate(cells.split()):
        name, _, kind = cell.partition(":")
        if kind:
            columns.append(Column(name, kind.rstrip("!").replace("_", " "), kind.endswith("!")))
        names.append(name if kind else f"c{number}")
    return Source(
        export, files, encoding, delimiter, tuple(key.split()), data, tuple(columns), tuple(names), line_breaks
    )


_TYPES = "33|34|46|52|56|61"
REGISTER = _source(
    "dte_rcv_compra", "dte/rcv_compra_*.csv", "utf-8", ";", "rut_proveedor tipo_documento folio", ("nro", "[0-9]+"),
    f"""nro:integer tipo_documento:{_TYPES}! tipo_compra:text rut_proveedor:rut! razon_social:text! folio:integer!
    fecha_emision:date! fecha_recepcion:timestamp! fecha_acuse:timestamp monto_exento:pesos monto_neto:pesos
    monto_iva:pesos - - monto_total:pesos! - - - - - - - - - - - - -""",
)  # fmt: skip
PAYMENTS = _source(
    "dte_pagos", "dte/pagos_*.csv", "latin-1", ";", "rut_proveedor tipo_documento folio",
    ("rut_proveedor", ".*[0-9].*"),
    f"""rut_proveedor:rut! tipo_documento:{_TYPES}! folio:integer!
    estado:RECIBIDA|ACEPTADA|RECLAMADA|DEVENGADA|PAGADA|ANULADA! programa:01|02! subtitulo:code2! item:code2!
    asignacion:code3 codigo_iniciativa:initiative orden_compra:text fecha_devengo:date fecha_pago:date
    monto_pagado:pesos rut_cesionario:rut - -""",
)  # fmt: skip
ORDERS = _source(
    "sga_ordenes_compra", "sga/ordenes_compra_*.csv", "latin-1", ";", "codigo_oc id_item", ("codigo_oc", "[0-9].*"),
    """codigo_oc:text! nombre:text estado:text! tipo:text es_trato_directo:flag es_compra_agil:flag fecha_envio:date!
    fecha_aceptacion:date moneda:CLP|CLF|USD|UTM|EUR! monto_total:decimal! rut_proveedor:rut! razon_social:text!
    id_licitacion:text id_item:integer! codigo_onu:text cantidad:decimal precio_neto:decimal
    total_linea_neto:decimal!""",
    line_breaks=True,
)  # fmt: skip
OFFICIAL = _source(
    "sgd_documentos", "sgd/documentos_*.csv", "utf-8", ",", "id_documento", ("id_documento", "SGD-.*"),
    """id_documento:text!
    tipo_documento:RESOLUCIÓN_EXENTA|RESOLUCIÓN_AFECTA|OFICIO|MEMO|CONVENIO|CERTIFICADO_CORE|INFORME!
    folio:text! fecha_creacion:timestamp! fecha_termino:timestamp
    estado:EN_ELABORACIÓN|EN_REVISIÓN|APROBADO|RECHAZADO|TRAMITADO! unidad:text - - - expediente:text
    codigo_iniciativa:initiative efectos_terceros:flag""",
    line_breaks=True,
)  # fmt: skip
TRANSFERS = _source(
    "sisrec_transferencias", "sisrec/transferencias_*.csv", "utf-8", ";", "id_transferencia",
    ("id_transferencia", "T-.*"),
    """id_transferencia:text! codigo_iniciativa:initiative! programa:01|02! subtitulo:code2! item:code2!
    asignacion:code3 rut_ejecutor:rut! nombre_ejecutor:text! - resolucion:text fecha_resolucion:date
    fecha_transferencia:date! monto_transferido:pesos!""",
)  # fmt: skip
ACCOUNTS = _source(
    "sisrec_rendiciones", "sisrec/rendiciones_*.csv", "utf-8", ";", "id_transferencia periodo tipo",
    ("id_transferencia", "T-.*"),
    """id_transferencia:text! periodo:month! tipo:MENSUAL|SIN_MOVIMIENTO|REGULARIZACIÓN!
    estado:ENVIADA|OBSERVADA|APROBADA|APROBADA_PARCIAL|RECHAZADA! fecha_envio:date! monto_rendido:pesos!
    monto_aprobado:pesos monto_observado:pesos monto_rechazado:pesos monto_reintegrado:pesos -""",
)  # fmt: skip
SOURCES = (REGISTER, PAYMENTS, ORDERS, OFFICIAL, TRANSFERS, ACCOUNTS)

#: Where each cell of an XML document is; its order is that of the purchase order among its references.
XML = {
    "tipo_documento": "Encabezado/IdDoc/TipoDTE",
    "folio": "Encabezado/IdDoc/Folio",
    "fecha_emision": "Encabezado/IdDoc/FchEmis",
    "rut_proveedor": "Encabezado/Emisor/RUTEmisor",
    "razon_social": "Encabezado/Emisor/RznSoc",
    "rut_receptor": "Encabezado/Receptor/RUTRecep",
    "monto_neto": "Encabezado/Totales/MntNeto",
    "monto_exento": "Encabezado/Totales/MntExe",
    "monto_iva": "Encabezado/Totales/IVA",
    "monto_total": "Encabezado/Totales/MntTotal",
}
