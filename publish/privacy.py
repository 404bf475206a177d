"""Finds personal data in a text: a natural person's RUT, an e-mail, a phone, a reserved name or account.

Lists of columns are not enough: shifted rows and free text carry people's data into columns that are open. So
every text that is to be published is read, whatever its column.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ahocorasick_rs import AhoCorasick

from publish.folding import fold, fold_with_places, is_invisible

MASK = "[dato personal reservado]"

# A RUT from here on belongs to a legal person and is public.
FIRST_LEGAL_PERSON = 50_000_000
# BIP codes of investment initiatives: no natural person has such a number yet.
BIP_NUMBERS = range(30_000_000, 50_000_000)

# Shorter ones are no accounts, and would be found inside folios and order codes.
MIN_ACCOUNT_LENGTH = 6


class Kind(StrEnum):
    """What a hit is, in the words of the quality report."""

    RUT = "RUT"
    EMAIL = "correo"
    PHONE = "teléfono"
    NAME = "nombre"
    ACCOUNT = "cuenta"


@dataclass(frozen=True)
class Hit:
    """Personal data in a text, from place `start` up to place `end`."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Reserved:
    """What the closed columns of the run hold, folded. words: names of one word, sought as whole cells only.

    A single word ("DIPIR", "Rojas") inside a sentence names nobody, and would blank ordinary words.
    """

    names: frozenset[str]
    words: frozenset[str]
    accounts: frozenset[str]

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> "Reserved":
        """values: pairs (tipo, valor), tipo being nombre, cuenta, nombre_rut or nombre_rut_publicable.

        A name that stands beside a RUT only, and somewhere beside a publishable one, is public. Raises
        ValueError for any other tipo, since nothing would look for its values.
        """
        by_type: dict[str, set[str]] = {
            "nombre": set(), "cuenta": set(), "nombre_rut": set(), "nombre_rut_publicable": set()
        }  # fmt: skip
        for tipo, valor in values:
            if tipo not in by_type:
                raise ValueError(f"reserved values of the unknown type {tipo!r}")
            by_type[tipo].add(fold(valor))
        names = by_type["nombre"] | (by_type["nombre_rut"] - by_type["nombre_rut_publicable"])
        return cls(
            names=frozenset(name for name in names if " " in name),
            words=frozenset(name for name in names if name and " " not in name),
            accounts=frozenset(account for account in by_type["cuenta"] if len(account) >= MIN_ACCOUNT_LENGTH),
        )


def masked(text: str, hits: Iterable[Hit]) -> str:
    """The text with each of its hits, in their order, replaced."""
    kept, end = [], 0
    for hit in hits:
        kept.append(text[end : hit.start])
        end = hit.end
    return MASK.join([*kept, text[end:]])


class Scanner:
    """Reads texts for personal data. portfolio: the run's initiative codes, as 40012345-0."""

    def __init__(self, reserved: Reserved, portfolio: Collection[str] = ()) -> None:
        self._words = reserved.words
        self._portfolio = frozenset(portfolio)
        self._sought = [(value, Kind.NAME) for value in sorted(reserved.names)]
        self._sought += [(value, Kind.ACCOUNT) for value in sorted(reserved.accounts - reserved.names)]
        self._automaton = AhoCorasick([value for value, _ in self._sought]) if self._sought else None

    def hits(self, text: str, free_text: bool = True) -> list[Hit]:
        """The personal data in the text, in its order; what overlaps is one hit.

        free_text: whether a cell that is nothing but a reserved word counts; in a column of codes it does not.
        """
        folded = fold(text)
        found = list(self._find(folded, free_text))
        if not found:
            return []
        places = fold_with_places(text)[1]
        return _merged([_unfolded(hit, text, places) for hit in found])

    def mask(self, text: str) -> str:
        """The text with each hit, and nothing else, replaced."""
        return masked(text, self.hits(text))

    def _find(self, folded: str, free_text: bool) -> Iterator[Hit]:
        if _FOUR_DIGITS.search(folded):
            yield from _ruts(folded, self._portfolio)
            yield from _phones(folded)
        if "@" in folded:
            yield from (Hit(Kind.EMAIL, *match.span()) for match in _EMAIL.finditer(folded))
        if free_text and folded in self._words:
            yield Hit(Kind.NAME, 0, len(folded))
        if self._automaton is None:
            return
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            kind = self._sought[index][1]
            if _stands_alone(folded, start, end, kind):
                yield Hit(kind, start, end)


def _stands_alone(folded: str, start: int, end: int, kind: Kind) -> bool:
    """Whether a match is a word of its own; digits joined by a sign are one number, so an account is not part of it."""
    before, after = folded[max(0, start - 2) : start], folded[end : end + 2]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    return kind is Kind.NAME or not (_JOINED_BEFORE.fullmatch(before) or _JOINED_AFTER.fullmatch(after))


_JOINED_BEFORE = re.compile(r"\d[-./,]")
_JOINED_AFTER = re.compile(r"[-./,][\dk]")

_FOUR_DIGITS = re.compile(r"\d(?:\W{0,3}\d){3}")

_EMAIL = re.compile(r"[a-z0-9_][a-z0-9._%+'-]* ?@ ?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")

# ---- RUT -----------------------------------------------------------------------------------------------------

_SEPARATOR = r"(?: ?[.,] ?| )"
_THREE_GROUPS = rf"\d{{1,2}}{_SEPARATOR}?\d{{3}}{_SEPARATOR}?\d{{3}}"
# 12.345.678-5, 12345678-5, 12 345 678 - k, 345.678-5. Shorter numbers, as 907-2, are agreements and lots; and
# 5.000.000-6.000.000 is a stretch between two amounts.
_DASHED = (
    rf"(?<!\d)(?P<dashed>0*(?:{_THREE_GROUPS}|\d{{3}}(?: ?[.,] ?)?\d{{3}})) ?- ?"
    r"(?P<dashed_dv>\d(?!\d)|k(?![a-z0-9]))(?![.,]\d{3}(?!\d))"
)
# 12345678k, 12.345.678 k
_ENDS_IN_K = rf"(?<![a-z0-9])(?P<k>0*{_THREE_GROUPS}) ?(?P<k_dv>k)(?![a-z0-9])"
# 12.345.6785: no amount is written so
_DOTTED = r"(?<![a-z0-9])(?P<dotted>0*\d{1,2}\.\d{3}\.\d{3})(?P<dotted_dv>\d)(?![a-z0-9])"
_RUT = re.compile(f"{_DASHED}|{_ENDS_IN_K}|{_DOTTED}")

# Beside its name a RUT is one in any spelling, 123456785 and 12345-5 too.
_LABEL = r"(?:\br\.? ?u\.? ?[tn](?![a-z])\.?|\bc\.? ?i\.(?= ?[n\d:])|\bcedula(?: nacional)?(?: de identidad)?(?![a-z]))"
_NUMBER_SIGN = r"(?:n(?:umero|ro|um|o)?(?![a-z])\.?°? ?)?"
_LABELLED_RUT = re.compile(
    rf"{_LABEL}[ :.#=(-]*{_NUMBER_SIGN}[ :.#=(-]*"
    rf"(?P<number>0*\d{{1,3}}(?:{_SEPARATOR}?\d{{3}}){{0,2}})(?P<dash>(?: ?- ?| )?)"
    r"(?P<dv>[\dk])(?![a-z0-9]|-[\dk](?![a-z0-9]))"
)

# What goes on behind a RUT's look-alike makes it a code: tenders and orders (1057439-1-LP23), more numbers.
_CODE_GOES_ON = re.compile(r"[a-z]|-(?:\d|[a-z]{1,3}\d{2,3}(?![a-z0-9]))")
_MONEY = re.compile(r"\$ ?$")


# Units of public purchases, which head the codes of tenders and orders, have seven digits at most.
SHORTEST_UNMISTAKABLE = 10_000_000


def verifying_digit(number: int) -> str:
    """The verifying digit of a RUT's number (modulus 11), 'k' for ten."""
    total, factor = 0, 2
    while number:
        number, digit = divmod(number, 10)
        total += digit * factor
        factor = factor + 1 if factor < 7 else 2
    return "0123456789k0"[11 - total % 11]


def _ruts(folded: str, portfolio: frozenset[str]) -> Iterator[Hit]:
    for match in _RUT.finditer(folded):
        form = str(match.lastgroup).removesuffix("_dv")
        number, dv = match[form], match[f"{form}_dv"]
        is_initiative = form == "dashed" and _is_initiative(number, dv, portfolio)
        if _is_natural(number, dv) and not is_initiative and not _is_something_longer(folded, match, number):
            yield Hit(Kind.RUT, *match.span())
    for match in _LABELLED_RUT.finditer(folded):
        number, dv = match["number"], match["dv"]
        is_initiative = "-" in match["dash"] and _is_initiative(number, dv, portfolio)
        if _is_natural(number, dv) and not is_initiative:
            yield Hit(Kind.RUT, match.start("number"), match.end("dv"))


def _is_natural(spelled: str, dv: str) -> bool:
    number = _value(spelled)
    return 0 < number < FIRST_LEGAL_PERSON and verifying_digit(number) == dv


def _is_initiative(spelled: str, part: str, portfolio: frozenset[str]) -> bool:
    number = _value(spelled)
    return f"{number:08d}-{part}" in portfolio or (spelled.isdigit() and number in BIP_NUMBERS and part.isdigit())


def _is_something_longer(folded: str, match: re.Match[str], spelled: str) -> bool:
    """Whether the match is an amount or a stretch of a code: numbers of three groups or eight digits are neither."""
    before = folded[max(0, match.start() - 2) : match.start()]
    if _value(spelled) >= SHORTEST_UNMISTAKABLE:
        return False
    if _MONEY.search(before):
        return True
    if len(re.findall(r"\d+", spelled)) == 3:
        return False
    return bool(re.fullmatch(r"\d[.-]", before) or _CODE_GOES_ON.match(folded, match.end()))


def _value(spelled: str) -> int:
    return int(re.sub(r"\D", "", spelled))


# ---- phones --------------------------------------------------------------------------------------------------

_GAP = r"[ .-]?"
_START = r"(?<![a-z0-9])(?<!\d[.,/-])"
_END = r"(?![a-z0-9]|[.,/-][a-z0-9])"
_YEAR = r"(?:19\d\d|20[0-4]\d)"
_PHONE = re.compile(
    # +56 9 8765 4321, (+56) 2 2345 6789, 56987654321
    rf"(?<![a-z0-9])\(?\+ ?56(?:[ ().-]{{0,3}}\d){{8,9}}(?![a-z0-9])"
    rf"|{_START}(?:00)?56{_GAP}[29](?:{_GAP}\d){{8}}{_END}"
    # 9 8765 4321, 9-8765-4321, 09 87654321; amounts are grouped by three, and 9 2024 2025 are years
    rf"|{_START}0?9(?![ .-]?{_YEAR}[ .-]{_YEAR})(?:[ .-]\d{{4}}{_GAP}|\d{{4}}[ .-])\d{{4}}{_END}"
    # (2) 2345 6789, (02) 22345678, (32) 221 3456, 2 2345 6789
    rf"|\(0?[29]\) ?\d{{4}}{_GAP}\d{{4}}{_END}"
    rf"|\(0?[3-7]\d\) ?\d{{3}}{_GAP}\d{{3,4}}{_END}"
    rf"|{_START}2[ -]2[2-9]\d\d[ -]\d{{4}}{_END}"
)
_PHONE_LABEL = re.compile(
    r"\b(?:(?:tele)?fonos?|telefonico|tel|fax|cel|celular|celulares|movil|moviles|whatsapp|wsp)\b"
)
_LABELLED_PHONE = re.compile(
    rf"[ :.#=-]*(?:de contacto)?[ :.#=-]*{_NUMBER_SIGN}[ :.#=-]*"
    r"(?!\d{1,3}(?:\.\d{3})+(?!\d))(?P<phone>[+(]?\d(?:[ ().-]{0,2}\d){6,11})(?![a-z0-9])"
)
# 987654321, unless what stands around it says that it is something else
_BARE_MOBILE = re.compile(rf"{_START}9[2-9]\d{{7}}{_END}")
_SOMETHING_ELSE = re.compile(
    r"(?:\$|\b(?:clp|uf|monto|total|por|folio|factura|boleta|nota|documento|resolucion|oc|orden|codigo|id|rol|bip)"
    rf"|{_LABEL})[ :.#=(-]*{_NUMBER_SIGN}[ :.#=(-]*$"
)
_AMOUNT_ENDS = re.compile(r" ?(?:pesos|clp|m\$)(?![a-z0-9])")


def _phones(folded: str) -> Iterator[Hit]:
    yield from (Hit(Kind.PHONE, *match.span()) for match in _PHONE.finditer(folded))
    for label in _PHONE_LABEL.finditer(folded):
        if labelled := _LABELLED_PHONE.match(folded, label.end()):
            yield Hit(Kind.PHONE, *labelled.span("phone"))
    for match in _BARE_MOBILE.finditer(folded):
        if not _SOMETHING_ELSE.search(folded, 0, match.start()) and not _AMOUNT_ENDS.match(folded, match.end()):
            yield Hit(Kind.PHONE, *match.span())


# ---- places --------------------------------------------------------------------------------------------------


def _unfolded(hit: Hit, text: str, places: list[int]) -> Hit:
    end = places[hit.end - 1] + 1
    while end < len(text) and is_invisible(text[end]):
        end += 1
    return Hit(hit.kind, places[hit.start], end)


def _merged(hits: list[Hit]) -> list[Hit]:
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start, -each.end)):
        if merged and hit.start < merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, hit.end))
        else:
            merged.append(hit)
    return merged
