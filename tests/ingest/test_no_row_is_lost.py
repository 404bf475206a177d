"""Rows with marks of their own, in files damaged where lines and cells meet: each mark is found once, or none is.

The counts of the ledger are the reader's own. This looks for the rows themselves.
"""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.ingest.bench import Bench
from tests.ingest.tables import CONTRACTS, PATHS, headers, key_column, lines_of, row

# How the key of the n-th row is written. Two of these exports end in columns that need not be there, and two do not.
MARKS = {
    "core_acuerdos": "88{:03d}/2022",
    "sagir_hitos": "40088{:03d}-0",
    "sgd_documentos": "SGD-2024-088{:03d}",
    "sisrec_transferencias": "T-2024-88{:03d}",
}
ROWS, FILES = 8, 60
_ENDS = ["\n", "\n", "\r\n", "\r\n", "\r"]
_PIECES = ['"', '"', '"', '""', '";"', '"\n"', ";", "\r", "\n", "\r\n", "\r\r\n", "\ufeff", "\nTexto\n"]


def _rows(export: str, numbers: range) -> list[str]:
    key = key_column(export)
    return lines_of(export, [row(export, **{key: MARKS[export].format(n)}) for n in numbers])


def _other_header(rng: random.Random, export: str, header: str) -> str:
    """The header with one of its columns under another name, or without it."""
    return header.replace(rng.choice(headers(export)), rng.choice(["Otro", ""]), 1)


def _damaged(rng: random.Random, export: str, text: str) -> str:
    """The text with a piece put in, mostly where a cell begins or ends, and never into a mark."""
    marks = [m.span() for m in re.finditer(MARKS[export].replace("{:03d}", r"\d{3}"), text)]
    free = [i for i in range(len(text) + 1) if not any(start < i < end for start, end in marks)]
    edges = [i for i in free if {text[i - 1 : i], text[i : i + 1]} & {";", ",", "\n", "\r", ""}]
    at = rng.choice(rng.choice([edges, edges, free]))
    return text[:at] + rng.choice(_PIECES) + text[at:]


def planted(seed: int, export: str) -> bytes:
    """A file of ROWS rows with a mark each, damaged."""
    rng = random.Random(f"{seed} {export}")
    banner = rng.choice([[], ["Consejo Regional"], ['Reporte;"Consejo', 'Regional";', ""]])
    header, *rows = _rows(export, range(ROWS))
    if rng.random() < 0.3:
        cut = rng.randrange(ROWS)
        rows = [*rows[:cut], header, *rows[cut:]]
        header = _other_header(rng, export, header)
    end = rng.choice(_ENDS)
    text = end.join([*banner, header, *rows, ""])
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = _damaged(rng, export, text)
    return text.encode(CONTRACTS[export].format.encoding, errors="ignore")


def path(export: str, number: int) -> str:
    return PATHS[export].replace("20250131", f"{date(2025, 1, 1) + timedelta(number):%Y%m%d}")


def lost(bench: Bench, export: str, number: int) -> Iterator[str]:
    """Marks of an accepted file that are in no row, or in several."""
    name = path(export, number)
    if bench.refusal(name):
        return
    of_file = f"inner join '{{raw}}/archivos.parquet' as l on l.sha256 = t._sha256 where archivo = '{name}'"
    kept = [
        str(found)
        for found in bench.table(f"select t.* from '{{raw}}/{export}/*.parquet' as t {of_file}")
        + bench.table(f"select registro from '{{raw}}/filas_rechazadas/{export}-*.parquet' as t {of_file}")
    ]
    for n in range(ROWS):
        mark = MARKS[export].format(n)
        if sum(mark in found for found in kept) != 1:
            yield f"{name}: {mark} is in {sum(mark in found for found in kept)} rows"


@pytest.mark.parametrize("export", MARKS)
def test_each_row_of_a_damaged_file_is_accepted_or_rejected_or_the_file_is_refused(tmp_path: Path, export: str) -> None:
    bench = Bench(tmp_path, {path(export, number): planted(number, export) for number in range(FILES)})
    assert [fault for number in range(FILES) for fault in lost(bench, export, number)] == []
    refused = sum(bench.refusal(path(export, number)) is not None for number in range(FILES))
    assert FILES // 10 < refused < FILES * 9 // 10
