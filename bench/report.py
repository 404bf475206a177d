"""The figures of bench.scale as a table and a chart. Usage: python -m bench.report [FOLDER], which has report.json."""

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

_LIBRARIES = ("duckdb", "dbt-core", "dagster", "great-expectations", "pandas", "pyarrow", "lxml")
_WAYS = {"floor": "floor (bare DuckDB)", "job": "job", "pandas": "pandas"}


def machine() -> dict[str, Any]:
    """What a reader needs to know of the machine, and nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "memory_gb": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def write(measured: Mapping[str, Any], folder: Path) -> None:
    """Writes report.md and report.svg. measured: as report.json has it."""
    _chart(measured).save(str(folder / "report.svg"))
    (folder / "report.md").write_text("\n".join(_lines(measured)) + "\n", "utf-8")


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'|'.join(['---'] + ['---:'] * (len(head) - 1))}|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


def _lines(measured: Mapping[str, Any]) -> list[str]:
    box, sizes, start = measured["machine"], measured["sizes"], measured["start"]
    head = ["", *(_count(size["documents"]) for size in sizes)]

    def net(size: Mapping[str, Any], run: str) -> float:
        return float(size[run]["cpu"] - start["cpu"])

    lines = [
        "# Speed and memory",
        "",
        "Written by `make bench-scale`; the figures are in `report.json`. Exports of a made-up institution "
        "(`bench/world/`), the job, the floor (`bench/floor.py`) and pandas (`bench/in_pandas.py`), of each size in "
        "one run, on one machine.",
        "",
        f"Machine: {box['cores']} cores ({box['processor']}), {box['memory_gb']} GB, {box['system']}, "
        f"Python {box['python']}, " + ", ".join(f"{name} {number}" for name, number in box["libraries"].items()) + ".",
        "",
        "CPU seconds are user and system time of the process and all that it started. The fixed start-up is the job on "
        f"the samples: {start['cpu']:.1f} CPU s, {start['wall']:.0f} s. *Net* is without it.",
        "",
        "![CPU seconds by documents](report.svg)",
        "",
        "## CPU seconds by documents",
        "",
    ]
    lines += _table(
        head,
        [
            ["floor", *(f"{s['floor']['cpu']:.1f}" for s in sizes)],
            ["pandas", *(f"{s['pandas']['cpu']:.1f}" for s in sizes)],
            ["job, full refresh", *(f"{s['job']['cpu']:.1f}" for s in sizes)],
            ["job, full refresh, net", *(f"{net(s, 'job'):.1f}" for s in sizes)],
            ["net over floor", *(f"{net(s, 'job') / s['floor']['cpu']:.2f}" for s in sizes)],
            ["net over floor without its workbooks", *(f"{net(s, 'job') / _without_workbooks(s):.2f}" for s in sizes)],
            ["pandas over net", *(f"{s['pandas']['cpu'] / net(s, 'job'):.2f}" for s in sizes)],
            ["net, microseconds a document", *(f"{net(s, 'job') / s['documents'] * 1e6:.0f}" for s in sizes)],
            ["one more day of 10.000", *(f"{s['next_day']['cpu']:.1f}" for s in sizes)],
            ["one more day, part of the full refresh", *(_part(s["next_day"], s["job"]) for s in sizes)],
            ["no change", *(f"{s['no_change']['cpu']:.1f}" for s in sizes)],
            ["no change, times that of the samples", *(_times(s, measured) for s in sizes)],
        ],
    )
    lines += [
        f"No change on the samples: {measured['start_no_change']['cpu']:.1f} CPU s. The release after one more day "
        "has the same data, byte for byte, as a full rebuild from all files: the bench ends otherwise.",
        "",
        "Workbooks are written by xlsxwriter in all three ways, for tables of up to 100.000 rows: up to there they "
        "weigh more than all else, hence the second ratio, in which the floor writes none and the job still does. Zips "
        "are packed by zlib-ng in the job and by Python's zlib, which takes twice as long, in the other two.",
        "",
        "## Seconds by the clock",
        "",
    ]
    runs = (
        ("floor", "floor"),
        ("pandas", "pandas"),
        ("job, full refresh", "job"),
        ("one more day", "next_day"),
        ("no change", "no_change"),
    )
    lines += _table(head, [[name, *(f"{s[run]['wall']:.0f}" for s in sizes)] for name, run in runs])
    lines += [
        "## Memory in MB",
        "",
        "Of the largest process (`os.wait4`), and in brackets of all at once: resident memory summed five times a "
        "second, in which pages that processes share count more than once.",
        "",
    ]
    lines += _table(
        head,
        [[name, *(f"{s[run]['largest_mb']} ({s[run]['tree_mb']})" for s in sizes)] for name, run in runs],
    )
    lines += ["## Where the job's CPU seconds go", ""]
    lines += _table(["", "samples", *head[1:]], _phase_rows(measured["start_steps"], [s["job_steps"] for s in sizes]))
    lines += ["One more day:", ""]
    lines += _table(
        ["", "samples", *head[1:]], _phase_rows(measured["start_steps"], [s["next_day_steps"] for s in sizes])
    )
    for name, steps in (("the floor", "floor_steps"), ("pandas", "pandas_steps")):
        lines += [f"## Where the CPU seconds of {name} go", ""]
        lines += _table(head, [[step, *(f"{s[steps][step]:.1f}" for s in sizes)] for step in sizes[0][steps]])
    lines += ["## By the unit", ""]
    per_gb = [s["job_steps"]["release"]["cpu"] / (s["release_bytes"] / 1e9) for s in sizes]
    lines += _table(
        head,
        [
            ["release, GB", *(f"{s['release_bytes'] / 1e9:.2f}" for s in sizes)],
            ["release, CPU s a GB", *(f"{value:.0f}" for value in per_gb)],
        ],
    )
    return [
        *lines,
        f"XML of 5 KB a CPU second: ingest {measured['xml_per_second']:.0f} documents, a bare loop of lxml "
        f"{measured['lxml_per_second']:.0f}.",
    ]


def _without_workbooks(size: Mapping[str, Any]) -> float:
    """What DuckDB itself has to do with. The job's own figure holds its workbooks, so that over this it is a bound."""
    return float(size["floor"]["cpu"] - size["floor_steps"]["workbooks"])


def _part(increment: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    return f"{100 * increment['cpu'] / whole['cpu']:.1f} %"


def _times(size: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    return f"{size['no_change']['cpu'] / measured['start_no_change']['cpu']:.2f}"


def _phase_rows(start: Mapping[str, Any], sizes: list[Mapping[str, Any]]) -> list[list[str]]:
    names = dict.fromkeys(name for run in (start, *sizes) for name in run)
    return [
        [name, *(f"{run[name]['cpu']:.1f}" if name in run else "" for run in (start, *sizes))] for name in names
    ]  # fmt: skip


def _chart(measured: Mapping[str, Any]) -> alt.LayerChart | alt.FacetChart:
    start = measured["start"]["cpu"]
    points = pd.DataFrame(
        [
            {
                "documents": size["documents"],
                "CPU seconds": size[run]["cpu"] - (start if run == "job" else 0),
                "way": f"{way}, net of start-up" if run == "job" else way,
            }
            for size in measured["sizes"]
            for run, way in _WAYS.items()
        ]
    )
    base = alt.Chart(points, width=560, height=340, title="CPU seconds of the whole way, both axes logarithmic").encode(
        x=alt.X("documents:Q", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(format="~s")),
        y=alt.Y("CPU seconds:Q", scale=alt.Scale(type="log")),
        color=alt.Color("way:N", title=None),
    )
    return alt.layer(base.mark_line(), base.mark_point(filled=True, size=60))


if __name__ == "__main__":
    place = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
    write(json.loads((place / "report.json").read_text("utf-8")), place)
