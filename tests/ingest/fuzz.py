"""Damages valid files of every export and looks for a crash, a hang or a loss.

Usage: python -m tests.ingest.fuzz SECONDS [FIRST_SEED] [CASES]. A case is its seed: `... fuzz 60 4711 1` runs it again.
What fails is printed with its seed, and its file is kept in var/fuzz.
"""

import io
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from ingest import contract
from ingest.control.comparison import disagreement
from ingest.refusal import Reason
from tests.ingest.bench import Bench

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
KEPT = ROOT / "var" / "fuzz"
# One file of each export, small, so that one damage is a large part of it.
FILES = (
    "core/acuerdos_20250131.csv",
    "dte/pagos_20240630.csv",
    "dte/rcv_compra_202301.csv",
    "dte/dte_0004.xml",
    "dte/envio_0001.xml",
    "presupuesto/ejecucion_2023_05_01.csv",
    "programa_gobierno/compromisos_20250131.csv",
    "sagir/gasto_2023.xlsx",
    "sagir/hitos_20250131.csv",
    "sagir/iniciativas_20240415.csv",
    "sga/ordenes_compra_2022_12.csv",
    "sgd/documentos_20240630.csv",
    "sisrec/rendiciones_20250131.csv",
    "sisrec/transferencias_20240630.csv",
)
MAX_BYTES = 6_000
BATCH = 42
SECONDS_A_BATCH, SECONDS_A_FILE = 120, 30
REASONS = Reason.__args__  # type: ignore[attr-defined]
_DISAGREE = disagreement("").partition(":")[0]

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL_TYPES = ("b", "d", "e", "inlineStr", "n", "s", "str")

Damage = Callable[[random.Random, bytes], bytes]

_TOKENS = [b'"', b'""', b";", b",", b"\0", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\x85", b"\t"]
_TOKENS += [b"<", b">", b"</", b"&", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<DTE>", b"</DTE>", b"xmlns='a'", b"TOTAL"]
_TOKENS += [b"$", b"-", b"(", b".000", b"9" * 25, b"#REF!", b"\xc2\xa0", b"\xe2\x80\x8b", b'";"', b'"\n"', b"1E5", b"="]


def _place(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _stretch(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = _place(rng, data)
    return start, min(len(data), start + rng.choice([1, 3, 20, 200, 2000]))


def _flip(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        if out:
            out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _insert(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = _place(rng, data)
        data = data[:at] + rng.choice(_TOKENS) + data[at:]
    return data


def _delete(rng: random.Random, data: bytes) -> bytes:
    start, end = _stretch(rng, data)
    return data[:start] + data[end:]


def _double(rng: random.Random, data: bytes) -> bytes:
    start, end = _stretch(rng, data)
    at = rng.choice([end, _place(rng, data)])
    return data[:at] + data[start:end] * rng.choice([1, 2, 20]) + data[at:]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: _place(rng, data)]


def _swap_everywhere(rng: random.Random, data: bytes) -> bytes:
    old = rng.choice([b"\n", b";", b'"', b"0", b" ", b">", b"a", b"\r\n", b"1"])
    return data.replace(old, rng.choice(_TOKENS), rng.choice([1, 3, 10, -1]))


def _damage_element(rng: random.Random, data: bytes) -> bytes:
    """A tag that is renamed, emptied, closed twice or lost."""
    tags = list(re.finditer(rb"<[^<>]+>", data))
    if not tags:
        return _insert(rng, data)
    tag = rng.choice(tags)
    changed = rng.choice(
        [b"", tag[0] * 2, tag[0].replace(b">", b"/>"), b"<a:" + tag[0][1:], tag[0][:-1] + b" a='&#1;'>"]
    )
    return data[: tag.start()] + changed + data[tag.end() :]


def _damage_text(rng: random.Random, data: bytes) -> bytes:
    """The text of an element changed, the tags as they were."""
    texts = list(re.finditer(rb"(?<=>)[^<>&]+(?=</)", data))
    if not texts:
        return _insert(rng, data)
    hit = rng.choice(texts)
    changed = rng.choice(_PLAIN)(rng, hit[0]).translate(None, b"<&")
    return data[: hit.start()] + changed + data[hit.end() :]


def _damage_whole_element(rng: random.Random, data: bytes) -> bytes:
    """An element lost, doubled, commented out or put in another, with its end tag."""
    elements = list(re.finditer(rb"<(\w+)[^<>/]*>[^<>]*</\1>|<(Totales|DTE|IdDoc)\b.*?</\2>", data, re.DOTALL))
    if not elements:
        return _insert(rng, data)
    hit = rng.choice(elements)
    changed = rng.choice(
        [b"", hit[0] * 2, b"<!--" + hit[0] + b"-->", b"<Otro>" + hit[0] + b"</Otro>", b"<Otro/>" + hit[0]]
    )
    return data[: hit.start()] + changed + data[hit.end() :]


_PLAIN: list[Damage] = [_flip, _insert, _delete, _double, _cut, _swap_everywhere]


def _damage_member(rng: random.Random, data: bytes) -> bytes:
    """The workbook with one of its parts damaged, in a package that is whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        sheets = [n for n in names if "worksheets" in n]
        hit = rng.choice([*names, *sheets * 8])
        for name in names:
            content = source.read(name)
            if name == hit:
                content = rng.choice([*_PLAIN, *[_damage_element, _damage_text, _damage_whole_element] * 3])(
                    rng, content
                )
            if name != hit or rng.random() > 0.1:
                target.writestr(name, content)
    return out.getvalue()


def case(seed: int) -> tuple[str, bytes]:
    """Path and content of a damaged file."""
    rng = random.Random(seed)
    sample = FILES[seed % len(FILES)]
    data = (SAMPLES / sample).read_bytes()
    damages = _PLAIN
    if sample.endswith(".csv"):
        data = data[: data.rindex(b"\n", 0, MAX_BYTES) + 1] if len(data) > MAX_BYTES else data
    elif sample.endswith(".xml"):
        damages = [*_PLAIN, *[_damage_element] * 2, *[_damage_text, _damage_whole_element] * 8]
    else:
        damages = [*_PLAIN, *[_damage_member] * 20]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        try:
            data = rng.choice(damages)(rng, data)
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, ValueError, OSError):
            break  # The package is past damaging any further.
    if sample.endswith(".xml"):
        return f"dte/x{seed}.xml", data
    return re.sub(r"\d{4}", str(2000 + seed // len(FILES) % 8000), sample, count=1), data


def _has_ambiguous_cell(path: Path) -> bool:
    """Whether a workbook has a cell that the format does not allow, of which each reader makes what it likes.

    That is one of an unknown type, with two values or two texts, or with text between them: of <t>1</t><t>2</t> one
    takes the first and the other the last. Source: ECMA-376, part 1, 18.3.1.4 (c), 18.18.11 (ST_CellType), 18.4.8 (si).
    """
    if path.suffix != ".xlsx":
        return False
    with zipfile.ZipFile(path) as package:
        sheets = [ElementTree.fromstring(package.read(n)) for n in package.namelist() if "worksheets/" in n]
    return any(_is_ambiguous(cell) for sheet in sheets for cell in sheet.iter(f"{_SHEET}c"))


def _is_ambiguous(cell: ElementTree.Element) -> bool:
    parts = [cell, *cell.iter(f"{_SHEET}is")]
    between = [part.text for part in parts] + [child.tail for part in parts for child in part]
    children = [[child.tag for child in part] for part in parts]
    return (
        cell.get("t", "n") not in _CELL_TYPES
        or any((text or "").strip() for text in between)
        or any(tags.count(f"{_SHEET}{tag}") > 1 for tags in children for tag in ("v", "f", "is", "t"))
    )


def faults(folder: Path) -> list[str]:
    """What a run over folder/exports breaks: no file is lost, none is there twice, every count holds."""
    bench = Bench(folder)
    bench.run()
    found = []
    entries = bench.table("select * from '{raw}/archivos.parquet'")
    there = sorted(str(p.relative_to(bench.exports)) for p in bench.exports.rglob("*") if p.is_file())
    if sorted(e["archivo"] for e in entries) != there:
        found.append(f"in the ledger {len(entries)} files, in the folder {len(there)}")
    rows = {
        name: {(r["_sha256"]): r["n"] for r in bench.table(query)}
        for name, query in {
            "rechazadas": "select _sha256, count(*) as n from '{raw}/filas_rechazadas/*.parquet' group by 1",
            "aceptadas": " union all ".join(
                f"select _sha256, count(distinct _fila) as n from '{{raw}}/{export}/*.parquet' group by 1"
                for export in contract.load()
            ),
        }.items()
    }
    for entry in entries:
        what = entry["archivo"]
        if entry["estado"] == "RECHAZADO":
            if entry["motivo"] not in REASONS or not entry["detalle"] or entry["filas"] is not None:
                found.append(f"{what}: refused as {entry['motivo']}, {entry['detalle']}, {entry['filas']} rows")
            # Of text and of XML both readings go by the same rules, and must agree on any bytes; of a workbook, on any
            # whose cells are what a cell may be.
            if entry["detalle"].startswith(_DISAGREE) and not _has_ambiguous_cell(bench.exports / what):
                found.append(f"{what}: {entry['detalle']}")
            continue
        if entry["filas"] != sum(entry[n] for n in ("aceptadas", "rechazadas", "duplicadas", "ignoradas")):
            found.append(f"{what}: {entry['filas']} rows are not the sum of their fates")
        for name, counts in rows.items():
            if counts.get(entry["sha256"], 0) != entry[name]:
                found.append(f"{what}: {entry[name]} {name}, {counts.get(entry['sha256'], 0)} in the raw layer")
    return found


def run_apart(files: dict[str, bytes], timeout: int) -> list[str]:
    """The faults of a run in a process of its own; that it crashes, raises or hangs is one."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            file = Path(folder) / "exports" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        command = [sys.executable, "-m", "tests.ingest.fuzz", "--worker", folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, check=False)
        except subprocess.TimeoutExpired:
            return [f"not done after {timeout} seconds"]
    if done.returncode:
        return [f"ended with {done.returncode}: {done.stderr[-1500:]}"]
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def fuzz(seconds: float, first: int = 0, cases: int | None = None) -> tuple[int, dict[int, list[str]]]:
    """Runs cases from a seed on until the time is over or `cases` are done; returns how many, and faults by seed."""
    until = time.monotonic() + seconds
    seed, last = first, None if cases is None else first + cases
    failed: dict[int, list[str]] = {}
    while time.monotonic() < until and (last is None or seed < last):
        end = seed + BATCH if last is None else min(seed + BATCH, last)
        batch = {number: case(number) for number in range(seed, end)}
        if run_apart(dict(batch.values()), SECONDS_A_BATCH):
            for number, (path, content) in batch.items():
                if found := run_apart({path: content}, SECONDS_A_FILE):
                    failed[number] = found
        seed = end
    return seed - first, failed


def main(arguments: list[str]) -> int:
    """Fuzzes, prints what failed, keeps its files. Returns the exit status."""
    seconds, *rest = (int(a) for a in arguments)
    first = rest[0] if rest else random.randrange(1 << 30)
    done, failed = fuzz(seconds, first, rest[1] if len(rest) > 1 else None)
    print(f"{done} damaged files from seed {first} on: {len(failed)} failed")  # noqa: T201
    for seed, found in failed.items():
        path, content = case(seed)
        kept = KEPT / f"{seed}-{Path(path).name}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(content)
        print(f"seed {seed} ({kept.relative_to(ROOT)}):", *found, sep="\n  ")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        print(json.dumps(faults(Path(sys.argv[2]))))  # noqa: T201
    else:
        sys.exit(main(sys.argv[1:]))
