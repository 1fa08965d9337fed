from __future__ import annotations

import json

import duckdb
import pyarrow as pa
import pytest

from analytics.linkage.people import ACCEPT, available, propose
from benchmarks.linkage_sets import RecordSet


def decided(links: pa.Table) -> dict[tuple[str, str], float]:
    return {(row["key_left"], row["key_right"]): row["probability"] for row in links.to_pylist()}


@pytest.fixture(scope="module")
def proposed(persons: pa.Table) -> tuple[pa.Table, pa.Table]:
    return propose(persons)


def test_accepted_links_are_right(proposed: tuple[pa.Table, pa.Table], small: RecordSet) -> None:
    accepted, review = proposed
    right = sum(small.person["a", one] == small.person["a", two] for one, two in decided(accepted))
    assert accepted.num_rows > 200
    assert right >= 0.99 * accepted.num_rows
    assert not decided(accepted).keys() & decided(review).keys()


def test_every_link_says_why(proposed: tuple[pa.Table, pa.Table]) -> None:
    accepted, review = proposed
    for row in [*accepted.to_pylist(), *review.to_pylist()]:
        assert row["key_left"] < row["key_right"]
        assert row["decision"] in ("accept", "review")
        assert set(json.loads(row["weights"])) >= {"relatives"}
    assert all(row["probability"] >= ACCEPT for row in accepted.to_pylist())
    assert "date of birth equal (+" in accepted["explanation"][0].as_py()


def test_a_relation_gives_the_same_and_its_database_stays_as_it_is(
    persons: pa.Table, proposed: tuple[pa.Table, pa.Table]
) -> None:
    with duckdb.connect() as con:
        relation = con.from_arrow(persons)
        assert propose(relation)[0].equals(proposed[0])
        assert con.sql("show all tables").fetchall() == []


def test_names_and_town_are_not_enough(persons: pa.Table) -> None:
    poor = persons.select(["person_key", "given_name", "family_name", "city", "postal_code"])
    assert [links.num_rows for links in propose(poor)] == [0, 0]


def test_empty_columns_are_no_fields(persons: pa.Table) -> None:
    kept = persons.drop_columns(["street"])
    empty = kept.append_column("email", pa.nulls(len(kept), pa.string()))
    assert [links.num_rows for links in propose(empty)] == [0, 0]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (["birth_date", "email"], "no names"),
        (["given_name", "family_name", "city", "postal_code"], "nothing is known"),
        (["family_name", "phone"], "phone is known"),
        (["family_name", "phone", "birth_date"], ""),
        (["given_name", "street", "email"], ""),
    ],
)
def test_available(columns: list[str], reason: str) -> None:
    answer = available(["person_key", *columns])
    assert answer.possible is not bool(reason)
    assert reason in answer.reason


def test_a_family_behind_one_phone_is_not_one_person() -> None:
    """A mother and her daughter share all but given name and birthday."""
    home = {"family_name": "berg", "street": "1 elm street", "postal_code": "2000",
            "phone": "0255501234", "email": "bergs@example.org"}  # fmt: skip
    rows = [
        {"person_key": "1", "given_name": "anna", "birth_date": "1970-05-01"} | home,
        {"person_key": "2", "given_name": "sophie", "birth_date": "2001-11-23"} | home,
    ]
    assert propose(pa.Table.from_pylist(rows))[0].num_rows == 0


TWINS = [("Tim", "Tom"), ("Paul", "Paula"), ("Christian", "Christina"), ("John Sr", "John Jr")]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_twins_are_for_review(persons: pa.Table, one: str, other: str) -> None:
    """All but the given name is the same: they are two, or one with a wrong name."""
    rows = [
        {"person_key": key, "given_name": given, "family_name": "Berg", "birth_date": "1990-03-04",
         "street": "1 elm street", "city": "Hamburg", "postal_code": "20095"}
        for key, given in (("twin 1", one), ("twin 2", other))
    ]  # fmt: skip
    table = pa.concat_tables(
        [persons, pa.Table.from_pylist(rows)], promote_options="default"
    ).append_column("phone", pa.array([None] * len(persons) + ["040123456"] * 2, pa.string()))
    accepted, review = propose(table)
    assert ("twin 1", "twin 2") not in decided(accepted)
    assert ("twin 1", "twin 2") in decided(review)
