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


def as_html(results: Sequence[CheckResult]) -> str:
    """Results as a page by dataset, in one document that loads nothing from elsewhere."""
    ordered = sorted(results, key=lambda result: result.dataset)
    groups = [_group(dataset, list(own)) for dataset, own in groupby(ordered, key=lambda result: result.dataset)]
    return _environment().get_template(_TEMPLATE).render(groups=groups, counts=_counts(ordered))


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
