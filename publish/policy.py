"""What the institution decides of its releases."""

from dataclasses import dataclass, field

from publish.edition import Publisher

# 20 columns of it take 11 s of processor and 10 MB; ten times as many take two minutes, and minutes to be opened.
WORKBOOK_ROWS = 100_000
# Source: Excel specifications and limits. The first of 1.048.576 rows is the header.
MOST_WORKBOOK_ROWS = 1_048_575


@dataclass(frozen=True)
class Policy:
    """Who publishes, what is kept, and which datasets get a workbook.

    keep: how many of the newest stay on the disk, None for all. xlsx_rows: above so many a dataset has no workbook.
    """

    publisher: Publisher = field(default_factory=Publisher)
    keep: int | None = None
    xlsx_rows: int = WORKBOOK_ROWS
