"""Planning a test: thresholds that hold, constraints that are kept."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.lift import synthetic_control
from analytics.lift.design import inject, power_analysis, recommend, select_markets
from analytics.lift.placebo import MOST_PLACEBOS
from tests.analytics.lift.panels import noisy, panel


@pytest.mark.parametrize("direction", [1, -1])
def test_a_threshold_is_where_the_effect_becomes_significant(direction: int) -> None:
    table = noisy(1, periods=60)
    design = power_analysis(
        table, ["u00", "u04"], 10, windows=1, direction=direction, placebos=MOST_PLACEBOS
    )
    (threshold,) = design.own_thresholds
    assert threshold > 0
    seen = []
    for factor in (0.999, 1.001):
        effect = direction * factor * threshold
        start = 41  # one window: the earliest, two lengths before the end
        cut = inject(panel(table.value[:, : start + 9]), ["u00", "u04"], effect, 10)
        found = synthetic_control(cut, ["u00", "u04"], start, start + 9)
        seen.append(found.p_value < 0.05 and found.total * direction > 0)
    assert seen == [False, True]


def test_power_grows_with_the_effect_up_to_the_mde() -> None:
    design = power_analysis(noisy(2, periods=80), ["u01"], 7)
    curve = [design.power_at(effect) for effect in np.linspace(0, 0.2, 9)]
    assert curve == sorted(curve)
    assert design.power_at(design.mde) >= 0.80
    assert design.power_at(design.mde * 0.999) < design.power_at(design.mde)


def test_a_longer_test_and_less_noise_see_more() -> None:
    quiet, loud = (
        power_analysis(noisy(2, periods=80, noise=noise), ["u01"], 7).mde for noise in (0.01, 0.05)
    )
    assert quiet < loud
    short, long = (power_analysis(noisy(2, periods=120), ["u01"], n).mde for n in (3, 28))
    assert long < short


def test_spend_is_what_the_effect_costs() -> None:
    design = power_analysis(noisy(2, periods=80), ["u01"], 7)
    assert design.spend(2.0, effect=0.05) == pytest.approx(0.05 * design.baseline / 2)
    assert design.spend(2.0) == pytest.approx(design.mde * design.baseline / 2)
    with pytest.raises(InputError, match="iROAS"):
        design.spend(0.0)


def test_markets_keep_to_the_constraints_and_come_in_order() -> None:
    found = select_markets(
        noisy(3, periods=60), [2, 3], [7, 14], include=["u02"], exclude=["u00", "u01"],
        shortlist=3, windows=4,
    )  # fmt: skip
    assert len(found) == 2 * 3 * 2
    assert [item.mde for item in found] == sorted(item.mde for item in found)
    for item in found:
        assert "u02" in item.treated
        assert not {"u00", "u01"} & set(item.treated)
    best = recommend(found, 0.5)
    assert best is not None
    assert best.periods == 7
    assert recommend(found, 1e-6) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [8]}, "8 treated units cannot be chosen"),
        ({"include": ["u00"], "exclude": ["u00"]}, "both included and excluded"),
        ({"durations": [40]}, "too short to plan a test of 40"),
    ],
)
def test_what_cannot_be_planned_is_refused(options: dict[str, object], message: str) -> None:
    wanted = {"sizes": [1], "durations": [7]} | options
    with pytest.raises(InputError, match=message):
        select_markets(noisy(3, periods=60), **wanted)  # type: ignore[arg-type]
