"""Gamma-Gamma: what a customer spends in a purchase.

Amounts vary around a customer's own mean as a gamma distribution (p), and the means between
customers as another (q, v); how often somebody buys says nothing of how much. Fader and Hardie,
note 025 (2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi
from scipy.stats import spearmanr

from analytics.errors import InputError
from analytics.ltv.histories import Floats
from analytics.ltv.purchases import LEAST_REPEATERS

# Correlation of how often and how much, by ranks, beyond which the assumption does not hold.
MOST_CORRELATION = 0.3
_BOUNDS = (-14.0, 14.0)
_STEEPEST = 1e-4


@dataclass(frozen=True)
class Spend:
    """A fitted model; ``v`` in the unit of the amounts."""

    p: float
    q: float
    v: float
    correlation: float

    @property
    def mean(self) -> float:
        """Mean amount over all customers."""
        return self.p * self.v / (self.q - 1)

    def own_share(self, repeats: Floats) -> Floats:
        """How much a customer's own mean of so many repeat purchases says of the next one, 0 to 1;
        the rest is the mean of all."""
        share: Floats = self.p * repeats / (self.p * repeats + self.q - 1)
        return share

    def expected(self, repeats: Floats, mean: Floats) -> Floats:
        """Mean amount of a customer's next purchase."""
        own = self.own_share(repeats)
        found: Floats = (1 - own) * self.mean + own * np.where(repeats > 0, mean, 0)
        return found


def fit_spend(repeats: Floats, mean: Floats) -> Spend:
    """The most likely model of customers who came back: how often, and the mean amount of those
    purchases. Raises ``InputError`` where none can be fitted, or its assumption does not hold."""
    repeats, mean = np.asarray(repeats, np.float64), np.asarray(mean, np.float64)
    # Who gave all of it back has spent nothing, which no gamma distribution has.
    bought = (repeats > 0) & (mean > 0)
    x, m = repeats[bought], mean[bought]
    if x.size < LEAST_REPEATERS:
        raise InputError(
            f"{x.size} customers came back and kept something, and {LEAST_REPEATERS} are needed"
        )
    if m.min() == m.max():
        raise InputError("all customers spend the same amount")
    correlation = 0.0 if x.min() == x.max() else float(spearmanr(x, m).statistic)
    if abs(correlation) > MOST_CORRELATION:
        raise InputError(
            f"what customers spend depends on how often they buy (correlation {correlation:.2f})"
        )
    unit = float(m.mean())
    order = np.lexsort((m, x))
    found = minimize(
        _minus_likelihood, np.array([1.0, 1.0, 0.0]), args=(x[order], m[order] / unit), jac=True,
        method="L-BFGS-B", bounds=[_BOUNDS] * 3,
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-7},
    )  # fmt: skip
    inside = np.abs(found.x) < _BOUNDS[1] - 1e-6
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0) > _STEEPEST:
        raise InputError("no parameters are most likely: the search for them did not end")
    p, q, v = np.exp(found.x)
    if q <= 1:
        raise InputError("amounts vary so much between customers that they have no mean")
    return Spend(float(p), float(q), float(v) * unit, correlation)


def _minus_likelihood(logarithms: Floats, x: Floats, m: Floats) -> tuple[float, Floats]:
    p, q, v = np.exp(logarithms)
    px = p * x
    log_spent = np.log(x * m)
    log_both = np.log(x * m + v)
    total = (
        gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) - np.log(m)
        + px * log_spent - (px + q) * log_both
    ).mean()  # fmt: skip
    of_sum = psi(px + q)
    slope = np.array([
        (x * (of_sum - psi(px) + log_spent - log_both)).mean(),
        (of_sum - psi(q) + np.log(v) - log_both).mean(),
        (q / v - (px + q) / (x * m + v)).mean(),
    ])  # fmt: skip
    return -float(total), -slope * np.array([p, q, v])
