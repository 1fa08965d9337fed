"""A/B tests against textbook answers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import InputError
from analytics.lift.ab import cuped, holm, means, proportions, sample_ratio, wilson
from analytics.lift.ab_table import compare


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3
        ((81, 263), 0.2553, 0.3662),
        ((15, 148), 0.0624, 0.1605),
        ((0, 20), 0.0000, 0.1611),
        ((1, 29), 0.0061, 0.1718),
    ],
)
def test_wilson(counts: tuple[int, int], low: float, high: float) -> None:
    found = wilson(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    found = proportions(other, one)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=5e-5)


def test_rates_by_hand() -> None:
    found = proportions((100, 1000), (130, 1000))
    pooled = 0.115 * 0.885 * 2 / 1000
    assert found.p_value == pytest.approx(2 * stats.norm.sf(0.03 / pooled**0.5))
    # The z test of two rates is Pearson's chi-square without correction.
    table = [[100, 900], [130, 870]]
    assert found.p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert found.relative == pytest.approx(0.3)
    spread = (1 / 130 - 1 / 1000 + 1 / 100 - 1 / 1000) ** 0.5
    assert found.relative_interval.low == pytest.approx(1.3 * np.exp(-1.959964 * spread) - 1)


def test_no_success_at_all() -> None:
    found = proportions((0, 50), (0, 60))
    assert found.p_value == 1
    assert np.isnan(found.relative)
    assert proportions((5, 50), (0, 60)).relative == -1
    with pytest.raises(InputError, match="7 successes of 6 trials"):
        proportions((7, 6), (1, 2))


@given(seed=st.integers(0, 1000))
def test_means_are_welchs(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.lognormal(1, 1, 40), random.lognormal(1.1, 0.7, 25)
    found = means(a, b, resamples=0)
    other = stats.ttest_ind(b, a, equal_var=False)
    bounds = other.confidence_interval(0.95)
    assert found.p_value == pytest.approx(other.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx((bounds.low, bounds.high))


def test_bootstrap_t_leans_to_where_the_tail_is_and_covers() -> None:
    random = np.random.default_rng(0)
    control, variant = random.lognormal(3, 0.3, 3000), random.lognormal(3, 1.5, 60)
    found = means(control, variant)
    assert found.bootstrap is not None
    above = found.bootstrap.high - found.difference
    assert above > found.difference - found.bootstrap.low
    assert found.bootstrap == means(control, variant).bootstrap
    inside = sum(
        0.0 in (means(x, y, resamples=399).bootstrap or pytest.fail("no bootstrap"))
        for x, y in (random.lognormal(3, 1, (2, 50)) for _ in range(100))
    )
    assert inside >= 88


def test_constant_values_have_no_spread() -> None:
    assert means(np.ones(5), np.ones(5)).p_value == 1
    assert means(np.ones(5), np.full(5, 2.0)).bootstrap is None


def test_cuped_is_the_analysis_of_covariance() -> None:
    random = np.random.default_rng(2)
    before = random.gamma(2, 10, 400)
    arm = np.arange(400) % 2 == 1
    value = 5 + 0.8 * before + random.normal(0, 4, 400) + 1.5 * arm
    found = cuped(value[~arm], value[arm], before[~arm], before[arm])
    design = np.column_stack([np.ones(400), arm, before])
    assert found.difference == pytest.approx(np.linalg.lstsq(design, value)[0][1])
    plain = means(value[~arm], value[arm])
    correlation = np.corrcoef(before, value)[0, 1]
    assert found.variance_reduction == pytest.approx(correlation**2, abs=0.02)
    width = found.interval.high - found.interval.low
    assert width < 0.5 * (plain.interval.high - plain.interval.low)
    assert 1.5 in found.interval


def test_cuped_with_a_covariate_that_says_nothing_is_welch() -> None:
    a, b = np.array([1.0, 2, 4]), np.array([2.0, 5, 9, 4])
    found, plain = cuped(a, b, np.ones(3), np.ones(4)), means(a, b)
    assert (found.difference, found.interval) == (plain.difference, plain.interval)
    assert found.variance_reduction == 0
    with pytest.raises(InputError, match="value before"):
        cuped(a, b, np.ones(2), np.ones(4))


def test_holm_as_in_r() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_sample_ratio() -> None:
    # Kohavi, Tang and Xu 2020, chapter 21: 821,588 against 815,482 is no even split.
    assert sample_ratio({"a": 821_588, "b": 815_482}) == pytest.approx(1.8e-6, rel=0.02)
    assert sample_ratio({"a": 900, "b": 100}, {"a": 9, "b": 1}) == 1
    with pytest.raises(InputError, match="exactly a, b"):
        sample_ratio({"a": 1, "b": 2}, {"a": 1})


class TestTable:
    def test_rates_of_several_variants(self) -> None:
        labels = ["control"] * 400 + ["five"] * 400 + ["ten"] * 400
        bought = [1] * 40 + [0] * 360 + [1] * 60 + [0] * 340 + [1] * 44 + [0] * 356
        found, ratio = compare(pa.table({"variant": labels, "value": bought}))
        assert [item.variant for item in found] == ["five", "ten"]
        assert [item.method for item in found] == ["newcombe", "newcombe"]
        assert found[0].p_value == proportions((40, 400), (60, 400)).p_value
        assert found[0].adjusted_p == pytest.approx(2 * found[0].p_value)
        assert ratio == 1

    def test_booleans_are_rates_and_amounts_are_means(self) -> None:
        labels = ["a", "a", "a", "b", "b", "b"]
        table = pa.table(
            {"arm": labels, "hit": [True, False, True] * 2, "paid": [1.0, 0, 7, 2, 3, 4]}
        )
        options = {"variant": "arm", "control": "a"}
        assert compare(table, metric="hit", **options)[0][0].method == "newcombe"
        assert compare(table, metric="paid", **options)[0][0].method == "welch"
        assert compare(table, metric="paid", before="hit", **options)[0][0].method == "cuped"

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"variant": ["a", "b"], "value": [1, 2]}, "no row is of the control"),
            ({"variant": ["control"] * 2, "value": [1, 2]}, "nothing to compare"),
            ({"variant": ["control", "b"], "value": [1, None]}, "1 rows have no value"),
            ({"variant": ["control", "b"], "value": ["x", "y"]}, "not numbers"),
            ({"variant": ["control", "b"]}, "no column 'value'"),
            ({"variant": ["control", "b"], "value": [3, 4]}, "at least two units"),
        ],
    )
    def test_what_cannot_be_compared_is_refused(
        self, columns: dict[str, list[object]], message: str
    ) -> None:
        with pytest.raises(InputError, match=message):
            compare(pa.table(columns))
