"""BG/NBD and Gamma-Gamma against what is published, against simulated customers, and on odd ones.

``cdnow.csv`` is the sample that the papers use, 2,357 customers of a shop for CDs who first bought
in early 1997, until the end of September (brucehardie.com/datasets), equal histories as one row.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.ltv import Histories, InputError, Purchases, Spend, fit_purchases, fit_spend
from analytics.ltv.histories import Floats

PUBLISHED = Purchases(0.243, 4.414, 0.793, 2.426, 0.0)


def cdnow() -> tuple[Histories, Floats]:
    with Path(__file__).with_name("cdnow.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    repeats, recency, age, cents, customers = np.array(rows, float).T
    return Histories(repeats, recency / 7, age / 7, customers), cents / 100


def simulated(count: int, model: Purchases, seed: int = 1) -> tuple[Histories, Floats]:
    """Customers who buy as the model says, and how often they do so in as long a time again."""
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(model.r, 1 / model.alpha, count), rng.beta(model.a, model.b, count)
    age = np.round(rng.uniform(20, 40, count) * 7) / 7
    repeats, recency, later = np.zeros(count), np.zeros(count), np.zeros(count)
    at, alive = np.zeros(count), np.arange(count)
    while alive.size:
        at[alive] += rng.exponential(1 / rate[alive])
        alive = alive[at[alive] <= 2 * age[alive]]
        seen = at[alive] <= age[alive]
        repeats[alive[seen]] += 1
        recency[alive[seen]] = np.maximum(np.floor(at[alive[seen]] * 7), 1) / 7
        later[alive[~seen]] += 1
        alive = alive[rng.random(alive.size) >= leaves[alive]]
    return Histories(repeats, np.minimum(recency, age), age, np.ones(count)), later


def one(repeats: float, recency: float, age: float) -> Histories:
    return Histories(*(np.array([value]) for value in (repeats, recency, age, 1)))


def test_the_published_parameters_are_found() -> None:
    histories, spent = cdnow()
    found = fit_purchases(histories)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (0.2426, 4.4136, 0.7929, 2.4259), abs=5e-4
    )
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.2)
    # Hardie's worked example: 1.226 purchases of customer 0001 in the next 39 weeks.
    assert found.expected(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=1e-3)
    every = np.repeat(np.arange(len(spent)), histories.customers.astype(int))
    spend = fit_spend(histories.repeats[every], spent[every])
    assert (spend.p, spend.q, spend.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert spend.mean == pytest.approx(35.3, abs=0.2)


def test_a_simulated_shops_future_is_foreseen() -> None:
    histories, later = simulated(20_000, PUBLISHED)
    found = fit_purchases(histories)
    assert found.r == pytest.approx(PUBLISHED.r, rel=0.1)
    assert found.alpha == pytest.approx(PUBLISHED.alpha, rel=0.15)
    # Each customer is foreseen for as long as he was known.
    expected = np.concatenate([
        found.expected(
            Histories(*(column[histories.age == age] for column in histories.columns)), age
        )
        for age in np.unique(histories.age)
    ])  # fmt: skip
    assert expected.sum() == pytest.approx(later.sum(), rel=0.05)


def test_equal_histories_count_as_often_as_there_are_customers() -> None:
    histories, _ = simulated(2_000, PUBLISHED)
    merged = histories.merged()
    assert len(merged.repeats) < len(histories.repeats)
    assert merged.customers.sum() == 2_000
    backwards = Histories(*(column[::-1] for column in histories.columns))
    assert fit_purchases(merged) == fit_purchases(histories) == fit_purchases(backwards)


def test_a_shop_that_nobody_leaves_expects_the_rate_of_before() -> None:
    loyal = Purchases(1.0, 50.0, 1e-9, 5.0, 0.0)
    assert loyal.expected(one(4, 80, 100), 60)[0] == pytest.approx((1 + 4) / (50 + 100) * 60)
    rng = np.random.default_rng(3)
    repeats = rng.poisson(rng.gamma(1.0, 1 / 50, 3_000) * 100).astype(float)
    last = np.ceil(100 * rng.random(3_000) ** (1 / np.maximum(repeats, 1)))
    recency = np.where(repeats > 0, last, 0)
    everybody = Histories(repeats, recency, np.full(3_000, 100.0), np.ones(3_000))
    found = fit_purchases(everybody)
    assert found.expected(everybody, 100).sum() == pytest.approx(repeats.sum(), rel=0.06)


@pytest.mark.parametrize(
    ("model", "history", "time"),
    [
        # lifetimes 302: less than nothing under a logarithm
        (Purchases(0.11, 2.24, 0.31, 0.5, 0), (0, 0, 1), 30),
        # who buys daily for years overflows the published formula
        (Purchases(0.24, 4.4, 0.8, 2.4, 0), (900, 1000, 1000), 365),
        (Purchases(0.24, 4.4, 0.8, 2.4, 0), (900, 400, 400), 3_650),
        # all customers leave with the same probability
        (Purchases(1.3, 111, 300.0, 1_090.0, 0), (4, 90, 110), 365),
        (Purchases(0.24, 4.4, 1.0, 2.4, 0), (2, 30, 40), 39),  # a pole of the formula
        (Purchases(0.24, 4.4, 0.5, 0.5, 0), (0, 0, 40), 39),  # and another
    ],
)
def test_no_history_has_a_mean_that_is_no_number(
    model: Purchases, history: tuple[float, float, float], time: float
) -> None:
    """As its integral says: the expected purchases of a rate and a chance to leave, over both."""
    found = model.expected(one(*history), time)[0]
    x, _, age = history
    rng = np.random.default_rng(5)
    # Given the history and that he is alive: gamma and beta again.
    rate = rng.gamma(model.r + x, 1 / (model.alpha + age), 400_000)
    leaves = rng.beta(model.a, model.b + x, 400_000)
    mean = (-np.expm1(-rate * leaves * time) / np.maximum(leaves, 1e-300)).mean()
    alive = model.probability_alive(one(*history))[0] if x else 1.0
    assert np.isfinite(found)
    assert found == pytest.approx(alive * mean, rel=0.02)


histories = st.tuples(
    st.integers(1, 300), st.integers(1, 2_000), st.integers(1, 2_000), st.integers(1, 500)
)


@given(histories, st.sampled_from([PUBLISHED, Purchases(2.0, 90.0, 0.02, 40.0, 0)]))
def test_who_bought_later_is_likelier_alive(
    drawn: tuple[int, int, int, int], model: Purchases
) -> None:
    repeats, recency, silent, sooner = drawn
    age = recency + silent
    early, late = one(repeats, recency, age + sooner), one(repeats, recency + sooner, age + sooner)
    alive = model.probability_alive(early)[0], model.probability_alive(late)[0]
    assert 0 <= alive[0] <= alive[1] <= 1
    expected = model.expected(early, 365)[0], model.expected(late, 365)[0]
    assert 0 <= expected[0] <= expected[1] + 1e-9
    assert model.expected(late, 180)[0] <= expected[1] + 1e-9


def test_of_who_never_came_back_nobody_knows_whether_they_will() -> None:
    assert np.isnan(PUBLISHED.probability_alive(one(0, 0, 500))[0])
    waiting = [PUBLISHED.expected(one(0, 0, age), 52)[0] for age in (1, 50, 500)]
    assert waiting == sorted(waiting, reverse=True)


@pytest.mark.parametrize(
    ("repeats", "reason"),
    [([0] * 5_000, "0 customers came back"), ([1] * 29 + [0] * 500, "29 customers came back")],
)
def test_too_few_who_came_back_are_not_fitted(repeats: list[int], reason: str) -> None:
    x = np.array(repeats, float)
    with pytest.raises(InputError, match=reason):
        fit_purchases(Histories(x, 3 * x, np.full(x.size, 40.0), np.ones(x.size)))


@pytest.mark.parametrize(
    ("repeats", "recency", "age"),
    [(0, 3, 5), (1, 0, 5), (1, 6, 5), (-1, 3, 5), (1, float("nan"), 5)],
)
def test_a_history_that_cannot_be_is_refused(repeats: float, recency: float, age: float) -> None:
    with pytest.raises(InputError):
        one(repeats, recency, age)


def spent(count: int, scale: float = 1.0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(7)
    repeats = rng.integers(1, 9, count).astype(float)
    means = scale * rng.gamma(6.25 * repeats, 15.44 / rng.gamma(3.74, 1, count)) / repeats
    return repeats, means


def test_money_in_another_unit_is_the_same_money() -> None:
    euros, cents = fit_spend(*spent(3_000)), fit_spend(*spent(3_000, 100))
    assert cents.mean == pytest.approx(100 * euros.mean, rel=1e-4)
    assert cents.own_share(np.array([3.0])) == pytest.approx(euros.own_share(np.array([3.0])))
    assert euros.mean == pytest.approx(6.25 * 15.44 / 2.74, rel=0.05)


def test_what_is_spent_next_lies_between_the_own_mean_and_that_of_all() -> None:
    model = Spend(6.25, 3.74, 15.44, 0.0)
    repeats, mean = np.array([0.0, 1.0, 50.0]), np.array([np.nan, 100.0, 100.0])
    never, once, often = model.expected(repeats, np.nan_to_num(mean))
    assert never == pytest.approx(model.mean)
    assert model.mean < once < often < 100


def test_spend_that_depends_on_how_often_is_not_foreseen() -> None:
    repeats, means = spent(500)
    with pytest.raises(InputError, match="depends on how often they buy"):
        fit_spend(repeats, means * repeats)


def test_who_gave_all_back_is_left_out_and_who_all_spend_alike_is_not_fitted() -> None:
    repeats, means = spent(500)
    means[:400] = 0
    assert fit_spend(repeats, means).mean > 0
    means[:] = -1
    with pytest.raises(InputError, match="0 customers came back and kept something"):
        fit_spend(repeats, means)
    means[:] = 10
    with pytest.raises(InputError, match="the same amount"):
        fit_spend(repeats, means)


def test_amounts_without_a_mean_are_not_foreseen() -> None:
    """lifetimes 146 and 362: with q below 1 the formula gives customers less than nothing."""
    rng = np.random.default_rng(11)
    repeats = rng.integers(1, 5, 4_000).astype(float)
    means = rng.gamma(4 * repeats, 10 / rng.gamma(0.6, 1, 4_000)) / repeats
    with pytest.raises(InputError, match="have no mean"):
        fit_spend(repeats, means)
