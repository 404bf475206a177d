"""A second reading of every file by another engine, to hold the reader against.

A reader that swallows a row, doubles one, shifts a column of money or drops a digit gives other records or other sums
than the control does. What the two must agree on: the records of the file, and for each column of amounts the sum of
every cell below the header that reads as an amount, whatever its row's fate. What it cannot see: rows within the header
or the banner, as it takes the header where the reader found it, and a quote that is left open is one to both. These
reading/headers.py looks for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.cells import Layout

# The kinds of amounts, and the most digits that one has.
KINDS = {"pesos": 15, "miles": 12}

# White space is looked for where it starts or where a sign stands, so that a run of it is gone through once.
_BLANKS = re.compile(r"(?<=[-$(])[ \n]+|(?<![ \n])[ \n]+(?=\)\Z)")
_DRESSED = re.compile(r"(?P<opens>-?\$?|\$-|\(\$?|\$\()(?P<figure>[0-9][0-9.,]*)(?P<closes>\)?)")
_FIGURE = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<thousands>[.,])[0-9]{3}(?:(?P=thousands)[0-9]{3})*|[0-9]+)"
    r"(?:(?P<point>[.,])(?:00?|0{4,}))?"
)


@dataclass(frozen=True)
class Count:
    """What one reading of a file adds up to.

    records: every record, banner and header included. sums: by the amount's name in its layout (Cell.name), in the
    unit of its column.
    """

    records: int
    sums: Mapping[str, int]


def amounts(layout: Layout) -> dict[str, tuple[int, str]]:
    """Position (from 0) and kind (pesos or miles) of each column of amounts that the file has, by its name."""
    return {
        c.name: (c.position, c.column.type)
        for c in layout.cells
        if c.position is not None and isinstance(c.column.type, str) and c.column.type in KINDS
    }


def read_amount(text: str, kind: str) -> int | None:
    """The whole amount that a trimmed cell stands for, None where it is no amount.

    kind: pesos or miles. Source of the spellings: the contract with the source systems, written a second time on
    purpose (the first is rows/spellings.sql).
    """
    if kind == "miles":
        text = text.replace("M$", "$")
    dressed = _BLANKS.sub("", text)
    if dressed == "$-":
        return 0
    parts = _DRESSED.fullmatch(dressed)
    if not parts or ("(" in parts["opens"]) != bool(parts["closes"]):
        return None
    figure = _FIGURE.fullmatch(parts["figure"])
    if not figure or (figure["point"] and figure["point"] == figure["thousands"]):
        return None
    digits = re.sub("[.,]", "", figure["whole"]).lstrip("0") or "0"
    if len(digits) > KINDS[kind]:
        return None
    return int(digits) * (-1 if "-" in parts["opens"] or parts["closes"] else 1)


def difference(read: Count, control: Count) -> str | None:
    """Where the reader and the control disagree, in words for who runs the job; None where they do not."""
    found = []
    if read.records != control.records:
        found.append(f"{read.records} records against {control.records}")
    for name in sorted(control.sums.keys() | read.sums.keys()):
        ours, theirs = read.sums.get(name, 0), control.sums.get(name, 0)
        if ours != theirs:
            found.append(f"{name} adds up to {ours} against {theirs}")
    if not found:
        return None
    return disagreement("; ".join(found))


def disagreement(what: str) -> str:
    """The message for a file of which the two readings are not the same."""
    return (
        f"Two independent readings of the file disagree: {what}. Nothing of it is used. "
        "Export it again; if this stays, send it to the data team."
    )
