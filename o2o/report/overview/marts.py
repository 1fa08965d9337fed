"""What the overview's charts are drawn from, asked of the marts of an open published file.

Whatever a company has no data of is empty here, and the page says so in a line.
"""

# Queries are put together from this package's own constants, never from data.
# ruff: noqa: S608
from __future__ import annotations

from datetime import date, timedelta

import duckdb

from o2o.report.overview.facts import Channel, Cohort, Score, Shop, Step, Traffic, short
from o2o.report.overview.intervals import SUMS, net_promoter, ratio_interval, wilson
from o2o.report.overview.periods import DAYS, Period

NEEDED = (
    "dim_stores", "fct_bookings", "fct_campaign_daily", "fct_cohort_retention", "fct_orders",
    "fct_store_daily", "fct_survey_answers", "fct_web_sessions", "rpt_attribution_uncertainty",
    "rpt_csat", "rpt_marketing_performance", "rpt_nps", "rpt_path_steps",
    "rpt_store_demand_forecast",
)  # fmt: skip
MONTHS = 12


def published_marts(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The marts of an open published file."""
    tables = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
    return {name for (name,) in tables.fetchall()}


def channels(con: duckdb.DuckDBPyConnection, month: Period) -> list[Channel]:
    """By raw credit, the largest first; sales that no channel is credited with are one, too."""
    rows = con.execute(
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
        {"month": month.since},
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


def shops(con: duckdb.DuckDBPyConnection, period: Period) -> list[Shop]:
    """Ranked by revenue per visitor."""
    rows = con.execute(
        f"""
        select store_name, {SUMS.format(above="receipts", below="visitors")},
            {SUMS.format(above="revenue", below="visitors")}
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
        [period.since, period.until],
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


def traffic(con: duckdb.DuckDBPyConnection, period: Period) -> Traffic:
    """Eight weeks back; ahead as far as every shop that has a forecast has one."""
    expected = con.execute(
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
        [period.until],
    ).fetchall()
    known = con.execute(
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
        [period.until - timedelta(2 * DAYS - 1), period.until],
    ).fetchall()
    ((shops, every),) = con.execute(
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


def cohorts(con: duckdb.DuckDBPyConnection) -> list[Cohort]:
    """Of whole months, the newest twelve of those that have one behind them."""
    rows = con.execute(
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


def steps(con: duckdb.DuckDBPyConnection) -> list[Step]:
    """The paths of all orders that began with a touch, online and at the tills."""
    rows = con.execute(
        "select conversion_type, position, from_channel, to_channel, journey_count"
        " from marts.rpt_path_steps where conversion_type in ('web_order', 'till_order')"
        " order by all"
    ).fetchall()
    return [Step(*row) for row in rows]


def net_promoter_scores(con: duckdb.DuckDBPyConnection) -> list[Score]:
    """By month, of all shops and journeys together."""
    rows = con.execute(
        "select asked_month, sum(promoter_count), sum(detractor_count), sum(answer_count)"
        " from marts.rpt_nps group by asked_month having sum(answer_count) > 0"
        " order by asked_month"
    ).fetchall()
    return [
        Score(month, 100 * (promoters - detractors) / n, *interval, int(n))
        for month, promoters, detractors, n in rows[-MONTHS:]
        if (interval := net_promoter(promoters, detractors, n)) is not None
    ]


def satisfaction(con: duckdb.DuckDBPyConnection) -> list[Score]:
    """By month, of all shops and journeys together."""
    rows = con.execute(
        "select asked_month, sum(satisfied_count), sum(answer_count)"
        " from marts.rpt_csat group by asked_month having sum(answer_count) > 0"
        " order by asked_month"
    ).fetchall()
    return [
        Score(month, satisfied / n, *interval, int(n))
        for month, satisfied, n in rows[-MONTHS:]
        if (interval := wilson(satisfied, n)) is not None
    ]
