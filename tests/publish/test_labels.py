"""Names of columns are plain ASCII; what people read instead is spelled as Spanish is."""

import re
import unicodedata
from typing import Any

import pytest
import yaml

from publish.catalog import Column
from publish.labels import SPELLED, label
from tests.conftest import PROJECT

MARTS = {
    model["name"]: model
    for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("*.yml")
    for model in yaml.safe_load(path.read_text("utf-8"))["models"]
}
# Rightly without an accent, though no text of the dictionary has them.
PLAIN = {
    "aceptadas", "alcance", "calculado", "cedida", "ciudadano", "coincide", "diferencia", "duplicadas",
    "export", "financiero", "ignoradas", "inicial", "motivo", "p90", "periodo", "presente", "publicado", "reintegrado",
    "respaldado", "vigor",
}  # fmt: skip


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def folded(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))


def in_names() -> set[str]:
    return {word for model in MARTS.values() for column in model["columns"] for word in column["name"].split("_")}


def written() -> set[str]:
    """Every word of the dictionary's texts, as it is spelled there."""
    columns = [column for model in MARTS.values() for column in model["columns"]]
    meanings = [str(said) for each in columns for said in (each["config"]["meta"].get("significados") or {}).values()]
    titles = [f"{model['config']['meta']['titulo']} {model['description']}" for model in MARTS.values()]
    return words(" ".join([*titles, *(column["description"] for column in columns), *meanings]))


def test_how_each_word_of_a_name_is_spelled_is_known() -> None:
    """A new one is in a text of the dictionary without an accent, or in SPELLED, or here in PLAIN."""
    assert sorted(in_names() - SPELLED.keys() - written() - PLAIN) == []


def test_no_word_is_kept_that_no_name_has() -> None:
    assert (SPELLED.keys() | PLAIN) - in_names() == set()
    assert PLAIN & (SPELLED.keys() | written()) == set()


@pytest.mark.parametrize("model", MARTS.values(), ids=MARTS.keys())
def test_every_label_is_spelled_as_its_description_spells_it_and_names_one_column(model: dict[str, Any]) -> None:
    columns = [
        Column(each["name"], "VARCHAR", each["description"], each["config"]["meta"]["unidad"], "abierta", False)
        for each in model["columns"]
    ]
    assert len({label(column) for column in columns}) == len(columns)
    for column in columns:
        described = words(column.description)
        accented = {folded(word) for word in described} - described
        assert not accented.intersection(column.name.split("_")) - SPELLED.keys(), column.name
