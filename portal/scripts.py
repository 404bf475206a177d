"""The scripts of the site, bundled by Node when `make portal` runs; without them the pages are read all the same."""

import shutil
import subprocess
from pathlib import Path

WEB = Path(__file__).parent / "web"
NEEDED = "the scripts (search, filters of the map, SQL) need Node 20 with npm: apt install nodejs npm"


class CannotBundle(Exception):
    """The scripts cannot be bundled on this machine; says what is missing and how to get it."""


def bundle() -> Path:
    """Installs what package-lock.json pins, bundles portal/web/src, and returns the folder. Raises CannotBundle."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise CannotBundle(NEEDED)
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run(npm, "ci", "--omit=dev")
    _run(npm, "run", "--silent", "build")
    return WEB / "dist"


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle(f"{' '.join(command[1:])} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
