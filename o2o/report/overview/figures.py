"""The overview's main figures, computed by MetricFlow: each is the metric of its name."""

# Queries are put together from this package's own constants, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb

from o2o.metrics import definitions
from o2o.report.overview.facts import Figure
from o2o.report.overview.intervals import SUMS, Interval, net_promoter, ratio_interval, wilson
from o2o.report.overview.marts import published_marts
from o2o.report.overview.periods import Period, Periods

if TYPE_CHECKING:
    from o2o.metrics.engine import Metrics

HEADLINES = (
    "revenue", "orders", "average_order_value", "footfall", "store_conversion_rate", "roas",
    "new_customers", "repeat_rate", "net_promoter_score", "customer_satisfaction",
)  # fmt: skip
BY_MONTH = ("roas_calibrated",)  # experiments correct whole months
SERVICE = (
    "bopis_minutes_to_ready", "bopis_minutes_to_pickup", "bopis_promise_kept",
    "bopis_cross_sell_rate", "delivery_promise_kept", "booking_no_show_rate", "dwell_minutes",
)  # fmt: skip


class Figures:
    """Asks a published file for what there is in its periods."""

    def __init__(self, con: duckdb.DuckDBPyConnection, metrics: Metrics, periods: Periods) -> None:
        self._con = con
        self._metrics = metrics
        self._marts = published_marts(con)
        self._periods = periods

    def headlines(self) -> list[Figure]:
        """The main figures that there are."""
        conversion = self._con.execute(
            f"select {SUMS.format(above='receipts', below='visitors')} from ("
            " select sum(comparable_receipt_count) as receipts, sum(footfall_count) as visitors"
            " from marts.fct_store_daily where footfall_count is not null"
            " and business_date between ? and ? group by business_date)",
            [self._periods.period.since, self._periods.period.until],
        ).fetchall()[0]
        answers = self._con.execute(
            "select count(*) filter (nps_group = 'promoter'),"
            " count(*) filter (nps_group = 'detractor'), count(nps_group),"
            " count(*) filter (is_satisfied), count(is_satisfied)"
            " from marts.fct_survey_answers where asked_date between ? and ?",
            [self._periods.period.since, self._periods.period.until],
        ).fetchall()[0]
        intervals = {
            "store_conversion_rate": ratio_interval(*conversion),
            "net_promoter_score": net_promoter(*answers[:3]),
            "customer_satisfaction": wilson(*answers[3:]),
        }
        daily = self._figures(HEADLINES, intervals)
        monthly = self._by_month(BY_MONTH)
        place = next(
            (i + 1 for i, each in enumerate(daily) if each.metric.name == "roas"), len(daily)
        )
        return [*daily[:place], *monthly, *daily[place:]]

    def service(self) -> list[Figure]:
        """How customers are served, as far as somebody tells."""
        return self._figures(SERVICE, {})

    def _figures(self, names: Sequence[str], intervals: dict[str, Interval | None]) -> list[Figure]:
        # What was published by an older release has no newer marts.
        names = [name for name in names if self._marts.issuperset(definitions.find(name).marts)]
        now = self._ask(names, self._periods.period)
        earlier = self._periods.before(self._periods.period)
        before = self._ask(names, earlier) if earlier else {}
        figures = [
            Figure(
                definitions.find(name),
                self._periods.period,
                now[name],
                before.get(name),
                intervals.get(name),
            )
            for name in names
            if name in now
        ]
        # No share or score is there without somebody to count; of nothing a sum may be 0.
        return [
            each
            for each in figures
            if each.value or each.before or each.metric.unit in ("share", "score")
        ]

    def _ask(self, names: Sequence[str], period: Period) -> dict[str, float]:
        if not names:
            return {}
        (row,) = self._metrics.query(names, since=period.since, until=period.until).rows
        return {
            name: float(value) for name, value in zip(names, row, strict=True) if value is not None
        }

    def _by_month(self, names: Sequence[str]) -> Iterator[Figure]:
        answer = self._metrics.query(names, by=["metric_time__month"])
        rows = {row[0]: row[1:] for row in answer.rows if row[0] is not None}
        earlier = (self._periods.month.since - timedelta(1)).replace(day=1)
        for i, name in enumerate(names):
            now, before = (
                rows[month][i] if month in rows else None
                for month in (self._periods.month.since, earlier)
            )
            if now:
                is_whole = earlier >= self._periods.first
                yield Figure(
                    definitions.find(name),
                    self._periods.month,
                    float(now),
                    float(before) if before and is_whole else None,
                    None,
                )
