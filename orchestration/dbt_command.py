"""Where the dbt command is, and how models are built beside the run that Dagster watches."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# It stands beside the interpreter, which need not be on PATH.
DBT = Path(sys.executable).with_name("dbt")
DBT_PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"

# Of `dbt build`: the tests are run apart, where they are run at all.
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

_CLOCK = re.compile(r"^\d\d:\d\d:\d\d +", re.MULTILINE)


class DbtError(RuntimeError):
    """dbt could not do what it was told to; its own words."""


def build(
    target: str, target_path: Path, select: tuple[str, ...] = (), places: Mapping[str, str] | None = None
) -> None:
    """Builds models and seeds, without their tests.

    target: of profiles.yml. target_path: where dbt keeps its account. select: all where none are named. places:
    variables other than those of this process. Raises DbtError with what dbt said.
    """
    _run(["build", *WITHOUT_TESTS, *(("--select", *select) if select else ())], target, target_path, places)


def parse(target: str, target_path: Path) -> None:
    """Writes the project's manifest. Arguments and errors as of `build`."""
    _run(["parse"], target, target_path)


def _run(command: list[str], target: str, target_path: Path, places: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        [
            *(str(DBT), "--quiet", "--no-use-colors", *command, "--target", target),
            *("--target-path", str(target_path), "--log-path", str(target_path)),
        ],
        cwd=DBT_PROJECT,
        env=os.environ | (places or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # Of what dbt itself did not foresee, its first words say all.
        said = f"{done.stdout}{done.stderr}".split("Traceback (most recent call last)")[0]
        raise DbtError(_CLOCK.sub("", said).strip())
