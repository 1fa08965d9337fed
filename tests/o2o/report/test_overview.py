"""What the overview computes itself: intervals, names, and where the bars of the paths lie."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from o2o.metrics.definitions import find
from o2o.report.overview import html, intervals, paths
from o2o.report.overview.facts import Figure, Step, short
from o2o.report.overview.periods import Period

MAY = Period(date(2026, 5, 3), date(2026, 5, 30))


def test_days_that_are_alike_leave_no_doubt_and_few_days_say_nothing() -> None:
    """10 visitors and 3 receipts each day."""
    assert intervals.ratio_interval(28, 84, 280, 28 * 9, 28 * 30, 28 * 100) == (0.3, 0.3)
    assert intervals.ratio_interval(6, 18, 60, 6 * 9, 6 * 30, 6 * 100) is None
    assert intervals.ratio_interval(28, 0, 280, 0, 0, 2800) is None


def test_the_interval_of_a_ratio_by_hand() -> None:
    """Ten days of 10 visitors, of which 2 and 4 buy in turn: the receipts' standard error is
    sqrt(10 * 10/9) = 3.333, t of 9 days is 2.262, so 30 ± 7.54 of 100."""
    low, high = intervals.ratio_interval(10, 30, 100, 5 * 4 + 5 * 16, 300, 1000) or (0, 0)
    assert (low, high) == pytest.approx((0.2246, 0.3754), abs=2e-4)


def test_shares_and_scores_have_the_intervals_of_textbooks() -> None:
    assert intervals.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert intervals.wilson(0, 0) is None
    low, high = intervals.net_promoter(10, 0, 10) or (0, 0)
    assert high == 100
    assert low < 80  # ten promoters leave doubt


def test_a_change_is_told_in_parts_or_in_points() -> None:
    def told(name: str, value: float, before: float | None) -> str:
        return html.change(Figure(find(name), MAY, value, before, None))

    assert told("revenue", 110, 100) == "▲ 10.0%"
    assert told("store_conversion_rate", 0.2, 0.25) == "▼ 5.0 points"
    assert told("net_promoter_score", -10, 5) == "▼ 15.0"
    assert told("orders", 1000, 1000) == "as before"
    assert told("orders", 5, 0) == ""
    assert told("orders", 5, None) == ""


def test_amounts_have_the_decimals_that_people_read() -> None:
    def told(value: float, unit: str, currency: str = "EUR") -> str:
        return html._written(currency, value, unit)

    assert told(98.977, "money") == "98.98 EUR"
    assert told(-1234.5, "money") == "−1,234 EUR"
    assert told(98.977, "money", "JPY") == "99 JPY"
    assert told(0.3857, "share") == "38.6%"
    assert told(179.4, "minutes") == "179 min"
    assert told(1500, "minutes") == "25.0 hours"


def test_names_of_shops_lose_what_all_begin_with() -> None:
    assert short(["N & V Paris 2", "N & V New York 4"]) == ["Paris 2", "New York 4"]
    assert short(["Main street"]) == ["Main street"]
    assert short(["Shop", "Shop", None]) == ["Shop", "Shop (2)", "?"]
    assert short([]) == []


def test_periods_name_what_differs() -> None:
    assert html.days(MAY) == "3 – 30 May 2026"
    assert html.days(Period(date(2025, 12, 30), date(2026, 1, 26))) == (
        "30 December 2025 – 26 January 2026"
    )


STEPS = [
    Step("web_order", 1, "paid_search", "converted", 5),
    Step("web_order", 1, "paid_search", "email", 3),
    Step("till_order", 1, "email", "paid_search", 2),
    Step("web_order", 2, "email", "converted", 3),
    Step("till_order", 2, "paid_search", "email", 2),
    Step("till_order", 3, "email", "direct", 2),
    Step("till_order", 4, "direct", "email", 2),
    Step("till_order", 5, "email", "converted", 2),
]


def test_what_flows_into_a_channel_flows_out_of_it() -> None:
    drawn = paths.sankey(STEPS)
    assert drawn is not None
    assert drawn.journeys == 10
    inside = {(bar.x, bar.name): bar.count for bar in drawn.bars}
    columns = sorted({bar.x for bar in drawn.bars})
    assert len(columns) == 5
    assert inside[columns[1], "Bought online"] == 5
    assert inside[columns[2], "Bought online"] == 3
    assert inside[columns[4], "Further touches"] == 2  # the fifth touch is not drawn
    told = Counter[str]()
    for band in drawn.bands:
        told[band.told.partition(" → ")[0]] += int(band.told.rpartition(": ")[2])
    assert told == {"Paid search": 10, "Email": 7, "Direct": 2}
    assert all(bar.y + bar.height <= paths.HEIGHT for bar in drawn.bars)


def test_small_channels_are_one_and_no_path_is_no_picture() -> None:
    many = [Step("web_order", 1, f"channel_{i}", "converted", 100 - i) for i in range(12)]
    drawn = paths.sankey(many)
    assert drawn is not None
    (other,) = (bar for bar in drawn.bars if bar.name == "Other channels")
    assert other.count == 92 + 91 + 90 + 89
    assert paths.sankey([]) is None
