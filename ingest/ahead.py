"""What workers have read ahead of the run that gathers it: beside the raw layer, each batch in a folder of its own.

Several processes, also of several machines, may write here at once, and one may be killed at any moment: none looks at
what another one writes, and a batch counts only once its folder has been given its last name, in one step. The one run
that has the raw layer to itself takes from here, and drops the rest when it is done.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from ingest.engine import clear_away
from ingest.placing import put
from ingest.raw.store import Reading, Store, readings, said_in

_READ = ".read"


class Ahead:
    """The folder of what was read ahead. raw: that of the raw layer, on whose disk it lies."""

    def __init__(self, raw: Path) -> None:
        self.folder = raw / ".ahead"
        self._gone = raw / ".gone"

    def scratch(self) -> Path:
        """A folder for what one worker needs meanwhile, which no other one uses."""
        return self.folder / f"{uuid4().hex}.tmp"

    @contextmanager
    def aside(self) -> Iterator[Store]:
        """A store for what is read now, which counts once the body has ended well.

        Raises FileNotFoundError where the run that gathers has dropped it meanwhile.
        """
        own = self.folder / uuid4().hex
        own.mkdir(parents=True, mode=0o700)
        try:
            yield Store(own)
            own.rename(own.with_suffix(_READ))
        except BaseException:
            shutil.rmtree(own, ignore_errors=True)
            raise

    def take(self, store: Store, export: str, fingerprint: str, batches: Iterable[str]) -> list[Reading]:
        """Moves what there is of these batches into the store; returns its readings.

        Where it breaks off, the batch that it was at is lost, and is read as if nobody had.
        """
        found: list[Reading] = []
        for batch in sorted(set(batches)):
            said = self._complete.pop(said_in(export, batch, fingerprint), None)
            if said is None:
                continue
            found += readings(said)
            # From here on it counts nowhere, until all of it is in the store.
            unsaid = said.rename(said.with_suffix(".partial"))
            for part in sorted(said.parent.parent.glob(f"*/{export}-{batch}-*.parquet")):
                _move(part, store.folder / part.parent.name / part.name)
            _move(unsaid, store.folder / "lecturas" / said.name)
        return found

    def has(self, export: str, fingerprint: str, batches: Iterable[str]) -> bool:
        """Whether all of these batches were read ahead already."""
        return all(said_in(export, batch, fingerprint) in self._complete for batch in batches)

    def drop(self) -> None:
        """Takes away what nobody took. A worker that is still at it ends with an error, and nothing of it counts."""
        clear_away(self._gone)
        if self.folder.exists():
            # First out of every worker's reach, so that none can add to what is being taken away.
            self.folder.rename(self._gone)
            clear_away(self._gone)

    @cached_property
    def _complete(self) -> dict[str, Path]:
        """What there was when it was first asked for, by its name in `lecturas`."""
        return {path.name: path for path in sorted(self.folder.glob(f"*{_READ}/lecturas/*.parquet"))}


def _move(part: Path, place: Path) -> None:
    place.parent.mkdir(exist_ok=True, mode=0o700)
    put(part, place)
