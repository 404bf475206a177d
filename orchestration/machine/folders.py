"""Makes a machine's folders ready for a run, and closes the internal area to all but its owner."""

import os
import tempfile
from pathlib import Path

from orchestration.machine import private
from orchestration.settings import PROJECT, Settings
from orchestration.state import state_file
from orchestration.variables import SettingsError


def prepare(settings: Settings) -> None:
    """Makes the folders and Dagster's instance file, and closes the internal area to all but its owner.

    From here on this process and those that it starts write for their owner alone. Raises NotPrivateError where
    another user's file is in the way, and SettingsError where a folder cannot be made.
    """
    # Folders on the way to the public ones are for the public too.
    os.umask(0o022)
    for variable in ("RELEASES_DIR", "PORTAL_DIR"):
        _make(variable, settings.folders[variable])
    private.write_for_owner_alone()
    for variable in ("WAREHOUSE_PATH", "RAW_DIR", "DAGSTER_HOME"):
        _make(variable, settings.folders[variable])
    for place in _to_close(settings):
        private.close(place)
    if not settings.on_cluster:
        _write_instance_file(settings)


def _to_close(settings: Settings) -> list[Path]:
    # On a cluster Dagster's home is the pod's own, with the instance file that the cluster puts there.
    homes = set() if not settings.on_cluster else {settings.dagster_home, settings.dagster_home.resolve()}
    return [place for place in _internal_places(settings) if place not in homes]


def _internal_places(settings: Settings) -> list[Path]:
    # A link that stands for RAW_DIR or DAGSTER_HOME is the owner's own setting: what it leads to is closed.
    places = list(dict.fromkeys([*settings.members, settings.raw.resolve(), settings.dagster_home.resolve()]))
    if not _is_ours(settings):
        return places
    folder = settings.internal.resolve()
    return [folder, *(place for place in places if not place.resolve().is_relative_to(folder))]


def _is_ours(settings: Settings) -> bool:
    """Whether the internal folder is there for nothing else, so that it can be closed as a whole."""
    folder = settings.internal.resolve()
    others = (settings.releases, settings.portal, settings.exports, PROJECT, Path(os.environ.get("HOME", "/")))
    shared = any(place.resolve().is_relative_to(folder) for place in (*others, Path(tempfile.gettempdir())))
    return not shared and folder.stat().st_uid == os.geteuid()


def _write_instance_file(settings: Settings) -> None:
    instance = settings.dagster_home / "dagster.yaml"
    if not instance.exists():
        state_file.replace(instance, (PROJECT / "orchestration" / "dagster.yaml").read_bytes())


def _make(variable: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{variable}: the folder {folder} cannot be made ({error.strerror}). Set it to a place where it can"
        ) from error
