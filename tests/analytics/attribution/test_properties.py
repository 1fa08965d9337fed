"""What must hold of every model, on random journeys."""

from __future__ import annotations

from itertools import combinations, permutations
from math import factorial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.attribution import heuristics, journeys, markov, models, shapley
from analytics.attribution.bootstrap import bootstrap
from analytics.attribution.solve import INPUT, OUTPUT, solve

CHANNELS = "ABCDE"
PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=7),
        st.integers(0, 5),  # conversions
        st.integers(0, 5),  # nulls
        st.integers(0, 10_000),  # value, if any converted
    ),
    min_size=1,
    max_size=12,
)
Paths = list[tuple[list[str], int, int, int]]


def of(rows: Paths) -> journeys.Journeys:
    return journeys.from_lists(
        pa.array([path for path, *_ in rows]),
        [n for _, n, _, _ in rows],
        [value if n else 0 for _, n, _, value in rows],
        [nulls for _, _, nulls, _ in rows],
        [float(i) for path, *_ in rows for i in range(len(path), 0, -1)],
    )


@given(rows=PATHS)
@settings(deadline=None)
def test_credit_is_all_there_is_and_no_more(rows: Paths) -> None:
    found = of(rows)
    for model in models.names():
        told = models.answer(model, found)
        total, value = found.conversions.sum(), found.values.sum()
        # Markov chains share by weights, and there are none where no removal has an effect.
        assert told.conversions.sum() == pytest.approx(total)
        assert told.values.sum() == pytest.approx(value)
        assert told.weights.sum() == pytest.approx(1 if total else 0)
        if model != "shapley":
            assert (told.conversions > -1e-9).all()
        creditor = models.prepare(model, found)
        again = creditor(found.conversions, found.values, found.nulls)
        assert again == pytest.approx(np.stack([told.conversions, told.values]))


@given(rows=PATHS)
@settings(deadline=None)
def test_journeys_one_by_one_or_together_are_the_same(rows: Paths) -> None:
    apart = [(path, 1, 0, value) for path, n, _, value in rows for _ in range(n)]
    apart += [(path, 0, 1, 0) for path, _, n, _ in rows for _ in range(n)]
    together = [(path, n, nulls, n * value) for path, n, nulls, value in rows if n + nulls]
    if not together:
        return
    for model in models.names():
        one, other = models.answer(model, of(apart)), models.answer(model, of(together))
        assert one.conversions == pytest.approx(other.conversions)
        assert one.values == pytest.approx(other.values, abs=1e-6)


def removal_effects_by_hand(rows: Paths, order: int) -> dict[str, float]:
    """Straight from the definition: named states, followed until nothing moves."""
    steps: dict[tuple[str, ...], dict[object, float]] = {}
    for path, conversions, nulls, _ in rows:
        state: tuple[str, ...] = ()
        for channel in path:
            after = (*state, channel)[-order:]
            steps.setdefault(state, {}).setdefault(after, 0)
            steps[state][after] += conversions + nulls
            state = after
        for end, n in (("conversion", conversions), ("null", nulls)):
            steps.setdefault(state, {}).setdefault(end, 0)
            steps[state][end] += n

    def chance(without: str | None) -> float:
        found = dict.fromkeys(steps, 0.0)

        def after(way: object) -> float:
            if isinstance(way, tuple):
                return 0.0 if way[-1] == without else found[way]
            return float(way == "conversion")

        for _ in range(3000):
            for state, ways in steps.items():
                total = sum(ways.values())
                found[state] = sum(n / total * after(way) for way, n in ways.items() if total)
        return found[()]

    whole = chance(None)
    names = sorted({c for path, *_ in rows for c in path})
    return {c: 1 - chance(c) / whole if whole else 0.0 for c in names}


@given(rows=PATHS, order=st.sampled_from(markov.ORDERS))
@settings(deadline=None, max_examples=30)
def test_removal_effects_are_those_of_the_definition(rows: Paths, order: int) -> None:
    found = of(rows)
    by_hand = removal_effects_by_hand(rows, order)
    effects = markov.removal_effects(markov.chain(found, order))
    assert effects == pytest.approx([by_hand[c] for c in found.channels], abs=1e-6)


@given(rows=PATHS, order=st.sampled_from(markov.ORDERS))
@settings(deadline=None, max_examples=50)
def test_few_states_or_many_make_no_difference(rows: Paths, order: int) -> None:
    chain = markov.chain(of(rows), order)
    dense = markov.removal_effects(chain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markov, "DENSE_STATES", 0)
        assert markov.removal_effects(chain) == pytest.approx(dense, abs=1e-11)
        patch.setattr(markov, "STEPS", 0)
        assert markov.removal_effects(chain) == pytest.approx(dense, abs=1e-11)


@given(st.lists(st.floats(-100, 100), min_size=16, max_size=16))
def test_shapley_values_are_the_mean_over_all_orders(worth: list[float]) -> None:
    table = np.array([0.0, *worth[1:]])
    by_hand = np.zeros(4)
    for order in permutations(range(4)):
        joined = 0
        for player in order:
            by_hand[player] += table[joined | 1 << player] - table[joined]
            joined |= 1 << player
    assert shapley.values_of(table) == pytest.approx(by_hand / factorial(4), abs=1e-9)


@given(rows=PATHS)
@settings(deadline=None)
def test_the_game_of_journeys_inside_is_solved_by_equal_parts(rows: Paths) -> None:
    found = of(rows)
    worth = {
        frozenset(coalition): sum(float(n) for path, n, _, _ in rows if {*path} <= {*coalition})
        for size in range(1, len(found.channels) + 1)
        for coalition in combinations(found.channels, size)
    }
    told = models.answer("shapley_inside", found).conversions
    assert dict(zip(found.channels, told, strict=True)) == pytest.approx(shapley.values(worth))


def test_large_games_are_sampled_and_say_how_well() -> None:
    names = [f"c{i:02d}" for i in range(14)]
    rows: Paths = [([name], 1, i, 0) for i, name in enumerate(names)]
    rows += [(names, 3, 1, 900), (names[:5], 2, 5, 50)]
    found = of(rows)
    drawn = shapley.credit(shapley.games(found))
    assert drawn.is_sampled
    assert drawn.credit.sum(axis=1) == pytest.approx([found.conversions.sum(), found.values.sum()])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapley, "EXACT_PLAYERS", 14)
        exact = shapley.credit(shapley.games(found))
    assert not exact.is_sampled
    wrong = np.abs(drawn.credit - exact.credit)
    assert (wrong <= 4 * drawn.sampling_error + 1e-9).all()
    assert (drawn.sampling_error[0] > 0).all()
    again = shapley.credit(shapley.games(found))
    assert (again.credit == drawn.credit).all()


def test_shapley_says_where_it_is_negative() -> None:
    told = models.answer("shapley", of([(["A"], 9, 1, 0), (["A", "B"], 1, 9, 0)]))
    assert told.is_negative.tolist() == [False, True]
    assert told.weights.tolist() == [1, 0]


def test_sixty_three_channels_are_refused_in_words() -> None:
    with pytest.raises(journeys.InputError, match="63 channels"):
        models.answer("shapley", of([([f"c{i}" for i in range(63)], 1, 0, 0)]))


def test_bootstrap_covers_what_a_binomial_says() -> None:
    """300 of 1,000 conversions are A's: the standard error of such a count is known."""
    found = of([(["A"], 300, 0, 600), (["B"], 700, 0, 700), (["A", "B"], 0, 500, 0)])
    names = models.names()
    spreads = bootstrap(found, names, 400, seed=1)
    for name in names:
        if models.answer(name, found).conversions[0] == pytest.approx(300):
            assert spreads[name].conversions[:, 0].std() == pytest.approx(300**0.5, rel=0.15)
    low, high = spreads["first"].interval()
    assert low[0] < 300 < high[0]
    assert spreads["first"].values[:, 0] == pytest.approx(2 * spreads["first"].conversions[:, 0])
    again = bootstrap(found, ["first"], 400, seed=1)
    assert (again["first"].conversions == spreads["first"].conversions).all()


@pytest.mark.parametrize("rule", heuristics.RULES, ids=lambda rule: rule.name)
def test_the_bootstrap_of_a_rule_comes_to_the_sum_of_squares(rule: heuristics.Rule) -> None:
    """So rpt_attribution_uncertainty needs no resamples."""
    paths = [("A", 40), ("AB", 90), ("ABA", 25), ("BCA", 60), ("CCB", 35), ("ABCAB", 20)]
    found = of([([*path], count, 0, 0) for path, count in paths])
    spread = bootstrap(found, [rule.name], 4_000, seed=3)[rule.name].conversions.std(axis=0)
    parts = heuristics.by_channel(rule, found, heuristics.HALF_LIFE_DAYS)
    squares = found.conversions @ parts**2
    assert spread == pytest.approx(squares**0.5, rel=0.06)


@given(rows=PATHS, order=st.randoms())
@settings(deadline=None, max_examples=30)
def test_solve_does_not_look_at_the_order_of_rows(rows: Paths, order) -> None:  # type: ignore[no-untyped-def]
    counted: dict[tuple[str, bool], list[int]] = {}
    for path, n, nulls, value in rows:
        for is_converted, count in ((True, n), (False, nulls)):
            if count:
                total = counted.setdefault((" > ".join(path), is_converted), [0, 0])
                total[0] += count
                total[1] += value * is_converted
    table = [
        dict(zip(INPUT.names, ("web_order", *key, *total), strict=True))
        for key, total in counted.items()
    ]
    told = solve(pa.Table.from_pylist(table, INPUT), replicates=3)
    order.shuffle(table)
    assert solve(pa.Table.from_pylist(table, INPUT), replicates=3) == told
    assert told.schema == OUTPUT
    assert bool(told.num_rows) == any(n for _, n, _, _ in rows)
    for model in models.SOLVED if told.num_rows else ():
        weights = [r["weight"] for r in told.to_pylist() if r["attribution_model"] == model]
        assert sum(weights) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"route": ["A"]}, "no column `path`.*found route"),
        ({"path": ["A", " "], "conversions": [1, 1]}, "Row 2 has an empty `path`"),
        (
            {"path": ["A", "A >  > B"], "conversions": [1, 1]},
            "Row 2 has an empty channel.*A >  > B",
        ),
        ({"path": ["A"], "conversions": ["many"]}, "`conversions` of the paths is not of numbers"),
        ({"path": ["A"], "conversions": [-1]}, "Row 1 has a negative `conversions`"),
        ({"path": ["A"], "conversions": [1], "nulls": [None]}, "Row 1 has no `nulls`"),
    ],
)
def test_paths_that_are_none_are_refused_in_words(
    table: dict[str, list[object]], words: str
) -> None:
    with pytest.raises(journeys.InputError, match=words):
        journeys.from_paths(pa.table(table))


def test_unknown_models_and_missing_ages_are_refused_in_words() -> None:
    found = journeys.from_paths(pa.table({"path": ["A"], "conversions": [1]}))
    with pytest.raises(journeys.InputError, match="'best' is not a model"):
        models.answer("best", found)
    with pytest.raises(journeys.InputError, match="Time decay needs the time"):
        models.answer("time_decay", found)


def test_a_path_of_touches_from_long_ago_still_has_weights() -> None:
    rule = heuristics.Rule("time_decay", "time_decay")
    found = journeys.from_lists(pa.array([["A", "B"]]), [1], ages=[1e6 + 7, 1e6])
    assert heuristics.touch_shares(rule, found) == pytest.approx([1 / 3, 2 / 3])
