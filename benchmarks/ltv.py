"""``python -m benchmarks.ltv``: customers' histories, from arrays to a prediction for each.

Customers are simulated as BG/NBD says, with times in whole days, which is what a warehouse knows;
so the parameters found can be held against those that they were drawn with. ``--peer`` runs a
package named ``lifetimes`` beside it, where one is installed.
"""

from __future__ import annotations

import resource
import time
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from analytics.ltv import Histories, Purchases, fit_purchases, fit_spend

TRUE = Purchases(0.25, 30.0, 0.8, 2.4, 0.0)
DAYS = 365


def simulated(count: int, seed: int = 1) -> Histories:
    rng = np.random.default_rng(seed)
    rate, leaves = rng.gamma(TRUE.r, 1 / TRUE.alpha, count), rng.beta(TRUE.a, TRUE.b, count)
    age = rng.integers(90, 730, count).astype(float)
    repeats, recency, at = np.zeros(count), np.zeros(count), np.zeros(count)
    alive = np.arange(count)
    while alive.size:
        at[alive] += rng.exponential(1 / np.maximum(rate[alive], 1e-12))
        alive = alive[at[alive] <= age[alive]]
        day = np.maximum(np.ceil(at[alive]), 1)
        repeats[alive] += day > recency[alive]  # a second purchase of a day is none
        recency[alive] = np.minimum(day, age[alive])
        alive = alive[rng.random(alive.size) >= leaves[alive]]
    return Histories(repeats, recency, age, np.ones(count))


def run(
    customers: Annotated[int, typer.Option(help="How many customers.")] = 1_000_000,
    peer: Annotated[bool, typer.Option(help="Fit lifetimes to the same customers, too.")] = False,
) -> None:
    """Fit both models, and predict every customer's next year."""
    console = Console()
    known = simulated(customers)
    means = np.random.default_rng(2).gamma(6.25, 15.44 / np.random.default_rng(3).gamma(
        3.74, 1, customers
    ))  # fmt: skip
    begun, cpu = time.perf_counter(), time.process_time()
    purchases = fit_purchases(known)
    fitted = time.perf_counter()
    spend = fit_spend(known.repeats, means)
    spent = time.perf_counter()
    merged = known.merged()
    expected = purchases.expected(merged, DAYS) @ merged.customers
    ended = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(
        f"{customers:,} customers, {merged.repeats.size:,} histories:"
        f" BG/NBD {fitted - begun:.1f} s,"
        f" Gamma-Gamma {spent - fitted:.1f} s, predictions {ended - spent:.1f} s, together"
        f" {time.process_time() - cpu:.1f} CPU s, {memory} MB; {expected:,.0f} purchases expected"
    )
    found = (purchases.r, purchases.alpha, purchases.a, purchases.b)
    console.print(f"found {np.round(found, 3)} of {TRUE.r, TRUE.alpha, TRUE.a, TRUE.b}; {spend}")
    if peer:
        from lifetimes import BetaGeoFitter  # type: ignore[import-not-found]  # not among ours

        begun = time.perf_counter()
        theirs = BetaGeoFitter().fit(known.repeats, known.recency, known.age)
        console.print(f"lifetimes: {time.perf_counter() - begun:.1f} s, {dict(theirs.params_)}")


if __name__ == "__main__":
    typer.run(run)
