"""Text as it is compared when personal data are looked for: no case, no accents, signs of one kind, nothing unseen."""

import html
import re
import unicodedata
import urllib.parse
from contextlib import suppress

# Marks (accents), format and control characters (soft hyphen, zero-width blanks, NUL) can split a number or a name
# unseen.
_INVISIBLE = ("Mn", "Me", "Cf", "Cc")
_DASH = "Pd"

_LOOKS_LIKE = {
    # Beside what Unicode calls dashes: minus signs, lines, and a Japanese sign of long vowels.
    "-": "\u2212\u2796\u2043\u02d7\u2500\u2501\u30fc",
    ".": "\u00b7\u2022\u2027\u2219\u22c5\u3002\ua4f8",
    '"': "\u201c\u201d\u201e",
    ",": "\u201a\u066b\u066c\u060c",
    "'": "\u2018\u2019\u00b4\u0060\u2032\u02bc",
    # They show as blanks, and Unicode calls them letters or symbols.
    " ": "\u2800\u3164\u115f\u1160",
    # Folded as letters they would glue "Nº" to the number behind it.
    "\u00b0": "\u00ba\u00aa",
    # Cyrillic and Greek letters that nobody tells from Latin ones.
    "a": "\u0430\u03b1",
    "b": "\u0432\u0392",
    "c": "\u0441",
    "e": "\u0435\u03b5",
    "h": "\u043d\u0397",
    "i": "\u0456\u03b9",
    "j": "\u0458",
    "k": "\u043a\u03ba",
    "m": "\u043c\u03bc",
    # An eth is what another encoding makes of a letter that Spanish has and it has not.
    "n": "\u039d\u00f0",
    "o": "\u043e\u03bf",
    "p": "\u0440\u03c1",
    "s": "\u0455",
    "t": "\u0442\u03c4",
    "u": "\u03c5",
    "v": "\u03bd",
    "x": "\u0445\u03c7",
    "y": "\u0443\u03a5",
    "z": "\u0396",
}
_PLAIN = {char: plain for plain, chars in _LOOKS_LIKE.items() for char in chars}

# &nbsp; &#46; &#x2E;, escaped twice (&amp;nbsp;), and %20: printable bytes alone, so that "100%12" stays what it is;
# <br> and </b>; \u00f1; and letters and signs of UTF-8 that were read as windows-1252, an A with a tilde or a hat and a
# sign each, an a with a hat and two. Where each form begins with its own sign, the engine leaps to the next of them:
# most texts have none, and take a quarter of the time.
_PERCENT = r"%[2-9a-fA-F][\da-fA-F]"
_ESCAPED = re.compile(
    rf"&(?:amp;)*(?:#\d{{1,7}}|#[xX][\da-fA-F]{{1,6}}|[A-Za-z]{{2,8}});|{_PERCENT}(?:{_PERCENT})*|</?[A-Za-z][^<>]{{0,80}}>"
    r"|\\u00[\da-fA-F]{2}|[\u00c2\u00c3][\u0080-\u00bf\u0152-\u2122]|\u00e2[\u0080-\u00bf\u0152-\u2122]{2}"
)


# What was escaped is escaped again where a page is written into a page.
_AMPERSANDS = re.compile(r"&(?:amp;)+(?=.)")


class _Folding(dict[int, str]):
    """What each character becomes, worked out once for each one met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Before NFKD, which would make of some a blank and an accent.
        plain = _PLAIN.get(char) or unicodedata.normalize("NFKD", char).casefold()
        folded = "".join(_folded(c) for c in plain)
        self[code] = folded
        return folded


def _folded(char: str) -> str:
    category = unicodedata.category(char)
    if category in _INVISIBLE and not char.isspace():
        return ""
    if category == _DASH:
        return "-"
    digit = unicodedata.decimal(char, None)
    return _PLAIN.get(char, char) if digit is None else str(digit)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text without case, accents and repeated blanks, none at its ends."""
    return " ".join(text.translate(_FOLDING).split())


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """fold(text), and for each of its characters the place in `text` that it comes from."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for plain in _FOLDING[ord(char)]:
            blank = plain.isspace()
            if not blank or (folded and folded[-1] != " "):
                folded.append(" " if blank else plain)
                places.append(place)
    if folded and folded[-1] == " ":
        folded.pop()
        places.pop()
    return "".join(folded), places


def is_invisible(char: str) -> bool:
    """Whether the character leaves nothing behind when folded, and so belongs to the one before it."""
    return _FOLDING[ord(char)] == ""


def unescaped(text: str) -> tuple[str, list[int]] | None:
    """The text with its HTML entities and percent signs decoded and blanks for its tags, or None where it has none.

    With it, for each of its characters and for its end, the place in `text` that it comes from.
    """
    if not _ESCAPED.search(text):
        return None
    plain: list[str] = []
    places: list[int] = []
    end = 0
    for match in _ESCAPED.finditer(text):
        plain.append(text[end : match.start()])
        places += range(end, match.start())
        decoded = _decoded(match.group())
        plain.append(decoded)
        places += [match.start()] * len(decoded)
        end = match.end()
    return "".join([*plain, text[end:]]), [*places, *range(end, len(text) + 1)]


def _decoded(escape: str) -> str:
    if escape.startswith("<"):
        return " "
    if escape.startswith("\\"):
        return chr(int(escape[2:], 16))
    if escape.startswith("&"):
        return html.unescape(_AMPERSANDS.sub("&", escape))
    return urllib.parse.unquote(escape, errors="replace") if escape.startswith("%") else _reread(escape)


def _reread(letter: str) -> str:
    """A letter or sign of UTF-8 whose bytes were read as a letter each, of windows-1252 or Latin-1."""
    for encoding in ("cp1252", "latin-1"):
        with suppress(UnicodeError):
            return letter.encode(encoding).decode("utf-8")
    return letter
