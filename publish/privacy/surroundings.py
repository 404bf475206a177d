"""What stands around a number and says that it is an amount, a folio, a code or a date, and nobody's number."""

import re
from datetime import date

_AMOUNTS = (
    "clp|usd|uf|utm|monto|total|subtotal|neto|iva|suma|valor|costo|precio|saldo|cuota|presupuesto|inversion|gasto|"
    "diferencia|aporte|recurso|transferido"
)
_PAPERS = (
    "folio|factura|boleta|nota|guia|documento|doc|dte|resolucion|res|decreto|ley|oficio|ord|memo|memorandum|certificado|"
    "contrato|convenio|acuerdo|acta|oc|orden|ordene|licitacion|codigo|cod|id|rol|bip|ingreso|expediente|exp|proyecto|"
    "iniciativa|cheque|garantia|poliza|estado de pago|n°|n\\.|nro|num|numero"
)
_BETWEEN = (
    r"[ :.#=(_/-]|n°|(?:n|nro|num|numero|de|del|la|el|es|fue|compra|pago|credito|debito|exent[oa]|afect[oa]|"
    r"electronic[oa]|ordinari[oa]|ord|bip|oc|total|clp|aprobado|vigente|neto|por|ex)(?![a-z0-9])"
)
# "Contrato por 123456785" tells an amount, "solicitado por 123456785" a person.
_FOR_SO_MUCH = r"(?<![ai]d[oa] )(?<![ai]d[oa]s )(?<![es]t[oa] )(?<!ch[oa] )por"
_BEFORE = re.compile(
    rf"(?:\$|(?<![a-z0-9])(?:{_AMOUNTS}|{_PAPERS})(?:e?s)?(?![a-z0-9])|(?<![a-z0-9]){_FOR_SO_MUCH}(?![a-z0-9]))"
    rf"(?:{_BETWEEN})*$"
)
_AFTER = re.compile(
    r" ?(?:pesos|clp|m\$|uf|utm|usd|us\$|dolares|unidades|m2|m3|metros|km|kg|litros|hectareas|ha|habitantes|filas|mil|"
    r"millones)(?![a-z0-9])| ?%|[.,]-|[.,]\d"
)
# How far before a number a word can speak of it.
_REACH = 60
# The end of a file's name, from within it.
FILE_NAME_GOES_ON = (
    r"[^ /]{0,100}\.(?:xml|csv|tsv|txt|xlsx?|xlsm|ods|zip|gz|pdf|docx?|json|html?|jpe?g|png|tiff?|p7m)(?![a-z0-9])"
)
_IN_FILE_NAME = re.compile(FILE_NAME_GOES_ON)


def is_something_else(folded: str, start: int, end: int) -> bool:
    """Whether the words around the number at start to end say that it is an amount, a paper's number or a code.

    In a file's name they say nothing of it: those of tax documents are named by who issued them.
    """
    if _IN_FILE_NAME.match(folded, end):
        return False
    return bool(_BEFORE.search(folded, max(0, start - _REACH), start) or _AFTER.match(folded, end))


def is_date(digits: str) -> bool:
    """Whether eight digits are a day of 1900 to 2099, as 20240131 or 31012024."""
    return any(
        _is_day(*parts) for parts in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2]))
    )


def _is_day(year: str, month: str, day: str) -> bool:
    if year[:2] not in ("19", "20"):
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
