"""The schema that readers of the releases lean on, kept beside the models so that none breaks it by accident.

docs/schema.json is its snapshot; `python -m tests.schema_lock` writes it anew. The policy, and the log with the
fingerprint of each snapshot, are in docs/schema-changes.md.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import PROJECT

SNAPSHOT = PROJECT / "docs" / "schema.json"
POLICY = PROJECT / "docs" / "schema-changes.md"
MARTS = PROJECT / "dbt_project" / "models" / "marts"

# How long an old name lives beside the new one.
NOTICE = timedelta(days=365)

KINDS = ("first", "added", "retiring", "removed", "urgent", "corrected")
# What may break a reader, and so raises the first number of the version.
BREAKING = ("removed", "urgent", "corrected")

_RETIRING = re.compile(r"En retiro desde (\d{4}-\d{2}-\d{2}): use (\w+)\. \S")
_VERSION = re.compile(r"\d+\.\d+")

# Per dataset its grain and, in their order, its columns as `type [unit]`; `retiring` are names with their date.
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A difference between two schemas. breaking: whether a reader of the old one may fail, or read something else."""

    name: str
    text: str
    breaking: bool


@dataclass(frozen=True)
class Entry:
    """A row of the log. name: of a dataset, or dataset.column; fingerprint: of the snapshot that came of it."""

    version: str
    day: date
    kind: str
    name: str
    fingerprint: str


def current(marts: Path = MARTS) -> dict[str, Any]:
    """The schema that the YAML of the marts declares. Raises ValueError where a retirement is not written as agreed."""
    models = [
        model for path in sorted(marts.rglob("*.yml")) for model in yaml.safe_load(path.read_text("utf-8"))["models"]
    ]
    return {model["name"]: _dataset(model) for model in sorted(models, key=lambda each: str(each["name"]))}


def _dataset(model: Mapping[str, Any]) -> dict[str, Any]:
    columns = {each["name"]: each for each in model["columns"]}
    described = {model["name"]: model} | {f"{model['name']}.{name}": column for name, column in columns.items()}
    return {
        "grain": model["config"]["meta"]["grano"],
        "columns": {
            name: f"{column['data_type'].lower()} [{column['config']['meta']['unidad']}]"
            for name, column in columns.items()
        },
        "retiring": {name: day for name, each in described.items() if (day := _retiring(name, each, columns))},
    }


def _retiring(name: str, node: Mapping[str, Any], columns: Mapping[str, Any]) -> str | None:
    description = str(node["description"])
    if not description.startswith("En retiro"):
        return None
    written = _RETIRING.match(description)
    if not written or ("." in name and written[2] not in columns):
        raise ValueError(
            f"{name}: begin with `En retiro desde AAAA-MM-DD: use <the new name>. ` and the old description"
        )
    return written[1]


def as_text(schema: Schema) -> str:
    """The snapshot as it is kept."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def fingerprint(schema: Schema) -> str:
    """What the log calls a snapshot."""
    return hashlib.sha256(as_text(schema).encode("utf-8")).hexdigest()[:12]


def differences(old: Schema, new: Schema) -> list[Change]:
    """What changed from one schema to another, breaking changes first."""
    found = [change for name in sorted(old.keys() | new.keys()) for change in _of_dataset(name, old, new)]
    return sorted(found, key=lambda change: not change.breaking)


def _of_dataset(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    if name not in new:
        yield Change(name, "the dataset is gone", breaking=True)
        return
    if name not in old:
        yield Change(name, "a new dataset", breaking=False)
        return
    before, after = old[name], new[name]
    if before["grain"] != after["grain"]:
        yield Change(name, f"its key was {before['grain']} and is {after['grain']}", breaking=True)
    for column, kind in before["columns"].items():
        place, now = f"{name}.{column}", after["columns"].get(column)
        if now is None:
            yield Change(place, "the column is gone", breaking=True)
        elif now != kind:
            yield Change(place, f"was {kind} and is {now}", breaking=True)
    kept = [column for column in after["columns"] if column in before["columns"]]
    if kept != [column for column in before["columns"] if column in after["columns"]]:
        yield Change(name, "its columns stand in another order", breaking=True)
    for number, column in enumerate(after["columns"]):
        if column not in before["columns"]:
            at_end = number >= len(kept)
            yield Change(f"{name}.{column}", "a new column" + ("" if at_end else " before old ones"), not at_end)
    for place in sorted(before["retiring"].keys() ^ after["retiring"].keys()):
        yield Change(place, "is in retirement" if place in after["retiring"] else "is in retirement no more", False)


def log(policy: str) -> list[Entry]:
    """The rows of the log in the text of the policy. Raises ValueError where one cannot be read."""
    lines = policy.partition("\n## Log\n")[2].splitlines()
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]
    return [Entry(version, date.fromisoformat(day), kind, name, mark) for version, day, kind, name, _, mark in cells]


def faults(entries: Sequence[Entry], schema: Schema) -> list[str]:
    """Where the log does not hold to the policy, or does not know the schema."""
    found = list(_faults_of_versions(entries))
    if not entries or entries[-1].fingerprint != fingerprint(schema):
        found.append(f"no entry of the log has the snapshot {fingerprint(schema)}")
    retiring = {name: day for dataset in schema.values() for name, day in dataset["retiring"].items()}
    announced = {entry.name: entry.day for entry in entries if entry.kind == "retiring"}
    for name, day in retiring.items():
        if name not in announced or announced[name].isoformat() != day:
            found.append(f"{name} is in retirement since {day}, and the log does not say so")
    for entry in entries:
        if entry.kind in ("removed", "urgent") and _is_there(entry.name, schema):
            found.append(f"{entry.name} is said to be removed, and is there")
        if entry.kind == "removed":
            since = announced.get(entry.name)
            if since is None or entry.day - since < NOTICE:
                found.append(f"{entry.name} was removed without the notice of {NOTICE.days} days")
    return found


def _faults_of_versions(entries: Sequence[Entry]) -> Iterator[str]:
    before = (0, 0)
    for entry in entries:
        if entry.kind not in KINDS or not _VERSION.fullmatch(entry.version):
            yield f"{entry.version} {entry.name}: the kind is one of {', '.join(KINDS)}, the version two numbers"
            continue
        major, minor = (int(part) for part in entry.version.split("."))
        breaks = entry.kind in BREAKING and major == before[0] and (major, minor) != before
        if (major, minor) < before or breaks:
            yield f"{entry.version} {entry.name}: versions rise, and what may break a reader raises the first number"
        before = (major, minor)


def _is_there(name: str, schema: Schema) -> bool:
    dataset, _, column = name.partition(".")
    return dataset in schema and (not column or column in schema[dataset]["columns"])


if __name__ == "__main__":
    declared = current()
    known = json.loads(SNAPSHOT.read_text("utf-8")) if SNAPSHOT.exists() else {}
    for change in differences(known, declared):
        sys.stdout.write(f"{'BREAKING' if change.breaking else 'fine    '} {change.name}: {change.text}\n")
    SNAPSHOT.write_text(as_text(declared), "utf-8")
    sys.stdout.write(f"{SNAPSHOT.name} is {fingerprint(declared)}: add it to the log of {POLICY.name}\n")
