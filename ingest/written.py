"""Reads what people write as YAML, a contract or a correction, and says where it is wrong and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Loader = type[yaml.CBaseLoader] | type[yaml.CSafeLoader]


class WrittenError(ValueError):
    """A file that cannot be followed: its name, the line, the entry, what is wrong and what to do, a line each."""


@dataclass(frozen=True)
class Written(Generic[Model]):
    """A file that fits its model. content: what it says."""

    path: Path
    content: Model
    _root: yaml.Node | None

    def place(self, *steps: str | int) -> str:
        """Where an entry stands, for a message. steps: from the root, names of fields and positions from 0."""
        return f"{self.path}, {_place(self._root, steps)}"


def read(path: Path, model: type[Model], loader: Loader, error: type[WrittenError]) -> Written[Model]:
    """The file as its model has it; an empty one is an empty mapping.

    loader: CBaseLoader leaves every scalar as it is written, CSafeLoader makes numbers, dates and flags of them.
    error: raised where the file is no YAML in UTF-8, says a field twice or does not fit the model.
    """
    try:
        text = path.read_text("utf-8")
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
        content = yaml.load(text, Loader=loader)
    except UnicodeDecodeError:
        raise error(f"{path} is no text in UTF-8: save it again as UTF-8") from None
    except yaml.YAMLError as wrong:
        raise error(f"{path}{_mark(wrong)}: this is no YAML. Look at indentation, quotes and brackets there") from None
    if twice := [f"{path}, line {line}: {name} stands there already: join the two" for name, line in _twice(root)]:
        raise error("\n".join(twice))
    try:
        return Written(path, model.model_validate({} if content is None else content), root)
    except ValidationError as wrong:
        said = [f"{path}, {_place(root, each['loc'])}: {_wrong(each)}" for each in wrong.errors(include_url=False)]
        # A value that may be of several kinds is told of once for each.
        raise error("\n".join(dict.fromkeys(said))) from None


def _mark(wrong: yaml.YAMLError) -> str:
    mark = getattr(wrong, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""


def _twice(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Every field that a mapping has twice, of which YAML would drop the first, with its line."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _twice(each)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _twice(value)


def _place(root: yaml.Node | None, steps: tuple[str | int, ...]) -> str:
    """The line and the names of a place, as far as the file has it: "line 4, celdas, entry 2, field fecha"."""
    node, line, names = root, 1, []
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            names.append(f"field {step}" if not found or isinstance(found[0][1], yaml.ScalarNode) else str(step))
            node = found[0][1] if found else None
            line = found[0][0].start_mark.line + 1 if found else line
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            names.append(f"entry {step + 1}")
            node = node.value[step]
            line = node.start_mark.line + 1
    return ", ".join([f"line {line}", *names])


# What pydantic finds, in words that need no knowledge of it. {…}: what it tells of the case.
_WORDS = {
    "missing": "is missing: add it",
    "extra_forbidden": "is no field here: mend its name, or take it away",
    "string_too_short": "is empty: fill it in",
    "string_pattern_mismatch": "is {said!r}, which does not fit the form {pattern}",
    "literal_error": "is {said!r}: it must be {expected}",
    "greater_than_equal": "is {said!r}: give {ge} or more",
    "value_error": "{error}",
}
_KINDS = {
    "date": "is {said!r}: give a date as year-month-day, such as 2026-11-20",
    "int": "is {said!r}: give a whole number",
    "bool": "is {said!r}: give yes or no",
    "string": "is {said!r}: give a text, in quotes where it looks like a number",
    "tuple": "must be a list, one entry a line with a dash",
    "dict": "must be fields with values, as name: value",
    "model": "must be fields with values, as name: value",
}


def _wrong(found: Any) -> str:
    """What is wrong with one value, and what to do. found: one of pydantic's own errors."""
    kind = str(found["type"])
    words = _WORDS.get(kind) or _KINDS.get(kind.split("_", maxsplit=1)[0]) or "is {said!r}, which cannot be"
    return words.format(said=found["input"], **found.get("ctx", {}))
