"""How large a world is, and how its months lie."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

#: The register's months: from February 2020 to February 2025, of which half is over.
FIRST_YEAR, FIRST_MONTH, MONTHS = 2020, 2, 61
TODAY = date(2025, 2, 14)
#: Up to when snapshots reach.
SNAPSHOT = date(2025, 1, 31)
#: The day that may come on top, and how many documents it brings.
NEXT_DAY, NEXT_DOCUMENTS = date(2025, 2, 15), 10_000


@dataclass(frozen=True)
class Scale:
    """Counts of a world, all of them from its documents, each document numbered from 0 in the order of reception."""

    documents: int

    @property
    def suppliers(self) -> int:
        """Who issues the documents; every eighth is a natural person."""
        return min(max(self.documents // 100, 1_000), 50_000)

    @property
    def initiatives(self) -> int:
        return min(max(self.documents // 5_000, 200), 2_000)

    @property
    def transfers(self) -> int:
        return min(max(self.documents // 200, 500), 50_000)

    @property
    def orders(self) -> int:
        return self.documents // 20

    @property
    def official_documents(self) -> int:
        return self.documents // 20

    def begins(self, month: int, count: int | None = None) -> int:
        """The first number of a month, of documents or of another count that grows as they do."""
        return -(-month * (self.documents if count is None else count) // MONTHS)


def first_day(month: int) -> date:
    """Of a month, counted from 0."""
    years, months = divmod(FIRST_MONTH - 1 + month, 12)
    return date(FIRST_YEAR + years, months + 1, 1)


def last_day(month: int) -> date:
    """The last day of a month, or today in the month that is not over."""
    first = first_day(month)
    return min(first.replace(day=monthrange(first.year, first.month)[1]), TODAY)
