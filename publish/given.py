"""What a run hands over to be published."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from publish.gate import Gate
from publish.reports.freshness import Pace


@dataclass(frozen=True)
class Given:
    """The run's marts, and what is said of them.

    warehouse: the DuckDB file with the marts; raw_dir: the typed rows of the files received, and what of them is kept
    from the public; manifest: dbt's, as JSON; memory_limit: the engine's, as DuckDB writes sizes; run_id: this run's,
    which the gate must bear; quality_json, quality_html: the report on the checks; paces: what is expected of each
    export, by its name.
    """

    warehouse: Path
    raw_dir: Path
    manifest: Path
    memory_limit: str
    run_id: str
    gate: Gate
    quality_json: str
    quality_html: str
    paces: Mapping[str, Pace]
