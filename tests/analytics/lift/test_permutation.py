"""Permutation p-values by enumeration, and intervals that are their exact inversion."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from analytics.lift import counterfactual, permutation
from analytics.lift.experiment import Experiment
from analytics.lift.panel import Floats, Panel
from tests.analytics.lift.panels import added, experiment, noisy, panel


def enumerated(value: Floats, treated: tuple[int, ...], pre: int) -> float:
    """Fisher's p of difference in differences, the long way."""
    change = value[:, pre:].mean(axis=1) - value[:, :pre].mean(axis=1)
    units = range(len(value))

    def statistic(group: tuple[int, ...]) -> float:
        others = [u for u in units if u not in group]
        return abs(float(change[list(group)].mean() - change[others].mean()))

    groups = list(combinations(units, len(treated)))
    real = statistic(treated)
    return sum(statistic(group) >= real - 1e-9 for group in groups) / len(groups)


def test_p_is_the_share_of_assignments() -> None:
    table = panel(added(noisy(3, units=7), [1, 4], 30, 60.0))
    found = permutation.over_units(experiment(table, [1, 4], 30))
    assert found.p_value == pytest.approx(enumerated(table.value, (1, 4), 30))


def test_by_hand() -> None:
    # Changes 5, 0, 1, 2: treated 5 against the mean 1; as extreme: only itself, of four.
    table = panel([[0, 0, 0, 0, 5], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 2]])
    assert permutation.over_units(experiment(table, [0], 4)).p_value == 0.25


@pytest.mark.parametrize("treated", [(1, 4), (0, 2, 6)])
def test_the_interval_ends_where_p_reaches_alpha(treated: tuple[int, ...]) -> None:
    table = noisy(5, units=8)
    found = permutation.over_units(experiment(table, list(treated), 30))
    for interval in found.total:
        for bound, outwards in ((interval.low, -1), (interval.high, 1)):
            per_unit = bound / (len(treated) * 10)
            step = outwards * 1e-6 * abs(per_unit)
            inside, outside = (
                enumerated(added(table, list(treated), 30, -(per_unit + sign * step)), treated, 30)
                for sign in (-1, 1)
            )
            assert inside > 1 - interval.level >= outside - 1e-12


def test_half_of_the_units_treated_mirrors_itself() -> None:
    table = noisy(6, units=6)
    found = permutation.over_units(experiment(table, [0, 1, 2], 30))
    assert found.p_value == pytest.approx(enumerated(table.value, (0, 1, 2), 30))
    assert found.total[1].low == -math.inf  # 2 of 20 are always as extreme


def test_drawn_assignments_come_close_to_all_of_them() -> None:
    test = experiment(panel(added(noisy(3, units=12), [1, 4, 9], 30, 25.0)), [1, 4, 9], 30)
    few, every = (permutation.over_units(test, most=most, seed=1) for most in (150, 1000))
    assert few.p_value == pytest.approx(every.p_value, abs=0.08)


def gap(whole: Experiment) -> Floats:
    return np.asarray(whole.totals()[0] - counterfactual.synth(whole).expected)


def shifted(table: Panel, pre: int, effect: float) -> float:
    """The conformal p of a constant effect, the long way."""
    whole = experiment(panel(added(table, [0], pre, -effect)), [0], len(table.periods))
    residual = gap(whole)
    sizes = [abs(np.roll(residual, shift)[pre:].mean()) for shift in range(len(residual))]
    return float(np.mean(np.array(sizes) >= sizes[0] - 1e-9))


def test_conformal_p_and_interval() -> None:
    table = panel(added(noisy(9), [0], 30, 30.0))
    test = experiment(table, [0], 30)
    own = gap(test)
    found = permutation.over_time(test, gap, float(own[30:].sum()), 100.0)
    assert found.p_value == pytest.approx(shifted(table, 30, 0.0))
    for interval in found.total:
        for bound, outwards in ((interval.low, -1), (interval.high, 1)):
            assert shifted(table, 30, (bound + outwards * 1e-9) / 10) <= 1 - interval.level + 1e-9
            assert shifted(table, 30, (bound - outwards * 2) / 10) > 1 - interval.level


def test_an_effect_that_is_no_effect_is_not_found() -> None:
    table = noisy(9)
    test = experiment(table, [0], 30)
    for order in ("shift", "iid"):
        found = permutation.over_time(test, gap, float(gap(test)[30:].sum()), 100.0, order, 1)  # type: ignore[arg-type]
        assert found.p_value > 0.05
        assert 0.0 in found.total[1]


@pytest.mark.parametrize("sign", [1, -1])
def test_where_no_constant_effect_fits_the_interval_is_empty_and_not_narrow(sign: int) -> None:
    value = noisy(9).value.copy()
    value[0, 30:] += np.tile([4000.0, -3000.0], 5) * sign  # an effect that is anything but constant
    test = experiment(panel(value), [0], 30)
    effect = float(gap(test)[30:].sum())
    found = permutation.over_time(test, gap, effect, 100.0, "iid", 1)
    for interval in found.total:
        assert interval.is_empty
        assert effect not in interval
        assert math.isnan(interval.low)
        assert interval.scaled(-0.1).is_empty
