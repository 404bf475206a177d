"""Where the dbt command is, and how models are built beside the run that Dagster watches."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# It stands beside the interpreter, which need not be on PATH.
DBT = Path(sys.executable).with_name("dbt")
DBT_PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"

# Of `dbt build`: the tests are run apart, where they are run at all.
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class DbtError(RuntimeError):
    """dbt could not build the models; its own words."""


def build(
    target: str, target_path: Path, select: tuple[str, ...] = (), places: Mapping[str, str] | None = None
) -> None:
    """Builds models and seeds, without their tests.

    target: of profiles.yml. target_path: where dbt keeps its account. select: all where none are named. places:
    variables other than those of this process. Raises DbtError with what dbt said.
    """
    done = subprocess.run(
        [
            *(str(DBT), "--quiet", "build", "--target", target, *WITHOUT_TESTS),
            *(("--select", *select) if select else ()),
            *("--target-path", str(target_path), "--log-path", str(target_path)),
        ],
        cwd=DBT_PROJECT,
        env=os.environ | (places or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtError(f"{done.stdout}{done.stderr}")
