"""Whether a release is what its manifest says: every file there, none besides, each with its bytes and hash."""

import hashlib
import json
from pathlib import Path

MANIFEST = "manifest.json"
_CHUNK = 1 << 20


def sha256(path: Path) -> str:
    """The hash of the file's bytes as they are read back from the disk, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def problems(release: Path, release_id: str) -> list[str]:
    """What is wrong with the folder as the release of that id, one sentence each; none if it is whole."""
    try:
        manifest = json.loads((release / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        return [f"{release / MANIFEST} cannot be read ({error})"]
    declared = {file["nombre"]: file for file in manifest["archivos"]}
    present = {path.name for path in release.iterdir()} - {MANIFEST}
    found = [f"{name} is not in the manifest" for name in sorted(present - declared.keys())]
    for name, file in sorted(declared.items()):
        path = release / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif path.stat().st_size != file["bytes"]:
            found.append(f"{name} has {path.stat().st_size} bytes instead of {file['bytes']}")
        elif sha256(path) != file["sha256"]:
            found.append(f"{name} has another sha256 than the manifest says")
    if manifest["id"] != release_id:
        found.append(f"the manifest is of release {manifest['id']}")
    return found
