"""How many units an A/B test needs, and what it can see. Two equal arms, two-sided tests."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import stats
from scipy.optimize import brentq

from analytics.errors import InputError


def power_of_rates(units: float, control: float, variant: float, alpha: float = 0.05) -> float:
    """Power of the z test of two rates with so many units per arm (as R's ``power.prop.test``)."""
    _rate(control)
    _rate(variant)
    z = float(stats.norm.ppf(1 - alpha / 2))
    mean = (control + variant) / 2
    pooled = math.sqrt(2 * mean * (1 - mean))
    own = math.sqrt(control * (1 - control) + variant * (1 - variant))
    return float(stats.norm.cdf((math.sqrt(units) * abs(variant - control) - z * pooled) / own))


def units_for_rates(
    control: float, variant: float, power: float = 0.80, alpha: float = 0.05
) -> float:
    """Units per arm: (z_{1−α/2}·√(2p̄q̄) + z_power·√(p₀q₀ + p₁q₁))² / (p₁ − p₀)². Not rounded up."""
    _rate(control)
    _rate(variant)
    if control == variant:
        raise InputError("equal rates cannot be told apart by any number of units")
    mean = (control + variant) / 2
    upper, lower = stats.norm.ppf(1 - alpha / 2), stats.norm.ppf(power)
    root = upper * math.sqrt(2 * mean * (1 - mean))
    root += lower * math.sqrt(control * (1 - control) + variant * (1 - variant))
    return float(root**2 / (variant - control) ** 2)


def mde_of_rates(units: float, control: float, power: float = 0.80, alpha: float = 0.05) -> float:
    """The smallest rise of the rate (absolute) seen with this power. Raises InputError: none."""

    def missing(rise: float) -> float:
        return power_of_rates(units, control, control + rise, alpha) - power

    return _root(missing, 1e-9, 1 - control - 1e-9, units)


def power_of_means(units: float, effect: float, deviation: float, alpha: float = 0.05) -> float:
    """Power of the t test with so many units per arm, by the noncentral t (as ``power.t.test``)."""
    degrees = 2 * (units - 1)
    shift = math.sqrt(units / 2) * abs(effect) / deviation
    return float(stats.nct.sf(stats.t.ppf(1 - alpha / 2, degrees), degrees, shift))


def units_for_means(
    effect: float, deviation: float, power: float = 0.80, alpha: float = 0.05
) -> float:
    """Units per arm to see a difference of means; ``deviation``: of one unit. Not rounded up.

    With CUPED, give √(1 − variance reduction) times the deviation.
    """
    if not effect or deviation <= 0:
        raise InputError("an effect other than 0 and a deviation above 0 are needed")
    guess = (
        2 * (2 * (stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) * deviation / effect) ** 2
    )

    def missing(units: float) -> float:
        return power_of_means(units, effect, deviation, alpha) - power

    return _root(missing, 2.0, 10.0 + guess, math.inf)


def mde_of_means(units: float, deviation: float, power: float = 0.80, alpha: float = 0.05) -> float:
    """The smallest difference of means that is seen with this power."""

    def missing(effect: float) -> float:
        return power_of_means(units, effect, deviation, alpha) - power

    return _root(missing, 1e-9 * deviation, 50 * deviation, units)


def _root(missing: Callable[[float], float], low: float, high: float, units: float) -> float:
    if missing(low) > 0:
        return low
    if missing(high) < 0:
        raise InputError(f"{units:g} units per arm cannot see any effect with this power")
    return float(brentq(missing, low, high, xtol=1e-12, rtol=1e-12))


def _rate(value: float) -> None:
    if not 0 < value < 1:
        raise InputError(f"a rate lies between 0 and 1, not at {value}")
