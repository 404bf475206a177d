"""The verdicts of a run, and the report that is made of them."""

import random
from pathlib import Path
from typing import Any, cast

import pytest

import expectations
from expectations import CheckResult, report
from orchestration.state import gate
from publish.catalog import Catalog

CATALOG = Catalog(dict.fromkeys(sorted({c.dataset for c in expectations.CHECKS}), cast(Any, None)), cast(Any, None))
RESULTS = [
    # Every third fails, and each is there twice with another text, as one check of two sources is.
    CheckResult(check.dataset, check.name, check.severity, n % 3 > 0, check.threshold, observed, check.meaning)
    for n, check in enumerate(expectations.CHECKS)
    for observed in ("Sin casos", "1 caso: dte/a.xml")
]


def written(results: list[CheckResult], folder: Path) -> tuple[str, str, str]:
    verdicts = gate.judge(CATALOG, {}, results, "corrida")
    gate.write(verdicts, folder / "gate.json")
    judged = gate.all_results(verdicts)
    return (folder / "gate.json").read_text("utf-8"), report.as_html(judged), report.as_json(judged)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_checks_end_shows_nowhere(tmp_path: Path, seed: int) -> None:
    shuffled = random.Random(seed).sample(RESULTS, len(RESULTS))
    assert shuffled != RESULTS
    assert written(shuffled, tmp_path) == written(RESULTS, tmp_path)
