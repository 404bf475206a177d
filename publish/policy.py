"""What the institution decides of its releases."""

from dataclasses import dataclass, field

from publish.edition import Publisher
from publish.xlsx import MAX_ROWS


@dataclass(frozen=True)
class Policy:
    """What the institution decides of its releases.

    keep: how many of the newest stay on the disk, None for all. xlsx_rows: above so many a dataset has no workbook.
    """

    publisher: Publisher = field(default_factory=Publisher)
    keep: int | None = None
    xlsx_rows: int = MAX_ROWS
