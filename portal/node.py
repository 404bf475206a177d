"""Node, which bundles the scripts and prints the sheets: the one of the machine, where it is new enough."""

import re
import shutil
import subprocess
from pathlib import Path

WEB = Path(__file__).parent / "web"
OLDEST = 20
# What takes longer has hung.
LONGEST = 600


class NoNodeError(Exception):
    """There is no Node to work with, or it failed; says what is missing and how to get it, or what it said."""


def find() -> str:
    """Where Node is. Raises NoNodeError where there is none, or one that is too old for what the lock file pins."""
    node = shutil.which("node")
    if not node:
        raise NoNodeError(f"Node {OLDEST} or newer is needed, with npm: apt install nodejs npm")
    said = run([node, "--version"])
    version = re.match(r"v(\d+)\.", said)
    if not version or int(version[1]) < OLDEST:
        raise NoNodeError(f"Node {OLDEST} or newer is needed, and this machine has {said.strip()}: see nodejs.org")
    return node


def install() -> None:
    """Installs what package-lock.json pins, where it is not there yet. Raises NoNodeError."""
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if not npm:
        raise NoNodeError("npm is needed to install what the site's scripts are made of: apt install npm")
    run([npm, "ci", "--omit=dev", "--silent"])


def run(command: list[str], given: str = "") -> str:
    """Runs a command in the folder of the scripts; returns what it said. given: its input. Raises NoNodeError."""
    try:
        done = subprocess.run(
            command, cwd=WEB, input=given, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoNodeError(f"{Path(command[0]).name} failed: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise NoNodeError(f"{Path(command[0]).name} {Path(command[1]).name} failed: {said}")
    return done.stdout
