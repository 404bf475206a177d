"""What is kept of a release to trace its figures goes when retention removes the release, and no sooner."""

from pathlib import Path

import pytest

from orchestration import trace
from orchestration.settings import Settings
from publish import retention
from tests.orchestration.places import settings_below

GONE, KEPT = "2025-01-31-00000000000a", "2025-02-28-00000000000b"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two releases, each with its ledger and the warehouse that was rebuilt of it."""
    settings = settings_below(tmp_path)
    settings.raw.mkdir(parents=True)
    (settings.raw / "archivos.parquet").write_bytes(b"ledger")
    for number, ident in enumerate((GONE, KEPT)):
        (settings.releases / ident).mkdir(parents=True)
        trace.keep_ledger(settings, ident)
        rebuilt = settings.internal / "traces" / ident
        (rebuilt / "raw").mkdir(parents=True)
        (rebuilt / "bodega.duckdb").write_bytes(b"x" * number)
        (rebuilt / "raw" / "dte_pagos").symlink_to(settings.raw)
    return settings


def kept(settings: Settings) -> tuple[list[str], list[str]]:
    """The releases that a ledger is kept of, and those that a rebuilt warehouse is kept of."""
    ledgers = sorted(path.stem for path in settings.ledgers.iterdir())
    return ledgers, sorted(path.name for path in (settings.internal / "traces").iterdir())


def test_what_retention_removed_is_forgotten_and_nothing_else(settings: Settings) -> None:
    trace.forget(settings, [GONE])
    assert kept(settings) == ([KEPT], [KEPT])
    assert (settings.raw / "archivos.parquet").read_bytes() == b"ledger", "the links of the rebuilt one lead here"


def test_forgetting_is_done_again_without_harm_and_what_was_never_traced_too(settings: Settings) -> None:
    for _ in range(2):
        trace.forget(settings, [GONE, "2024-12-31-00000000000c"])
    assert kept(settings) == ([KEPT], [KEPT])


def test_a_release_that_retention_keeps_keeps_its_trace(settings: Settings) -> None:
    retention.clean(settings.releases, None, KEPT)
    trace.forget(settings, retention.removed(settings.releases))
    assert kept(settings) == ([GONE, KEPT], [GONE, KEPT])


def test_however_long_after_its_removal_a_release_is_forgotten(settings: Settings) -> None:
    """A run that was killed between the two leaves the ledger behind; the next one still knows of it."""
    (settings.releases / "2025-01-31-00000000000d").mkdir()
    assert retention.clean(settings.releases, 1, KEPT) == [GONE]
    assert retention.clean(settings.releases, None, KEPT) == []
    trace.forget(settings, retention.removed(settings.releases))
    assert kept(settings) == ([KEPT], [KEPT])


def test_a_release_that_was_forgotten_is_named_with_those_that_can_be_traced(settings: Settings) -> None:
    trace.forget(settings, [GONE])
    with pytest.raises(trace.TraceError, match=f"{GONE} is not kept; kept are: {KEPT}"):
        trace.trace(settings, "ficha_ciudadana", {}, "ejecutado", GONE, print)
