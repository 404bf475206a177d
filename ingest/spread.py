"""Reading spread over workers: who reads which of the new files ahead of the run that gathers what they read.

Files are independent of one another, so workers share nothing but the archive that they read and the folder that they
write beside the raw layer. The run that gathers does all that it would have done alone, and finds most of it done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest import contract
from ingest.ahead import Ahead
from ingest.arriving import arrivals
from ingest.arriving.arrivals import Arrival
from ingest.batch import BATCH_BYTES, Rules, batch_names, batches, read_batch
from ingest.engine import MEMORY_LIMIT, connect
from ingest.failure import Failure, failure_of
from ingest.pipeline import AtHand, Places
from ingest.raw.memory import Memory
from ingest.raw.store import Store
from ingest.rows import corrections

# With less to read than this, to start workers takes longer than to read.
WORTH_BYTES = 2 * BATCH_BYTES


@dataclass(frozen=True)
class Work:
    """Files of one export that are read together, as the run that gathers would."""

    rules: Rules
    files: tuple[Arrival, ...]

    @property
    def bytes(self) -> int:
        """The size of the files."""
        return sum(arrival.size for arrival in self.files)


def plan(places: Places, workers: int, settle: float = 0, worth: int = WORTH_BYTES) -> list[list[Work]]:
    """Archives what lies in the exports folder, and deals out what of it is to be read. For whoever has the turn.

    settle: as of pipeline.run. worth: from so many bytes on. Returns a share of about the same size for each worker,
    none that is empty, and no share where there is little to do. Raises what pipeline.run raises.
    """
    contracts = contract.load()
    listed = contract.listed(contracts.values())
    corrected = corrections.load(places.corrections, contracts)
    found, _, failures = arrivals.find(places.exports, contracts, places.archive, settle)
    kept = Memory.read(places.raw, places.exports).recall(contracts, places.archive)
    withdrawn = {w.archivo for w in corrected.retiros}
    store, ahead = Store(places.raw), Ahead(places.raw)
    works: list[Work] = []
    for c in contracts.values():
        if c.export in failures:
            continue
        at_hand = AtHand.of(c, found, kept.values(), withdrawn)
        rules = Rules(c, corrected.of(c.export), listed).naming(at_hand.likely())
        known = store.known(c, rules.fingerprint)
        # By content, as the run that gathers has them: what is called the same is read the same.
        pending = {a.sha256: a for a in at_hand.found if a.sha256 not in known}
        for batch in batches(list(pending.values())):
            if not ahead.has(c.export, rules.fingerprint, batch_names(rules, batch).values()):
                works.append(Work(rules, tuple(batch)))
    return _dealt(works, workers) if sum(work.bytes for work in works) >= worth else []


def _dealt(works: list[Work], workers: int) -> list[list[Work]]:
    """The largest first, each to whoever has the least so far."""
    shares: list[list[Work]] = [[] for _ in range(workers)]
    dealt = [0] * workers
    for work in sorted(works, key=lambda each: -each.bytes):
        least = dealt.index(min(dealt))
        shares[least].append(work)
        dealt[least] += work.bytes
    return [share for share in shares if share]


def read(
    raw: Path,
    share: list[Work],
    progress: Callable[[str], None] = lambda _: None,
    memory_limit: str = MEMORY_LIMIT,
    threads: int | None = None,
) -> list[Failure]:
    """Reads a share to beside the raw layer, whatever other workers do meanwhile.

    raw: the folder of the raw layer. memory_limit, threads: of this worker's engine. Returns the exports that could not
    be read, whose other files are left to the run that gathers, which tells of them. Raises what concerns all exports,
    as a full disk.
    """
    ahead = Ahead(raw)
    failures: dict[str, Failure] = {}
    for work in share:
        export = work.rules.contract.export
        if export in failures:
            continue
        progress(f"{export}: reading {len(work.files)} file{'s' if len(work.files) > 1 else ''} ahead")
        try:
            with connect(ahead.scratch(), memory_limit, threads) as con, ahead.aside() as store:
                read_batch(con, store, work.rules, list(work.files))
        except Exception as error:
            failures[export] = failure_of(export, error)
    return list(failures.values())
