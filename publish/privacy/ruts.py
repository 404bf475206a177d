"""Finds the RUT of a natural person in a folded text, in any spelling. The digit must hold (modulus 11).

Source of the rule: a RUT below 50 million is a person's; a code of the run's portfolio, and undotted digits from 30 to
49 million with a part, are codes of investment initiatives (BIP) and no RUT.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from publish.privacy.surroundings import FILE_NAME_GOES_ON, is_date, is_something_else

# A RUT from here on belongs to a legal person and is public.
FIRST_LEGAL_PERSON = 50_000_000
# BIP codes of investment initiatives: no natural person has such a number yet.
BIP_NUMBERS = range(30_000_000, 50_000_000)
# A bare number below it is no RUT of a living person, and above all a folio.
SMALLEST_BARE = 1_000_000
# Units of public purchases, which head the codes of tenders and orders, have seven digits at most.
SHORTEST_UNMISTAKABLE = 10_000_000

_SEPARATOR = r"(?: ?[.,']{1,2} ?| )"
_THREE_GROUPS = rf"\d{{1,2}}{_SEPARATOR}?\d{{3}}{_SEPARATOR}?\d{{3}}"
# Between two marks of one kind, three figures.
DASHED_GROUPS = r"\d([-_/:])\d{3}\1\d{3}"
# A dot and a dash, or a dash and a dot.
MIXED_GROUPS = r"\d(?:\.\d{3}-|-\d{3}\.)\d{3}"
# Between a number and its digit.
_SIGN = r"[_/:~|*\\=+#>?'\"]"
_ALONE = r"(?<![a-z0-9])(?<!\d[.,/-])(?<![\])][-./])"
_DV_ENDS = r"(?![a-z0-9]|[-./,]\d)"
_SPOKEN_DASH = r"(?:(?:y|con) )?(?:guion|raya|menos|d\.? ?v\.?|digito(?: verificador)?)(?: es)?"
# What every form has: six figures or more and, whatever signs or word part them, one more or a k. Most texts have none.
MAY_HOLD_RUT = re.compile(
    rf"(?:\d(?:[ .,']{{0,4}}\d){{5}}|{DASHED_GROUPS}|{MIXED_GROUPS})[\W_]*(?:{_SPOKEN_DASH}[\W_]*)?[\dk]"
)


@dataclass(frozen=True)
class Form:
    """A way of writing a RUT. mark: a text that has none is not searched for it, which is nearly every text."""

    mark: re.Pattern[str]
    pattern: re.Pattern[str]


# Unmistakable, whatever stands around them.
STRONG = {
    # 12.345.678-5, 12345678-5, 12 345 678 - k, (12345678)-5, 345.678-5, 12.345.678.-5, 12.345.678-(5). Shorter numbers,
    # as 907-2, are agreements and lots; 5.000.000-6.000.000 is a stretch between two amounts, and "$ 12.345.678 - 6
    # cuotas" an amount.
    "dashed": Form(
        re.compile("-"),
        re.compile(
            rf"(?<!\d)(?P<number>0*(?:{_THREE_GROUPS}|\d{{3}}(?: ?[.,]{{1,2}} ?)?\d{{3}}))"
            r"(?: ?[)\]}]? ?-(?: ?-){0,4} ?|[.,]-)\(?(?P<dv>\d(?!\d)|k(?![a-z0-9]))(?![.,]\d{3}(?!\d))"
        ),
    ),
    # 12.345-678-5, 12-345.678-5
    "mixed_groups": Form(
        re.compile(MIXED_GROUPS),
        re.compile(
            rf"(?<![a-z0-9])(?<!\d[-_/:.,])(?P<number>0*\d?{MIXED_GROUPS}) ?- ?(?P<dv>[\dk])"
            r"(?![a-z0-9]|[-_/:.,]\d)"
        ),
    ),
    # 12-345-678-5, 12_345_678_5, 12/345/678-5, 12:345:678-5
    "dashed_groups": Form(
        re.compile(DASHED_GROUPS),
        re.compile(
            r"(?<![a-z0-9])(?<!\d[-_/:.,])(?P<number>0*\d{1,2}([-_/:])\d{3}\2\d{3}) ?[-_/:] ?(?P<dv>[\dk])"
            r"(?![a-z0-9]|[-_/:.,]\d)"
        ),
    ),
    # 12345678k, 12.345.678 k, 12.345.678=k
    "ends_in_k": Form(
        re.compile("k"),
        re.compile(rf"(?<![a-z0-9])(?P<number>0*{_THREE_GROUPS})(?: ?(?:{_SIGN}|\.) ?| )?(?P<dv>k)(?![a-z0-9])"),
    ),
    # 12.345.6785, 12.345.678.5, 12'345'678'5: no amount is written so
    "dotted": Form(
        re.compile("[.']"),
        re.compile(rf"{_ALONE}(?P<number>0*\d{{1,2}}([.'])\d{{3}}\2\d{{3}})(?:\2|)(?P<dv>\d){_DV_ENDS}"),
    ),
    # 12345678 guion 5, 12.345.678 dv 5, 12.345.678, digito verificador 5, 12.345.678 y digito es 5; in an address and
    # in JSON: rut=12345678&dv=5, "rut": 12345678, "dv": "5"
    "spoken": Form(
        re.compile(r"guion|raya|menos|dv|d\.|digito"),
        re.compile(
            rf"(?<!\d)(?P<number>0*{_THREE_GROUPS})[ ,;(_&\"-]{{0,4}}{_SPOKEN_DASH}[ :.)_=\"-]{{0,4}}"
            r"(?P<dv>[\dk])(?![a-z0-9])"
        ),
    ),
    # 1.234.567.8-5, 123.456.78-5: dots in odd places
    "odd_dots": Form(
        re.compile(r"\."),
        re.compile(
            r"(?<![\d.])(?!\d{1,2}\.\d{1,2}\.(?:19|20)\d\d-)(?!(?:19|20)\d\d\.\d{1,2}\.\d{1,2}-)"
            r"(?P<number>(?=\d*\.)\d(?:\.?\d){6,7}) ?- ?(?P<dv>\d(?!\d)|k(?![a-z0-9]))"
        ),
    ),
    # 1234 5678-5, 1 2 3 4 5 6 7 8 - 5: blanks in odd places, and no years
    "odd_blanks": Form(
        re.compile(r"\d \d"),
        re.compile(
            r"(?<!\d)(?<!\d[ .,/-])(?!(?:\d+ )*(?:19|20)\d\d )"
            r"(?P<number>(?=\d* )\d(?: ?\d){6,7}) ?- ?(?P<dv>\d(?!\d)|k(?![a-z0-9]))"
        ),
    ),
    # 1 2 3 4 5 6 7 8 5
    "spaced_out": Form(
        re.compile(r"\d \d \d"),
        re.compile(rf"(?<!\d)(?<!\d )(?P<number>\d(?: \d){{6,7}}) (?P<dv>[\dk])(?! \d){_DV_ENDS}"),
    ),
}

# RUTs too, unless their surroundings say that they are something else.
WEAK = {
    # 12.345.678/5, 12345678_5, 12.345.678:5, 12345678=5, 12345678 "5"
    "signed": Form(
        re.compile(rf"\d ?{_SIGN} ?\d"),
        re.compile(rf"{_ALONE}(?P<number>0*{_THREE_GROUPS}) ?{_SIGN} ?(?P<dv>\d){_DV_ENDS}"),
    ),
    # 12.345.678, 5 and 12.345.678;5. Not the decimal 12.345.678,5, nor "12.345.678, 5 cuotas", nor the cells of a line.
    "parted": Form(
        re.compile(r"\d(?:, |;)"),
        re.compile(
            rf"{_ALONE}(?<!;)(?P<number>0*\d{{1,2}}([.,'])\d{{3}}\2\d{{3}})(?:, |; ?)(?P<dv>[\dk])"
            rf"(?! [a-z0-9]|[,;] ?[\d$]){_DV_ENDS}"
        ),
    ),
    # 12.345.678 (5), (12.345.678)(5)
    "bracketed": Form(
        re.compile(r"[(\[{]"),
        re.compile(rf"{_ALONE}(?P<number>0*{_THREE_GROUPS}) ?[)\]}}]? ?[(\[{{] ?(?P<dv>[\dk]) ?[)\]}}]"),
    ),
    # 12.345.678 5, 12345678 5, 12 345 678 5
    "blank": Form(
        re.compile(r"\d \d(?!\d)"),
        re.compile(rf"{_ALONE}(?<!\d )(?P<number>0*{_THREE_GROUPS}) (?P<dv>\d)(?! \d){_DV_ENDS}"),
    ),
}
# 123456785
BARE = re.compile(rf"{_ALONE}(?P<number>0{{0,2}}\d{{7,8}})(?P<dv>\d){_DV_ENDS}(?!-[a-z0-9])")
# 123456785,157778889 and 12345678 5 15777888 9, where each of them is one.
_LISTED = r"(?:0{0,2}\d{7,8} ?\d)"
LISTED = Form(
    re.compile(r"[,;/ -]\d{7}"),
    re.compile(rf"(?<![a-z0-9])(?<!\d[.,/ -]){_LISTED}(?:(?: ?[,;/-] ?| ){_LISTED})+(?![a-z0-9]|[-./, ]\d)"),
)
_ONE_LISTED = re.compile(r"(?P<number>\d{7,8}) ?(?P<dv>\d)(?!\d)")
# Behind eight digits it is their own verifying digit, and they are no seven with theirs.
_DIGIT_FOLLOWS = re.compile(
    rf"(?: ?[)\]}}]? ?(?:{_SIGN}|[-(\[.]) ?| )(?:{_SPOKEN_DASH}[ :.)_-]{{0,2}})?[\dk](?![a-z0-9])"
)

# Beside its name a RUT is one in any spelling, 123456785 and 12345-5 too. What each begins with is looked at first: it
# halves the time.
LABEL = (
    r"(?=[rcd])(?:(?<![a-z0-9])r\.? ?u\.? ?[tn](?![a-z])\.?|(?<![a-z0-9])c\.? ?i(?:\.(?= ?[n\d:])|(?= ?(?:n°|nro|:)))"
    r"|(?<![a-z0-9])(?:cedula|carnet)(?: (?:nacional|chilena))?(?: de identidad)?(?: chilena)?(?![a-z])"
    r"|(?<![a-z0-9])(?:documento|carne)(?: nacional)? de identidad(?![a-z])"
    r"|(?<![a-z0-9])rol unico (?:tributario|nacional))"
)
NUMBER_SIGN = r"(?:n(?:umero|ro|um|o)?(?![a-z])\.?°? ?)?"
LABELLED = re.compile(
    rf"{LABEL}[ :.#=(_/-]*{NUMBER_SIGN}[ :.#=(_/-]*"
    rf"(?P<number>0*\d{{1,3}}(?:{_SEPARATOR}?\d{{3}}){{0,2}})(?P<dash>"
    rf"(?: ?[)\]}}]? ?(?:{_SIGN}|[-.]) ?| ?[)\]}}] ?|(?<=\d[\d.,' ]{{2}}\d{{3}}) ?[;,] ?| )?)"
    r"(?P<dv>[\dk])(?![a-z0-9]|-[\dk](?![a-z0-9])|[-_/]\d{3}(?!\d))"
)

# The number of such an account is the RUT of its holder, without its digit: CuentaRUT 12345678.
CUENTA_RUT = re.compile(
    r"c(?<![a-z]c)(?:uen)?tas?\.?[ _.-]{0,2}r\.? ?u\.? ?t(?![a-z])\.?(?: (?:del? )?banco ?estado)?"
    rf"[ :.#=(_/-]*{NUMBER_SIGN}[ :.#=(_/-]*"
    r"(?P<number>\d(?:[ .,'_/-]{0,2}\d){6,7})-?[\dk]?(?![a-z0-9]| ?[.,'_/-] ?\d{2})"
)

# In the name of a file, whatever it is glued to: F12345678-5T33F9001.xml, 123456785-33-9001.xml.
IN_FILE_NAME = Form(
    re.compile(r"\.[a-z]"),
    re.compile(
        rf"(?<!\d)(?P<number>0{{0,2}}\d{{1,2}}(?:\.?\d{{3}}){{2}})(?P<sign>[-_.]?)(?P<dv>\d(?!\d)|k)(?={FILE_NAME_GOES_ON})"
    ),
)

# What goes on behind a RUT's look-alike makes it a code: tenders and orders (1057439-1-LP23), more numbers.
_CODE_GOES_ON = re.compile(r"[a-z]|-(?:\d|[a-z]{1,3}\d{2,3}(?![a-z0-9]))")
_MONEY = re.compile(r"\$ ?$")
_BLANK_AT_DASH = re.compile(r" -|- ")
# A name of the RUT that stands before a number with no other number between them: "RUT del titular, N° 123456785".
_NAMED_BEFORE = re.compile(rf"{LABEL}[^\d,;]{{0,40}}$")
_NAME_REACH = 80


def verifying_digit(number: int) -> str:
    """The verifying digit of a RUT's number (modulus 11), 'k' for ten."""
    total, factor = 0, 2
    while number:
        number, digit = divmod(number, 10)
        total += digit * factor
        factor = factor + 1 if factor < 7 else 2
    return "0123456789k0"[11 - total % 11]


class Ruts:
    """Reads folded texts for RUTs of natural persons. portfolio: the run's initiative codes, as 40012345-0."""

    def __init__(self, portfolio: Collection[str]) -> None:
        self._codes = frozenset(portfolio)
        self._numbers = frozenset(code.split("-")[0] for code in self._codes)

    def find(self, folded: str, bare: bool) -> Iterator[tuple[int, int]]:
        """Start and end of each. bare: whether digits alone (123456785) count, as they do in prose and not in codes."""
        if not MAY_HOLD_RUT.search(folded):
            return
        for form in STRONG.values():
            for match in form.pattern.finditer(folded) if form.mark.search(folded) else ():
                is_code = self._is_initiative(match["number"], match["dv"])
                if _is_natural(match) and not is_code and not _is_something_longer(folded, match):
                    yield match.span()
        for form in WEAK.values():
            for match in form.pattern.finditer(folded) if form.mark.search(folded) else ():
                if _is_natural(match) and not self._is_code(folded, match):
                    yield match.span()
        for match in IN_FILE_NAME.pattern.finditer(folded) if IN_FILE_NAME.mark.search(folded) else ():
            if self._is_in_file_name(match):
                yield match.span()
        if bare:
            yield from (match.span() for match in BARE.finditer(folded) if self._is_bare(folded, match))
            yield from self._listed(folded)

    def labelled(self, folded: str) -> Iterator[tuple[int, int]]:
        """Start and end of each that stands beside its name: RUT 123456785, C.I. 12345-5."""
        for match in LABELLED.finditer(folded):
            is_code = "-" in match["dash"] and self._is_initiative(match["number"], match["dv"])
            if _is_natural(match) and not is_code:
                yield match.start("number"), match.end("dv")
        for match in CUENTA_RUT.finditer(folded):
            if 0 < _value(match["number"]) < FIRST_LEGAL_PERSON:
                yield match.start("number"), match.end()

    def _listed(self, folded: str) -> Iterator[tuple[int, int]]:
        """Of digits in a list, each of which must be a RUT: of amounts and folios one in eleven looks like one."""
        for match in LISTED.pattern.finditer(folded) if LISTED.mark.search(folded) else ():
            ruts = [*_ONE_LISTED.finditer(folded, *match.span())]
            if all(map(self._is_rut, ruts)) and not is_something_else(folded, *match.span()):
                yield from (rut.span() for rut in ruts if _is_natural(rut))

    def _is_rut(self, match: re.Match[str]) -> bool:
        number, digits = _value(match["number"]), match.group().lstrip("0")
        if number < SMALLEST_BARE or verifying_digit(number) != match["dv"]:
            return False
        is_code = len(digits) <= 8 and self._is_eight_digit_code(digits)
        return not (is_code or self._is_initiative(match["number"], match["dv"]))

    def _is_bare(self, folded: str, match: re.Match[str]) -> bool:
        digits = match.group().lstrip("0")
        if len(digits) <= 8 and (self._is_eight_digit_code(digits) or _DIGIT_FOLLOWS.match(folded, match.end())):
            return False
        return _is_natural(match) and _value(match["number"]) >= SMALLEST_BARE and not self._is_code(folded, match)

    def _is_in_file_name(self, match: re.Match[str]) -> bool:
        number = match["number"]
        is_dated = number.isdigit() and match["sign"] != "-" and is_date(number)
        return not is_dated and self._is_rut(match) and _is_natural(match)

    def _is_eight_digit_code(self, digits: str) -> bool:
        return is_date(digits) or digits in self._numbers or int(digits) in BIP_NUMBERS

    def _is_code(self, folded: str, match: re.Match[str]) -> bool:
        if self._is_initiative(match["number"], match["dv"]):
            return True
        is_named = _NAMED_BEFORE.search(folded, max(0, match.start() - _NAME_REACH), match.start())
        return not is_named and is_something_else(folded, *match.span())

    def _is_initiative(self, spelled: str, part: str) -> bool:
        number = _value(spelled)
        return f"{number:08d}-{part}" in self._codes or (spelled.isdigit() and number in BIP_NUMBERS and part.isdigit())


def _is_natural(match: re.Match[str]) -> bool:
    number = _value(match["number"])
    return 0 < number < FIRST_LEGAL_PERSON and verifying_digit(number) == match["dv"]


def _is_something_longer(folded: str, match: re.Match[str]) -> bool:
    """Whether the match is an amount or a stretch of a code: numbers of three groups or eight digits are neither."""
    spelled = match["number"]
    before = folded[max(0, match.start() - 2) : match.start()]
    is_money = bool(_MONEY.search(before))
    if _value(spelled) >= SHORTEST_UNMISTAKABLE:
        return is_money and bool(_BLANK_AT_DASH.search(match.group()))
    if is_money:
        return True
    if len(re.findall(r"\d+", spelled)) == 3:
        return False
    return bool(re.fullmatch(r"\d[.-]", before) or _CODE_GOES_ON.match(folded, match.end()))


def _value(spelled: str) -> int:
    return int(re.sub(r"\D", "", spelled))
