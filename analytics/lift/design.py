"""Before the test: which effect could be seen, where, for how long, and what it would cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from analytics.errors import InputError
from analytics.lift import counterfactual, placebo
from analytics.lift.counterfactual import Method, Predict
from analytics.lift.experiment import LEAST_PRE_PERIODS, Experiment
from analytics.lift.panel import Floats, Panel, read_panel

PREDICT: dict[Method, Predict] = {
    "did": counterfactual.did,
    "synth": counterfactual.synth,
    "tbr": counterfactual.tbr,
}
MOST_WINDOWS = 6
MOST_PLACEBOS = 80


@dataclass(frozen=True)
class Power:
    """What a test of ``periods`` periods in these units could see.

    ``thresholds``: for each pretended test and each noise that its placebos showed, the smallest
    relative effect that would have been significant; ``mde`` is their ``power`` quantile (inf:
    nothing would do). ``own_thresholds``: the same with the noise that the treated units themselves
    had, one per pretended test. ``direction`` is +1 for more spend, −1 for a cut. ``baseline``:
    expected treated total of the whole test without treatment.
    """

    treated: tuple[str, ...]
    periods: int
    method: Method
    alpha: float
    power: float
    direction: int
    mde: float
    thresholds: tuple[float, ...]
    own_thresholds: tuple[float, ...]
    baseline: float
    relative_rmse: float
    r2: float

    def power_at(self, effect: float) -> float:
        """The share of ``thresholds`` that a relative effect of this size reaches."""
        return float(np.mean(np.array(self.thresholds) <= abs(effect)))

    def spend(self, iroas: float, effect: float | None = None) -> float:
        """The spend to add (or cut) that brings this effect (default: the MDE) at this iROAS."""
        if iroas <= 0:
            raise InputError("iROAS must be above 0 to tell a spend")
        return abs(self.mde if effect is None else effect) * self.baseline / iroas


def power_analysis(
    panel: Any,
    treated: Iterable[str],
    periods: int,
    *,
    method: Method = "synth",
    alpha: float = 0.05,
    power: float = 0.80,
    direction: int = 1,
    controls: Iterable[str] | None = None,
    metric: str = "value",
    windows: int = MOST_WINDOWS,
    placebos: int = MOST_PLACEBOS,
    seed: int = 0,
) -> Power:
    """Power by pretended tests in a panel of history without a test (simulation, not formula).

    Up to ``windows`` tests of this length are pretended at the end of the panel, where the history
    before them is about as long as before the real test; each is judged by the ``calibrated``
    interval. A relative effect e would multiply the treated units' observed values by 1 + e, which
    moves the estimate by e × observed and leaves the margin as it is, because neither the fit nor
    the placebos look at treated units during the test. Noise is what the placebo groups of the same
    window showed, in both directions, on the treated units' scale: a few overlapping windows of one
    set of units would say too little about it.

    Raises InputError: a panel too short, fewer controls than placebos need.
    """
    table = read_panel(panel, metric=metric)
    rows = np.sort(table.rows(treated))
    others = np.setdiff1d(np.arange(len(table.units)), rows)
    if controls is not None:
        others = np.setdiff1d(table.rows(controls), rows)
    starts = _starts(len(table.periods), periods, windows)
    thresholds, own_thresholds, baselines = [], [], []
    for start in starts:
        pretended = Experiment(table.keep(stop=start + periods), rows, others, start)
        window = _judge(pretended, PREDICT[method], alpha, placebos, seed)
        scattered = np.concatenate([window.noise, -window.noise])
        thresholds.append(window.thresholds(scattered, direction))
        own = window.thresholds(np.array([window.effect]), direction)
        own_thresholds.append(float(own[0]))
        baselines.append(window.baseline)
    every = np.sort(np.concatenate(thresholds))
    whole = Experiment(table, rows, others, len(table.periods))
    fit_r2, fit_rmse = _quality(whole, PREDICT[method])
    return Power(
        treated=tuple(table.units[row] for row in rows),
        periods=periods,
        method=method,
        alpha=alpha,
        power=power,
        direction=direction,
        mde=float(np.quantile(every, power, method="higher")),
        thresholds=tuple(every.tolist()),
        own_thresholds=tuple(own_thresholds),
        baseline=float(np.mean(baselines)),
        relative_rmse=fit_rmse,
        r2=fit_r2,
    )


def select_markets(
    panel: Any,
    sizes: Sequence[int],
    durations: Sequence[int],
    *,
    method: Method = "synth",
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    alpha: float = 0.05,
    power: float = 0.80,
    direction: int = 1,
    metric: str = "value",
    candidates: int = 500,
    shortlist: int = 8,
    windows: int = MOST_WINDOWS,
    seed: int = 0,
) -> list[Power]:
    """Sets of units to treat, those with the smallest minimum detectable effect first.

    Args:
        sizes: how many units to treat; durations: how many periods to test. include: units that
        must be treated; exclude: units that must not (they stay controls). candidates: at most so
        many sets per size are looked at (all, or drawn by seed). shortlist: how many per size,
        those best followed by the rest (relative RMSE), get a power analysis.

    The best of many looks better than it is: its MDE was chosen for being small. Plan with some
    reserve.
    """
    table = read_panel(panel, metric=metric)
    must = np.sort(table.rows(include))
    never = table.rows(exclude)
    clash = np.intersect1d(must, never)
    if len(clash):
        raise InputError(f"{table.units[clash[0]]} is both included and excluded")
    free = np.setdiff1d(np.arange(len(table.units)), np.concatenate([must, never]))
    found: list[Power] = []
    for size in sizes:
        more = size - len(must)
        if more < 0 or more > len(free) or size > len(table.units) - placebo.LEAST_CONTROLS:
            raise InputError(
                f"{size} treated units cannot be chosen: {len(must)} must be, {len(free)} more "
                f"may be, and {placebo.LEAST_CONTROLS} of {len(table.units)} must stay controls"
            )
        sets = [np.sort(np.append(must, group)) for group in _groups(more, free, candidates, seed)]
        ranked = sorted(sets, key=lambda rows: (_follow(table, rows, method), tuple(rows)))
        for rows in ranked[:shortlist]:
            names = [table.units[row] for row in rows]
            for duration in durations:
                found.append(
                    power_analysis(
                        table, names, duration, method=method, alpha=alpha, power=power,
                        direction=direction, windows=windows, seed=seed,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda item: (item.mde, item.periods, item.treated))


def recommend(designs: Sequence[Power], effect: float) -> Power | None:
    """The shortest design that sees this relative effect, of equally short ones the best."""
    enough = [item for item in designs if item.mde <= abs(effect)]
    return min(enough, key=lambda item: (item.periods, item.mde), default=None)


def _groups(
    size: int, free: npt.NDArray[np.intp], most: int, seed: int
) -> list[npt.NDArray[np.intp]]:
    drawn = placebo.groups(size, free, most, seed)
    return [np.array(group, dtype=np.intp) for group in drawn]


def _starts(length: int, periods: int, windows: int) -> list[int]:
    """Starts of pretended tests: the last possible one and others up to one length before."""
    last = length - periods
    first = max(LEAST_PRE_PERIODS, periods, last - periods)
    if periods < 1 or last < first:
        raise InputError(
            f"a history of {length} periods is too short to plan a test of {periods}: "
            f"{2 * max(periods, LEAST_PRE_PERIODS)} are the least"
        )
    spread = np.linspace(first, last, min(windows, last - first + 1))
    return sorted({round(start) for start in spread})


@dataclass(frozen=True)
class _Window:
    """One pretended test: what was found, what must be passed, how placebos scattered."""

    effect: float
    margin: float
    baseline: float
    noise: Floats

    def thresholds(self, noise: Floats, direction: int) -> Floats:
        """The relative effect that makes a test with this noise significant; 0: it is by luck."""
        observed = self.baseline + noise
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(observed > 0, (self.margin - direction * noise) / observed, np.inf)
        return np.asarray(np.maximum(needed, 0.0), dtype=np.float64)


def _judge(
    pretended: Experiment, predict: Predict, alpha: float, placebos: int, seed: int
) -> _Window:
    own = predict(pretended)
    around = placebo.require(
        placebo.in_space(pretended, predict, most=placebos, seed=seed), pretended
    )
    expected = float(own.expected[pretended.pre :].sum())
    effect = float(pretended.totals()[0][pretended.pre :].sum()) - expected
    error = float(around.factor(around.sums)[-1] * own.scale[-1])
    margin = float(stats.t.ppf(1 - alpha / 2, around.controls - 1)) * error
    return _Window(effect, margin, expected, around.sums[:, -1] * float(own.scale[-1]))


def _quality(whole: Experiment, predict: Predict) -> tuple[float, float]:
    """R² and relative RMSE over the whole history."""
    observed, expected = whole.totals()[0], predict(whole).expected
    gap: Floats = observed - expected
    spread = float(np.sum((observed - observed.mean()) ** 2))
    mean = abs(float(observed.mean()))
    rmse = float(np.sqrt(np.mean(gap**2)))
    r2 = 1 - float(np.sum(gap**2)) / spread if spread else math.nan
    return r2, rmse / mean if mean else math.inf


def _follow(table: Panel, rows: npt.NDArray[np.intp], method: Method) -> float:
    others = np.setdiff1d(np.arange(len(table.units)), rows)
    return _quality(Experiment(table, rows, others, len(table.periods)), PREDICT[method])[1]


def inject(panel: Panel, treated: Iterable[str], effect: float, periods: int) -> Panel:
    """The panel as if the treated had sold (1 + effect) times as much in the last ``periods``."""
    value = panel.value.copy()
    value[panel.rows(treated), -periods:] *= 1 + effect
    return replace(panel, value=value)
