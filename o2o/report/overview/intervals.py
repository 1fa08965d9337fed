"""How sure a figure of the overview is: 95% intervals of ratios, shares and scores."""

from __future__ import annotations

from math import sqrt
from typing import Any

FEWEST_DAYS = 7  # with fewer, how much they differ says little
QUANTILE = 1.959963984540054  # of a normal distribution: 95% lie within
Interval = tuple[float, float]
# What ratio_interval asks of the days, as SQL over the columns {above} and {below}.
SUMS = (
    "count(*), sum({above})::double, sum({below})::double, sum({above} * {above})::double,"
    " sum({above} * {below})::double, sum({below} * {below})::double"
)


def ratio_interval(
    days: int, above: float | None, below: float | None, aa: Any, ab: Any, bb: Any
) -> Interval | None:
    """The 95% interval of a ratio of sums over days, by how much the days differ from it
    (linearised); None where they are too few to tell."""
    if days < FEWEST_DAYS or not above or not below:
        return None
    ratio = above / below
    rest = max(0.0, aa - 2 * ratio * ab + ratio * ratio * bb)
    free = days - 1
    student = QUANTILE + 2.3722712 / free + 2.8224986 / free**2  # as the dbt project's macro
    half = student * sqrt(rest * days / free) / below
    return max(0.0, ratio - half), ratio + half


def wilson(successes: float, trials: float) -> Interval | None:
    """As the macro of this name in the dbt project."""
    if not trials:
        return None
    k, n, z = float(successes), float(trials), QUANTILE
    half = z * sqrt(z * z + 4 * k * (n - k) / n)
    middle, whole = 2 * k + z * z, 2 * (n + z * z)
    return (middle - half) / whole, (middle + half) / whole


def net_promoter(promoters: float, detractors: float, answers: float) -> Interval | None:
    """As the macro of this name in the dbt project."""
    if not answers:
        return None
    up, down, n = float(promoters), float(detractors), float(answers) + 3
    score, net, either = (up - down) / float(answers), (up - down) / n, (up + down + 1.5) / n
    half = QUANTILE * sqrt((either - net * net) / n)
    low, high = min(net - half, score), max(net + half, score)
    return 100 * max(-1.0, low), 100 * min(1.0, high)
