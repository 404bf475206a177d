"""Which errors are ours, and who may read what they say.

By the names of their classes, as Dagster hands errors on; so whoever asks imports none of the rooms for it. Errors that
are not listed are caught by the room that raises them, or are nobody's: of those only the name is told.
"""

import builtins
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo

# Their words hold no cell, and so may leave the machine in an alert.
FOR_EVERYBODY = frozenset(
    [
        # Dagster's, that our steps raise with words of ours. Those of its libraries are other classes.
        "dagster._core.definitions.events.Failure",
        "ingest.contract.ContractError",
        "orchestration.backups.unfinished.UnfinishedRestoreError",
        "orchestration.dbt_results.TestsNotRunError",
        "orchestration.machine.private.NotPrivateError",
        "orchestration.machine.turn.TurnTakenError",
        "orchestration.state.state_file.StateFileError",
        "orchestration.variables.SettingsError",
        "portal.build.OldPagesError",
        "publish.errors.CatalogError",
        "publish.errors.PublishError",
        "publish.errors.TryLaterError",
    ]
)

# Theirs may hold a cell, the words of an engine or the name of a file received: they are for the terminal alone.
FOR_THE_INSTITUTION = frozenset(
    [
        "ingest.rows.corrections.CorrectionsError",
        "ingest.written.WrittenError",
        "orchestration.backups.backup.BackupError",
        "orchestration.dbt_command.DbtError",
        "orchestration.state.ledgers.TraceError",
        "publish.errors.GateError",
    ]
)


def name_of(kind: type[BaseException]) -> str:
    """The name of a class of errors, as Python writes it before what one of them says."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def parted(error: "SerializableErrorInfo") -> tuple[str, str]:
    """The name of the class of an error that Dagster hands on, as of `name_of`, and what it says."""
    name, said = error.cls_name or "an unknown error", error.message.strip()
    found = re.match(rf"((?:\w+\.)*{re.escape(name)})(?:: |$)", said)
    return (found[1], said[found.end() :]) if found else (name, said)


def may_leave(name: str) -> bool:
    """Whether the words of such an error may be told in an alert."""
    return name in FOR_EVERYBODY


def is_for_the_terminal(name: str) -> bool:
    """Whether the words of such an error are all that whoever runs the command needs: it is ours, or the system's."""
    kind = getattr(builtins, name, None)
    return name in FOR_EVERYBODY | FOR_THE_INSTITUTION or (isinstance(kind, type) and issubclass(kind, OSError))
