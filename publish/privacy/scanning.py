"""Finds personal data in a text: a natural person's RUT, an e-mail, a phone, a reserved name or account.

Lists of columns are not enough: shifted rows and free text carry people's data into columns that are open. So
every text that is to be published is read, whatever its column.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from publish.privacy.emails import MAY_HOLD_EMAIL, emails
from publish.privacy.folding import fold, fold_with_places, is_invisible, unescaped
from publish.privacy.persons import as_shown, folded_cell, persons
from publish.privacy.phones import phones
from publish.privacy.ruts import CUENTA_RUT, FIRST_LEGAL_PERSON, LABELLED, MAY_HOLD_RUT, Ruts, verifying_digit
from publish.privacy.surroundings import is_date

MASK = "[dato personal reservado]"

# Shorter ones are no accounts, and would be found inside folios and order codes.
MIN_ACCOUNT_LENGTH = 6
# Fewer digits, spelled with signs between them, would be found in amounts.
MIN_SPELLED_ACCOUNT = 9
# A shorter name, written without blanks, would be found in ordinary words.
MIN_GLUED_NAME = 10


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


# What has neither is no account, but a word typed in its place: NO TIENE, TRANSFERENCIA.
_FIGURE_OR_AT = re.compile(r"[\d@]")
_NO_WORD = re.compile(r"[\W_]+")
_SIGNS_AT_END = re.compile(r"[\W_]+$")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
# A name whose words have a sign between them (PEREZ,JUAN). With figures among them it would be a code of something.
_WORDS_JOINED = re.compile(r"[^\W\d_]{2,}(?:[\W_]+[^\W\d_]{2,})+[\W_]*")
# O'Higgins, María-José
_SIGN_IN_A_WORD = re.compile(r"(?<=[^\W\d_])['-](?=[^\W\d_])")
# What stands beside the number of an account, as its kind or its bank.
_WORDS_OF_LETTERS = re.compile(r"[^\W\d_]+")


def words_of(text: str) -> str:
    """The words of a text, folded, with one blank between them, whatever signs stood there."""
    return _NO_WORD.sub(" ", fold(text)).strip()


@dataclass(frozen=True)
class Reserved:
    """What the closed columns of the run hold: names as words_of gives them, accounts folded.

    words: names of one word, sought as whole cells only. A single word ("DIPIR", "Rojas") inside a sentence names
    nobody, and would blank ordinary words. ends: of a name that ends in a sign, that end ("Andes Ltda." has ".").
    """

    names: frozenset[str]
    words: frozenset[str]
    accounts: frozenset[str]
    ends: Mapping[str, str]

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> "Reserved":
        """values: pairs (tipo, valor), tipo being nombre, cuenta, nombre_rut, nombre_rut_publicable or no_es_persona.

        A name that stands beside a RUT only, and somewhere beside a publishable one, is public, and so is what is but
        a part of its cell; what is no_es_persona is not sought. An account with neither figure nor @ is sought as a
        name beside a RUT: a single word as a whole cell, of several words the persons whom they name. Raises ValueError
        for any other tipo, since nothing would look for its values.
        """
        by_type: dict[str, set[str]] = {
            tipo: set() for tipo in ("nombre", "cuenta", "nombre_rut", "nombre_rut_publicable", "no_es_persona")
        }
        for tipo, valor in values:
            if tipo not in by_type:
                raise ValueError(f"reserved values of the unknown type {tipo!r}")
            if tipo.startswith("nombre"):
                by_type[tipo] |= {folded_cell(spelled) for spelled in (valor, *_without_letters(as_shown(valor)))}
            else:
                by_type[tipo] |= {fold(valor), *_several_accounts(valor)} if tipo == "cuenta" else {fold(valor)}
        closed = by_type["nombre"]
        accounts = {account for account in by_type["cuenta"] if len(account) >= MIN_ACCOUNT_LENGTH}
        spoken = {account for account in accounts if not _FIGURE_OR_AT.search(account)}
        beside = by_type["nombre_rut"] - by_type["nombre_rut_publicable"] | {word for word in spoken if " " not in word}
        public = _spelled(by_type["nombre_rut_publicable"])
        several = {name for name in closed | beside if " " in name or _WORDS_JOINED.fullmatch(name)}
        within = {person for cell in closed | beside | spoken for person in persons(cell)}
        # A company may have an official's name with the surname first: that makes it no more public than the name is.
        officials = _with_other_spellings(_spelled(several & closed))
        others = _with_other_spellings(_spelled(several & beside | within) - public) - public
        return cls(
            names=frozenset(name for name in officials | others if _TWO_LETTERS.search(name)),
            words=frozenset(words_of(name) for name in (closed | beside) - several) - {""},
            accounts=frozenset(accounts - spoken),
            ends={words_of(name): end.group() for name in several if (end := _SIGNS_AT_END.search(name))},
        )

    def without(self, text: str) -> "Reserved":
        """What is reserved but the names that stand in a text of the project itself: there they are common words."""
        said = f" {words_of(text)} "
        common = {name for name in self.names if f" {name} " in said}
        return replace(self, names=self.names - common - {other for name in common for other in _other_spellings(name)})


_BETWEEN_ACCOUNTS = re.compile(r"[,;/|]|(?<= )-(?= )| y ")
# The kind or the bank may stand before the figures. With letters behind them it is a code of something.
_ACCOUNT = re.compile(r"[^\d$]*\d[\d .-]*")
_DATE = re.compile(r"\d{1,2}[-.]\d{1,2}[-.](?:\d\d){1,2}|\d{4}-\d\d-\d\d")


def _several_accounts(cell: str) -> set[str]:
    """The accounts of a cell that holds more than one thing; dates and a company's RUT, which is public, are none."""
    parts = [part.strip() for part in _BETWEEN_ACCOUNTS.split(folded_cell(cell))]
    return {part for part in parts if _is_account(part)} if len(parts) > 1 else set()


def _is_account(part: str) -> bool:
    digits = re.sub(r"\D", "", part)
    if "@" in part or len(digits) < MIN_ACCOUNT_LENGTH or not _ACCOUNT.fullmatch(part):
        return "@" in part
    number, digit = int(digits[:-1]), digits[-1]
    is_company = FIRST_LEGAL_PERSON <= number < 100_000_000 and verifying_digit(number) == digit
    return not (is_company or is_date(digits) or _DATE.fullmatch(part))


# What an encoding loses: the ñ alone, since accents are often not written, or every letter that English has not.
_LOST = [re.compile(rf"(?<=[a-zA-Z]){letter}|{letter}(?=[a-zA-Z])") for letter in ("[ñÑ]", "[áéíóúüñÁÉÍÓÚÜÑ]")]


def _without_letters(name: str) -> set[str]:
    """A name of several words as it stands where letters were lost: PE?A, PE¥A, PE%D1A, whatever sign stands there."""
    if " " not in name.strip() or name.isascii():
        return set()
    composed = unicodedata.normalize("NFC", name)
    return {lost.sub("?", composed) for lost in _LOST} - {composed}


def _spelled(names: Iterable[str]) -> set[str]:
    """The words of each name, and once more with those in one that a sign stands in (OHiggins, MariaJose)."""
    joined = {words_of(_SIGN_IN_A_WORD.sub("", name)) for name in names if _SIGN_IN_A_WORD.search(name)}
    return {words_of(name) for name in names} | {name for name in joined if " " in name}


def _other_spellings(name: str) -> Iterator[str]:
    """A name with its surnames first (Díaz Soto, Rosa), and without blanks, as in file names (RosaDiazSoto)."""
    words = name.split()
    for first in range(1, len(words)):
        yield " ".join(words[first:] + words[:first])
    if len(glued := "".join(words)) >= MIN_GLUED_NAME:
        yield glued


def _with_other_spellings(names: set[str]) -> set[str]:
    return names | {other for name in names for other in _other_spellings(name)}


def masked(text: str, hits: Iterable[Hit], mask: str = MASK) -> str:
    """The text with each of its hits, in their order, replaced."""
    kept, end = [], 0
    for hit in hits:
        kept.append(text[end : hit.start])
        end = hit.end
    return mask.join([*kept, text[end:]])


class Scanner:
    """Reads texts for personal data. portfolio: the run's initiative codes, as 40012345-0."""

    def __init__(self, reserved: Reserved, portfolio: Collection[str] = ()) -> None:
        self._words = reserved.words
        self._ends = reserved.ends
        self._ruts = Ruts(portfolio)
        self._names = _automaton(f" {name} " for name in reserved.names)
        self._accounts = _automaton(reserved.accounts)
        spelled = {_digits(part) for account in reserved.accounts for part in _WORDS_OF_LETTERS.split(account)}
        self._spelled_accounts = {account for account in spelled if len(account) >= MIN_SPELLED_ACCOUNT}

    def hits(self, text: str, lone_words: bool = True, bare_ruts: bool = True) -> list[Hit]:
        """The personal data in the text, in its order; what overlaps is one hit.

        lone_words: whether a text that is nothing but a reserved word counts, as where a person could have typed
        anything. bare_ruts: whether digits alone may be a RUT; in a column of codes they are a code.
        """
        found = self._hits(text, lone_words, bare_ruts)
        if plain := unescaped(text):
            decoded, places = plain
            found += [
                Hit(hit.kind, places[hit.start], places[hit.end]) for hit in self._hits(decoded, lone_words, bare_ruts)
            ]
        return _merged(found)

    def mask(self, text: str, lone_words: bool = True, bare_ruts: bool = True) -> str:
        """The text with each hit, and nothing else, replaced."""
        return masked(text, self.hits(text, lone_words, bare_ruts))

    def _hits(self, text: str, lone_words: bool, bare_ruts: bool) -> list[Hit]:
        folded = fold(text)
        found = list(self._find(folded, lone_words, bare_ruts))
        if not found:
            return []
        places = fold_with_places(text)[1]
        return [_unfolded(hit, text, places) for hit in found]

    def _find(self, folded: str, lone_words: bool, bare_ruts: bool) -> Iterator[Hit]:
        holds = may_hold(folded.translate(_SAME_FIGURE))
        if holds.labelled_rut:
            yield from (Hit(Kind.RUT, *span) for span in self._ruts.labelled(folded))
        if holds.rut:
            yield from (Hit(Kind.RUT, *span) for span in self._ruts.find(folded, bare_ruts))
        if holds.phone:
            yield from (Hit(Kind.PHONE, *span) for span in phones(folded))
        if holds.spelled_account:
            yield from self._find_spelled_accounts(folded)
        if holds.email:
            yield from (Hit(Kind.EMAIL, *span) for span in emails(folded))
        yield from self._find_names(folded, lone_words)
        if self._accounts:
            for _, start, end in self._accounts.find_matches_as_indexes(folded, overlapping=True):
                if _is_whole_account(folded, start, end):
                    yield Hit(Kind.ACCOUNT, start, end)

    def _find_names(self, folded: str, lone_words: bool) -> Iterator[Hit]:
        words = f" {_NO_WORD.sub(' ', folded)} ".replace("  ", " ")
        if lone_words and words[1:-1] in self._words:
            yield Hit(Kind.NAME, 0, len(folded))
        found = self._names.find_matches_as_indexes(words, overlapping=True) if self._names else []
        if not found:
            return
        places = _places_of_words(folded)
        for _, start, end in found:
            name_ends = places[end - 2] + 1
            sign = self._ends.get(words[start + 1 : end - 1], "")
            yield Hit(Kind.NAME, places[start + 1], name_ends + folded.startswith(sign, name_ends) * len(sign))

    def _find_spelled_accounts(self, folded: str) -> Iterator[Hit]:
        for match in _SPELLED_ACCOUNT.finditer(folded) if self._spelled_accounts else ():
            if _digits(match.group()) in self._spelled_accounts:
                yield Hit(Kind.ACCOUNT, *match.span())


def _automaton(values: Iterable[str]) -> AhoCorasick | None:
    known = sorted(values)
    return AhoCorasick(known) if known else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")


def _places_of_words(folded: str) -> list[int]:
    """For each character of the words of a folded text, as _find_names writes them, its place in that text."""
    places = [0] if not folded or folded[0].isalnum() else []
    for match in re.finditer(r"[^\W_]+|[\W_]+", folded):
        is_word = match.group()[0].isalnum()
        places += range(*match.span()) if is_word else [match.start()]
    return [*places, len(folded)]


def _is_whole_account(folded: str, start: int, end: int) -> bool:
    """Whether a match is an account of its own; digits joined by a sign are one number, and it is no part of it."""
    before, after = folded[max(0, start - 2) : start], folded[end : end + 2]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    return not (_JOINED_BEFORE.fullmatch(before) or _JOINED_AFTER.fullmatch(after))


_JOINED_BEFORE = re.compile(r"\d[-./,]")
_JOINED_AFTER = re.compile(r"[-./,][\dk]")
# 100-557-2437, 1005 572 437
_SPELLED_ACCOUNT = re.compile(r"(?<![a-z0-9])\d(?:[ ./-]?\d){8,}(?![a-z0-9]|[-./][a-z0-9])")

# No RUT has fewer digits than these, and no phone or account: most texts are done with here.
_FOUR_DIGITS = re.compile(r"\d(?:[\W_]{0,3}\d){3}")
_PHONE_DIGITS = re.compile(r"\d(?:[ ()./_-]{0,3}\d){6}")


class MayHold(NamedTuple):
    """What need be sought in a text at all."""

    labelled_rut: bool
    rut: bool
    phone: bool
    spelled_account: bool
    email: bool


_SAME_FIGURE = str.maketrans("123456789", "0" * 9)
# A column of codes has some hundreds. Those of free text are all different, and push one another out.
_SHAPES_KEPT = 4096


@lru_cache(_SHAPES_KEPT)
def may_hold(shape: str) -> MayHold:
    """What texts of a shape may hold: a folded text with zeros for its figures, which none of these tells apart."""
    few, many = _FOUR_DIGITS.search(shape), _PHONE_DIGITS.search(shape)
    return MayHold(
        labelled_rut=bool(few and (LABELLED.search(shape) or CUENTA_RUT.search(shape))),
        rut=bool(few and MAY_HOLD_RUT.search(shape)),
        phone=bool(many),
        spelled_account=bool(many and _SPELLED_ACCOUNT.search(shape)),
        email=bool(MAY_HOLD_EMAIL.search(shape)),
    )


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
