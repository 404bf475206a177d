"""What a column is called where people read it: its own name, spelled as Spanish is."""

from publish.catalog import Column

# Names of columns are plain ASCII, so that every program takes them; people read accents and capitals.
SPELLED = {
    "agil": "ágil",
    "anio": "año",
    "asignacion": "asignación",
    "bip": "BIP",
    "codigo": "código",
    "core": "CORE",
    "creacion": "creación",
    "cut": "CUT",
    "denominacion": "denominación",
    "desafio": "desafío",
    "descripcion": "descripción",
    "dias": "días",
    "division": "división",
    "dte": "DTE",
    "ejecucion": "ejecución",
    "emision": "emisión",
    "envio": "envío",
    "erd": "ERD",
    "fndr": "FNDR",
    "id": "ID",
    "item": "ítem",
    "iva": "IVA",
    "licitacion": "licitación",
    "lineas": "líneas",
    "oc": "OC",
    "ordenes": "órdenes",
    "postulacion": "postulación",
    "rate": "RATE",
    "recepcion": "recepción",
    "rendicion": "rendición",
    "resolucion": "resolución",
    "rs": "RS",
    "rut": "RUT",
    "sesion": "sesión",
    "sgd": "SGD",
    "sha256": "SHA-256",
    "subtitulo": "subtítulo",
    "tecnica": "técnica",
    "termino": "término",
    "tipologia": "tipología",
    "titulo": "título",
    "tramitacion": "tramitación",
}

# Units that a figure cannot be read without. The others say what the name says already: a date, a code, a count.
_SHOWN = ("M$", "CLP", "%", "M$ o %", "M$ o puntos porcentuales", "moneda de la orden", "días corridos", "bytes")


def label(column: Column) -> str:
    """The column's name as people read it, with its unit where its figures need one: «Monto total (CLP)»."""
    words = " ".join(SPELLED.get(word, word) for word in column.name.split("_"))
    words = words[:1].upper() + words[1:]
    return f"{words} ({column.unit})" if column.unit in _SHOWN else words
