"""Every error of ours says who may read its words; whose words are not ours, nobody reads in an alert."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import expectations
import ingest
import orchestration
import portal
import publish
from orchestration import errors
from orchestration.alerts.outcome import of_error, sentence
from orchestration.dbt_command import DbtError
from orchestration.settings import Settings
from orchestration.variables import SettingsError
from publish.errors import GateError

# Their own room catches each: in words of ours in the ledger, a log or the channel's next try.
CAUGHT = {
    "ingest.arriving.arrivals._GrowingFile",
    "ingest.control.xml_control._NotPlain",
    "ingest.failure.BrokenOffError",
    "ingest.refusal.RefusedFile",
    "orchestration.alerts.channels.Undelivered",
    "portal.node.NoNodeError",
}


def errors_of_the_rooms() -> Iterator[str]:
    """Every class of errors that a module of the rooms has."""
    for room in (expectations, ingest, orchestration, portal, publish):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not found.name.endswith("__main__"):
                for each in vars(importlib.import_module(found.name)).values():
                    if isinstance(each, type) and issubclass(each, BaseException) and each.__module__ == found.name:
                        yield errors.name_of(each)


def test_every_error_of_ours_says_who_may_read_its_words() -> None:
    ours = set(errors_of_the_rooms())
    assert len(ours) > 20
    listed = [*errors.FOR_EVERYBODY, *errors.FOR_THE_INSTITUTION, *CAUGHT]
    assert sorted(ours - set(listed)) == [], "say in orchestration/errors.py who may read their words"
    assert {name for name in set(listed) - ours if not name.startswith("dagster.")} == set()
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("error", [GateError("'Rosa Díaz'"), DbtError("cannot read 'Rosa Díaz'"), KeyError("Rosa")])
def test_words_that_may_quote_a_cell_leave_in_no_alert(error: Exception) -> None:
    assert of_error(error) == f"{type(error).__name__}. Its own words may quote data, and are in the run's log only."


def test_a_folder_that_cannot_be_made_is_named_in_an_alert() -> None:
    error = SettingsError("RAW_DIR: the folder /x cannot be made (Permission denied). Set it to a place where it can")
    assert of_error(error) == str(error)


def test_settings_that_cannot_be_are_a_sentence_each_on_the_line_of_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEEP_RELEASES", "XLSX_MAX_ROWS"):
        monkeypatch.setenv(name, "many")
    with pytest.raises(SettingsError) as error:
        Settings.from_environment()
    assert of_error(error.value) == " ".join(
        f"{name} is 'many': give a whole number from 1 on, of 9 digits at most, or leave it out."
        for name in ("KEEP_RELEASES", "XLSX_MAX_ROWS")
    )


def test_an_error_of_a_librarys_that_is_called_as_one_of_ours_is_none() -> None:
    theirs = type("ContractError", (Exception,), {"__module__": "dbt.exceptions"})
    assert "Rosa" not in of_error(theirs("Rosa Díaz"))
    assert not errors.is_for_the_terminal(errors.name_of(theirs))
    assert sentence("ingest.contract.ContractError", "a.yml, line 3") == "a.yml, line 3"
