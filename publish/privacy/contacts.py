"""Finds e-mail addresses and phone numbers in a folded text, in any spelling."""

import re
from collections.abc import Iterator

from publish.privacy.ruts import LABEL, NUMBER_SIGN, verifying_digit
from publish.privacy.surroundings import is_date, is_something_else

# ---- e-mail --------------------------------------------------------------------------------------------------

_LOCAL = r"[a-z0-9_][a-z0-9._%+'-]*"
_HOST = r"[a-z0-9-]+"
_ENDING = r"(?:cl|com|org|net|gob|gov|edu|es|info|io|co)(?![a-z0-9])"
_DOT = r"(?: ?\. ?|[ _-]?[\[({<]? ?(?:punto|dot) ?[\])}>]?[ _-]?)"

EMAILS = {
    # vecina@correo.cl, vecina @ correo.cl
    "plain": re.compile(rf"{_LOCAL} ?@ ?{_HOST}(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}"),
    # vecina@correo . cl, vecina@correo punto cl
    "broken": re.compile(rf"{_LOCAL} ?@ ?{_HOST}(?:{_DOT}{_HOST})*?{_DOT}{_ENDING}"),
    # vecina [at] correo.cl, vecina arroba correo punto cl, vecina_arroba_correo_punto_cl
    "spoken": re.compile(
        rf"{_LOCAL}(?: ?[\[({{<] ?(?:at|arroba|@) ?[\])}}>] ?|[ _-](?:at|arroba)[ _-])"
        rf"{_HOST}(?:{_DOT}{_HOST})*?{_DOT}{_ENDING}"
    ),
    # vecina(a)correo.cl: with blanks it is an item of a list
    "item": re.compile(rf"{_LOCAL}[\[({{<]a[\])}}>]{_HOST}(?:\.{_HOST})*?\.{_ENDING}"),
}
MAY_HOLD_EMAIL = re.compile(r"@|arroba|[\[({<] ?at? ?[\])}>]|[ _-]at[ _-]")


def emails(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of each e-mail address."""
    if MAY_HOLD_EMAIL.search(folded):
        for pattern in EMAILS.values():
            yield from (match.span() for match in pattern.finditer(folded))


# ---- phones --------------------------------------------------------------------------------------------------

_GAP = r"[ ./-]?"
_START = r"(?<![a-z0-9])(?<!\d[.,/-])"
_END = r"(?![a-z0-9]|[.,/-][a-z0-9])"
_YEAR = r"(?:19\d\d|20[0-4]\d)"

PHONES = {
    # +56 9 8765 4321, (+56) 2 2345 6789, 56987654321
    "plus": re.compile(r"(?<![a-z0-9])(?:\(\+ ?56 ?\)|\+ ?56)(?:[ ()./-]{0,3}\d){8,9}(?![a-z0-9])"),
    "country": re.compile(rf"{_START}(?:00 ?)?56{_GAP}[29](?:{_GAP}\d){{8}}{_END}"),
    # (56-2) 2345 6789, (56) 9 8765 4321, (56 32) 221 3456
    "country_in_brackets": re.compile(
        rf"\((?:00 ?)?56(?:\) ?[29]|{_GAP}[29]\))(?:{_GAP}\d){{8}}{_END}|\(56{_GAP}[3-7]\d\)(?:{_GAP}\d){{7}}{_END}"
    ),
    # 9 8765 4321, 9-8765-4321, 09 87654321; amounts are grouped by three, and 9 2024 2025 are years
    "mobile": re.compile(rf"{_START}0?9(?![ .-]?{_YEAR}[ .-]{_YEAR})(?:[ .-]\d{{4}}[ .-]?|\d{{4}}[ .-])\d{{4}}{_END}"),
    # 987-654-321: with dots it is an amount
    "mobile_threes": re.compile(rf"{_START}(?<!\d )9[2-9]\d-\d{{3}}-\d{{3}}{_END}"),
    # 9 876 54 321, 9 87 65 43 21, 9 8 7 6 5 4 3 2 1
    "mobile_small": re.compile(
        rf"{_START}(?<!\d )9 (?:\d{{3}} \d\d \d{{3}}|\d\d(?: \d\d){{3}}|[2-9](?: \d){{7}}){_END}"
    ),
    # (2) 2345 6789, (02) 22345678, (22) 345 6789, (32) 221 3456
    "area": re.compile(rf"\(0?[29]\) ?\d{{4}}{_GAP}\d{{4}}{_END}|\(0?(?:22|[3-7]\d)\) ?\d{{3}}{_GAP}\d{{3,4}}{_END}"),
    # 2 2345 6789, 22345 6789, 22 345 6789, 02-23456789
    "landline": re.compile(
        rf"{_START}(?:2[ -]2[2-9]\d\d[ -]|02[ -]2[2-9]\d\d[ -]?)\d{{4}}{_END}"
        rf"|{_START}(?<!\d )22(?:[2-9]\d\d[ -]\d{{4}}|[ -][2-9]\d\d[ -]?\d{{4}}){_END}"
    ),
}
_PHONE_LABEL = re.compile(
    r"(?<![a-z0-9])(?:(?:tele)?fonos?|telefonico|tel|fax|cel|celular|celulares|movil|moviles|whatsapp|wsp)(?![a-z0-9])"
)
LABELLED_PHONE = re.compile(
    rf"[ :.#=_-]*(?:de contacto)?[ :.#=_-]*{NUMBER_SIGN}[ :.#=_-]*"
    r"(?!\d{1,3}(?:\.\d{3})+(?!\d))(?P<phone>[+(]?\d(?:[ ()./-]{0,2}\d){6,11})(?![a-z0-9])"
)
# Behind one that has a label, as in 22345678 / 22345679 or 22345678 y 22345679. Not the code 40048130-0, nor an amount.
ANOTHER_PHONE = re.compile(
    r"(?: ?[,;/|-] ?| [yoe] | )(?P<phone>\d(?: ?\d){6,8})(?![a-z0-9]| ?-(?! ?\d{7})[a-z0-9 ]|[.,]\d{1,3}(?!\d))"
)
# Phones too, unless what stands around them says that they are something else.
_ALONE = rf"{_START}(?<!\d )"
_ENDS = rf"(?! \d){_END}"
WEAK_PHONES = {
    # 987654321
    "bare": re.compile(rf"{_START}9[2-9]\d{{7}}{_END}"),
    # 987 654 321
    "threes": re.compile(rf"{_ALONE}9[2-9]\d \d{{3}} \d{{3}}{_ENDS}"),
    # 98 765 4321, 98-765-4321, 98-7654321, 987 65 4321, and no year at its end; 9 87 654 321
    "in_three": re.compile(
        rf"{_ALONE}9(?:[2-9](?:([ -])\d{{3}}\1(?!{_YEAR})\d{{4}}|-\d{{7}}|\d \d\d (?!{_YEAR})\d{{4}})"
        rf"| [2-9]\d(?: \d{{3}}){{2}}){_ENDS}"
    ),
    # 9876 54321, 9876-54321
    "four_five": re.compile(rf"{_ALONE}9[2-9]\d\d[ -]\d{{5}}{_ENDS}"),
    # 987 65 43 21, 22 345 67 89
    "pairs": re.compile(rf"{_ALONE}(?:9[2-9]\d \d\d|22 [2-9]\d\d)(?: \d\d){{2}}{_ENDS}"),
    # 2-22345678, 32-2213456: not behind a blank (etapa 2 29646119), nor areas that may be a kind of tax document
    # before its folio (33-2213456)
    "landline": re.compile(rf"{_ALONE}(?:2-2[2-9]|(?:3[25]|4[25]|5[13578]|6[3457]|7[1235])-2)\d{{6}}{_ENDS}"),
    # 9_8765_4321, as in names of files, where years are years
    "in_files": re.compile(rf"{_START}9_(?!{_YEAR})[2-9]\d{{3}}_(?!{_YEAR})\d{{4}}(?![a-z0-9]|_\d|[.,/-]\d)"),
}
# How every one of these begins, strong or weak; most numbers begin otherwise.
_MAY_HOLD_PHONE = re.compile(r"(?<![a-z0-9])(?:0?9|(?:00 ?)?56|0?2[ -]?2|[3-7][1-8]-2)|[(+]")
_RUT_LABEL = re.compile(rf"{LABEL}[ :.#=(_-]*{NUMBER_SIGN}[ :.#=(_-]*$")
# 959785198 may be a phone or a company's RUT, and is a phone unless both its digit and the word before say RUT.
_COMPANY = re.compile(r"(?<![a-z0-9])(?:empresa|sociedad|proveedor|contratista|persona juridica)[ :.#=(_-]*$")


def phones(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of each phone number."""
    for label in _PHONE_LABEL.finditer(folded):
        phone = LABELLED_PHONE.match(folded, label.end())
        while phone:
            yield phone.span("phone")
            phone = ANOTHER_PHONE.match(folded, phone.end())
            if phone and (is_date(phone["phone"]) or is_something_else(folded, *phone.span("phone"))):
                break
    if not _MAY_HOLD_PHONE.search(folded):
        return
    for pattern in PHONES.values():
        yield from (match.span() for match in pattern.finditer(folded))
    for pattern in WEAK_PHONES.values():
        for match in pattern.finditer(folded):
            if not is_something_else(folded, *match.span()) and not _is_rut(folded, match):
                yield match.span()


def _is_rut(folded: str, match: re.Match[str]) -> bool:
    if _RUT_LABEL.search(folded, 0, match.start()):
        return True
    digits = re.sub(r"\D", "", match.group())
    return verifying_digit(int(digits[:-1])) == digits[-1] and bool(_COMPANY.search(folded, 0, match.start()))
