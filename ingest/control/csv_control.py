"""The second reading of a CSV file: Arrow's reader, and the standard library's where Arrow cannot.

Bytes are read as Latin-1, one character a byte, so that no byte can fail: records and amounts are the same.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ingest.contract import Format
from ingest.control import comparison
from ingest.control.comparison import Count
from ingest.reading import lines
from ingest.reading.headers import Header

BLOCK_BYTES = 4 << 20
_WIDTH_RECORDS = 100
# Digits that are summed without a look at each cell: a block's worth of them fits in 64 bits.
_FAST_DIGITS = 12
_WITH_THOUSANDS = r"^ *{sign} ?[0-9]{{1,3}}(?:(?:\.[0-9]{{3}}){{1,3}}|(?:,[0-9]{{3}}){{1,3}}(?:\.00)?) *$"
_NO_DIGITS = r"\.00 *$|[^0-9]"

# White space beside the blank, as the bytes of each encoding look in Latin-1.
_WHITE = {
    "UTF-8": ("\t", "\r", "\u00c2\u00a0"),
    "ISO-8859-1": ("\t", "\r", "\u00a0"),
    "windows-1252": ("\t", "\r", "\u00a0"),
}


_UNSEEN = tuple(unseen.encode() for unseen in lines.UNSEEN)
# What a chunk must not end with: half a line end, or a part of what is left out.
_CUT = (b"\r", *(unseen[:length] for unseen in _UNSEEN for length in range(1, len(unseen))))


class _Text(io.RawIOBase):
    """The file's bytes as Latin-1 in UTF-8, each line end as \\n, a carriage return elsewhere as a blank.

    What shows as nothing (lines.UNSEEN) is left out.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._chunks = self._convert(path, _UNSEEN if encoding == "UTF-8" else ())
        self._rest = memoryview(b"")

    @staticmethod
    def _convert(path: Path, unseen: tuple[bytes, ...]) -> Iterator[bytes]:
        with path.open("rb") as file:
            end = lines.line_end(file)
            while chunk := file.read(lines.CHUNK_BYTES):
                while chunk.endswith(_CUT) and (more := file.read(1)):
                    chunk += more
                if any(each in chunk for each in unseen):
                    # In one pass: what stands around a mark must not become another one.
                    chunk = re.sub(b"|".join(unseen), b"", chunk)
                if end == b"\r":
                    plain = chunk.replace(b"\r", b"\n")
                elif b"\r" in chunk:
                    plain = chunk.replace(b"\r\n", b"\n").replace(b"\r", b" ")
                else:
                    plain = chunk
                if plain:
                    yield plain if plain.isascii() else plain.decode("latin-1").encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def count(path: Path, form: Format, header: Header) -> Count:
    """Records of the file, and the sums of its columns of amounts below the header.

    header: what the reader found; only its first row below and the positions of the amounts are used.
    """
    try:
        return _by_arrow(path, form, header)
    except pa.ArrowInvalid:
        return _by_rows(path, form, header)


def _open(path: Path, form: Format) -> "io.BufferedReader[_Text]":
    text = io.BufferedReader(_Text(path, form.encoding), BLOCK_BYTES)
    mark = "\ufeff".encode().decode("latin-1").encode()
    if text.peek(len(mark)).startswith(mark):
        text.read(len(mark))
    return text


def _records(text: Iterable[bytes], form: Format) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), (1 << 31) - 1))
    decoded = (line.decode() for line in text)
    if form.quote:
        return csv.reader(decoded, delimiter=form.delimiter)
    return csv.reader(decoded, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)


def _by_rows(path: Path, form: Format, header: Header) -> Count:
    tally = _Tally(form, header)
    with _open(path, form) as text:
        for number, cells in enumerate(_records(text, form), 1):
            tally.records += 1
            if number >= header.first_row:
                tally.add_row(cells)
    return Count(tally.records, tally.sums)


def _by_arrow(path: Path, form: Format, header: Header) -> Count:
    tally = _Tally(form, header)
    width = _usual_width(path, form, header)
    with _open(path, form) as text:
        tally.records = sum(1 for _ in islice(_records(text, form), header.first_row - 1))
        present = {name: spot for name, spot in tally.amounts.items() if spot[0] < width}
        read = [str(position) for position, _ in present.values()] or ["0"]
        batches = pa.csv.open_csv(
            text,
            pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=list(map(str, range(width)))),
            pa.csv.ParseOptions(
                delimiter=form.delimiter,
                quote_char=form.quote or False,
                newlines_in_values=bool(form.quote),
                ignore_empty_lines=False,
                invalid_row_handler=tally.add_odd_row,
            ),
            pa.csv.ConvertOptions(
                check_utf8=False,
                strings_can_be_null=False,
                include_columns=read,
                column_types=dict.fromkeys(read, pa.string()),
            ),
        )
        for batch in batches:
            tally.records += batch.num_rows
            for name, column in zip(present, batch.columns, strict=False):
                tally.sums[name] += _sum(column, present[name][1], form.encoding)
    return Count(tally.records, tally.sums)


def _usual_width(path: Path, form: Format, header: Header) -> int:
    """Cells of most records below the header: Arrow wants one number, and hands over the others one by one."""
    with _open(path, form) as text:
        first = islice(_records(text, form), header.first_row - 1, header.first_row - 1 + _WIDTH_RECORDS)
        widths = Counter(max(1, len(cells)) for cells in first)
    return widths.most_common(1)[0][0] if widths else 1


class _Tally:
    """Records and sums so far."""

    def __init__(self, form: Format, header: Header) -> None:
        self.form = form
        self.amounts = comparison.amounts(header.layout)
        self.records = 0
        self.sums = dict.fromkeys(self.amounts, 0)

    def add_row(self, cells: list[str]) -> None:
        """Adds the amounts of one row."""
        for name, (position, kind) in self.amounts.items():
            if position < len(cells):
                self.sums[name] += _value(cells[position], kind, self.form.encoding)

    def add_odd_row(self, row: pa.csv.InvalidRow) -> str:
        """Counts a row that has another number of cells than most."""
        self.records += 1
        self.add_row(next(_records(io.BytesIO(row.text.encode()), self.form)))
        return "skip"


def _value(cell: str, kind: str, encoding: str) -> int:
    for white in _WHITE[encoding]:
        cell = cell.replace(white, " ")
    return comparison.read_amount(cell.strip(" \n"), kind) or 0


def _sum(column: pa.Array, kind: str, encoding: str) -> int:
    """The sum of the cells that are amounts; the plain spellings by kernels, the others each text once."""
    plain = pc.and_(pc.ascii_is_decimal(column), pc.less_equal(pc.binary_length(column), _FAST_DIGITS))
    total = _sum_digits(column.filter(plain))
    if pc.all(plain).as_py():
        return total
    odd = column.filter(pc.invert(plain))
    odd = odd.filter(pc.greater(pc.binary_length(odd), 0))
    sign = r"(?:M?\$)?" if kind == "miles" else r"\$?"
    parted = pc.match_substring_regex(odd, _WITH_THOUSANDS.format(sign=sign))
    total += _sum_digits(pc.replace_substring_regex(odd.filter(parted), _NO_DIGITS, ""))
    for each in pc.value_counts(odd.filter(pc.invert(parted))).to_pylist():
        total += _value(each["values"], kind, encoding) * each["counts"]
    return total


def _sum_digits(column: pa.Array) -> int:
    return int(pc.sum(pc.cast(column, pa.int64())).as_py() or 0)
