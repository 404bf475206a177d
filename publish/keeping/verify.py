"""Whether a release is what its manifest says: every file there, none besides, each with its bytes and hash."""

import hashlib
import json
from pathlib import Path

MANIFEST = "manifest.json"


def sha256(path: Path) -> str:
    """The hash of the file's bytes as they are read back from the disk, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problems(release: Path, release_id: str, kinds: tuple[str, ...] = ("",)) -> list[str]:
    """What is wrong with the folder as the release of that id, one sentence each; none if it is whole.

    kinds: how the names of the files end that are looked at; all of them by default.
    """
    try:
        manifest = json.loads((release / MANIFEST).read_text("utf-8"))
        ident = manifest["id"]
        declared = {file["nombre"]: (file["bytes"], file["sha256"]) for file in manifest["archivos"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        return [f"{release / MANIFEST} cannot be read ({error!r})"]
    present = {path.name for path in release.iterdir()} - {MANIFEST}
    found = [
        f"{name} {wrong}"
        for name in sorted(present | declared.keys())
        if name.endswith(kinds) and (wrong := _wrong(release / name, declared.get(name)))
    ]
    return found if ident == release_id else [*found, f"the manifest is of release {ident}"]


def _wrong(path: Path, declared: tuple[int, str] | None) -> str:
    """What is wrong with a file, '' if nothing. declared: its bytes and sha256, where the manifest names it."""
    if not declared:
        return "is not in the manifest"
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != declared[0]:
        return f"has {path.stat().st_size} bytes instead of {declared[0]}"
    return "" if sha256(path) == declared[1] else "has another sha256 than the manifest says"
