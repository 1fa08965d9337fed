"""What the overview tells, asked of an open published file: figures by MetricFlow, charts of marts.

Whatever a company has no data of is None or empty here, and the page says so in a line.
"""

# Queries are put together from this module's own constants, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from o2o.metrics import definitions
from o2o.metrics.definitions import Metric

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
NEEDED = (
    "dim_stores", "fct_bookings", "fct_campaign_daily", "fct_cohort_retention", "fct_orders",
    "fct_store_daily", "fct_survey_answers", "fct_web_sessions", "rpt_attribution_uncertainty",
    "rpt_csat", "rpt_marketing_performance", "rpt_nps", "rpt_path_steps",
    "rpt_store_demand_forecast",
)  # fmt: skip
DAYS = 28  # four of each weekday
FEWEST_DAYS = 7  # with fewer, how much they differ says little
MONTHS = 12
QUANTILE = 1.959963984540054  # of a normal distribution: 95% lie within
Interval = tuple[float, float]


@dataclass(frozen=True)
class Period:
    """From its first day to its last."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


@dataclass(frozen=True)
class Figure:
    """A metric in a period. ``before``: in the one before it, None where that is not all there."""

    metric: Metric
    period: Period
    value: float
    before: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Shop:
    """What each visitor of a shop left, by the days with known foot traffic. ``name``: without what
    the names of all shops begin with."""

    name: str
    visitors: int
    conversion: float
    conversion_interval: Interval | None
    revenue: float
    revenue_interval: Interval | None


@dataclass(frozen=True)
class Channel:
    """What a channel is credited with in a month, raw and as experiments leave it."""

    name: str
    spend: float
    raw: float
    raw_interval: Interval | None
    calibrated: float
    is_measured: bool


@dataclass(frozen=True)
class Traffic:
    """People who came into the shops, day by day; what is expected next: a day, a number, its ends.
    ``shops`` of ``of`` are in both."""

    known: list[tuple[date, float]]
    expected: list[tuple[date, float, float, float]]
    shops: int
    of: int


@dataclass(frozen=True)
class Cohort:
    """Customers with their first sale in ``month``, and which part of them bought again
    how many months later."""

    month: date
    customers: int
    returned: dict[int, float]


@dataclass(frozen=True)
class Score:
    """A score of a month, and how many answered."""

    month: date
    value: float
    low: float
    high: float
    answers: int


@dataclass(frozen=True)
class Step:
    """Journeys that went from one channel to the next, at a place, and ended in a kind of order."""

    order: str
    position: int
    origin: str
    target: str
    journeys: int


class Facts:
    """Asks a published file; ``period`` is the last whole 28 days, or what there is of them."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, metrics: Metrics, published_at: datetime
    ) -> None:
        self._con = con
        self._metrics = metrics
        self._marts = published_marts(con)
        self._first, last = self._edges(published_at)
        self.period = Period(max(self._first, last - timedelta(DAYS - 1)), last)
        self.month = self._month()

    def headlines(self) -> list[Figure]:
        """The main figures that there are."""
        conversion = self._con.execute(
            f"select {_SUMS.format(above='receipts', below='visitors')} from ("
            " select sum(comparable_receipt_count) as receipts, sum(footfall_count) as visitors"
            " from marts.fct_store_daily where footfall_count is not null"
            " and business_date between ? and ? group by business_date)",
            [self.period.since, self.period.until],
        ).fetchall()[0]
        answers = self._con.execute(
            "select count(*) filter (nps_group = 'promoter'),"
            " count(*) filter (nps_group = 'detractor'), count(nps_group),"
            " count(*) filter (is_satisfied), count(is_satisfied)"
            " from marts.fct_survey_answers where asked_date between ? and ?",
            [self.period.since, self.period.until],
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

    def channels(self) -> list[Channel]:
        """By raw credit, the largest first; sales that no channel is credited with are one, too."""
        rows = self._con.execute(
            """
            with
            credited as (
                select
                    channel, min(attribution_model) as attribution_model,
                    sum(spend_amount) as spend, sum(revenue_amount) as raw,
                    sum(calibrated_revenue_amount) as calibrated,
                    bool_or(is_online_calibrated or is_store_calibrated) as is_measured
                from marts.rpt_marketing_performance where report_month = $month group by channel
            ),
            -- Orders of the two kinds are others, so their errors are, too.
            halves as (
                select
                    channel, attribution_model,
                    sqrt(sum(
                        power((credit_high_reporting_minor - credit_low_reporting_minor) / 2.0, 2)
                    )) / nullif(sum(credit_reporting_minor), 0) as half
                from marts.rpt_attribution_uncertainty
                where report_month = $month and conversion_type in ('web_order', 'till_order')
                group by channel, attribution_model
            )
            select channel, spend, raw, calibrated, is_measured, half
            from credited left join halves using (channel, attribution_model)
            where spend <> 0 or raw <> 0 or calibrated <> 0
            order by raw desc, channel
            """,
            {"month": self.month.since},
        ).fetchall()
        return [
            Channel(
                name=name,
                spend=float(spend),
                raw=float(raw),
                raw_interval=None if half is None or name == "unattributed"
                else (max(0.0, float(raw) * (1 - half)), float(raw) * (1 + half)),
                calibrated=float(calibrated),
                is_measured=bool(is_measured),
            )
            for name, spend, raw, calibrated, is_measured, half in rows
        ]  # fmt: skip

    def shops(self) -> list[Shop]:
        """Ranked by revenue per visitor."""
        rows = self._con.execute(
            f"""
            select store_name, {_SUMS.format(above="receipts", below="visitors")},
                {_SUMS.format(above="revenue", below="visitors")}
            from (
                select
                    store_id, comparable_receipt_count as receipts, footfall_count as visitors,
                    revenue_amount::double as revenue
                from marts.fct_store_daily
                where footfall_count is not null and business_date between ? and ?
            )
            inner join marts.dim_stores using (store_id)
            group by store_id, store_name
            having sum(visitors) > 0
            order by sum(revenue) / sum(visitors) desc, store_id
            """,
            [self.period.since, self.period.until],
        ).fetchall()
        names = short([row[0] for row in rows])
        return [
            Shop(
                name=name,
                visitors=int(row[3]),
                conversion=row[2] / row[3],
                conversion_interval=ratio_interval(*row[1:7]),
                revenue=row[8] / row[9],
                revenue_interval=ratio_interval(*row[7:13]),
            )
            for name, row in zip(names, rows, strict=True)
        ]

    def traffic(self) -> Traffic:
        """Eight weeks back; ahead as far as every shop that has a forecast has one."""
        expected = self._con.execute(
            """
            with
            forecasts as (
                select
                    store_id, forecast_date, expected::double as expected,
                    expected_low_95::double as low, expected_high_95::double as high
                from marts.rpt_store_demand_forecast
                where measure = 'footfall' and (expected is not null or not is_open)
                    and store_id in (
                        select store_id from marts.rpt_store_demand_forecast
                        where measure = 'footfall' and expected is not null
                    )
            )
            select
                forecast_date, sum(coalesce(expected, 0)), sum(coalesce(low, 0)),
                sum(coalesce(high, 0))
            from forecasts where forecast_date > ? group by forecast_date
            having count(*) = (select count(distinct store_id) from forecasts)
            order by forecast_date
            """,
            [self.period.until],
        ).fetchall()
        known = self._con.execute(
            """
            with
            forecast as (
                select distinct store_id from marts.rpt_store_demand_forecast
                where measure = 'footfall' and expected is not null
            )
            select business_date, sum(footfall_count)
            from marts.fct_store_daily
            where business_date between ? and ? and footfall_count is not null
                and (store_id in (from forecast) or not exists (from forecast))
            group by business_date order by business_date
            """,
            [self.period.until - timedelta(2 * DAYS - 1), self.period.until],
        ).fetchall()
        ((shops, every),) = self._con.execute(
            """
            select
                (select count(distinct store_id) from marts.rpt_store_demand_forecast
                where measure = 'footfall' and expected is not null),
                (select count(distinct store_id) from marts.fct_store_daily
                where footfall_count is not null)
            """
        ).fetchall()
        traffic = [(day, float(people)) for day, people in known]
        if not any(people for _, people in traffic):
            traffic, expected = [], []
        return Traffic(traffic, expected, shops if expected else every, every)

    def cohorts(self) -> list[Cohort]:
        """Of whole months, the newest twelve of those that have one behind them."""
        rows = self._con.execute(
            """
            select
                cohort_month, months_since, sum(cohort_customer_count), sum(active_customer_count)
            from marts.fct_cohort_retention
            where is_complete and months_since between 1 and ?
            group by cohort_month, months_since order by cohort_month, months_since
            """,
            [MONTHS],
        ).fetchall()
        cohorts: dict[date, Cohort] = {}
        for month, since, customers, active in rows:
            cohort = cohorts.setdefault(month, Cohort(month, int(customers), {}))
            cohort.returned[since] = active / customers
        return list(cohorts.values())[-MONTHS:]

    def steps(self) -> list[Step]:
        """The paths of all orders that began with a touch, online and at the tills."""
        rows = self._con.execute(
            "select conversion_type, position, from_channel, to_channel, journey_count"
            " from marts.rpt_path_steps where conversion_type in ('web_order', 'till_order')"
            " order by all"
        ).fetchall()
        return [Step(*row) for row in rows]

    def net_promoter_scores(self) -> list[Score]:
        """By month, of all shops and journeys together."""
        rows = self._con.execute(
            "select asked_month, sum(promoter_count), sum(detractor_count), sum(answer_count)"
            " from marts.rpt_nps group by asked_month having sum(answer_count) > 0"
            " order by asked_month"
        ).fetchall()
        return [
            Score(month, 100 * (promoters - detractors) / n, *interval, int(n))
            for month, promoters, detractors, n in rows[-MONTHS:]
            if (interval := net_promoter(promoters, detractors, n)) is not None
        ]

    def satisfaction(self) -> list[Score]:
        """By month, of all shops and journeys together."""
        rows = self._con.execute(
            "select asked_month, sum(satisfied_count), sum(answer_count)"
            " from marts.rpt_csat group by asked_month having sum(answer_count) > 0"
            " order by asked_month"
        ).fetchall()
        return [
            Score(month, satisfied / n, *interval, int(n))
            for month, satisfied, n in rows[-MONTHS:]
            if (interval := wilson(satisfied, n)) is not None
        ]

    def _edges(self, published_at: datetime) -> tuple[date, date]:
        """The first day, and the last that is over on the clocks of all shops. What claims to be
        of later than the publication does not count."""
        ((first, newest),) = self._con.execute(
            """
            select
                least(
                    (select min(order_date) from marts.fct_orders),
                    (select min(business_date) from marts.fct_store_daily)
                ),
                coalesce(
                    greatest(
                        (select max(ordered_at) from marts.fct_orders),
                        (select max(started_at) from marts.fct_web_sessions)
                    ),
                    (select max(business_date)::timestamp from marts.fct_store_daily)
                )
            """
        ).fetchall()
        zones = self._con.execute(
            "select distinct time_zone from marts.dim_stores where time_zone is not null"
        ).fetchall()
        moment = min(newest.replace(tzinfo=UTC), published_at) if newest else published_at
        today = min((_day(moment, zone) for (zone,) in zones), default=moment.date())
        last = today - timedelta(1)
        return min(first or last, last), last

    def _month(self) -> Period:
        """The last month of which there is all, or what there is of the one that runs."""
        until = self.period.until
        following = (until.replace(day=1) + timedelta(32)).replace(day=1)
        if until + timedelta(1) == following:
            return Period(until.replace(day=1), until)
        last = until.replace(day=1) - timedelta(1)
        if last.replace(day=1) >= self._first:
            return Period(last.replace(day=1), last)
        return Period(until.replace(day=1), until)

    def _before(self, period: Period) -> Period | None:
        """As long and right before, if there is all of it."""
        since = period.since - timedelta(period.days)
        if since < self._first or period.days < DAYS:
            return None
        return Period(since, period.since - timedelta(1))

    def _figures(self, names: Sequence[str], intervals: dict[str, Interval | None]) -> list[Figure]:
        # What was published by an older release has no newer marts.
        names = [name for name in names if self._marts.issuperset(definitions.find(name).marts)]
        now = self._ask(names, self.period)
        earlier = self._before(self.period)
        before = self._ask(names, earlier) if earlier else {}
        figures = [
            Figure(
                definitions.find(name),
                self.period,
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
        earlier = (self.month.since - timedelta(1)).replace(day=1)
        for i, name in enumerate(names):
            now, before = (
                rows[month][i] if month in rows else None for month in (self.month.since, earlier)
            )
            if now:
                is_whole = earlier >= self._first
                yield Figure(
                    definitions.find(name),
                    self.month,
                    float(now),
                    float(before) if before and is_whole else None,
                    None,
                )


def published_marts(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The marts of an open published file."""
    tables = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
    return {name for (name,) in tables.fetchall()}


_SUMS = (
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


def _day(moment: datetime, zone: str) -> date:
    """The day that it is on a shop's clock; a shop's own word for its zone may be none."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return moment.date()


def channel_name(channel: str) -> str:
    """'paid_search' as 'Paid search'."""
    return "SMS" if channel == "sms" else channel.replace("_", " ").capitalize()


def short(names: Sequence[str | None]) -> list[str]:
    """Names of shops without the words that all begin with, so that there is room for them; no two
    are the same."""
    words = [(name or "?").split() or ["?"] for name in names]
    common = 0
    if len(words) > 1:
        while (
            all(len(each) > common + 1 for each in words) and len({w[common] for w in words}) == 1
        ):
            common += 1
    seen: Counter[str] = Counter()
    told = []
    for each in words:
        name = " ".join(each[common:])
        seen[name] += 1
        told.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return told
