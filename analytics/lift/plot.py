"""A picture of an experiment: observed and counterfactual, effect per period, summed effect."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from analytics.lift.result import Estimate

INK, MUTED, BLUE, RED = "#1f2933", "#7b8794", "#2b6cb0", "#c05621"
NAMES = {
    "did": "difference in differences",
    "synth": "synthetic control",
    "tbr": "time-based regression",
}


def figure(found: Estimate, unit: str = "") -> Figure:
    """Three panels over the same time; ``unit`` is written at the value axis."""
    series = found.series
    time: list[Any] = list(series.periods)
    test = time[series.pre :]
    # As long a look back as tells how well it fits, but not so long that the test becomes a sliver.
    first = max(0, series.pre - max(6 * len(test), 28))
    picture = Figure(figsize=(10, 8.4), layout="constrained")
    level, effect, total = picture.subplots(3, 1, sharex=True, height_ratios=[2.2, 1.3, 1.3])

    margin = series.effect_margin
    expected = series.counterfactual
    level.fill_between(
        test, expected[series.pre :] - margin, expected[series.pre :] + margin,
        color=RED, alpha=0.18, linewidth=0,
    )  # fmt: skip
    level.plot(time[first:], series.observed[first:], color=BLUE, linewidth=1.4, label="observed")
    level.plot(
        time[first:], expected[first:], color=RED, linewidth=1.3, linestyle=(0, (4, 2)),
        label="counterfactual",
    )  # fmt: skip
    level.set_ylabel(f"{found.metric}{f' ({unit})' if unit else ''}\nall treated units")
    level.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=2)

    sign = -1 if found.holdout else 1
    before = sign * (series.observed[first : series.pre] - expected[first : series.pre])
    effect.plot(time[first : series.pre], before, color=MUTED, linewidth=1)
    _band(effect, test, series.effect, margin)
    effect.set_ylabel("effect\nper period")
    _band(total, test, series.cumulative, series.cumulative_margin)
    total.set_ylabel("effect\nsummed up")
    for axes in (level, effect, total):
        axes.axvspan(test[0], test[-1], color=MUTED, alpha=0.08, linewidth=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
        axes.yaxis.set_major_formatter(EngFormatter(sep=""))
        axes.margins(x=0.01)
    for axes in (effect, total):
        axes.axhline(0, color=INK, linewidth=0.8)
    if isinstance(time[0], date):
        locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
        total.xaxis.set_major_locator(locator)
        total.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    picture.align_ylabels()
    text = level.get_xaxis_transform()
    level.text(test[0], 0.96, " test", color=MUTED, va="top", transform=text)
    level.set_title(_title(found), loc="left", color=INK, fontsize=11)
    return picture


def save(found: Estimate, path: Path, unit: str = "") -> None:
    """Write the picture; the suffix says the format (png, svg, pdf)."""
    figure(found, unit).savefig(path, dpi=130)


def _band(axes: Axes, time: list[Any], middle: Any, margin: Any) -> None:
    low, high = np.asarray(middle) - margin, np.asarray(middle) + margin
    axes.fill_between(time, low, high, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(time, middle, color=BLUE, linewidth=1.4)


def _title(found: Estimate) -> str:
    bounds = found.interval(0.95, "relative")
    units = len(found.treated)
    return (
        f"{'Ads bring' if found.holdout else 'Effect'} {found.relative:+.1%} "
        f"[{bounds.low:+.1%}, {bounds.high:+.1%}], p = {found.p_value:.3f}\n"
        f"{NAMES[found.method]}, {units} {'held-out' if found.holdout else 'treated'} "
        f"{'unit' if units == 1 else 'units'} against {len(found.controls)}; "
        f"95% interval: {found.inference}"
    )
