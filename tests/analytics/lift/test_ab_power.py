"""Sample sizes as R's power.prop.test and power.t.test print them."""

from __future__ import annotations

import pytest

from analytics.errors import InputError
from analytics.lift.ab_power import (
    mde_of_means,
    mde_of_rates,
    power_of_means,
    power_of_rates,
    units_for_means,
    units_for_rates,
)


def test_rates_as_in_r() -> None:
    assert power_of_rates(50, 0.50, 0.75) == pytest.approx(0.7401659, abs=1e-4)
    assert units_for_rates(0.50, 0.75, power=0.90) == pytest.approx(76.7, abs=0.05)


def test_means_as_in_r() -> None:
    assert power_of_means(20, 1, 1) == pytest.approx(0.8689528, abs=1e-6)
    assert units_for_means(1, 1, power=0.90) == pytest.approx(22.02110, abs=1e-4)


def test_sizes_and_effects_are_each_others_inverse() -> None:
    rise = mde_of_rates(5000, 0.05)
    assert units_for_rates(0.05, 0.05 + rise) == pytest.approx(5000, rel=1e-6)
    effect = mde_of_means(300, 40.0)
    assert units_for_means(effect, 40.0) == pytest.approx(300, rel=1e-6)


def test_a_large_sample_of_small_effects() -> None:
    # n = 2·(1.96 + 0.8416)²/d² for a standardised effect d
    assert units_for_means(0.01, 1) == pytest.approx(
        2 * (1.959964 + 0.841621) ** 2 / 1e-4, rel=1e-3
    )


def test_what_cannot_be_seen_is_said() -> None:
    with pytest.raises(InputError, match="cannot be told apart"):
        units_for_rates(0.1, 0.1)
    with pytest.raises(InputError, match="between 0 and 1"):
        power_of_rates(10, 0.0, 0.5)
    with pytest.raises(InputError, match="cannot see any effect"):
        mde_of_rates(2, 0.9)
    with pytest.raises(InputError, match="effect other than 0"):
        units_for_means(0, 1)
