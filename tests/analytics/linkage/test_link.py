"""Linking as a whole: Febrl at the one threshold, and what must hold for any records."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from analytics.errors import InputError
from analytics.linkage.fields import recognise
from analytics.linkage.link import REVIEW, THRESHOLD, Linked, link
from benchmarks.linkage import run, scores
from benchmarks.linkage_sets import (
    FEW,
    Errors,
    RecordSet,
    duplicated,
    febrl,
    held_out,
    people,
    two_sources,
)


def test_febrl4_pairs() -> None:
    made = febrl(4)
    linked = run(made)
    pairs = [row for row in linked.pairs.to_pylist() if not row["review"]]
    right = sum(
        made.person["a", row["unique_id_l"]] == made.person["b", row["unique_id_r"]]
        for row in pairs
    )
    assert 2 * right / (len(pairs) + 5000) >= 0.9990


def test_febrl3_clusters() -> None:
    made = febrl(3)
    precision, recall, f1, true = scores(made, run(made).clusters)
    assert true == 6538
    assert f1 >= 0.9980, (precision, recall)


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(14))
def test_held_out_sets(number: int) -> None:
    """Twins of one home, without any number, cannot be told apart: hence the low bound."""
    made = list(held_out())[number]()
    precision, _, f1, _ = scores(made, run(made).clusters)
    assert precision >= (0.85 if "relatives" in made.name else 0.97), made.name
    assert f1 >= 0.85, made.name


@pytest.fixture(scope="module")
def linked(small: RecordSet) -> Linked:
    return run(small)


def test_same_result_whatever_the_order_of_the_rows(small: RecordSet, linked: Linked) -> None:
    rows = list(range(small.records.num_rows))
    random.Random(3).shuffle(rows)
    shuffled = RecordSet("", small.records.take(rows), small.person, small.mode)
    again = run(shuffled)
    assert linked.pairs.equals(again.pairs)
    assert linked.clusters.equals(again.clusters)


def test_pairs_and_clusters_tell_the_same(small: RecordSet, linked: Linked) -> None:
    cluster = {row["unique_id"]: row["cluster_id"] for row in linked.clusters.to_pylist()}
    assert cluster.keys() == set(small.records["unique_id"].to_pylist())
    for row in linked.pairs.to_pylist():
        together = cluster[row["unique_id_l"]] == cluster[row["unique_id_r"]]
        assert together is not row["review"]
        assert row["review"] or row["explanation"]
        assert not row["review"] or row["match_probability"] >= REVIEW
        parts = sum(value or 0 for name, value in row.items() if name.startswith("weight_"))
        # The rest is what holds for all pairs: how rare it is that two records belong together.
        assert parts - row["match_weight"] == pytest.approx(_rest(linked), abs=0.1)
    assert THRESHOLD == 0.5


def _rest(linked: Linked) -> float:
    first = linked.pairs.to_pylist()[0]
    parts = sum(value or 0 for name, value in first.items() if name.startswith("weight_"))
    return float(parts - first["match_weight"])


def test_each_person_once_per_source() -> None:
    made = two_sources("", people(400, random.Random(4)), Errors(), 0.6, seed=5)
    linked = run(made)
    for side in ("l", "r"):
        records = [
            row[f"unique_id_{side}"] for row in linked.pairs.to_pylist() if not row["review"]
        ]
        assert len(records) == len(set(records))
    assert not linked.notes


def test_a_source_that_holds_persons_twice_is_found_out() -> None:
    made = two_sources("", people(400, random.Random(6)), Errors(), 0.9, seed=7, repeats=3)
    linked = run(made)
    assert [note for note in linked.notes if note.startswith("source 'b' holds persons more")]
    assert scores(made, linked.clusters)[1] > 0.95


def test_pairs_grow_with_the_records_and_none_is_given_up() -> None:
    """Ten thousand of one surname: what they share besides finds each one's double."""
    compared = []
    for count in (1000, 4000):
        born = [f"{1930 + n % 80}-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(count)]
        rows = [
            {"unique_id": f"{copy}{n}", "surname": "smith", "given_name": "anna",
             "dob": born[n], "postcode": f"{10000 + n % (count // 5)}"}
            for n in range(count) for copy in "ab"
        ]  # fmt: skip
        linked = _link(pa.Table.from_pylist(rows))
        compared.append(linked.compared)
        cluster = {row["unique_id"]: row["cluster_id"] for row in linked.clusters.to_pylist()}
        together = sum(cluster[f"a{n}"] == cluster[f"b{n}"] for n in range(count))
        assert together == count
    assert compared[1] < 6 * compared[0]


def test_what_many_share_says_less() -> None:
    """A firm's address counts less than somebody's own, long before it counts as a default."""
    made = duplicated("", people(300, random.Random(8)), Errors(), 3, 9, FEW)
    known = made.records.num_rows
    emails: list[str | None] = [f"own{n}@a.example" for n in range(known)]
    rows = made.records.to_pylist()
    by_person: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        by_person.setdefault(made.person["a", row["unique_id"]], []).append(n)
    for number, person in enumerate(by_person.values()):
        for n in person:
            emails[n] = "info@firm.example" if number < 8 else f"own{number}@a.example"
    linked = _link(made.records.append_column("email", pa.array(emails)))
    email = dict(zip(made.records["unique_id"].to_pylist(), emails, strict=True))
    weights: dict[bool, list[float]] = {True: [], False: []}
    for row in linked.pairs.to_pylist():
        if "email equal" in row["explanation"]:
            weights["info" in str(email[row["unique_id_l"]])].append(row["weight_email"])
    assert max(weights[True]) < min(weights[False])


def test_names_in_other_letters_are_found_as_well() -> None:
    made = febrl(2)
    rows = made.records.to_pylist()
    letters = str.maketrans("abcdefghiklmnoprstuvwxyz", "абцдефгхиклмнопрстуввчызз"[:24])
    for row in rows:
        for name in ("given_name", "surname"):
            row[name] = row[name] and row[name].translate(letters)
    kept = ["unique_id", "given_name", "surname", "date_of_birth", "postcode"]
    latin, cyrillic = (
        RecordSet("", table.select(kept), made.person, "dedupe")
        for table in (made.records, pa.Table.from_pylist(rows))
    )
    one, other = (scores(some, run(some).clusters)[2] for some in (latin, cyrillic))
    assert abs(one - other) < 0.01


def test_constant_and_empty_fields_do_no_harm() -> None:
    made = duplicated("", people(300, random.Random(8)), Errors(), 3, 9, FEW)
    count = made.records.num_rows
    table = made.records.append_column("state", pa.array(["nsw"] * count))
    table = table.append_column("email", pa.nulls(count, pa.string()))
    assert scores(made, run(RecordSet("", table, made.person, "dedupe")).clusters)[2] > 0.9


def test_one_field_is_enough_to_run() -> None:
    rows = [{"unique_id": str(i), "surname": name} for i, name in enumerate(["ax", "by", "ax"])]
    assert _link(pa.Table.from_pylist(rows)).clusters.num_rows == 3


def test_no_two_records_alike() -> None:
    rows = [
        {"unique_id": str(i), "given_name": given, "surname": surname, "dob": f"19{i + 40}-0{i}-11"}
        for i, (given, surname) in enumerate(
            [("anna", "berg"), ("otto", "klein"), ("mia", "wolf"), ("jan", "kuhn")], 1
        )
    ]
    linked = _link(pa.Table.from_pylist(rows))
    assert linked.pairs.num_rows == 0
    assert linked.clusters["cluster_id"].to_pylist() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"unique_id": "1", "surname": "a"}, {"unique_id": "1", "surname": "b"}], "unique"),
        ([{"unique_id": None, "surname": "a"}], "have no unique_id"),
        ([{"unique_id": "1", "colour": "red"}], "No usable field"),
        ([{"unique_id": "1", "surname": "n/a"}], "No usable field"),
    ],
)
def test_tells_what_is_wrong(rows: list[dict[str, str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _link(pa.Table.from_pylist(rows))


def test_linking_needs_two_sources(small: RecordSet) -> None:
    with pytest.raises(InputError, match="needs two sources"):
        link(small.records, {"surname": "surname"}, "link", id_column="unique_id")


def _link(table: pa.Table) -> Linked:
    return link(table, recognise(table.column_names), "dedupe", id_column="unique_id")
