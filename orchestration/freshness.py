"""How late each source is now, by the pace that its contract gives. A release judges by its cut-off date instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ingest.contract import Contract
from orchestration.settings import ZONE

# The institution's day, which is not the day of UTC from 20:00 or 21:00 on.
HERE = ZoneInfo(ZONE)


@dataclass(frozen=True)
class Source:
    """An export that sent a good file. data_date: how far its data reach, None where no file's name says it.

    arrived: when its newest good file came, UTC. age_days: from the data date, or else from that arrival, to today.
    """

    export: str
    data_date: date | None
    arrived: datetime
    age_days: int
    cadence_days: int
    late_after_days: int

    @property
    def late(self) -> bool:
        """Whether newer data should be here by now."""
        return self.age_days > self.late_after_days

    @property
    def sentence(self) -> str:
        """How far it reaches, and what was expected."""
        reach = (
            f"its data reach {self.data_date}"
            if self.data_date
            else f"its newest file came on {self.arrived:%Y-%m-%d} and its names hold no date"
        )
        return (
            f"{self.export} is expected every {self.cadence_days} days and late after {self.late_after_days}: "
            f"{reach}, {self.age_days} days ago"
        )


def sources(raw: Path, contracts: Mapping[str, Contract], now: datetime) -> list[Source]:
    """Every export that ever sent a good file. raw: with the ledger of the last run. now: with a time zone."""
    today = now.astimezone(HERE).date()
    with duckdb.connect() as con:
        rows = con.execute(
            """select export, max(fecha_dato), max(recibido_en) from read_parquet(?)
            where estado = 'ACEPTADO' group by export order by export""",
            [str(raw / "archivos.parquet")],
        ).fetchall()
    found = []
    for export, data_date, arrived in rows:
        if export in contracts:
            since = data_date or arrived.replace(tzinfo=UTC).astimezone(HERE).date()
            rule = contracts[export]
            age = (today - since).days
            found.append(Source(export, data_date, arrived, age, rule.cadence_days, rule.late_after_days))
    return found
