"""What stands around a number and says that it is an amount, a folio, a code or a date, and nobody's number."""

import re
from datetime import date

_AMOUNTS = (
    "clp|usd|uf|utm|monto|total|subtotal|neto|iva|por|suma|valor|costo|precio|saldo|cuota|presupuesto|inversion|gasto|"
    "diferencia|aporte"
)
_PAPERS = (
    "folio|factura|boleta|nota|guia|documento|doc|dte|resolucion|res|decreto|ley|oficio|ord|memo|memorandum|certificado|"
    "contrato|convenio|acuerdo|acta|oc|orden|ordene|licitacion|codigo|cod|id|rol|bip|ingreso|expediente|exp|proyecto|"
    "iniciativa|n°|n\\.|nro|num|numero"
)
_BETWEEN = (
    r"[ :.#=(_/-]|n°|(?:n|nro|num|numero|de|del|la|el|es|fue|compra|pago|credito|debito|exent[oa]|afect[oa]|"
    r"electronic[oa]|ordinari[oa]|ord|bip|oc|total|clp|aprobado|neto)(?![a-z0-9])"
)
_BEFORE = re.compile(rf"(?:\$|(?<![a-z0-9])(?:{_AMOUNTS}|{_PAPERS})(?:e?s)?(?![a-z0-9]))(?:{_BETWEEN})*$")
_AFTER = re.compile(
    r" ?(?:pesos|clp|m\$|uf|utm|usd|us\$|dolares|unidades|m2|m3|metros|km|kg|litros|hectareas|ha|habitantes|filas|mil|"
    r"millones)(?![a-z0-9])| ?%|[.,]-|[.,]\d"
)
# How far before a number a word can speak of it.
_REACH = 60


def is_something_else(folded: str, start: int, end: int) -> bool:
    """Whether the words around the number at start to end say that it is an amount, a paper's number or a code."""
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
