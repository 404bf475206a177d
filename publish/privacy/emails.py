"""Finds e-mail addresses in a folded text, in any spelling."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# An address has 254 letters at most (RFC 5321).
_LONGEST = 254
_LETTER = r"[a-z0-9._%+'-]"
_LOCAL = rf"[a-z0-9_]{_LETTER}{{0,{_LONGEST - 1}}}"
_HOST = r"[a-z0-9-]+"
_ENDING = r"(?:cl|com|org|net|gob|gov|edu|es|info|io|co)(?![a-z0-9])"
_DOT = r"(?: ?\.{1,3} ?|,|[ _-]{0,2}[\[({<]? ?(?:punto|dot) ?[\])}>]?[ _-]{0,2})"
# A dot in words may be letters or dashes of the host too: with neither end, all ways to part it would take for ever.
_LABEL = r"[a-z0-9-]{1,63}"
_INNER_DOT = r"(?: ?\.{1,3} ?|,|[ _-]{1,2}(?:punto|dot)[ _-]{1,2}|[ _-]{0,2}[\[({<] ?(?:punto|dot) ?[\])}>][ _-]{0,2})"
_REST = rf"{_LABEL}(?:{_INNER_DOT}{_LABEL}){{0,3}}?{_DOT}{_ENDING}"
_PROVIDER = r"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|protonmail)(?![a-z0-9-])"
# An ending that lost its dot: "es", "info" and "co" would be words of the sentence.
_LOOSE = r"(?:[ ,]{1,2}(?:cl|com|org|net|gob|gov|edu)(?![a-z0-9]))?"


class Form(NamedTuple):
    """A way to write an address. local: what stands before its sign; sign: the @, or what means one, and the host."""

    local: re.Pattern[str]
    sign: re.Pattern[str]


_ANY = re.compile(rf"{_LOCAL}$")
# vecin@s and trabajador@es mean both sexes, 5@7 two numbers.
_WITH_A_LETTER = re.compile(rf"(?<!{_LETTER})(?=[0-9._%+'-]*[a-z]){_LOCAL}$")
# An item of a list, ver (a) correo.cl, sitio (a) www.correo.cl, is no address.
_NO_WORD_BEFORE_AN_ITEM = re.compile(
    rf"(?<!{_LETTER})(?!(?:ver|vea|visite|en|y|o|de|sitios?|paginas?|web|portal)$){_LOCAL}$"
)

EMAILS = {
    # vecina@correo.cl, vecina @ correo.cl, vecina@correo_cl.com; vecin@s_2024.pdf means vecinas and vecinos
    "plain": Form(_ANY, re.compile(rf" ?@ ?(?:[a-z0-9-]{{3,}}(?:_[a-z0-9-]+)+|{_HOST})(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}")),
    # vecina@correo . cl, vecina@correo punto cl, vecina@correo,cl, vecina @ gmail com. What has a dot and an ending
    # behind it is the rule above's.
    "broken": Form(_ANY, re.compile(rf" ?@ ?(?:{_REST}|{_PROVIDER}(?!\.[a-z]{{2}}){_LOOSE})")),
    # vecina@correo, vecina@correo cl: of three letters, since "es" and "s" are ends of words
    "bare": Form(_WITH_A_LETTER, re.compile(rf"@(?=[a-z]{{3}}){_HOST}(?![a-z0-9-]|\.[a-z]{{2}}){_LOOSE}")),
    # vecina [at] correo.cl, vecina arroba correo punto cl, vecina_arroba_correo_punto_cl, vecina -at- correo -dot- cl;
    # vecina arroba gmail, vecina arroba hotmail.fr
    "spoken": Form(
        _ANY,
        re.compile(
            r"(?: ?[\[({<] ?(?:at|arroba|@) ?[\])}>] ?|[ _-]{1,2}(?:at|arroba)[ _-]{1,2})"
            rf"(?:{_REST}|{_PROVIDER}(?:\.[a-z]{{2,6}}(?![a-z0-9])|{_LOOSE}))"
        ),
    ),
    # vecina(a)correo.cl
    "glued_item": Form(_ANY, re.compile(rf"[\[({{<]a[\])}}>]{_HOST}(?:\.{_HOST})*?\.{_ENDING}")),
    # vecina (a) correo.cl, unless it may be an item: a list has a "(b)" too
    "item": Form(
        _NO_WORD_BEFORE_AN_ITEM,
        re.compile(
            rf" ?[\[({{<] ?a ?[\])}}>] ?(?!www\.){_HOST}(?:\.{_HOST}){{0,5}}?\.{_ENDING}(?!.*[\[({{<]b[\])}}>])"
        ),
    ),
}
MAY_HOLD_EMAIL = re.compile(r"@|arroba|[\[({<] ?at? ?[\])}>]|[ _-]at[ _-]")


def emails(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of each e-mail address."""
    if MAY_HOLD_EMAIL.search(folded):
        for form in EMAILS.values():
            yield from _written_as(form, folded)


def _written_as(form: Form, folded: str) -> Iterator[tuple[int, int]]:
    """From the sign outwards: from its start, each letter of a long word would be an address to try."""
    place = 0
    while sign := form.sign.search(folded, place):
        place = sign.start() + 1
        if local := form.local.search(folded, max(0, sign.start() - _LONGEST), sign.start()):
            yield local.start(), sign.end()
            place = sign.end()
