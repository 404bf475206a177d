"""Finds phone numbers in a folded text, in any spelling."""

import re
from collections.abc import Iterator

from publish.privacy.ruts import LABEL, NUMBER_SIGN, verifying_digit
from publish.privacy.surroundings import is_date, is_something_else

_GAP = r"[ ./-]?"
_START = r"(?<![a-z0-9])(?<!\d[.,/-])"
_END = r"(?![a-z0-9]|[.,/-][a-z0-9])"
_YEAR = r"(?:19\d\d|20[0-4]\d)"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DATE = rf"(?:{_DAY_OF_MONTH}[./-]{_MONTH}[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY_OF_MONTH})(?!\d)"

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
    # (2) 2345 6789, (02)-22345678, (02) 2.234.56.78, (2) 2 2345678, (02) 234 5678, (22) 345 6789, (32) 221 3456; years,
    # days and amounts stand behind the number of an item too
    "area": re.compile(
        rf"\(0?[29]\)[ -]{{0,2}}(?!{_YEAR}[ ./-]{_YEAR})\d{{4}}{_GAP}\d{{4}}{_END}"
        rf"|\(02\)[ -]{{0,2}}(?!{_DATE}|\d{{1,3}}(?:\.\d{{3}})+(?!\.?\d))[2-9](?:[ .-]?\d){{7}}{_END}"
        rf"|\(2\)[ -]{{0,2}}2[ -][2-9]\d\d[ -]?\d{{4}}{_END}|\(02\)[ -]{{0,2}}[2-9]\d\d[ -]\d{{4}}{_END}"
        rf"|\(0?(?:22|[3-7]\d)\) ?\d{{3}}{_GAP}\d{{3,4}}{_END}"
    ),
    # 2 2345 6789, 22345 6789, 22 345 6789, 02-23456789, 02.2234.5678
    "landline": re.compile(
        rf"{_START}(?:2[ -]2[2-9]\d\d[ -]|02[ .-]2[2-9]\d\d[ .-]?)\d{{4}}{_END}"
        rf"|{_START}(?<!\d )22(?:[2-9]\d\d[ -]\d{{4}}|[ -][2-9]\d\d[ -]?\d{{4}}){_END}"
    ),
}
# The last three are not said of phones alone, and count only before what looks like one: llamar por 987654321, al
# numero 987654321.
_PHONE_LABEL = re.compile(
    r"(?<![a-z0-9])(?:(?:(?:tele)?fonos?(?: ?\(s\)|/s)?|telefonico|telf?|tlf|(?:fono|tele)?fax|cel|celular|celulares"
    r"|movil|moviles|whatsapp|wsp)(?![a-z])(?P<call> (?:por|al))?"
    r"|(?P<verb>(?:llamar|contactar|comunicarse) (?:por|al))(?![a-z])"
    r"|(?P<numero>al(?= numero)))"
)
LABELLED_PHONE = re.compile(
    rf"[ :.#=_-]*(?:(?:de )?contacto|particular|personal|fijo)?[ :.#=_-]*{NUMBER_SIGN}[ :.#=_-]*"
    r"(?!\d{1,3}(?:\.\d{3})+(?!\d))(?P<phone>[+(]?\d(?:[ ()./-]{0,2}\d){6,11})(?![a-z0-9])"
)
# The figures of a mobile phone, of one in Santiago, and of one in a region.
_LOOKS_LIKE_PHONE = re.compile(
    r"(?:(?:00)?56|0)?(?:9[2-9]\d{7}|2[2-9]\d{6,7}|(?:3[2-5]|4[1-5]|5[1-8]|6[1-7]|7[1-5])2\d{6})"
)
# What a number behind "al numero" is of, unless it is a phone.
_NUMBER_OF = re.compile(
    r"(?<![a-z])(?:asocia|correspond|asigna|refer|equival|asciend|igual|vincula|relativ|pag|gira|transf|deposit|abon|carg)"
    r"[a-z]*(?: [a-z]+)?[ ,:]*$"
)
# A day, two years, an order or a tender (5482-123-se24), an initiative (40048225-0, 20111222-2).
_CODE = re.compile(
    rf"(?<!\d)(?:{_DATE}|{_YEAR} ?[./-] ?{_YEAR}(?!\d)|\d+-\d+-[a-z]{{1,2}}\d{{2,3}}(?![a-z0-9])"
    r"|(?:[34]\d|20)\d{6} ?- ?(?:1[0-7]|\d)(?![a-z0-9]))"
)
# A year first, an amount in pesos or a round one: 2500000, 12 500 000.
_NO_PHONE = re.compile(
    rf"{_YEAR}[ ./-]|(?:\d{{4}}|[01]\d{{4,}}|2[01]\d{{3}}|\d{{1,2}} \d{{3}} )000(?!\d)|"
    r"\d+ ?(?:pesos|clp|dolares|millones)\b"
)
_LONGEST_CODE = 24
_FEWEST_DIGITS = 7
# Behind one that has a label, as in 22345678 / 22345679 or 22345678 y 22345679. Not the code 40048130-0, nor an amount.
ANOTHER_PHONE = re.compile(
    r"(?: ?[,;/|-] ?| [yoe] | )(?P<phone>\d(?: ?\d){6,8})(?![a-z0-9]| ?-(?! ?\d{7})[a-z0-9 ]|[.,]\d{1,3}(?!\d))"
)
# Phones too, unless what stands around them says that they are something else.
_ALONE = rf"{_START}(?<!\d )"
_ENDS = rf"(?! \d){_END}"
WEAK_PHONES = {
    # 987654321, 0987654321, 987654321/987654322; 987654321-casa, and no code that goes on
    "bare": re.compile(
        rf"{_START}0?9[2-9]\d{{7}}(?: ?[/-] ?(?:0?9[2-9]\d{{7}}|22[2-9]\d{{6}}))*"
        rf"(?:{_END}|(?=-(?:casa|trabajo|oficina|particular|personal|contacto|recados?|fono|telefono|celular|cel|movil|wsp"
        r"|whatsapp|mama|papa|hij[oa]|espos[oa]|herman[oa]|vecin[oa])(?![a-z0-9])))"
    ),
    # 987 654 321
    "threes": re.compile(rf"{_ALONE}9[2-9]\d \d{{3}} \d{{3}}{_ENDS}"),
    # 98 765 4321, 98-765-4321, 98-7654321, 987 65 4321, and no year at its end; 9 87 654 321
    "in_three": re.compile(
        rf"{_ALONE}9(?:[2-9](?:([ -])\d{{3}}\1(?!{_YEAR})\d{{4}}|-\d{{7}}|\d \d\d (?!{_YEAR})\d{{4}})"
        rf"| [2-9]\d(?: \d{{3}}){{2}}){_ENDS}"
    ),
    # 9876 54321, 9876-54321
    "four_five": re.compile(rf"{_ALONE}9[2-9]\d\d[ -]\d{{5}}{_ENDS}"),
    # 987 65 43 21, 987.65.43.21, 22 345 67 89, 9 8765 43 21, 98 765 43 21
    "pairs": re.compile(
        rf"{_ALONE}(?:(?:9[2-9]\d \d\d|22 [2-9]\d\d|9 (?!{_YEAR})[2-9]\d{{3}}|9[2-9] \d{{3}})(?: \d\d){{2}}"
        rf"|9[2-9]\d(?:\.\d\d){{3}}){_ENDS}"
    ),
    # 2-22345678, 32-2213456: not behind a blank (etapa 2 29646119), nor areas that may be a kind of tax document
    # before its folio (33-2213456)
    "landline": re.compile(rf"{_ALONE}(?:2-2[2-9]|(?:3[25]|4[25]|5[13578]|6[3457]|7[1235])-2)\d{{6}}{_ENDS}"),
    # 9_8765_4321, as in names of files, where years are years
    "in_files": re.compile(rf"{_START}9_(?!{_YEAR})[2-9]\d{{3}}_(?!{_YEAR})\d{{4}}(?![a-z0-9]|_\d|[.,/-]\d)"),
}
# How every one of these begins, strong or weak; most numbers begin otherwise.
_MAY_HOLD_PHONE = re.compile(r"(?<![a-z0-9])(?:0?9|(?:00 ?)?56|0?2[ .-]?2|[3-7][1-8]-2)|[(+]")
_RUT_LABEL = re.compile(rf"{LABEL}[ :.#=(_-]*{NUMBER_SIGN}[ :.#=(_-]*$")
# 959785198 may be a phone or a company's RUT, and is a phone unless both its digit and the word before say RUT.
_COMPANY = re.compile(r"(?<![a-z0-9])(?:empresa|sociedad|proveedor|contratista|persona juridica)[ :.#=(_-]*$")


def phones(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of each phone number."""
    for label in _PHONE_LABEL.finditer(folded):
        phone = LABELLED_PHONE.match(folded, label.end())
        if not phone or not (end := _labelled_end(folded, label, phone)):
            continue
        yield phone.start("phone"), end
        while phone := ANOTHER_PHONE.match(folded, end):
            if is_date(phone["phone"]) or is_something_else(folded, *phone.span("phone")):
                break
            yield phone.span("phone")
            end = phone.end()
    if not _MAY_HOLD_PHONE.search(folded):
        return
    for pattern in PHONES.values():
        yield from (match.span() for match in pattern.finditer(folded))
    for pattern in WEAK_PHONES.values():
        for match in pattern.finditer(folded):
            if not is_something_else(folded, *match.span()) and not _is_rut(folded, match):
                yield match.span()


def _labelled_end(folded: str, label: re.Match[str], phone: re.Match[str]) -> int:
    """Where the number behind a label ends, or 0 where it is no phone: people write amounts and codes there too."""
    start, end = phone.span("phone")
    code = _CODE.search(folded, start, end + _LONGEST_CODE)
    if code and code.start() < end:
        end = start + len(folded[start : code.start()].rstrip(" /.,-("))
    digits = re.sub(r"\D", "", folded[start:end])
    if len(digits) < _FEWEST_DIGITS or _NO_PHONE.match(folded, start):
        return 0
    if _LOOKS_LIKE_PHONE.fullmatch(digits):
        of_another = label["numero"] and (
            _NUMBER_OF.search(folded, max(0, label.start() - _LONGEST_CODE), label.start())
            or is_something_else(folded, label.start(), end)
        )
        return 0 if of_another else end
    # Neither "llamar al" nor a label without a blank (fax2024001) says enough of any other number, and of a short one
    # what follows says more: 1234567 unidades, 20240131.
    is_said = label["call"] or label["verb"] or label["numero"] or label.end() == start
    behind = folded[start : end + _LONGEST_CODE]
    is_short = len(digits) == _FEWEST_DIGITS and is_something_else(behind, 0, end - start)
    return 0 if is_said or is_short or is_date(digits) else end


def _is_rut(folded: str, match: re.Match[str]) -> bool:
    if _RUT_LABEL.search(folded, 0, match.start()):
        return True
    # Of several with a slash between them, the first.
    digits = re.sub(r"\D", "", match.group())[:9]
    return verifying_digit(int(digits[:-1])) == digits[-1] and bool(_COMPANY.search(folded, 0, match.start()))
