"""The overview's charts, drawn by Vega for a desk, a tablet and a phone.

They are pictures (SVG), no programs: the page runs nothing and asks nobody for anything. Colours
are the page's own variables, so that they follow its light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from o2o.report.overview.facts import Channel, Score, Shop, Traffic, channel_name
from o2o.report.overview.intervals import Interval

if TYPE_CHECKING:
    import altair as alt

HALF, WHOLE, TABLET, PHONE = 525, 1100, 500, 316  # pixels
ROW = 27
ACCENT, SECOND, SOFT, LINE = "var(--accent)", "var(--second)", "var(--soft)", "var(--line)"
CONFIG = {
    "background": None,
    "font": "system-ui, -apple-system, Roboto, Helvetica Neue, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "domain": False, "ticks": False, "gridColor": LINE, "labelColor": SOFT, "labelFontSize": 12,
        "labelPadding": 6, "titleColor": SOFT, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "axisY": {"labelLimit": 190},
}  # fmt: skip
Draw = Callable[[int], Any]


@dataclass(frozen=True)
class Drawing:
    """One chart for the widths of a page: made smaller, its words could not be read. ``middle``: of
    a chart as wide as a desk."""

    wide: str
    narrow: str
    middle: str | None


def channels(rows: Sequence[Channel]) -> Drawing:
    """Raw credit with its interval, and what experiments make of it, per channel."""
    data: list[dict[str, Any]] = [
        {
            "name": channel_name(row.name),
            "raw": row.raw,
            "calibrated": row.calibrated,
            **_ends(row.raw_interval),
        }
        for row in rows
    ]

    def draw(width: int) -> Any:
        import altair as alt

        base = _chart(data).encode(y=_names([row["name"] for row in data]))
        ticks = alt.Axis(format="~s", tickCount=width // 100)
        return alt.layer(
            base.mark_rule(color=ACCENT, strokeWidth=7, opacity=0.3).encode(x="low:Q", x2="high:Q"),
            base.mark_circle(color=ACCENT, size=75, opacity=1).encode(
                x=alt.X("raw:Q", title=None, axis=ticks)
            ),
            base.mark_point(color=SECOND, shape="diamond", size=85, filled=True, opacity=1).encode(
                x="calibrated:Q"
            ),
        ).properties(height=ROW * len(data))

    return _drawing(draw, WHOLE)


def conversion(shops: Sequence[Shop]) -> Drawing:
    """Receipts per visitor of each shop, with its interval."""
    return _intervals(
        [(shop.name, shop.conversion, shop.conversion_interval) for shop in shops], ".0%"
    )


def revenue(shops: Sequence[Shop]) -> Drawing:
    """Revenue per visitor of each shop, with its interval."""
    return _intervals([(shop.name, shop.revenue, shop.revenue_interval) for shop in shops], "~s")


def traffic(facts: Traffic) -> Drawing:
    """People per day until now, and what is expected."""
    known: list[dict[str, Any]] = [
        {"day": day.isoformat(), "people": people} for day, people in facts.known
    ]
    expected: list[dict[str, Any]] = [
        {"day": day.isoformat(), "people": people, "low": low, "high": high}
        for day, people, low, high in facts.expected
    ]

    def draw(width: int) -> Any:
        import altair as alt

        ticks = alt.Axis(format="%-d %b", tickCount=width // 90, grid=False)
        x = alt.X("day:T", title=None, axis=ticks)
        y = alt.Y("people:Q", title=None, axis=alt.Axis(format=",d", tickCount=5))
        past = _chart(known).encode(x=x)
        ahead = _chart(expected).encode(x=x)
        return alt.layer(
            ahead.mark_area(color=SECOND, opacity=0.2).encode(
                y=alt.Y("low:Q", title=None), y2="high:Q"
            ),
            ahead.mark_line(color=SECOND, strokeDash=[5, 3], strokeWidth=2).encode(y=y),
            past.mark_line(color=ACCENT, strokeWidth=2).encode(y=y),
        ).properties(height=260)

    return _drawing(draw, WHOLE)


def scores(rows: Sequence[Score], number: str) -> Drawing:
    """A score per month, with its interval."""
    data: list[dict[str, Any]] = [
        {"month": f"{row.month:%b %y}", "value": row.value, "low": row.low, "high": row.high}
        for row in rows
    ]

    def draw(width: int) -> Any:
        import altair as alt

        months = [row["month"] for row in data]
        base = _chart(data).encode(
            x=alt.X("month:N", title=None, sort=months, axis=alt.Axis(labelAngle=0))
        )
        y = alt.Y(
            "value:Q",
            title=None,
            axis=alt.Axis(format=number, tickCount=5),
            scale=alt.Scale(zero=False),
        )
        return alt.layer(
            base.mark_rule(color=ACCENT, strokeWidth=7, opacity=0.3).encode(
                y=alt.Y("low:Q", title=None), y2="high:Q"
            ),
            base.mark_circle(color=ACCENT, size=75, opacity=1).encode(y=y),
        ).properties(height=200)

    return _drawing(draw, HALF)


def _intervals(rows: Sequence[tuple[str, float, Interval | None]], number: str) -> Drawing:
    data: list[dict[str, Any]] = [
        {"name": name, "value": value, **_ends(ends)} for name, value, ends in rows
    ]

    def draw(width: int) -> Any:
        import altair as alt

        base = _chart(data).encode(y=_names([name for name, *_ in rows]))
        ticks = alt.Axis(format=number, tickCount=width // 100)
        return alt.layer(
            base.mark_rule(color=ACCENT, strokeWidth=7, opacity=0.3).encode(x="low:Q", x2="high:Q"),
            base.mark_circle(color=ACCENT, size=75, opacity=1).encode(
                x=alt.X("value:Q", title=None, axis=ticks)
            ),
        ).properties(height=ROW * len(data))

    return _drawing(draw, HALF)


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def _names(names: Sequence[str]) -> alt.Y:
    import altair as alt

    return alt.Y("name:N", title=None, sort=list(names), axis=alt.Axis(grid=False))


def _ends(interval: Interval | None) -> dict[str, float]:
    return {"low": interval[0], "high": interval[1]} if interval else {}


def _drawing(draw: Draw, width: int) -> Drawing:
    wide, narrow = (_svg(draw(each), each) for each in (width, PHONE))
    return Drawing(wide, narrow, _svg(draw(TABLET), TABLET) if width > HALF else None)


def _svg(chart: Any, width: int) -> str:
    """What is written in it, names of shops included, Vega escapes."""
    import altair as alt
    import vl_convert

    fitted = chart.properties(width=width).properties(
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    spec: dict[str, Any] = {**fitted.to_dict(), "config": CONFIG, "padding": 4}
    return str(vl_convert.vegalite_to_svg(spec))
