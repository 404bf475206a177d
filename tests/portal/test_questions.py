"""The questions of the portal are those of the analysts' page: the same SQL, over tables instead of files."""

import re

import duckdb
import pytest

from portal.consulta import questions
from tests.conftest import PROJECT, World

ANALYSTS = (PROJECT / "docs" / "analysts.md").read_text("utf-8")


def test_both_pages_ask_the_same_ten_questions_with_the_same_sql() -> None:
    sections = re.split(r"^### \d+\. ", ANALYSTS, flags=re.MULTILINE)[1:]
    of_docs = [
        [re.sub(r"'(\w+)\.parquet'", r"\1", query) for query in re.findall(r"```sql\n(.*?)```", section, re.DOTALL)]
        for section in sections
    ]
    assert [each["consultas"] for each in questions()] == of_docs
    assert len(of_docs) == 10


@pytest.mark.slow
def test_each_question_is_answered_by_the_database_of_a_release(sample_world: World) -> None:
    with duckdb.connect(str(sample_world.release / "bodega.duckdb"), read_only=True) as con:
        for question in questions():
            for query in question["consultas"]:
                assert con.execute(query).fetchall(), question["pregunta"]
