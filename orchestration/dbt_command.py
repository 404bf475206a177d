"""Where the dbt command is."""

import sys
from pathlib import Path

# It stands beside the interpreter, which need not be on PATH.
DBT = Path(sys.executable).with_name("dbt")
