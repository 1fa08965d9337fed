"""Nothing is published that somebody who reads it would have to ask about."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from expectations.owners import Owner
from o2o.dictionary import marts
from tests.o2o.dictionary import tables


def test_each_mart_says_all_that_there_is_to_ask() -> None:
    lacking = {mart.name: marts.missing(mart) for mart in marts.catalogue()}
    assert {name: things for name, things in lacking.items() if things} == {}
    assert len(lacking) > 50
    assert {mart.owner for mart in marts.catalogue()} <= set(Owner)


def test_the_readme_names_each_mart() -> None:
    readme = (marts.MARTS.parents[2] / "README.md").read_text(encoding="utf-8")
    assert {mart.name for mart in marts.catalogue() if f"`{mart.name}`" not in readme} == set()


def test_what_is_missing_is_named() -> None:
    mart = marts.find("dim_stores")
    assert marts.missing(mart) == []
    bare = replace(
        mart,
        description="Stores.",
        owner="",
        key=(),
        freshness="",
        is_tested=False,
        examples=mart.examples[:2],
        columns=(replace(mart.columns[0], description=" "), *mart.columns[1:]),
    )
    assert marts.missing(bare) == [
        "a description that begins with its grain",
        "an owner",
        "a primary key",
        "a freshness",
        "a test",
        "three example queries",
        "a description of store_id",
    ]


def test_no_example_is_of_a_mart_that_is_gone() -> None:
    files = {file.stem for file in marts.EXAMPLES.glob("*.sql")}
    assert files == {mart.name for mart in marts.catalogue()}


def test_the_examples_of_each_mart_run(empty: duckdb.DuckDBPyConnection) -> None:
    with tables.filled(empty, {mart.name: [{}] for mart in marts.catalogue()}):
        for mart in marts.catalogue():
            assert len({each.question for each in mart.examples}) == len(mart.examples)
            for example in mart.examples:
                assert example.question.endswith("?"), mart.name
                assert mart.name in tables.marts_read(example.sql)
                assert tables.joins(example.sql) <= 2
                assert empty.execute(example.sql).description


def test_an_unknown_mart_is_named_with_its_neighbours() -> None:
    with pytest.raises(marts.UnknownMart, match="did you mean fct_orders"):
        marts.find("fct_order")
    with pytest.raises(marts.UnknownMart, match="list names all"):
        marts.find("zzz")
