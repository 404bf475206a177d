"""What the command says when something is wrong: where, what, and what to do, and nothing of Python's."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from ingest import contract
from ingest.contract import CONTRACTS, ContractError
from ingest.rows.corrections import CorrectionsError
from orchestration.cli import app
from orchestration.commands.common import BUSY, NO_RELEASE, in_words
from orchestration.commands.run import _show_causes
from portal.build import OldPagesError
from publish.errors import PublishError
from tests.conftest import PROJECT, World, places

CAUSES: list[tuple[Callable[[], Exception], str]] = [
    (lambda: PublishError("no place for [bold]: make some"), "no place for [bold]: make some"),
    (lambda: CorrectionsError("a.yml, line 3: is missing"), "a.yml, line 3: is missing"),
    (lambda: FileNotFoundError("The folder x is not there: set it"), "The folder x is not there: set it"),
    (lambda: OSError(28, "No space left on device", "/x"), "No space left on device: '/x'"),
    (lambda: duckdb.BinderException("no column y\nLINE 1"), "what nobody foresaw; all of it is in the run's log"),
    (lambda: KeyError("monto"), "In short: 'monto'"),
    (lambda: dg.Failure("No file could be taken in."), "No file could be taken in."),
]


@pytest.mark.parametrize(("cause", "says"), CAUSES)
def test_a_step_that_fails_says_why_in_its_own_words(
    cause: Callable[[], Exception], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @dg.asset
    def step() -> None:
        raise cause()

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([step], instance=instance, raise_on_error=False)
    _show_causes(result, Console(width=200, soft_wrap=True))
    shown = capsys.readouterr().out
    assert shown.startswith("  step: ")
    assert says in shown
    assert len(shown.splitlines()) == 1
    assert not any(word in shown for word in ("Error", "Exception", "Errno", "Dagster", "LINE 1"))


def test_what_was_tried_again_and_failed_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    @dg.asset
    def step() -> None:
        raise dg.RetryRequested(max_retries=0) from PublishError("the server does not answer: try later")

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([step], instance=instance, raise_on_error=False)
    _show_causes(result, Console(width=200, soft_wrap=True))
    assert capsys.readouterr().out == "  step: the server does not answer: try later\n"


def test_what_nobody_foresaw_is_not_hidden_and_is_no_release_with_something_held_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as left, in_words(Console(quiet=True)):
        raise ZeroDivisionError("of no kind that we know")
    assert left.value.exit_code == NO_RELEASE
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "ZeroDivisionError: of no kind that we know" in said


def test_a_command_that_ends_with_a_status_of_its_own_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, in_words(Console(width=200)):
        raise typer.Exit(BUSY)
    assert left.value.exit_code == BUSY
    assert capsys.readouterr() == ("", "")


def test_what_is_in_the_hands_of_whoever_runs_the_command_ends_it_with_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    full = OSError(28, "No space left on device")
    old = OldPagesError("The pages of mapa are old")
    for error in (OSError(13, "Permission denied"), PublishError("[red] stays red"), old, full):
        with pytest.raises(typer.Exit) as left, in_words(Console(width=1000)):
            raise error
        assert left.value.exit_code == NO_RELEASE
    denied, refused, not_made, no_room = capsys.readouterr().out.splitlines()
    assert (denied, refused, not_made) == ("Permission denied", "[red] stays red", str(old))
    assert no_room.startswith("No room on the disk: [Errno 28] No space left on device. Make room there")
    # The release may have come into force before the disk was full.
    assert no_room.endswith("nothing is lost, and the release in force is whole.")


# ---- contracts


def contracts_with(folder: Path, old: str, new: str) -> Path:
    """The contracts, one of them changed."""
    shutil.copytree(CONTRACTS, folder)
    file = folder / "core_acuerdos.yml"
    said = file.read_text("utf-8")
    assert said.count(old) >= 1
    file.write_text(said.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (", privacy: open}", "}", "line 12, columns, entry 1, field privacy: is missing: add it"),
        ("need: yes", "need: quizás", "line 12, columns, entry 1, field need: is 'quizás': give yes or no"),
        ("mode: snapshot", "modo: snapshot", "line 6, field modo: is no field here: mend its name, or take it away"),
        ("mode: snapshot", "mode: foto", "is 'foto': it must be 'snapshot', 'period' or 'upsert'"),
        ("cadence_days: 31", "cadence_days: 0", "line 7, field cadence_days: is 0: give 1 or more"),
        ("cadence_days: 31", "cadence_days: 99", "late_after_days is less than cadence_days"),
        ("key: [acuerdo]", "key: acuerdo", "field key: must be a list"),
        ("key: [acuerdo]", "key: [acuerdo, sesión]", "key names sesión, and no column is called so"),
        ("type: csv, ", "type: csv, type: xml, ", "line 9: type stands there already: join the two"),
        ("key: [acuerdo]", "key: [acuerdo", "this is no YAML. Look at indentation, quotes and brackets there"),
    ],
)
def test_a_contract_that_cannot_be_followed_names_file_line_field_and_remedy(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    folder = contracts_with(tmp_path / "contracts", old, new)
    with pytest.raises(ContractError) as error:
        contract.load(folder)
    assert str(error.value).startswith(str(folder / "core_acuerdos.yml"))
    assert says in str(error.value)
    assert not any(word in str(error.value) for word in ("pydantic", "Error", "Input", "validation"))


def test_a_contract_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "core.yml").write_bytes("export: n°".encode("latin-1"))
    with pytest.raises(ContractError, match=r"core\.yml is no text in UTF-8: save it again as UTF-8"):
        contract.load(tmp_path)


def break_a_contract(base: Path) -> str:
    """Makes a room ingest with a broken contract for what is started in that folder; returns what is wrong with it."""
    shutil.copytree(PROJECT / "ingest", base / "ingest", ignore=shutil.ignore_patterns("__pycache__", "contracts"))
    contracts_with(base / "ingest" / "contracts", "mode: snapshot", "mode: foto")
    return (
        f"{base}/ingest/contracts/core_acuerdos.yml, line 6, field mode: is 'foto': it must be 'snapshot', "
        "'period' or 'upsert'"
    )


def test_a_run_with_a_broken_contract_ends_with_the_sentence_alone(tmp_path: Path) -> None:
    wrong = break_a_contract(tmp_path)
    (tmp_path / "exports").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "run"],
        cwd=tmp_path,
        env=places(tmp_path / "exports", tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == NO_RELEASE
    *_, last = done.stdout.splitlines()
    assert last == wrong
    assert "Traceback" not in done.stdout + done.stderr


# ---- rollback


@pytest.fixture
def world(sample_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of what the samples gave, over which commands run in this process."""
    copy = World(tmp_path, sample_world.exports, sample_world.code, sample_world.output)
    shutil.copytree(sample_world.releases, copy.releases, symlinks=True)
    for name, value in places(sample_world.exports, tmp_path).items():
        monkeypatch.setenv(name, value)
    return copy


@pytest.mark.slow
def test_going_back_to_the_release_in_force_says_that_there_is_nothing_to_do(world: World) -> None:
    before = (world.releases / "latest.json").read_bytes()
    umask = os.umask(0o022)
    try:
        done = CliRunner().invoke(app, ["rollback", world.release.name])
    finally:
        os.umask(umask)
    assert done.exit_code == 0, done.output
    assert f"{world.release.name} is in force already: there is nothing to go back from." in done.output
    assert "left:" not in done.output
    assert (world.releases / "latest.json").read_bytes() == before
    assert (world.base / "portal" / "index.html").is_file()


@pytest.mark.slow
def test_the_release_in_force_is_not_withdrawn_and_the_command_says_what_comes_first(world: World) -> None:
    umask = os.umask(0o022)
    try:
        done = CliRunner().invoke(app, ["withdraw", world.release.name])
    finally:
        os.umask(umask)
    assert done.exit_code == NO_RELEASE
    assert f"{world.release.name} is in force, so it is not withdrawn: first run again" in done.output
    assert world.release.is_dir()


@pytest.mark.slow
def test_going_back_to_an_unknown_release_names_those_that_are_kept(world: World) -> None:
    umask = os.umask(0o022)
    try:
        done = CliRunner().invoke(app, ["rollback", "2020-01-01-0123456789ab"])
    finally:
        os.umask(umask)
    assert done.exit_code == NO_RELEASE
    assert f"has no release '2020-01-01-0123456789ab': it has {world.release.name}" in done.output
    assert json.loads((world.releases / "latest.json").read_text("utf-8"))["id"] == world.release.name
