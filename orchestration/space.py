"""Room on the disks that a run writes to."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GB = 1_000_000_000
# Whichever is less: a small disk need not have 5 GB free, nor a large one a tenth.
LEAST_SHARE = 0.10
LEAST_BYTES = 5 * GB


@dataclass(frozen=True)
class Disk:
    """A disk with too little room. folders: the settings of the folders on it. free, needed: bytes."""

    folders: tuple[str, ...]
    free: int
    needed: int

    @property
    def free_gb(self) -> str:
        """What is free, as 4.2."""
        return f"{self.free / GB:.1f}"

    @property
    def needed_gb(self) -> str:
        """What should be, as 5.0."""
        return f"{self.needed / GB:.1f}"


def nearly_full(folders: Mapping[str, Path]) -> list[Disk]:
    """The disks below the threshold, each once. folders: by setting; what is not there is passed over."""
    by_disk: dict[int, list[str]] = {}
    for name, folder in folders.items():
        if folder.exists():
            by_disk.setdefault(folder.stat().st_dev, []).append(name)
    found = []
    for names in by_disk.values():
        usage = shutil.disk_usage(folders[names[0]])
        needed = min(int(usage.total * LEAST_SHARE), LEAST_BYTES)
        if usage.free < needed:
            found.append(Disk(tuple(names), usage.free, needed))
    return found
