from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analytics.linkage.clusters import LARGEST_GROUP, candidates, components, join

ONE = dict.fromkeys(range(40), "a")
weights = st.dictionaries(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-20, 20).filter(lambda weight: abs(weight) > 1e-3),
    max_size=40,
)


def test_one_false_pair_does_not_glue_two_persons() -> None:
    inside = {(0, 1): 9.0, (0, 2): 9.0, (1, 2): 9.0, (3, 4): 9.0, (3, 5): 9.0, (4, 5): 9.0}
    across = {(left, right): -8.0 for left in (0, 1, 2) for right in (3, 4, 5)} | {(2, 3): 5.0}
    assert join(list(range(6)), inside | across, ONE) == [[0, 1, 2], [3, 4, 5]]


def test_a_weak_pair_is_carried_by_strong_ones() -> None:
    assert join([0, 1, 2], {(0, 1): 9.0, (1, 2): 9.0, (0, 2): -3.0}, ONE) == [[0, 1, 2]]


def test_a_source_gives_each_person_its_best_record_only() -> None:
    source = {0: "a", 1: "b", 2: "b"}
    pairs = {(0, 1): 8.0, (0, 2): 9.0}
    assert join([0, 1, 2], pairs, source, frozenset("ab")) == [[0, 2], [1]]
    assert join([0, 1, 2], pairs, source) == [[0, 1, 2]]


def test_a_group_that_is_too_large_is_taken_apart_at_its_weak_pairs() -> None:
    half = LARGEST_GROUP // 2 + 10
    chain = {(record, record + 1): 9.0 for record in range(2 * half - 1)}
    chain[half - 1, half] = 1.0
    assert [len(group) for group in candidates(chain, 0.0)] == [half, half]


@given(weights)
def test_every_record_is_in_one_person(pairs: dict[tuple[int, int], float]) -> None:
    groups = candidates(pairs, 0.0)
    for group in groups:
        persons = join(group, pairs, ONE)
        assert sorted(record for person in persons for record in person) == group
    assert groups == components(pair for pair, weight in pairs.items() if weight >= 0)


@given(weights, st.randoms())
def test_order_of_the_pairs_does_not_matter(
    pairs: dict[tuple[int, int], float], chance: object
) -> None:
    items = list(pairs.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    shuffled = dict(items)
    for group in candidates(pairs, 0.0):
        assert join(group, pairs, ONE) == join(group, shuffled, ONE)


@given(weights)
def test_no_person_has_two_records_of_a_source_that_holds_each_once(
    pairs: dict[tuple[int, int], float],
) -> None:
    source = {record: "ab"[record % 2] for record in range(12)}
    for group in candidates(pairs, 0.0):
        for person in join(group, pairs, source, frozenset("a")):
            assert sum(source[record] == "a" for record in person) <= 1
