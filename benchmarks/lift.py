"""``python -m benchmarks.lift``: do the lift methods' intervals cover the truth?

Each seed is a retailer of its own with a known effect: 12-60 shops of different size, days or
weeks, weekly seasonality, trends, holidays, shocks shared by all and by regions, autocorrelated
noise of each shop. The shops were not made to fit any of the methods: they share no factor exactly,
and trends and sensitivities are their own.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analytics.lift import METHODS, Estimate, Interval, Panel, estimate
from analytics.lift.counterfactual import Method
from analytics.lift.design import power_analysis, select_markets
from analytics.lift.panel import Floats

out = Console(width=110)


@dataclass(frozen=True)
class World:
    """A panel with a test in its last periods, and the effect it really had."""

    panel: Panel
    treated: tuple[str, ...]
    pre: int
    truth: float

    @property
    def history(self) -> Panel:
        """What was known before the test."""
        return self.panel.keep(stop=self.pre)

    def judge(self, method: Method) -> Estimate:
        periods = self.panel.periods
        return estimate(method, self.panel, self.treated, periods[self.pre], periods[-1])


def autoregressive(
    random: np.random.Generator, rho: float, sd: float, shape: tuple[int, int]
) -> Floats:
    """Rows of AR(1) noise with this standard deviation, from its stationary distribution."""
    noise = random.normal(0, sd * np.sqrt(1 - rho**2), shape)
    noise[:, 0] /= np.sqrt(1 - rho**2)
    for step in range(1, shape[1]):
        noise[:, step] += rho * noise[:, step - 1]
    return noise


def world(seed: int, lift: float | None = None, treated: tuple[str, ...] | None = None) -> World:
    """The retailer of a seed; the treated shops sell ``lift`` more (default: 0-15%, by seed)."""
    random = np.random.default_rng(seed)
    shops, weekly = int(random.integers(12, 61)), bool(random.random() < 0.25)
    pre, post = int(random.integers(84, 183)), int(random.integers(14, 43))
    if weekly:
        pre, post = 7 * (pre // 2), 7 * int(random.integers(4, 9))
    days = pre + post
    time = np.arange(days)
    size = random.lognormal(7, 0.6, (shops, 1))
    week = random.normal(0, 0.2, 7) + random.normal(0, 0.05, (shops, 7))
    trend = (random.normal(0, 0.1) + random.normal(0, 0.05, (shops, 1))) * time / days
    season = 0.1 * np.sin(2 * np.pi * time / 365 + random.uniform(0, 6))
    holidays = np.zeros(days)
    for day in random.choice(days, 4, replace=False):
        holidays[day : day + random.integers(1, 4)] += random.normal(0, 0.4)
    common = autoregressive(random, 0.7, 0.05, (1, days))
    regional = autoregressive(random, 0.6, 0.03, (4, days))[random.integers(0, 4, shops)]
    own = autoregressive(
        random, random.uniform(0.1, 0.6), random.uniform(0.03, 0.08), (shops, days)
    )
    sensitive = [random.normal(1, spread, (shops, 1)) for spread in (0.2, 0.15, 0.3)]
    shared = season * sensitive[0] + holidays * sensitive[1] + common * sensitive[2]
    demand = size * np.exp(week[:, time % 7] + trend + shared + regional + own)
    base = random.poisson(demand).astype(np.float64)
    names = tuple(f"shop{number:02d}" for number in range(shops))
    count = int(random.integers(1, max(2, shops // 3) + 1))
    drawn = tuple(sorted(random.choice(names, count, replace=False).tolist()))
    effect = float(random.uniform(0, 0.15)) if lift is None else lift
    chosen = drawn if treated is None else treated
    extra = np.zeros_like(base)
    rows = [names.index(name) for name in chosen]
    extra[rows, pre:] = random.poisson(demand[rows, pre:] * effect)
    value, step = base + extra, 7 if weekly else 1
    value = value.reshape(shops, -1, step).sum(axis=2)
    panel = Panel(names, tuple(range(1, value.shape[1] + 1)), value)
    return World(panel, chosen, pre // step, float(extra.sum()))


def coverage(worlds: int, first: int) -> None:
    """Intervals against the truth, and false alarms where there is no effect."""
    inside: dict[tuple[str, str], list[tuple[bool, bool, float]]] = defaultdict(list)
    alarms: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for seed in range(first, first + worlds):
        real, none = world(seed), world(seed, lift=0.0)
        for method in METHODS:
            found = real.judge(method)
            errors[method].append((found.total - real.truth) / found.baseline)
            for name, bounds in _intervals(found):
                width = (bounds[1].high - bounds[1].low) / found.baseline
                inside[method, name].append(
                    (real.truth in bounds[0], real.truth in bounds[1], width)
                )
            for name, bounds in _intervals(none.judge(method)):
                alarms[method, name].append((0.0 not in bounds[0], 0.0 not in bounds[1]))
    table = Table(title=f"{worlds} worlds from seed {first}", box=SIMPLE_HEAD)
    for name in ("method", "intervals"):
        table.add_column(name)
    for name in ("90% cover", "95% cover", "width", "alarms 10%", "alarms 5%", "bias", "RMSE"):
        table.add_column(name, justify="right")
    for (kind, name), rows in inside.items():
        cover, false = np.array(rows, dtype=float), np.array(alarms[kind, name], dtype=float)
        error = np.array(errors[kind])
        last = [f"{error.mean():+.2%}", f"{np.sqrt(np.mean(error**2)):.2%}"]
        table.add_row(
            kind, name, f"{cover[:, 0].mean():.1%}", f"{cover[:, 1].mean():.1%}",
            f"{np.median(cover[:, 2]):.1%}", *(f"{share:.1%}" for share in false.mean(axis=0)),
            *(last if name == "headline" else ["", ""]),
        )  # fmt: skip
    out.print(table)


def _intervals(found: Estimate) -> Iterator[tuple[str, tuple[Interval, ...]]]:
    """Those an estimate leads with, then each kind it has."""
    yield "headline", found.intervals
    for name, item in found.inferences.items():
        yield name, item.total


def power(worlds: int, first: int) -> None:
    """Tests with an effect of exactly the MDE that the design named before: found in 80%?"""
    table = Table(title=f"Power at the MDE, {worlds} worlds from seed {first}", box=SIMPLE_HEAD)
    table.add_column("method")
    for name in ("shops by lot: median MDE", "found", "chosen shops: median MDE", "found"):
        table.add_column(name, justify="right")
    for method in METHODS:
        by_lot, chosen = [], []
        for seed in range(first, first + worlds):
            plan = world(seed, lift=0.0)
            post = len(plan.panel.periods) - plan.pre
            if 2 * post > plan.pre:
                continue
            design = power_analysis(plan.history, plan.treated, post, method=method)
            by_lot.append((design.mde, _is_found(seed, design.mde, plan.treated, method)))
            best = select_markets(
                plan.history, [len(plan.treated)], [post], method=method, candidates=100,
                shortlist=4,
            )[0]  # fmt: skip
            chosen.append((best.mde, _is_found(seed, best.mde, best.treated, method)))
        cells = []
        for rows in (np.array(by_lot), np.array(chosen)):
            cells += [f"{np.median(rows[:, 0]):.1%}", f"{rows[:, 1].mean():.0%}"]
        table.add_row(method, *cells)
    out.print(table)


def _is_found(seed: int, effect: float, treated: tuple[str, ...], method: Method) -> bool:
    found = world(seed, lift=effect, treated=treated).judge(method)
    bounds = found.inferences["calibrated"].total[1]
    return bounds.low > 0


def main(
    worlds: Annotated[int, typer.Option(help="How many worlds for coverage.")] = 200,
    power_worlds: Annotated[int, typer.Option(help="How many for power at the MDE.")] = 60,
    first: Annotated[int, typer.Option(help="The first seed.")] = 1000,
) -> None:
    """Print coverage, false alarms, bias, and power at the minimum detectable effect."""
    begin = time.process_time()
    coverage(worlds, first)
    if power_worlds:
        power(power_worlds, first)
    out.print(f"{time.process_time() - begin:.0f} CPU seconds")


if __name__ == "__main__":
    typer.run(main)
