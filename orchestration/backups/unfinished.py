"""The mark of a restore: where one broke off, nothing is built on half of a backup until it is done again."""

from dataclasses import asdict, dataclass

from orchestration.settings import Settings
from orchestration.state import state_file
from orchestration.state.state_file import StateFileError


class UnfinishedRestoreError(RuntimeError):
    """A restore broke off; with the command that does it again."""


@dataclass(frozen=True)
class Unfinished:
    """A restore that began to put things in place, as it was asked for. manifest: the sha256 of its backup's."""

    manifest: str
    folder: str
    with_exports: bool
    moved: bool

    @property
    def command(self) -> str:
        """What does it again."""
        options = " --with-exports" * self.with_exports + " --moved" * self.moved
        return f"bodega restore {self.folder}{options}"


def mark(settings: Settings, restore: Unfinished) -> None:
    """Notes, before the first thing is in place, what is being restored."""
    state_file.write(settings.restoring, asdict(restore))


def clear(settings: Settings) -> None:
    """Notes that all is in place."""
    settings.restoring.unlink(missing_ok=True)


def left(settings: Settings) -> Unfinished | None:
    """The restore that broke off, if any. Whoever calls this holds the turn: none is at work."""
    if not settings.restoring.exists():
        return None
    try:
        with state_file.understood(settings.restoring) as said:
            return Unfinished(**said)
    except StateFileError as error:
        raise UnfinishedRestoreError(
            f"A restore broke off, and {settings.restoring} cannot be read any more: move what it put in place away, "
            "with that file, and do it again"
        ) from error


def check_none(settings: Settings) -> None:
    """Raises UnfinishedRestoreError where a restore broke off."""
    if broken := left(settings):
        raise UnfinishedRestoreError(
            f"A restore broke off, so that what is in place is half of a backup. First do it again: {broken.command}"
        )
