"""What stands in for a dataset that cannot be new: its version in the newest release back that has a good one."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import duckdb

from publish.catalog import Catalog
from publish.draft import Draft, write_last_good
from publish.errors import PublishError
from publish.keeping import place, retention, rollback, versions
from publish.keeping.verify import problems
from publish.keeping.versions import Version
from publish.privacy.screening import Screen

_ELSEWHERE = "No se mantiene una versión anterior, porque no consta que sea de la misma carpeta de archivos recibidos."


def keep(
    con: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    releases_dir: Path,
    same_exports: Callable[[str], bool],
    missing: Collection[str],
    using: Screen,
    draft: Draft,
    progress: Callable[[str], None],
) -> None:
    """Writes every held dataset of which a release back has a good version; what has none stays held.

    same_exports: whether a release was made from the exports folder of this one. missing: datasets that nothing stands
    in for, since their source never arrived. progress: is told what is kept, and which release is damaged.
    """
    wanted = [name for name in draft.held if name not in missing]
    unfit: dict[str, str] = {}
    elsewhere: set[str] = set()
    for ident in _releases_back(releases_dir):
        if not wanted:
            break
        if not same_exports(ident):
            elsewhere |= {name for name in wanted if (releases_dir / ident / f"{name}.parquet").exists()}
            continue
        for name, version in _whole(releases_dir / ident, wanted, progress):
            why = write_last_good(con, catalog.datasets[name], version, using, draft)
            if why:
                unfit.setdefault(name, why)
            else:
                progress(f"keeping {name} as {ident} has it")
                wanted.remove(name)
    for name in wanted:
        if name in unfit:
            draft.held[name] += f" Tampoco se mantiene la versión anterior. {unfit[name]}"
        elif name in elsewhere:
            draft.held[name] += f" {_ELSEWHERE}"


def _releases_back(releases_dir: Path) -> list[str]:
    """From the one in force to the oldest: what came later was left by going back, and so was what is withdrawn."""
    order = [each.id for each in retention.releases_in(releases_dir)]
    now = place.in_force(releases_dir)
    withdrawn = rollback.withdrawn(releases_dir)
    back = order[: order.index(now) + 1] if now in order else order
    return [ident for ident in reversed(back) if ident not in withdrawn]


def _whole(release: Path, names: Collection[str], progress: Callable[[str], None]) -> Iterator[tuple[str, Version]]:
    """The versions of these datasets that a release has, where it is whole."""
    try:
        held = versions.read(release)
    except PublishError as error:
        progress(str(error))
        return
    if not (found := [name for name in names if name in held]):
        return
    if wrong := problems(release, release.name):
        progress(f"{release} is damaged, so nothing is kept from it: {'; '.join(wrong)}")
        return
    yield from ((name, held[name]) for name in found)
