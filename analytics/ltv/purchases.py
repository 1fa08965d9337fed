"""BG/NBD: how often a customer will buy, and whether at all.

While customers are alive they buy at a rate of their own, which differs between them as a gamma
distribution (r, alpha); after each repeat purchase each may be gone for good, with a probability of
his own from a beta distribution (a, b). Fader, Hardie and Lee, Marketing Science 24 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi
from threadpoolctl import threadpool_limits

from analytics.errors import InputError
from analytics.ltv.histories import Floats, Histories

LEAST_REPEATERS = 30  # customers who came back; fewer say nothing of four parameters
# Of the logarithms of r, alpha, a and b: beyond, customers are all alike, and more so is the same.
_BOUNDS = [(-14.0, 7.0), (-14.0, 14.0), (-14.0, 7.0), (-14.0, 7.0)]
_STEEPEST = 1e-4  # slope of the mean log likelihood at what counts as its top
_BESIDE_POLE = 1e-7
_LARGEST = 600.0  # logarithm of what a double holds, with room


@dataclass(frozen=True)
class Purchases:
    """A fitted model; ``alpha`` in the unit of time of the histories."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def probability_alive(self, histories: Histories) -> Floats:
        """That they will ever buy again. Who never came back is alive to this model, for it knows
        of no end but after a repeat purchase: there this is no number (NaN), rather than 1."""
        alive: Floats = 1 / self._one_over_alive(histories)
        alive[histories.repeats == 0] = np.nan
        return alive

    def expected(self, histories: Histories, time: float) -> Floats:
        """Mean number of purchases in the next ``time``.

        The published formula holds (1-z)^(r+x) 2F1(r+x, b+x; a+b+x-1; z), which overflows for who
        bought often in no time; by Euler's transformation the same can be written so that it does
        not, but where a is large.
        """
        x, _, age, _ = histories.columns
        a = self.a if abs(self.a - 1) > _BESIDE_POLE else 1 + _BESIDE_POLE
        c = a + self.b + x - 1
        c = np.where(np.abs(c) > _BESIDE_POLE, c, _BESIDE_POLE)
        z = time / (self.alpha + age + time)
        fits = (self.r + x) * -np.log1p(-z) < _LARGEST
        power = np.where(fits, self.r + x, a - 1)
        first = np.where(fits, self.r + x, a + self.b - 1 - self.r)
        second = np.where(fits, self.b + x, a - 1)
        kept = (1 - z) ** power * hyp2f1(first, second, c, z)
        if_alive: Floats = np.maximum(c / (a - 1) * (1 - kept), 0)
        return if_alive / self._one_over_alive(histories)

    def _one_over_alive(self, histories: Histories) -> Floats:
        x, recency, age, _ = histories.columns
        gone = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1) + (self.r + x) * (
            np.log(self.alpha + age) - np.log(self.alpha + recency)
        )  # fmt: skip
        # Whoever bought often and then stopped is gone: more than e^700 to one is not told apart.
        odds: Floats = np.where(x > 0, np.exp(np.minimum(gone, 700)), 0)
        return 1 + odds


def fit_purchases(histories: Histories) -> Purchases:
    """The most likely model. Raises ``InputError`` where there are too few repeat buyers, or where
    no maximum is found."""
    merged = histories.merged()
    repeaters = merged.customers[merged.repeats > 0].sum()
    if repeaters < LEAST_REPEATERS:
        raise InputError(
            f"{repeaters:.0f} customers came back, and {LEAST_REPEATERS} are needed to see how"
        )
    # Ages of about ten units make all four parameters of one size.
    scale = 10 / float(merged.age.max())
    scaled = Histories(merged.repeats, merged.recency * scale, merged.age * scale, merged.customers)
    # So small sums are taken fastest, and always to the same digit, by one thread.
    with threadpool_limits(limits=1):
        best = _maximum(_Likelihood(scaled))
    r, alpha, a, b = np.exp(best.x)
    # The likelihood is that of times in the unit of the histories.
    shift = float((merged.customers * merged.repeats).sum()) * np.log(scale)
    likelihood = -float(best.fun) * float(merged.customers.sum()) + shift
    return Purchases(float(r), float(alpha / scale), float(a), float(b), likelihood)


def _maximum(likelihood: _Likelihood) -> Any:
    """Of two ascents, from customers who stay and from customers who leave, the higher top."""
    tops = [
        minimize(
            likelihood, start, jac=True, method="L-BFGS-B", bounds=_BOUNDS,
            options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-7},
        )
        for start in (np.zeros(4), np.log([1.0, 5.0, 0.1, 1.0]))
    ]  # fmt: skip
    found = min(tops, key=lambda top: float(top.fun))
    low, high = np.array(_BOUNDS).T
    inside = (found.x > low + 1e-6) & (found.x < high - 1e-6)
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0) > _STEEPEST:
        raise InputError("no parameters are most likely: the search for them did not end")
    return found


class _Likelihood:
    """Minus the mean log likelihood and its slope, by the logarithms of r, alpha, a and b."""

    def __init__(self, histories: Histories) -> None:
        self.x, self.recency, self.age, weight = histories.columns
        self.weight = weight / weight.sum()
        # Special functions cost most, and depend on the few different numbers of repeats only.
        self.counts, self.place = np.unique(self.x, return_inverse=True)
        self.repeated = self.x > 0

    def __call__(self, logarithms: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logarithms)
        n, x, weight = self.counts, self.x, self.weight
        by_count = gammaln(r + n) - gammaln(r) + _beta_ratio(a, b, n)
        log_age, log_last = np.log(alpha + self.age), np.log(alpha + self.recency)
        stayed = -(r + x) * log_age
        last = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * log_last
        left = np.where(self.repeated, last, -np.inf)
        both = np.logaddexp(stayed, left)
        total = weight @ (by_count[self.place] + both) + r * np.log(alpha)
        gone = np.exp(left - both)
        shared = psi(a + b) - psi(a + b + n)
        of_last = gone / (b + np.maximum(x, 1) - 1)
        slope = np.array([
            weight @ ((psi(r + n) - psi(r))[self.place] - (1 - gone) * log_age - gone * log_last)
            + np.log(alpha),
            r / alpha - weight @ ((r + x) * ((1 - gone) / (alpha + self.age)
                                             + gone / (alpha + self.recency))),
            weight @ (shared[self.place] + gone / a),
            weight @ ((psi(b + n) - psi(b) + shared)[self.place] - of_last),
        ])  # fmt: skip
        return -float(total), -slope * np.array([r, alpha, a, b])


def _beta_ratio(a: float, b: float, n: Floats) -> Floats:
    """log B(a, b+n) / B(a, b)."""
    ratio: Floats = gammaln(b + n) - gammaln(b) + gammaln(a + b) - gammaln(a + b + n)
    return ratio
