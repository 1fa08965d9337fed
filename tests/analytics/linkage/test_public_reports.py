"""What others were told went wrong with linkage, tried here: docs/public-reports-linkage.md.

Each case adds its records to Febrl's, and all are linked at once: a model needs records to learn.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from analytics.linkage.fields import recognise
from analytics.linkage.link import Linked, link
from benchmarks.linkage_sets import RecordSet

Rows = Mapping[str, Mapping[str, str]]

ANNA = {
    "given_name": "annegret", "surname": "wintergerst", "date_of_birth": "19620314",
    "street_number": "7", "address_1": "quellenweg", "suburb": "immenstadt", "postcode": "8750",
    "state": "by", "soc_sec_id": "5120773",
}  # fmt: skip
BORIS = {
    "given_name": "boris", "surname": "achterberg", "date_of_birth": "19480702",
    "street_number": "112", "address_1": "hafenallee", "suburb": "norderstedt", "postcode": "2284",
    "state": "sh", "soc_sec_id": "9903148",
}  # fmt: skip
HOME = {"street_number", "address_1", "suburb", "postcode", "state"}
CLEMENTINE = {
    "given_name": "clementine", "surname": "oberdorfer", "date_of_birth": "19710624",
    "street_number": "3", "address_1": "seestrasse", "suburb": "tuttlingen", "postcode": "7853",
}  # fmt: skip
EMILY = {"given_name": "emily", "surname": "white", "state": "nsw"}
ROSENKRANZ = {
    "surname": "rosenkranz", "street_number": "21", "address_1": "am alten markt",
    "suburb": "quedlinburg", "postcode": "6484",
}  # fmt: skip

CASES: Rows = {
    # The same row three times.
    "thrice-1": ANNA, "thrice-2": ANNA, "thrice-3": ANNA,
    # One of them lacks half of its fields, the other has them.
    "sparse-1": BORIS,
    "sparse-2": {name: BORIS[name] for name in BORIS if name not in HOME},
    # Nothing stands in either.
    "blank-1": {}, "blank-2": {}, "blank-3": {"given_name": " ", "surname": "n/a"},
    # One digit of the date is another; the name has a slip.
    "slip-1": CLEMENTINE,
    "slip-2": CLEMENTINE | {"given_name": "clementin", "date_of_birth": "19710524"},
    # A father and his daughter, of one home.
    "home-1": ROSENKRANZ
    | {"given_name": "detlev", "date_of_birth": "19550101", "soc_sec_id": "1111222"},
    "home-2": ROSENKRANZ
    | {"given_name": "swantje", "date_of_birth": "19890818", "soc_sec_id": "7654321"},
    # Two that share a usual name, a state and nothing else.
    "name-1": EMILY | {"date_of_birth": "19310303", "suburb": "bourke", "postcode": "2840"},
    "name-2": EMILY | {"date_of_birth": "19991130", "suburb": "albury", "postcode": "2640"},
}  # fmt: skip


def linked(records: pa.Table, mode: str = "dedupe") -> Linked:
    fields = recognise(records.column_names, {})
    return link(
        records,
        fields,
        "link" if mode == "link" else "dedupe",
        id_column="unique_id",
        source_column="source_dataset" if mode == "link" else None,
    )


def with_cases(small: RecordSet, cases: Rows) -> pa.Table:
    rows = [{"unique_id": key, **row} for key, row in cases.items()]
    names = small.records.column_names
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.concat_tables([small.records, pa.table(columns).cast(small.records.schema)])


@pytest.fixture(scope="module")
def cluster(small: RecordSet) -> dict[str, str]:
    found = linked(with_cases(small, CASES))
    return {row["unique_id"]: row["cluster_id"] for row in found.clusters.to_pylist()}


@pytest.mark.parametrize(
    "together",
    [("thrice-1", "thrice-2", "thrice-3"), ("sparse-1", "sparse-2"), ("slip-1", "slip-2")],
    ids=lambda names: str(names[0]),
)
def test_one_person(cluster: dict[str, str], together: tuple[str, ...]) -> None:
    assert len({cluster[name] for name in together}) == 1


@pytest.mark.parametrize(
    "apart",
    [("blank-1", "blank-2", "blank-3"), ("home-1", "home-2"), ("name-1", "name-2")],
    ids=lambda names: str(names[0]),
)
def test_different_persons(cluster: dict[str, str], apart: tuple[str, ...]) -> None:
    assert len({cluster[name] for name in apart}) == len(apart)
    # Nor is anybody of the other records theirs.
    assert sum(found in {cluster[name] for name in apart} for found in cluster.values()) == len(
        apart
    )


def test_a_value_that_stands_at_many_does_not_make_them_one(small: RecordSet) -> None:
    """A call centre types one e-mail address and one phone in for whoever has none."""
    shared = [n % 3 == 0 for n in range(small.records.num_rows)]
    emails = ["no@mail.example" if is_it else f"m{n}@a.example" for n, is_it in enumerate(shared)]
    phones = ["0999 999 999" if is_it else f"0{n:09d}" for n, is_it in enumerate(shared)]
    records = small.records.append_column("email", pa.array(emails))
    found = linked(records.append_column("phone", pa.array(phones)))
    person = {row["unique_id"]: row["cluster_id"] for row in found.clusters.to_pylist()}
    truth = {record: who for (_, record), who in small.person.items()}
    members: dict[str, set[str]] = {}
    for record, name in person.items():
        members.setdefault(name, set()).add(truth[record])
    mixed = [names for names in members.values() if len(names) > 1]
    assert len(mixed) <= 1, mixed


def test_three_sources_are_one_cluster_and_each_record_has_one_partner_in_a_source() -> None:
    """A register and two lists that agree with it: no pair is left a pair."""
    rows = []
    for n in range(120):
        base = {
            "given_name": f"{'abcdefgh'[n % 8]}lric{n % 15}",
            "surname": f"{'klmnprst'[n % 8]}orden{n}",
            "date_of_birth": f"19{40 + n % 50}{n % 12 + 1:02d}{n % 28 + 1:02d}",
            "postcode": f"{2000 + n}", "suburb": f"town{n % 30}",
        }  # fmt: skip
        rows += [base | {"unique_id": f"{n}", "source_dataset": source} for source in "abc"]
    found = linked(pa.Table.from_pylist(rows), "link")
    members: dict[str, list[tuple[str, str]]] = {}
    for row in found.clusters.to_pylist():
        members.setdefault(row["cluster_id"], []).append((row["source_dataset"], row["unique_id"]))
    assert len(members) == 120
    for records in members.values():
        assert sorted(source for source, _ in records) == ["a", "b", "c"]
        assert len({record for _, record in records}) == 1


def test_of_two_that_fit_alike_the_same_is_taken_whatever_the_order() -> None:
    """Two of one source fit a record of the other exactly alike."""
    rows = [
        {"unique_id": f"{n}", "source_dataset": source, "given_name": f"g{n % 9}lla",
         "surname": f"s{n}berg", "date_of_birth": f"19{50 + n % 40}0{n % 9 + 1}1{n % 9}",
         "postcode": f"{3000 + n}"}
        for n in range(100) for source in "ab"
    ]  # fmt: skip
    rows.append(rows[-1] | {"unique_id": "tie"})
    found = [linked(pa.Table.from_pylist(order), "link") for order in (rows, rows[::-1])]
    assert found[0].clusters.equals(found[1].clusters)
    partners = [row for row in found[0].pairs.to_pylist() if not row["review"]]
    sides = [row["unique_id_l"] for row in partners]
    assert len(sides) == len(set(sides))
