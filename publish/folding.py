"""Text as it is compared when personal data are looked for: no case, no accents, blanks and dashes of one kind."""

import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Marks (accents) and format characters (soft hyphen, zero-width blanks) can split a number or a name unseen.
_INVISIBLE = ("Mn", "Me", "Cf")
# Folded as letters they would glue "Nº" to the number behind it.
_ORDINALS = {"\u00ba": "\u00b0", "\u00aa": "\u00b0"}


class _Folding(dict[int, str]):
    """What each character becomes, worked out once for each one met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = _ORDINALS.get(char) or unicodedata.normalize("NFKD", char).casefold()
        folded = "".join("-" if c in _DASHES else c for c in plain if unicodedata.category(c) not in _INVISIBLE)
        self[code] = folded
        return folded


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
