"""What the folder of checks may hold, what it must not, and what engines are asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.registry import SOURCES
from expectations import catalogue
from warehouse.engines.dialect import Dialect, DuckDBDialect, SparkDialect

SOUND = {
    "name": "orders_counted",
    "severity": "warn",
    "owner": "sales-finance",
    "title": "Orders are counted",
    "means": "They are not.",
    "action": "Count them.",
    "left": "orders",
    "right": "counted",
    "allowed": "{few} orders",
    "limits": {"few": 3},
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder with one theme of these checks; returns the folder."""

    def run(*checks: dict[str, Any], queries: tuple[str, ...] = ("orders_counted",)) -> Path:
        theme = tmp_path / "orders"
        theme.mkdir()
        (theme / "_checks.yml").write_text(yaml.safe_dump(list(checks)))
        for name in queries:
            (theme / f"{name}.sql").write_text("select 1")
        return tmp_path

    return run


def test_words_are_read_and_limits_put_into_them(write: Write) -> None:
    ((words,),) = catalogue.read(write(SOUND)).values()
    assert (words.name, words.severity, words.owner) == ("orders_counted", "warn", "sales-finance")
    assert (words.allowed, words.limits) == ("3 orders", {"few": 3})
    assert (words.needs, words.one_sided, words.may_be_empty) == ((), False, False)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"severity": "error"}, r"orders_counted: severity: Input should be 'fail' or 'warn'"),
        ({"owner": "somebody"}, r"orders_counted: owner: Input should be 'crm-operations', "),
        ({"title": 7}, "orders_counted: title: Input should be a valid string"),
        ({"needs": "square"}, "orders_counted: needs: Input should be a valid tuple"),
        ({"limits": {"few": "some"}}, r"orders_counted: limits\.few\.int: Input should be"),
        ({"one_side": True}, "orders_counted: one_side: Unexpected keyword argument"),
        ({"allowed": "{many} orders"}, "orders_counted: allowed: 'many' is not among the limits"),
    ],
)
def test_a_wrong_word_is_named_with_file_check_and_key(
    write: Write, change: dict[str, Any], complaint: str
) -> None:
    folder = write({**SOUND, **change})
    with pytest.raises(catalogue.CatalogueError, match=r"orders/_checks\.yml: " + complaint):
        catalogue.read(folder)


def test_a_missing_word_is_named(write: Write) -> None:
    folder = write({key: value for key, value in SOUND.items() if key != "action"}, {"title": "x"})
    with pytest.raises(catalogue.CatalogueError, match="orders_counted: action: Field required"):
        catalogue.read(folder)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", r"_checks\.yml: this is not YAML: .*line 1"),
        ("a: 1", r"_checks\.yml: a list of checks is wanted"),
        ("- 1", r"_checks\.yml: check 1: "),
    ],
)
def test_a_file_that_is_no_list_of_checks_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "_checks.yml").write_text(text)
    with pytest.raises(catalogue.CatalogueError, match=re.compile(complaint, re.DOTALL)):
        catalogue.read(tmp_path)


def test_words_and_queries_belong_together(write: Write) -> None:
    folder = write(SOUND, queries=("orders_counted", "_shared", "lonely"))
    with pytest.raises(catalogue.CatalogueError, match="lonely: it is not declared here"):
        catalogue.read(folder)
    (folder / "orders" / "lonely.sql").unlink()
    (folder / "orders" / "orders_counted.sql").unlink()
    with pytest.raises(catalogue.CatalogueError, match=r"has no query orders_counted\.sql"):
        catalogue.read(folder)


def test_a_name_is_given_once(write: Write) -> None:
    with pytest.raises(catalogue.CatalogueError, match="orders has a check of this name, too"):
        catalogue.read(write(SOUND, SOUND))


@pytest.mark.parametrize("dialect", [DuckDBDialect(), SparkDialect()])
def test_every_query_can_be_written_for_the_engine(dialect: Dialect) -> None:
    queries = {
        check.name: check.query(dialect)
        for checks in catalogue.suites("marts", SOURCES).values()
        for check in checks
    }
    for name, query in queries.items():
        assert "{" not in re.sub(r"\{\d+\}", "", query), name  # but for {3} of a pattern
    assert queries["deals_single"] != queries["deals_match_orders"]
    for source in SOURCES.values():
        for stream in source.streams:
            if stream.feed:
                assert f"'{stream.feed.title}' as place" in queries["sources_equally_fresh"]


def test_a_query_that_cannot_be_rendered_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "_checks.yml").write_text(yaml.safe_dump([SOUND]))
    query = tmp_path / "orders" / "orders_counted.sql"
    query.write_text("select {{ limits.many }}")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue._templates.cache_clear()
    try:
        ((check,),) = catalogue.suites("marts", {}).values()
        with pytest.raises(catalogue.CatalogueError, match=f"{query}.*no attribute 'many'"):
            check.query(DuckDBDialect())
    finally:
        catalogue._templates.cache_clear()


def test_every_limit_is_used_and_every_need_is_provided() -> None:
    provided = {data for source in SOURCES.values() for data in source.provides}
    for theme, declared in catalogue.read(catalogue.FOLDER).items():
        for words in declared:
            query = (catalogue.FOLDER / theme / f"{words.name}.sql").read_text(encoding="utf-8")
            for limit in words.limits:
                assert f"limits.{limit} " in query, (words.name, limit)
            assert {*words.needs, *words.needs_of_one} <= provided, words.name


def test_nothing_is_asked_of_sources_that_are_not_in_use() -> None:
    silent = {
        name: replace(source, streams=tuple(replace(s, feed=None) for s in source.streams))
        for name, source in SOURCES.items()
    }
    names = {c.name for checks in catalogue.suites("marts", silent).values() for c in checks}
    every = {c.name for checks in catalogue.suites("marts", SOURCES).values() for c in checks}
    assert every - names == {"sources_equally_fresh"}
    # A vendor is in use by whatever name.
    renamed = {k: v for k, v in SOURCES.items() if k != "square"} | {
        name: replace(SOURCES["square"], name=name) for name in ("square__a", "square__b")
    }
    suites = catalogue.suites("marts", renamed)
    assert {c.name for checks in suites.values() for c in checks} == every
    (fresh,) = (check for check in suites["silos"] if check.name == "sources_equally_fresh")
    query = fresh.query(DuckDBDialect())
    assert "'Square orders (square__b)' as place" in query
    assert query.count("from staging.stg_square__orders") == 2
    assert "where connection = 'square__b'" in query
    # A web shop's payments are not those of tills that tell of none.
    tills = replace(SOURCES["square"], provides=("till_orders",))
    apart = catalogue.suites("marts", {"square": tills, "shopify": SOURCES["shopify"]})["silos"]
    assert "till_sales_match_payments" not in {check.name for check in apart}
    none = {k: v for k, v in SOURCES.items() if "ad_spend" not in v.provides}
    without = catalogue.suites("marts", none)
    assert "advertising" not in without
    assert "stores_known_to_systems" in {check.name for check in without["silos"]}
