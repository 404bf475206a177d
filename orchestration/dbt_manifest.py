"""dbt's manifest as Dagster's definitions, the checks and the release read it: of the project as it is, and whole."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from orchestration import dbt_command, spark
from orchestration.settings import Settings
from orchestration.state import state_file

_PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")
_PACKAGES = ("dbt-core", "dbt-duckdb", "dagster-dbt")
# What dbt remembers of a project that it has parsed.
_PARSED = "partial_parse.msgpack"


def bring_up_to_date(settings: Settings) -> None:
    """Parses the project where its manifest is missing, damaged, or of other files or another dbt than these.

    The daemon and the pages load it again and again, and together after an upgrade: one process parses, beside the
    manifest that the others read, and the new one takes its place whole. Raises dbt_command.DbtError with what dbt
    said where it cannot parse.
    """
    # Under the names of the warehouse, whichever engine builds what comes there.
    target = spark.FROM_SPARK if settings.spark else settings.engine
    fingerprint = _fingerprint(target)
    if _is_of(settings.manifest, fingerprint):
        return
    with FileLock(settings.manifest.with_suffix(".lock")):
        if not _is_of(settings.manifest, fingerprint):
            dbt_command.parse(target, settings.parsed)
            # What fills the warehouse need not parse it all again.
            settings.dbt.mkdir(exist_ok=True)
            state_file.replace(settings.dbt / _PARSED, (settings.parsed / _PARSED).read_bytes())
            _noted(settings.manifest).unlink(missing_ok=True)
            state_file.replace(settings.manifest, (settings.parsed / "manifest.json").read_bytes())
            state_file.replace(_noted(settings.manifest), fingerprint.encode())


def _noted(manifest: Path) -> Path:
    """What the manifest was made of."""
    return manifest.with_suffix(".sha256")


def _is_of(manifest: Path, fingerprint: str) -> bool:
    try:
        json.loads(manifest.read_text("utf-8"))
        return _noted(manifest).read_text("utf-8") == fingerprint
    except (FileNotFoundError, ValueError):
        return False


def _fingerprint(target: str) -> str:
    """Of all that a manifest depends on. Not by time: an image may bring files that are older than what was made."""
    digest = hashlib.sha256(repr([target, *map(version, _PACKAGES)]).encode())
    parts = [dbt_command.DBT_PROJECT / part for part in _PARTS]
    for path in sorted(path for part in parts for path in (part, *part.rglob("*")) if path.is_file()):
        digest.update(f"{path.relative_to(dbt_command.DBT_PROJECT)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
