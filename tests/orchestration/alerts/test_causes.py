"""Every kind of cause is told of once when it appears and once when it has healed, and nothing leaks on the way."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.arriving import arrivals as ingest_arrivals
from ingest.contract import ContractError
from orchestration import alerts, sources
from orchestration.alerts.causes import MANY
from orchestration.alerts.kinds import KINDS, RUNBOOK
from orchestration.alerts.outcome import Outcome
from orchestration.alerts.state import State
from orchestration.machine import space
from orchestration.state import gate
from publish.gate import Gate
from tests.conftest import PROJECT, SAMPLES
from tests.orchestration.alerts.conftest import AGREEMENTS, DOCUMENT, SECRET, Hook, Night, Usage

UNIT = "unidad_de_sisrec_transferencias"
LATER = "core/acuerdos_20250205.csv"
Act = Callable[[Night], object]


def agreements() -> bytes:
    return (SAMPLES / AGREEMENTS).read_bytes()


def with_other_dates() -> bytes:
    """The agreements as a system writes them whose dates have another form since last night."""
    return re.sub(rb"(\d\d)[-/.](\d\d)[-/.](20\d\d)", rb"\3.\2.\1", agreements())


def broken_off() -> bytes:
    """The first half of the agreements, every line of it whole."""
    lines = agreements().splitlines(keepends=True)
    return b"".join(lines[: len(lines) // 2])


def put(path: str, content: bytes) -> Act:
    def act(night: Night) -> None:
        night.put(path, content)
        night.run()

    return act


def remove(path: str) -> Act:
    def act(night: Night) -> None:
        (night.settings.exports / path).unlink()
        night.run()

    return act


def rights(*, given: bool) -> Act:
    """Whether the agreements can be opened; the user of the tests may be one who can open all."""
    archive = ingest_arrivals._archive

    def act(night: Night) -> None:
        def closed(file: Path, *rest: object) -> object:
            if file.name in AGREEMENTS and not given:
                raise PermissionError(13, "Permission denied")
            return archive(file, *rest)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ingest_arrivals, "_archive", closed)
            night.run()

    return act


def break_off(night: Night) -> None:
    """A document that a disk answers for with an error."""
    file = night.settings.exports / "dte" / "Rosa Diaz 12345678-5.xml"
    file.symlink_to("/proc/self/mem")
    night.summary({"compras": "Rosa Díaz"})
    result = {"check": sources.READ, "severity": "error", "success": False}
    gate.write(Gate("a", {"compras": [result]}), night.settings.gate)
    night.run()


def mend(night: Night) -> None:
    (night.settings.exports / "dte" / "Rosa Diaz 12345678-5.xml").unlink()
    night.run()


def correction(*, there: bool) -> Act:
    text = """
    celdas:
      - export: core_acuerdos
        donde: {acuerdo: 9999/2024}
        columna: materia
        dice: Rosa Díaz Soto
        debe_decir: nadie
        motivo: m
        autor: a role
        fecha: 2025-01-01
    """

    def act(night: Night) -> None:
        file = night.settings.corrections / "core.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text if there else "", "utf-8")
        night.run()

    return act


def held(failed: dict[str, str]) -> Act:
    def act(night: Night) -> None:
        check = {"check": "monto_positivo", "severity": "error", "success": not failed, "observed": "Rosa Díaz"}
        gate.write(Gate("a", {"transferencias": [check]}), night.settings.gate)
        night.summary(failed, ("transferencias",))
        night.end(1 if failed else 0)

    return act


def warned(*, of: str) -> Act:
    """A run whose check of this name warns, of the dataset and of another one that it guards."""

    def act(night: Night) -> None:
        names = (UNIT, "saldo_no_negativo")
        checks = [
            {"check": name, "severity": "warning", "success": name != of, "observed": "9999/2024"} for name in names
        ]
        gate.write(Gate("a", {"transferencias": checks, "conciliacion": checks}), night.settings.gate)
        night.summary({}, ("transferencias", "conciliacion"))
        night.end()

    return act


def ended(status: int, **failures: str) -> Act:
    return lambda night: night.end(status, failures)


def not_loaded(night: Night) -> None:
    error = ContractError("/app/ingest/contracts/core_acuerdos.yml, line 6, field modo: is no field here")
    alerts.not_loaded(night.settings, error, night.said.append, night.now)


def disk(free: int) -> Act:
    def act(night: Night) -> None:
        night.free = free
        night.watch()

    return act


def releases(folder: str) -> Act:
    def act(night: Night) -> None:
        night.settings = replace(night.settings, releases=night.settings.releases.with_name(folder))
        night.watch()

    return act


def late_and_back() -> tuple[Act, Act]:
    def newer(night: Night) -> None:
        night.put("core/acuerdos_20250320.csv", agreements())
        night.run()

    return lambda night: night.watch(timedelta(days=40)), newer


# For each kind what makes it appear, what heals it, and what its message must say.
CASES: dict[str, tuple[Act, Act, str]] = {
    "file_refused": (put(LATER, b"<html>login</html>"), put(LATER, agreements()), LATER),
    "file_missing": (remove(AGREEMENTS), put(AGREEMENTS, agreements()), AGREEMENTS),
    "file_mostly_rejected": (put(AGREEMENTS, with_other_dates()), put(AGREEMENTS, agreements()), AGREEMENTS),
    "file_fewer_rows": (put(AGREEMENTS, broken_off()), put(AGREEMENTS, agreements()), AGREEMENTS),
    "file_unknown": (put("dte/Rosa Diaz.txt", b"x"), remove("dte/Rosa Diaz.txt"), "dte/"),
    "file_unreadable": (rights(given=False), rights(given=True), AGREEMENTS),
    "source_failed": (break_off, mend, "dte_xml"),
    "source_late": (*late_and_back(), "core_acuerdos"),
    "correction_overtaken": (correction(there=True), correction(there=False), "corrections/"),
    "dataset_held": (held({"transferencias": "No pasó: Rosa Díaz."}), held({}), "transferencias"),
    "figures_doubtful": (
        warned(of="unidad_de_sisrec_transferencias"),
        warned(of="saldo_no_negativo"),
        "transferencias",
    ),
    "run_failed": (ended(2, models="No space."), ended(0), "models"),
    "not_loaded": (not_loaded, ended(0), "code"),
    "no_finished_run": (lambda night: night.watch(timedelta(hours=27)), ended(0), "schedule"),
    "bucket_failed": (ended(1, bucket="status 403"), ended(0), "bucket"),
    "pages_old": (ended(1, portal="these pages are old: mapa"), ended(0), "portal"),
    # Of a name that no disk takes one cannot even learn that it is not there.
    "folder_out_of_reach": (releases("x" * 300), releases("releases"), "RELEASES_DIR"),
    "disk_nearly_full": (disk(4 * space.GB), disk(6 * space.GB), "WAREHOUSE_PATH"),
}


def test_every_kind_has_its_case() -> None:
    assert CASES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_cause_is_told_of_once_when_it_appears_and_once_when_it_has_healed(
    kind: str, night: Night, hook: Hook
) -> None:
    appear, heal, where = CASES[kind]
    night.settings = replace(night.settings, bucket="s3://bucket")
    appear(night)
    assert hook.of(kind) == ["opened"]
    told = next(each for each in hook.received if each["kind"] == kind)
    assert where in told["where"]
    assert (told["severity"], told["remedy"]) == (KINDS[kind].severity, KINDS[kind].remedy)
    assert told["what"] in told["text"]
    assert told["remedy"] in told["text"]
    night.watch(timedelta(0))
    assert hook.of(kind) == ["opened"]
    heal(night)
    assert hook.of(kind) == ["opened", "resolved"]
    assert len({each["alert_id"] for each in hook.received if each["kind"] == kind}) == 1
    night.watch(timedelta(0))
    assert hook.of(kind) == ["opened", "resolved"]
    assert night.said == []
    # Neither a cell, nor a person, nor a secret left the machine with it.
    sent = json.dumps(hook.received, ensure_ascii=False)
    assert re.search(f"Rosa|Díaz|12345678|9999/2024|{SECRET}", sent) is None
    assert SECRET not in night.settings.alerts.read_text("utf-8")


def test_doubtful_figures_of_a_dataset_that_is_held_back_are_not_told_of_as_published(night: Night, hook: Hook) -> None:
    checks = [
        {"check": UNIT, "severity": "warning", "success": False, "observed": "9999/2024"},
        {"check": "clave_unica", "severity": "error", "success": False, "observed": "9999/2024"},
    ]
    gate.write(Gate("a", {"transferencias": checks}), night.settings.gate)
    night.summary({"transferencias": "No pasó."})
    night.end(1)
    told = {each["kind"]: each["what"] for each in hook.received}
    assert told.keys() == {"dataset_held", "figures_doubtful"}
    assert "published" not in told["figures_doubtful"]


def test_doubtful_figures_have_not_healed_where_their_source_could_not_be_read(night: Night, hook: Hook) -> None:
    warned(of=UNIT)(night)
    unread = {"check": sources.READ, "severity": "error", "success": False, "observed": "no se pudo leer"}
    gate.write(Gate("a", {"transferencias": [unread]}), night.settings.gate)
    night.summary({"transferencias": "No se pudo leer."})
    night.end(1)
    assert hook.of("figures_doubtful") == ["opened"]
    warned(of="saldo_no_negativo")(night)
    assert hook.of("figures_doubtful") == ["opened", "resolved"]


def test_rows_that_were_rejected_are_not_told_of_as_fewer_too(night: Night, hook: Hook) -> None:
    put(AGREEMENTS, with_other_dates())(night)
    assert (hook.of("file_mostly_rejected"), hook.of("file_fewer_rows")) == (["opened"], [])
    told = next(each for each in hook.received if each["kind"] == "file_mostly_rejected")
    assert re.search(r"1\d\d of 1\d\d rows were rejected", told["what"])


def test_a_snapshot_that_stays_short_night_after_night_is_told_of_once(night: Night, hook: Hook) -> None:
    for day in ("0205", "0206"):
        put(f"core/acuerdos_2025{day}.csv", broken_off())(night)
    assert hook.of("file_fewer_rows") == ["opened"]
    put("core/acuerdos_20250207.csv", agreements())(night)
    assert hook.of("file_fewer_rows") == ["opened", "resolved"]


def test_a_source_that_could_not_be_read_is_told_of_once_with_what_happened_where(night: Night, hook: Hook) -> None:
    """And not once more for each dataset that leans on it, nor for its files as if they were missing."""
    night.put("core/acuerdos_20250205.csv", b"").unlink()
    (night.settings.exports / "core/acuerdos_20250205.csv").symlink_to("/proc/self/mem")
    break_off(night)
    assert sorted((each["kind"], each["where"]) for each in hook.received) == [
        ("source_failed", "core_acuerdos"),
        ("source_failed", "dte_xml"),
    ]
    said = {each["where"]: each["what"] for each in hook.received}
    assert "(core/acuerdos_20250205.csv): OSError: [Errno 5] Input" in said["core_acuerdos"]
    assert "(a file of dte_xml): OSError: [Errno 5] Input" in said["dte_xml"]
    assert "Rosa Diaz 12345678-5.xml" in next(a.inside for a in night.watch() if a.where == "dte_xml")


def runbook() -> dict[str, str]:
    """The headings below Alerts in the runbook, each with its text."""
    text = (PROJECT / RUNBOOK).read_text("utf-8")
    section = re.search(r"^## Alerts\n(.*?)(?=^## )", text, re.DOTALL | re.MULTILINE)
    assert section
    parts = re.split(r"^### (.+)\n", section[1], flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (" ".join(part.split()) for part in parts[1::2]), strict=True))


def test_every_kind_has_its_heading_in_the_runbook_with_the_same_step_and_no_heading_is_left_over() -> None:
    told = runbook()
    assert sorted(told) == sorted(kind.heading for kind in KINDS.values())
    assert [k.heading for k in KINDS.values() if f"**Do:** {k.remedy}" not in told[k.heading]] == []


def test_a_message_leads_to_the_heading_of_the_runbook(night: Night, hook: Hook) -> None:
    night.end(2, {"models": "No space."})
    assert hook.received[0]["runbook"] == "docs/operations.md#the-run-failed"
    assert 'Runbook: docs/operations.md, "The run failed".' in hook.received[0]["text"]


def test_other_words_for_the_same_cause_send_nothing(night: Night, hook: Hook) -> None:
    night.watch(timedelta(days=40))
    assert hook.of("source_late") == ["opened"]
    before = [alert.what for alert in night.watch(timedelta(days=1)) if alert.kind == "source_late"]
    after = [alert.what for alert in night.watch(timedelta(days=1)) if alert.kind == "source_late"]
    assert before != after
    assert hook.of("source_late") == ["opened"]


def test_what_a_run_could_not_judge_stays_as_it_was(night: Night, hook: Hook) -> None:
    held({"transferencias": "No pasó."})(night)
    night.settings.summary.unlink()
    night.end(2, {"models": "No space."})
    assert hook.of("dataset_held") == ["opened"]
    held({})(night)
    assert hook.of("dataset_held") == ["opened", "resolved"]


def test_datasets_are_not_judged_by_the_summary_of_one_night_and_the_verdicts_of_the_next(
    night: Night, hook: Hook
) -> None:
    break_off(night)
    read = {"check": sources.READ, "severity": "error", "success": True}
    gate.write(Gate("b", {"compras": [read]}), night.settings.gate)
    night.watch()
    assert hook.of("dataset_held") == []


def test_a_dataset_that_was_held_back_has_not_healed_while_the_next_night_is_at_work(night: Night, hook: Hook) -> None:
    held({"transferencias": "No pasó."})(night)
    (before,) = night.watch()
    unread = {"check": sources.READ, "severity": "error", "success": False}
    gate.write(Gate("b", {"transferencias": [unread]}), night.settings.gate)
    assert night.watch() == [before]
    assert hook.of("dataset_held") == ["opened"]


def test_a_run_that_only_looked_says_nothing_of_the_bucket(night: Night, hook: Hook) -> None:
    night.settings = replace(night.settings, bucket="s3://bucket")
    night.end(1, {"bucket": "status 403"})
    night.end(0, looked=True)
    assert hook.of("bucket_failed") == ["opened"]
    night.settings = replace(night.settings, bucket="")
    night.watch()
    assert hook.of("bucket_failed") == ["opened", "resolved"]


def test_a_run_that_found_nothing_new_has_finished(night: Night, hook: Hook) -> None:
    night.now += timedelta(hours=25)
    night.end(looked=True)
    night.watch(timedelta(hours=25))
    assert hook.of("no_finished_run") == []


def test_a_run_that_failed_has_not_finished(night: Night, hook: Hook) -> None:
    night.now += timedelta(hours=25)
    night.end(2, {"models": "No space."})
    night.watch(timedelta(hours=2))
    assert hook.of("no_finished_run") == ["opened"]


def test_an_outcome_older_than_one_that_is_known_is_passed_over(night: Night, hook: Hook) -> None:
    night.end(2, {"models": "No space."})
    between = night.now + timedelta(minutes=2)
    night.now += timedelta(minutes=5)
    night.end(0)
    older = Outcome(2, between, {"models": "No space."})
    alerts.after_run(night.settings, older, night.said.append, night.now)
    assert hook.of("run_failed") == ["opened", "resolved"]


def test_what_a_clock_left_that_was_ahead_mutes_no_failed_run(night: Night, hook: Hook) -> None:
    night.now += timedelta(days=1)
    night.end(0)
    night.now -= timedelta(days=1)
    night.end(2, {"models": "No space."})
    assert hook.of("run_failed") == ["opened"]
    night.end(0)
    assert hook.of("run_failed") == ["opened", "resolved"]


def test_what_a_clock_left_that_was_ahead_counts_as_a_run_that_finished_now(night: Night, hook: Hook) -> None:
    night.now += timedelta(days=30)
    night.end(0)
    night.now -= timedelta(days=30)
    night.watch()
    night.watch(timedelta(hours=26))
    assert hook.of("no_finished_run") == []
    night.watch(timedelta(hours=1))
    assert hook.of("no_finished_run") == ["opened"]


def test_watching_that_began_on_a_clock_that_was_ahead_began_now(night: Night, hook: Hook) -> None:
    State(night.now + timedelta(days=30)).write(night.settings.alerts)
    night.watch()
    night.watch(timedelta(hours=27))
    assert hook.of("no_finished_run") == ["opened"]


def test_a_file_of_any_name_is_told_of_as_the_release_shows_it(night: Night, hook: Hook) -> None:
    release = night.settings.releases / "r1"
    release.mkdir(parents=True)
    (night.settings.releases / "latest.json").write_text('{"id": "r1"}', "utf-8")
    with duckdb.connect() as con:
        con.execute(
            f"""copy (select sha256, sha256 as sha256_en_vigor, 'dte/[dato personal reservado].xml' as archivo
            from read_parquet('{night.settings.raw}/archivos.parquet') where export = 'dte_xml')
            to '{release}/fuentes.parquet' (format parquet)"""
        )
    remove(DOCUMENT)(night)
    assert [each["where"] for each in hook.received] == ["dte/[dato personal reservado].xml"]


def test_a_file_that_no_release_shows_is_told_of_by_its_content_alone(night: Night, hook: Hook) -> None:
    remove(DOCUMENT)(night)
    assert re.fullmatch(r"dte_xml, sha256 [0-9a-f]{12}", hook.received[0]["where"])
    assert night.watch()[0].inside == DOCUMENT


def test_a_file_that_still_grows_is_neither_missing_nor_unknown(night: Night, hook: Hook) -> None:
    night.read()
    said = json.loads(night.settings.arrivals.read_text("utf-8"))
    said |= {"left_alone": {AGREEMENTS: "it is still growing"}, "to_try_again": [AGREEMENTS]}
    (night.settings.exports / AGREEMENTS).rename(night.settings.exports / ".away")
    night.read()
    night.settings.arrivals.write_text(json.dumps(said), "utf-8")
    night.end()
    assert hook.received == []


def test_a_folder_that_is_gone_is_one_alert_and_one_when_it_is_back(night: Night, hook: Hook) -> None:
    folder = night.settings.exports / "dte"
    document = (night.settings.exports / DOCUMENT).read_bytes()
    for n in range(MANY + 1):
        night.put(f"dte/{n}.xml", document + b"\n" * n)
    night.read()
    (folder / "0.xml").unlink()
    night.run()
    assert hook.of("file_missing") == ["opened"]
    folder.rename(night.settings.exports / ".dte")
    night.run()
    assert hook.of("file_missing") == ["opened"] * 2
    assert (hook.received[-1]["where"], hook.received[-1]["what"][:10]) == ("dte/", "22 at once")
    (night.settings.exports / ".dte").rename(folder)
    (folder / "0.xml").write_bytes(document)
    night.run()
    assert hook.of("file_missing") == ["opened", "opened", "resolved", "resolved"]


def test_a_disk_that_folders_share_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(20 * space.GB, 0, 1 * space.GB))
    found = space.nearly_full({"A": tmp_path, "B": tmp_path, "C": tmp_path / "nowhere"})
    assert [(disk.folders, disk.free_gb, disk.needed_gb) for disk in found] == [(("A", "B"), "1.0", "2.0")]


@pytest.mark.parametrize(
    ("total", "free", "short"), [(20, 1.9, True), (20, 2, False), (500, 4.9, True), (500, 5, False)]
)
def test_a_disk_is_nearly_full_below_a_tenth_or_five_gb_whichever_is_less(
    total: int, free: float, short: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total * space.GB, 0, int(free * space.GB)))
    assert bool(space.nearly_full({"A": tmp_path})) is short
