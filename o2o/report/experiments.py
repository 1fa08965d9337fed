"""What experiments showed, for the owners' page: facts, no verdicts."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from warehouse.engines.warehouse import Reader

Facts = Mapping[str, list[dict[str, Any]]]

INK, MUTED, BLUE, RED = "#1f2933", "#7b8794", "#2b6cb0", "#c05621"
METRICS = {
    "footfall": "people through the doors",
    "till_orders": "sales at tills",
    "web_orders": "web orders",
}
# All experiments of a channel together, as calibration uses them.
_EFFECTS = """
    select channel, campaign_id, design, metric, relative_effect, relative_low, relative_high,
        verdict, incremental_share, incremental_share_low, incremental_share_high, start_date,
        end_date
    from marts.fct_experiments
    where method = 'joint' and metric in ('footfall', 'till_orders', 'web_orders')
    order by channel, campaign_id, design, metric"""
# The experiment that is surest of something, day by day.
_DAYS = """
    with best as (
        select experiment_id, unit_type, metric, method, channel, treated_units,
            row_number() over (order by p_value, experiment_id, metric) as place
        from marts.fct_experiments
        where method = 'synth' and effect is not null
            and metric in ('footfall', 'till_orders', 'web_orders')
    )
    select best.experiment_id, best.metric, best.channel, best.treated_units, days.metric_date,
        days.is_test, days.observed, days.expected, days.expected_low, days.expected_high
    from best
    inner join marts.fct_experiment_days as days
        on best.experiment_id = days.experiment_id and best.unit_type = days.unit_type
        and best.metric = days.metric and best.method = days.method
    where best.place = 1
    order by days.metric_date"""


def facts(reader: Reader) -> dict[str, list[dict[str, Any]]]:
    """Effects by channel and metric; the days of one experiment."""
    return {
        name: [
            {column: _plain(value) for column, value in row.items()}
            for row in reader.query(query).to_pylist()
        ]
        for name, query in (("effects", _EFFECTS), ("days", _DAYS))
    }


def name(row: Mapping[str, Any]) -> str:
    """What was tested, for people."""
    return " ".join(filter(None, (row["channel"].replace("_", " "), row["campaign_id"])))


def picture(found: Facts) -> str:
    """Both as one SVG, to stand in the page; empty where there is nothing to show."""
    effects = [row for row in found.get("effects", ()) if row["relative_effect"] is not None]
    if not effects:
        return ""
    from matplotlib.figure import Figure  # half a second that other pages need not pay

    days = found["days"]
    figure = Figure(figsize=(9, 7.2 if days else 4), layout="constrained")
    if days:
        above, below = figure.subplots(2, 1, height_ratios=[1.35, 1])
        _days(below, days)
    else:
        above = figure.subplots()
    _effects(above, effects)
    return _svg(figure)


def _effects(axes: Any, effects: list[dict[str, Any]]) -> None:
    """A line per channel and metric: its 95% interval, and the estimate on it."""
    ticks: list[str] = []
    place = 0.0
    for target in dict.fromkeys(name(row) for row in effects):
        for row in (row for row in effects if name(row) == target):
            colour = {"more": BLUE, "less": RED}.get(row["verdict"], MUTED)
            ends = [row["relative_low"], row["relative_high"]]
            axes.plot(ends, [place, place], color=colour, linewidth=2.4, solid_capstyle="round")
            axes.plot([row["relative_effect"]], [place], "o", color=colour, markersize=5)
            ticks.append(f"{target} · {METRICS[row['metric']]}")
            place += 1
        place += 0.6
    places = [line.get_ydata()[0] for line in axes.lines[::2]]
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(places, ticks)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0%}")
    axes.set_title("What advertising adds, over what there would be without it", loc="left")
    axes.grid(axis="x", color=MUTED, alpha=0.2)
    _bare(axes)


def _days(axes: Any, days: list[dict[str, Any]]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    time = [date.fromisoformat(row["metric_date"]) for row in days]
    test = [row for row in days if row["is_test"]]
    during = [date.fromisoformat(row["metric_date"]) for row in test]
    low, high = ([row[end] for row in test] for end in ("expected_low", "expected_high"))
    axes.fill_between(during, low, high, color=RED, alpha=0.16, linewidth=0)
    axes.plot(time, [row["observed"] for row in days], color=BLUE, linewidth=1.3, label="observed")
    axes.plot(
        time, [row["expected"] for row in days], color=RED, linewidth=1.2,
        linestyle=(0, (4, 2)), label="expected with ads as elsewhere",
    )  # fmt: skip
    axes.axvspan(during[0], during[-1], color=MUTED, alpha=0.1, linewidth=0)
    first = days[0]
    axes.set_title(
        f"{first['experiment_id']}: {METRICS[first['metric']]} in {first['treated_units']}",
        loc="left",
    )
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.1))
    locator = AutoDateLocator(minticks=4, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    _bare(axes)


def _bare(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.title.set_fontsize(10.5)
    axes.title.set_color(INK)
    axes.tick_params(colors=INK, labelsize=8.5)


def _svg(figure: Figure) -> str:
    """Text stays text, and the same facts give the same page."""
    import matplotlib as mpl

    written = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "o2o"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    drawn = written.getvalue()
    return drawn[drawn.index("<svg") :]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
