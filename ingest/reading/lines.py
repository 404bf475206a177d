"""From the bytes of a text file to its physical lines, in Arrow, with nothing lost.

Lines are the ground truth: a CSV reader that splits records and cells at once drops rows without a word when a
quote is never closed. A byte that is no text in the file's encoding stays visible as a mark, so that its row, and
no other, is rejected.
"""

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.reading.records import SCHEMA
from ingest.refusal import RefusedFile

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 64 << 20

# An unreadable byte b is shown as this code point plus b: a private area of Unicode that no export uses.
_MARK = 0x10FF00
MARK_RANGE = rf"[\x{{{_MARK:X}}}-\x{{{_MARK + 0xFF:X}}}]"

# Tab, lone carriage return, no-break space.
_WHITE = "\t\r\u00a0"
# Byte order mark in the middle, zero-width space: what they stand in is one word, and must be found as one.
UNSEEN = "\ufeff\u200b"

# A Spanish letter as UTF-8 writes it. In the other encodings it would be an Â or Ã before a sign, which is no text.
_UTF_8_LETTER = re.compile(rb"([\xc2\xc3][\x80-\xbf])")

_C0 = bytes(b for b in range(32) if b not in b"\t\n\r")
_C1 = bytes(range(0x80, 0xA0))
_NO_TEXT = {"UTF-8": _C0, "windows-1252": _C0, "ISO-8859-1": _C0 + _C1}


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _marks(error.object[error.start : error.end]), error.end


def _marks(data: bytes) -> str:
    return "".join(chr(_MARK + b) for b in data)


codecs.register_error("mark", _mark)


def decode(data: bytes, encoding: str) -> tuple[str, bool]:
    """Text of the bytes, and whether any byte is no text there: such a byte becomes a mark (see MARK_RANGE).

    encoding: UTF-8, windows-1252 or ISO-8859-1. Control characters but tab and line ends are no text, nor are letters
    in UTF-8 where that is not the encoding: a name that is reserved would not be found again where it is written right.
    """
    if encoding == "UTF-8" or (b"\xc2" not in data and b"\xc3" not in data):
        return _decode(data, encoding)
    # Every second part is such a letter.
    parts = enumerate(_UTF_8_LETTER.split(data))
    texts = [(_marks(part), True) if i % 2 else _decode(part, encoding) for i, part in parts]
    return "".join(text for text, _ in texts), any(marked for _, marked in texts)


def _decode(data: bytes, encoding: str) -> tuple[str, bool]:
    try:
        text, marked = data.decode(encoding), False
    except UnicodeDecodeError:
        text, marked = data.decode(encoding, errors="mark"), True
    controls = _NO_TEXT[encoding]
    # No byte of a UTF-8 sequence is a C0 control, so counting on the bytes is right in all three encodings.
    if len(data.translate(None, controls)) != len(data):
        return text.translate({b: _MARK + b for b in controls}), True
    return text, marked


def is_utf8(path: Path) -> bool:
    """Whether the file has letters beyond ASCII, every one of them as UTF-8 writes it: no other text looks so.

    A byte order mark at its start is none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    ascii_only = True
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        try:
            while chunk := file.read(CHUNK_BYTES):
                ascii_only &= chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return not ascii_only


def blank(text: str) -> str:
    """The text with every kind of white space but line feeds as a plain blank, and without UNSEEN.

    So cells can be trimmed, and a word is the same whatever is hidden in it.
    """
    for unseen in UNSEEN:
        text = text.replace(unseen, "")
    for white in _WHITE:
        text = text.replace(white, " ")
    return text


def line_end(file: BinaryIO) -> bytes:
    """What ends a line in a file that is at its start: a carriage return where its first chunk has no line feed."""
    head = file.read(CHUNK_BYTES)
    file.seek(0)
    return b"\r" if b"\r" in head and b"\n" not in head else b"\n"


def ends(path: Path) -> bool:
    """Whether the last line of a file that is not empty has an end. One that has none may go on elsewhere."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() in (b"\n", b"\r")


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks that end where a line ends, line ends as \\n, no BOM at the start."""
    rest, first = b"", True
    with path.open("rb") as file:
        end = line_end(file)
        while chunk := file.read(CHUNK_BYTES):
            if first:
                chunk, first = chunk.removeprefix(codecs.BOM_UTF8), False
            rest += chunk.replace(b"\r", b"\n") if end == b"\r" else chunk
            cut = rest.rfind(b"\n") + 1
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > MAX_LINE_BYTES:
                raise RefusedFile(
                    "unreadable",
                    f"A line is longer than {MAX_LINE_BYTES >> 20} MiB: this is no table of rows. Export it again.",
                )
    if rest:
        yield rest


class Lines:
    """The file's lines in order, in batches of records.SCHEMA (fila counts from 1).

    encoding: UTF-8, windows-1252 or ISO-8859-1. `marked` tells, once read through, whether any byte was no text.
    Iterating raises RefusedFile where a line has no end.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.encoding = encoding
        self.marked = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        start = 1
        for block in _blocks(self.path):
            text, marked = decode(block, self.encoding)
            self.marked |= marked
            text = blank(text.replace("\r\n", "\n").removesuffix("\n"))
            lines = pc.split_pattern(pa.array([text], pa.string()), "\n").flatten()
            numbers = pa.array(np.arange(start, start + len(lines), dtype=np.int32))
            start += len(lines)
            yield pa.RecordBatch.from_arrays(
                [numbers, lines, pa.nulls(len(lines), SCHEMA.field("celdas").type)], schema=SCHEMA
            )
