"""What the pages promise, done: every query for analysts runs on a release as it is."""

import re

import duckdb
import pytest

from tests.conftest import PROJECT, World

QUERIES = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "analysts.md").read_text("utf-8"), re.DOTALL)


def test_the_readme_links_to_pages_that_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (PROJECT / "README.md").read_text("utf-8"))
    assert links
    assert [link for link in links if not link.startswith("http") and not (PROJECT / link).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_analysts_page_gives_rows(sample_world: World, query: str) -> None:
    with duckdb.connect() as con:
        assert con.execute(query.replace("var/releases/latest", str(sample_world.release))).fetchall()
