"""The results of the checks as a page for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import jinja2

from expectations.model import CheckResult

_TEMPLATE = "report.html.j2"


def as_json(results: Sequence[CheckResult]) -> str:
    """Results as JSON: an object whose `controles` has one object per check, in the order given."""
    controles = [asdict(result) for result in results]
    return json.dumps({"controles": controles}, ensure_ascii=False, indent=2) + "\n"


def write(results: Sequence[CheckResult], path: Path) -> None:
    """Write the page of the results: one file that asks nothing of anybody else.

    Args:
        results: outcome of the checks.
        path: HTML file to write; its folder is made, and an older page is replaced at once.

    Raises:
        OSError: the file cannot be written.
    """
    ordered = sorted(results, key=lambda result: result.dataset)
    groups = [_group(dataset, list(own)) for dataset, own in groupby(ordered, key=lambda result: result.dataset)]
    page = _environment().get_template(_TEMPLATE).render(groups=groups, counts=_counts(ordered))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.nuevo")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(path)


def _group(dataset: str, results: Sequence[CheckResult]) -> dict[str, object]:
    """One dataset of the page: what failed comes first, and errors before warnings."""
    return {
        "dataset": dataset,
        "results": sorted(results, key=lambda result: (result.success, result.severity, result.check)),
        "counts": _counts(results),
    }


def _counts(results: Sequence[CheckResult]) -> dict[str, int]:
    failed = [result for result in results if not result.success]
    errors = sum(result.severity == "error" for result in failed)
    return {"checks": len(results), "errors": errors, "warnings": len(failed) - errors}


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
