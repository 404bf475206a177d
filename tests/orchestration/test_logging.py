"""What a step says reaches whoever watches a run, and nothing that a library says does."""

import re

import dagster as dg
import pytest

from orchestration.logging import plain
from tests.conftest import PROJECT

# How a line begins that a step hands to its log.
SPOKEN = re.compile(r'context\.log\.\w+\(\s*f?"(\w+): ')


def spoken_by() -> set[str]:
    steps = [*(PROJECT / "orchestration" / "assets").glob("*.py"), PROJECT / "orchestration" / "reading_ahead.py"]
    return {name for step in steps for name in SPOKEN.findall(step.read_text("utf-8"))}


def test_every_step_that_speaks_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    assert spoken_by() >= {"ingest", "dbt", "checks", "release", "portal", "bucket"}

    @dg.op
    def speak(context: dg.OpExecutionContext) -> None:
        for name in sorted(spoken_by()):
            context.log.info(f"{name}: at work")
        context.log.info("a library: nothing for them")

    @dg.job(logger_defs={"plain": plain})
    def talk() -> None:
        speak()

    talk.execute_in_process(run_config={"loggers": {"plain": {}}})
    said = capfd.readouterr().err.splitlines()
    assert [line.split("s  ", 1)[1] for line in said] == [f"{name}: at work" for name in sorted(spoken_by())]
