"""Placebos in space and time."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from analytics.lift import counterfactual, placebo, synthetic_control
from tests.analytics.lift.panels import added, experiment, noisy, panel


def test_all_groups_or_as_many_distinct_ones_as_wanted() -> None:
    members = np.arange(6)
    assert list(placebo.groups(2, members, 15, 0)) == list(combinations(range(6), 2))
    drawn = list(placebo.groups(3, members, 10, 0))
    assert len(set(drawn)) == 10
    assert drawn == list(placebo.groups(3, members, 10, 0))
    assert drawn != list(placebo.groups(3, members, 10, 1))


@pytest.mark.parametrize("statistic", ["scaled", "effect", "rmspe_ratio"])
def test_p_is_the_share_at_least_as_extreme(statistic: placebo.Statistic) -> None:
    table = panel(added(noisy(2, units=9), [3], 30, 40.0))
    test = experiment(table, [3], 30)
    own = counterfactual.synth(test)
    around = placebo.require(placebo.in_space(test, counterfactual.synth), test)

    def of(unit: int, controls: list[int]) -> float:
        kept = panel(table.value[[unit, *controls]])
        found = synthetic_control(kept, ["u00"], 31, 40)
        series = found.series
        before = (series.observed - series.counterfactual)[:30]
        rmse = math.sqrt(np.mean(before**2))
        return {
            "scaled": abs(found.total) / rmse,
            "effect": abs(found.total),
            "rmspe_ratio": math.sqrt(np.mean(series.effect**2)) / rmse,
        }[statistic]

    others = [u for u in range(9) if u != 3]
    real = of(3, others)
    share = sum(of(u, [o for o in others if o != u]) >= real for u in others)
    assert placebo.placebo_p(test, own, around, statistic) == pytest.approx((1 + share) / 9)


def test_the_treated_take_no_part() -> None:
    clean, spoiled = noisy(4), panel(added(noisy(4), [0], 30, 1e6))
    one, other = (
        placebo.require(placebo.in_space(test, counterfactual.synth), test)
        for test in (experiment(clean, [0], 30), experiment(spoiled, [0], 30))
    )
    assert np.array_equal(one.sums, other.sums)


def test_margins_end_at_the_interval() -> None:
    for method in (counterfactual.did, counterfactual.synth, counterfactual.tbr):
        test = experiment(noisy(4), [0, 3], 30)
        own = method(test)
        around = placebo.require(placebo.in_space(test, method), test)
        found = placebo.calibrated(123.0, own, around)
        assert around.margin(own, 0.95)[1][-1] == pytest.approx(found.total[1].high - 123.0)


def test_too_few_controls_have_no_placebos() -> None:
    test = experiment(noisy(4, units=5), [0], 30)
    assert placebo.in_space(test, counterfactual.synth) is None
    with pytest.raises(ValueError, match="at least 5 controls, not 4"):
        placebo.require(None, test)


def test_pretended_tests_lie_back_to_back_before_the_real_one() -> None:
    test = experiment(panel(added(noisy(4), [0], 30, 500.0)), [0], 30)
    runs = placebo.in_time(test, counterfactual.synth)
    assert [(run.start, run.end) for run in runs] == [(21, 30), (11, 20)]
    assert all(abs(run.relative) < 0.1 for run in runs)  # nothing of the real effect is seen
