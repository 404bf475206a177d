"""The questions of the portal are those of the analysts' page: the same SQL, over tables instead of files."""

import re

import duckdb
import pytest

from portal.kinds.consulta import questions
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


def test_what_spending_may_still_be_unknown_is_not_said_to_stand_still() -> None:
    question = next(each for each in questions() if "detenidas" in each["pregunta"])
    counted, named = question["consultas"]
    with duckdb.connect() as con:
        con.execute("create table iniciativa_gasto (codigo_iniciativa text, anio int, mes int, gasto_real bigint)")
        con.execute("create table iniciativa_hitos (codigo_iniciativa text, fecha date)")
        con.execute(
            """
            create table iniciativas as
            select codigo_iniciativa, 'N' as nombre, estado, monto_total::bigint as monto_total, 0 as gasto_acumulado,
                   date '2025-01-31' as fecha_corte
            from (values ('NOV', null, 10), ('OCT', 'X', 20), ('HITO', 'X', 1), ('OLD', 'X', null), ('NONE', 'X', 5),
                         ('DONE', 'TERMINADA', 7)) as t (codigo_iniciativa, estado, monto_total)
            """
        )
        con.execute(
            """
            insert into iniciativa_gasto values
                ('NOV', 2024, 11, 1), ('NOV', 2025, 2, 1), ('OCT', 2024, 10, 1), ('OCT', 2024, 12, 0),
                ('HITO', 2023, 1, 1), ('OLD', 2023, 12, 1), ('DONE', 2020, 1, 1)
            """
        )
        con.execute("insert into iniciativa_hitos values ('HITO', '2025-01-02'), ('OCT', '2024-08-31')")
        assert con.execute(counted).fetchall() == [
            ("nada registrado", 1, 5, 0),
            ("más de 12 meses", 1, None, 1),
            ("de 3 a 6 meses", 1, 20, 0),
            ("hasta 2 meses", 2, 11, 0),
        ]
        assert [(row[0], row[-1]) for row in con.execute(named).fetchall()] == [("NONE", None), ("OLD", 13), ("OCT", 3)]


@pytest.mark.slow
def test_each_question_is_answered_by_the_database_of_a_release(sample_world: World) -> None:
    with duckdb.connect(str(sample_world.release / "bodega.duckdb"), read_only=True) as con:
        for question in questions():
            answers = [con.execute(query).fetchall() for query in question["consultas"]]
            assert answers[0], question["pregunta"]
