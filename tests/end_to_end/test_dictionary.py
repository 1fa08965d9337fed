"""What is published keeps the contracts of the marts, and answers what the pages ask of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from o2o.dictionary import contracts
from o2o.dictionary.marts import catalogue
from tests.end_to_end.installation import Installation
from tests.o2o.dictionary.tables import EXPONENT
from tests.o2o.dictionary.test_for_analysts import QUERIES

pytestmark = pytest.mark.e2e
# No month after a cohort's first is over yet, and customer C-1 of the sixteenth is nobody.
SILENT = {4}
RETAIL = range(1, 20)


@pytest.fixture(scope="module")
def published(sound: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sound.published), read_only=True) as con:
        yield con


def test_the_published_file_keeps_the_contracts(published: duckdb.DuckDBPyConnection) -> None:
    assert [*contracts.broken(published, EXPONENT)] == []
    comments = dict(published.execute("select table_name, comment from duckdb_tables()").fetchall())
    for mart in catalogue():
        assert comments[mart.name].startswith("One row per")
        assert f"Key: {', '.join(mart.key)}. Owner: {mart.owner}." in comments[mart.name]


def test_questions_of_a_retailer_have_an_answer(published: duckdb.DuckDBPyConnection) -> None:
    answers = {
        number: [row for sql in QUERIES[number] for row in published.execute(sql).fetchall()]
        for number in QUERIES
    }
    assert {number for number in RETAIL if not answers[number]} <= SILENT


def test_every_example_runs(published: duckdb.DuckDBPyConnection) -> None:
    """A mart that has rows answers at least one of its questions: but on the first day nobody was
    somebody else before, and no month's windows are over."""
    answers: Counter[str] = Counter()
    for mart in catalogue():
        for example in mart.examples:
            answers[mart.name] += len(published.execute(example.sql).fetchall())
    held = {
        mart.name
        for mart in catalogue()
        if published.execute(f"select count(*) from marts.{mart.name}").fetchall() != [(0,)]
    }
    assert len(held) > 40
    silent = {name for name in held if not answers[name]}
    assert silent <= {"dim_persons_history", "rpt_online_to_offline"}
