"""The scripts of the site, bundled by Node where they are missing or old; pages are read without them all the same."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal import node
from portal.build import SCRIPTS, digest, read_record, write

RECORD = ".guiones.json"


def are_current(out: Path) -> bool:
    """Whether the scripts of a site are what this room's sources give, by their hashes."""
    record = read_record(out / RECORD)
    return record.get("de") == _sources() and record.get("guiones") == _held(out)


@contextmanager
def bundled() -> Iterator[Path]:
    """A folder of the bundled scripts, which is gone afterwards. Raises NoNodeError."""
    found = node.find()
    node.install()
    with tempfile.TemporaryDirectory() as folder:
        node.run([found, "build.mjs", folder])
        yield Path(folder)


def note(out: Path) -> None:
    """Writes down what the scripts of a site were made from, once they are there."""
    write(out / RECORD, json.dumps({"de": _sources(), "guiones": _held(out)}, indent=1).encode(), out)


def _sources() -> str:
    files = [*sorted((node.WEB / "src").glob("*.js")), node.WEB / "build.mjs", node.WEB / "package-lock.json"]
    return digest("\0".join(f"{path.name} {digest(path.read_bytes())}" for path in files).encode())


def _held(out: Path) -> dict[str, str]:
    return {path.name: digest(path.read_bytes()) for path in sorted((out / SCRIPTS).glob("*")) if path.is_file()}
