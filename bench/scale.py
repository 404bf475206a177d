"""Speed and memory of the whole way on made-up institutions of growing size, beside the floor and a pandas version.

Usage: python -m bench.scale [--folder FOLDER] [--report FOLDER] [DOCUMENTS ...]

DOCUMENTS: 100000 and 1000000 where none is given; 10000000 takes some 40 GB of disk. --folder: where the worlds and
results lie while the bench runs, below the folder for temporary files where none is given. --report: where report.json,
report.md and report.svg are written, bench/ where none is given.

Of each size, one after the other: the floor, pandas, the job in a fresh place, the job again with nothing new, the job
once one more day has come, and the job on the same files in another fresh place, whose release must have the same
data. Before that the job on the samples, whose CPU time is the fixed start-up, and again with nothing new.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bench import outputs, phases, report
from bench.kill import data_files
from bench.measuring import Cost, must
from bench.world.exports import add_next_day, generate
from bench.world.scale import NEXT_DOCUMENTS

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SIZES = (100_000, 1_000_000)
# Of the samples, which hold faults on purpose, something may be held back.
RELEASED = (0, 1)


@dataclass
class Size:
    """What was measured on a world of so many documents. steps: CPU seconds of each part of the script or the job."""

    documents: int
    floor: Cost
    pandas: Cost
    job: Cost
    no_change: Cost
    next_day: Cost
    rebuild: Cost
    release_bytes: int
    floor_steps: dict[str, float]
    pandas_steps: dict[str, float]
    job_steps: dict[str, phases.Phase]
    next_day_steps: dict[str, phases.Phase]


@dataclass
class Bench:
    """Everything that was measured in one run. start: the job on the samples."""

    start: Cost
    start_no_change: Cost
    start_steps: dict[str, phases.Phase]
    xml_per_second: float = 0
    lxml_per_second: float = 0
    sizes: list[Size] = field(default_factory=list)


def _job(exports: Path, place: Path, name: str, good: tuple[int, ...] = (0,)) -> tuple[Cost, dict[str, phases.Phase]]:
    place.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.main_job", str(exports), str(place), "phases"]
    cost = must(command, place.with_name(f"{place.name}_{name}.log"), good)
    return cost, phases.by_name(phases.read(place / "phases.json"))


def _script(name: str, exports: Path, place: Path) -> tuple[Cost, dict[str, Any]]:
    cost = must([sys.executable, "-m", f"bench.{name}", str(exports), str(place)], place.with_suffix(".log"))
    found: dict[str, Any] = json.loads((place / "found.json").read_text("utf-8"))
    return cost, found


def _check(told: dict[str, int], release: Path, documents: int, who: str) -> None:
    """Ends the bench where a script has found other documents, rows or amounts than the job has published."""
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    rows = {each["nombre"]: each["filas"] for each in manifest["conjuntos"]}
    payments = release / "pagos_proveedores.parquet"
    rows["monto_total"] = int(duckdb.execute(f"select sum(monto_total) from '{payments}'").fetchall()[0][0])
    if rows["pagos_proveedores"] != documents:
        raise SystemExit(f"the release holds {rows['pagos_proveedores']} documents of {documents}")
    if differ := {name: (value, rows.get(name)) for name, value in told.items() if rows.get(name) != value}:
        raise SystemExit(f"{who} and the release do not agree (theirs, ours): {differ}")


def measure_size(documents: int, work: Path) -> Size:
    """Generates a world below the folder and measures everything on it."""
    exports, place = work / "exports", work / "job"
    print(f"{documents}: generating", flush=True)
    generate(documents, exports)
    told = {}
    costs: dict[str, Cost] = {}
    steps: dict[str, dict[str, float]] = {}
    for name in ("floor", "in_pandas"):
        costs[name], found = _script(name, exports, work / name)
        told[name], steps[name] = found["told"], found["steps"]
        print(f"{documents}: {name} {costs[name].cpu:.1f} CPU s, {costs[name].tree_mb} MB", flush=True)
        shutil.rmtree(work / name)
    costs["job"], job_steps = _job(exports, place, "first")
    print(f"{documents}: job {costs['job'].cpu:.1f} CPU s, {costs['job'].tree_mb} MB", flush=True)
    release = (place / "releases" / "latest").resolve()
    for name, found in told.items():
        _check(found, release, documents, name)
    size = sum(path.stat().st_size for path in release.iterdir())
    costs["no_change"], _ = _job(exports, place, "no_change")
    add_next_day(documents, exports)
    costs["next_day"], next_day_steps = _job(exports, place, "next_day")
    print(f"{documents}: one more day {costs['next_day'].cpu:.1f} CPU s", flush=True)
    grown = (place / "releases" / "latest").resolve()
    _check({}, grown, documents + NEXT_DOCUMENTS, "one more day")
    data = data_files(grown)
    shutil.rmtree(place)
    costs["rebuild"], _ = _job(exports, work / "rebuilt", "first")
    again = data_files((work / "rebuilt" / "releases" / "latest").resolve())
    if differ := sorted(name for name in data.keys() | again.keys() if data.get(name) != again.get(name)):
        raise SystemExit(f"{documents}: after one more day these differ from a full rebuild: {', '.join(differ)}")
    floor, pandas = costs.pop("floor"), costs.pop("in_pandas")
    return Size(
        documents=documents,
        floor=floor,
        pandas=pandas,
        release_bytes=size,
        floor_steps=steps["floor"],
        pandas_steps=steps["in_pandas"],
        job_steps=job_steps,
        next_day_steps=next_day_steps,
        **costs,
    )


def measure_xml(work: Path) -> tuple[float, float]:
    """Documents a CPU second that ingest and a bare loop of lxml read, of some 10.000 of 5 KB; start-up taken off."""
    exports = work / "exports"
    generate(1_000_000, exports)
    few, many = work / "few" / "dte", work / "many" / "dte"
    for folder in (few, many):
        folder.mkdir(parents=True)
    sets = sorted(exports.glob("dte/*.xml"))
    shutil.copy(sets[0], few)
    for path in sets:
        shutil.copy(path, many)
    spent = [
        must(
            [sys.executable, "-m", "bench.ingest_exports", str(folder.parent), str(work / f"{folder.parent.name}_out")],
            work / f"{folder.parent.name}.log",
        ).cpu
        for folder in (few, many)
    ]
    costs = outputs.Costs()
    with costs.of("lxml"):
        counts = [len(outputs.read_xml(path)) for path in sets]
    return sum(counts[1:]) / (spent[1] - spent[0]), sum(counts) / costs.steps["lxml"]


def main() -> None:
    """Measures, and writes the report after each size, so that a later failure loses nothing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--report", type=Path, default=Path(__file__).parent)
    parser.add_argument("documents", nargs="*", type=int, default=SIZES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        work = Path(folder)
        start, steps = _job(SAMPLES, work / "samples", "first", RELEASED)
        start_no_change, _ = _job(SAMPLES, work / "samples", "no_change", RELEASED)
        print(f"samples: {start.cpu:.1f} CPU s; no change {start_no_change.cpu:.1f}", flush=True)
        bench = Bench(start, start_no_change, steps)
        bench.xml_per_second, bench.lxml_per_second = measure_xml(work / "xml")
        shutil.rmtree(work / "xml")
        options.report.mkdir(parents=True, exist_ok=True)
        for documents in options.documents:
            bench.sizes.append(measure_size(documents, work / str(documents)))
            shutil.rmtree(work / str(documents))
            measured = {"machine": report.machine(), **asdict(bench)}
            (options.report / "report.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
            report.write(measured, options.report)
    print(f"written: {options.report / 'report.md'}", flush=True)


if __name__ == "__main__":
    main()
