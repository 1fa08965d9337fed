"""The silos held side by side: what one system says against what another says of the same thing.

Two systems never know the same moment. So each comparison stops at a *horizon*, the newest moment
that both have reached, less what normal delivery takes; what is younger is compared next time.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Sequence

from expectations.check import Check, Severity, union
from expectations.sources import Feed, Sources

FINANCE = "sales-finance@o2o.example"
STORES = "store-operations@o2o.example"
MARKETING = "performance-marketing@o2o.example"
CRM = "crm-operations@o2o.example"
PLATFORM = "data-platform@o2o.example"

# Ad platforms claim every sale after one of their clicks or views, each campaign for itself, and
# model those that consent hides from us. Two claims per order with a click that the warehouse can
# see are common (1.9 in the demo world), so up to three are normal.
NORMAL_CLAIMS_PER_ORDER = 3
# Few claims scatter: so many more, or so much more money (minor units), are no news.
CLAIMS_OF_SLACK = 10
VALUE_OF_SLACK = 150_000
CLAIM_DAYS = 28  # inside the window in which platforms restate, so that it is re-read whole

_DEALS = """
    with horizon as (
        select least(
            (select max(ordered_at) from marts.fct_orders where source_system = 'shopify'),
            (select max(created_at) from staging.stg_hubspot__deals)
        ) - interval 2 hour as until
    ),
    orders as (
        select order_name, order_date, ordered_at, currency_code, total_minor
        from marts.fct_orders where source_system = 'shopify'
    ),
    -- A deal belongs to its order's day; a deal without an order to the day it was closed.
    deals as (
        select d.hubspot_deal_id as deal_id, d.order_name, d.currency_code, d.amount_minor,
            o.order_name is not null as has_order,
            coalesce(o.order_date, cast(d.closed_at as date)) as day,
            coalesce(o.ordered_at, d.closed_at) as happened_at
        from staging.stg_hubspot__deals as d left join orders as o using (order_name)
    )"""

_ALWAYS: tuple[Check, ...] = (
    Check(
        name="deals_match_orders",
        severity=Severity.WARN,
        owner=CRM,
        needs=("hubspot", "shopify"),
        title="Web-shop orders and CRM deals tell the same story",
        means="The CRM should hold one deal per web order with the same amount. Sales people and"
        " the shop see different revenue for the named days. No mart counts deals, so the published"
        " revenue is not touched.",
        action="Look at the named orders in the CRM: doubled or missing deals come from its sync.",
        left="web shop",
        right="CRM",
        sql=lambda d: (
            f"""{_DEALS},
        by_order as (
            select o.order_name, max(o.order_date) as day, count(d.deal_id) as deal_count
            from orders as o left join deals as d on o.order_name = d.order_name
            where o.ordered_at <= (select until from horizon) group by o.order_name
        ),
        named as (
            select day, {d.first_five("order_name")} as ids from (
                select day, order_name from by_order where deal_count <> 1
                union all
                select day, order_name from deals where not has_order
            ) as lonely group by day
        ),
        both_sides as (
            select order_date as day, currency_code, 1 as n, total_minor as money, 0 as crm_n,
                0 as crm_money
            from orders where ordered_at <= (select until from horizon)
            union all
            select day, currency_code, 0, 0, 1, amount_minor
            from deals where happened_at <= (select until from horizon)
        ),
        cells as (
            select b.day, b.currency_code, sum(b.n) as n, sum(b.crm_n) as crm_n,
                sum(b.money) as money, sum(b.crm_money) as crm_money, max(named.ids) as ids
            from both_sides as b left join named on b.day = named.day
            group by b.day, b.currency_code
        )
        select 'web shop · ' || currency_code as place, day, 'orders' as unit, n as left_total,
            crm_n as right_total, 0 as tolerance, ids
        from cells
        union all
        select 'web shop', day, currency_code, money, crm_money, 0, ids from cells"""
        ),
    ),
    Check(
        name="deals_single",
        severity=Severity.WARN,
        owner=CRM,
        needs=("hubspot", "shopify"),
        title="No web order has two deals",
        means="The CRM counts the named orders twice; whoever plans by the CRM plans too high.",
        action="Merge the doubled deals in the CRM and look at its order sync.",
        left="deals",
        right="different orders",
        sql=lambda d: (
            f"""{_DEALS},
        counted as (
            select day, order_name, count(*) as n from deals
            where order_name is not null group by day, order_name
        )
        select 'CRM' as place, day, 'deals' as unit, sum(n) as left_total, count(*) as right_total,
            0 as tolerance, {d.first_five("order_name", "n > 1")} as ids
        from counted group by day"""
        ),
    ),
    Check(
        name="deals_have_orders",
        severity=Severity.FAIL,
        owner=FINANCE,
        needs=("hubspot", "shopify"),
        title="Every order the CRM knows is in the warehouse",
        means="The CRM was told of a web order that never arrived here, so published web revenue"
        " would be too low.",
        action="Do not publish. Extract the web shop's orders of the named days again.",
        left="orders the CRM knows",
        right="of them in the warehouse",
        sql=lambda d: (
            f"""{_DEALS}
        select 'web shop' as place, day, 'orders' as unit,
            count(distinct order_name) as left_total,
            count(distinct order_name) filter (where has_order) as right_total, 0 as tolerance,
            {d.first_five("order_name", "not has_order")} as ids
        from deals where order_name is not null and happened_at <= (select until from horizon)
        group by day"""
        ),
    ),
    Check(
        name="till_sales_match_payments",
        severity=Severity.FAIL,
        owner=STORES,
        needs=("square",),
        title="Till sales and payments agree, store by store and day by day",
        means="Money was taken that no sale explains, or sold for which no money came in. When a"
        " whole day of a store is missing on one side, that store's revenue is published too low.",
        action="Do not publish. Extract the named store's days again; if the gap stays, the store's"
        " till did not send its sales: call the store.",
        left="till sales",
        right="payments",
        sql=lambda d: (
            f"""
            with horizon as (
                select least(
                    (select max(created_at) from staging.stg_square__orders),
                    (select max(created_at) from staging.stg_square__payments)
                ) - interval 1 hour as until
            ),
            sales as (
                select square_order_id as order_id, square_location_id as location_id, created_at,
                    currency_code, total_minor
                from staging.stg_square__orders
                where total_minor > 0 and order_state <> 'CANCELED'
            ),
            -- A payment belongs to the day of its sale; without a sale, to its own.
            paid as (
                select p.square_order_id as order_id, p.square_payment_id as payment_id,
                    p.square_location_id as location_id, p.currency_code, p.amount_minor,
                    s.order_id is not null as has_sale,
                    coalesce(s.created_at, p.created_at) as happened_at
                from staging.stg_square__payments as p
                left join sales as s on p.square_order_id = s.order_id
                where p.status = 'COMPLETED'
            ),
            both_sides as (
                select s.location_id, s.created_at as happened_at, s.currency_code,
                    s.order_id as sale_id, null as paid_id, s.total_minor as money,
                    0 as paid_money, if(p.order_id is null, s.order_id, null) as lonely
                from sales as s
                left join (select distinct order_id from paid) as p on s.order_id = p.order_id
                union all
                select location_id, happened_at, currency_code, null, order_id, 0, amount_minor,
                    if(has_sale, null, payment_id)
                from paid
            ),
            local as (
                select coalesce(s.store_id, 'location ' || b.location_id) as place, b.*,
                    {d.local_date("b.happened_at", "coalesce(s.time_zone, 'UTC')")} as day
                from both_sides as b
                left join marts.dim_stores as s on b.location_id = s.till_location_id
                where b.happened_at <= (select until from horizon)
            )
            select place, day, 'sales' as unit, count(distinct sale_id) as left_total,
                count(distinct paid_id) as right_total, 0 as tolerance,
                {d.first_five("lonely")} as ids
            from local group by place, day
            union all
            select place, day, currency_code, sum(money), sum(paid_money), 0,
                {d.first_five("lonely")}
            from local group by place, day, currency_code"""
        ),
    ),
    Check(
        name="till_refunds_have_sales",
        severity=Severity.WARN,
        owner=STORES,
        needs=("square",),
        title="Every refund at a till lowers a sale that we know",
        means="Money was paid back for a sale that the warehouse does not hold, so it lowers no"
        " store's revenue. That is right for sales from before the first extract, and only then.",
        action="Extract the tills' orders from further back; ask the store about a refund without"
        " any sale.",
        left="refunded at the tills",
        right="refunded on known sales",
        sql=lambda d: (
            f"""
            with refunds as (
                select coalesce(d.store_id, 'location ' || r.square_location_id) as place,
                    {d.local_date("r.created_at", "coalesce(d.time_zone, 'UTC')")} as day,
                    r.currency_code, r.amount_minor, r.square_refund_id,
                    s.square_order_id is not null as has_sale
                from staging.stg_square__refunds as r
                left join staging.stg_square__payments as p
                    on r.square_payment_id = p.square_payment_id
                left join staging.stg_square__orders as t on r.return_order_id = t.square_order_id
                left join staging.stg_square__orders as s
                    on coalesce(p.square_order_id, t.returned_order_id) = s.square_order_id
                left join marts.dim_stores as d on r.square_location_id = d.till_location_id
                where r.status not in ('REJECTED', 'FAILED')
            )
            select place, day, currency_code as unit, sum(amount_minor) as left_total,
                coalesce(sum(amount_minor) filter (where has_sale), 0) as right_total,
                0 as tolerance, {d.first_five("square_refund_id", "not has_sale")} as ids
            from refunds group by place, day, currency_code"""
        ),
        may_be_empty=True,
    ),
    Check(
        name="claims_match_orders",
        severity=Severity.WARN,
        owner=MARKETING,
        needs=("google_ads", "shopify", "ga4"),
        title="The ad platform claims no more than its normal share",
        means="The platform claims far more conversions than the warehouse has web orders after a"
        " click on its ads. Its own cost per sale then looks too good.",
        action="Do not shift budget on the platform's figures. Look for a second conversion tag or"
        " a changed conversion setting in the named campaigns.",
        left="claimed by the platform",
        right="web orders after a click on its ads",
        allowed=f"{NORMAL_CLAIMS_PER_ORDER} times the orders and {CLAIMS_OF_SLACK} more (or"
        f" {VALUE_OF_SLACK // 100} of money), over the last {CLAIM_DAYS} days",
        sql=lambda d: (
            f"""
            with days as (
                select max(spend_date) as last_day, max(spend_date) - {CLAIM_DAYS - 1} as first_day
                from marts.fct_ad_spend
            ),
            claims as (
                select s.platform, s.campaign_id, sum(s.claimed_conversions) as n,
                    sum(cast(round(s.claimed_value_minor * r.minor_rate) as bigint)) as money
                from marts.fct_ad_spend as s
                join days on s.spend_date between first_day and last_day
                -- Sales are held in the reporting currency; an account may claim in another.
                left join intermediate.int_currencies__rates as r
                    on s.currency_code = r.currency_code and s.spend_date >= r.valid_from
                    and s.spend_date < coalesce(r.valid_before, date '9999-12-31')
                group by s.platform, s.campaign_id
            ),
            touched as (
                select distinct c.platform, a.campaign_id, a.conversion_id,
                    o.total_reporting_minor as money
                from marts.fct_attribution as a
                cross join days
                join claims as c on a.campaign_id = c.campaign_id
                join marts.fct_orders as o on a.conversion_id = o.order_id
                where a.attribution_model = 'linear' and a.conversion_type = 'web_order'
                    and cast(a.converted_at as date) between first_day and last_day
            ),
            by_campaign as (
                select c.platform, c.n - count(t.conversion_id) as surplus,
                    coalesce(max(d.campaign_name), c.campaign_id) || ': '
                    || cast(round(c.n, 1) as string) || ' claimed, '
                    || cast(count(t.conversion_id) as string) || ' orders' as words
                from claims as c
                left join touched as t on c.campaign_id = t.campaign_id
                left join marts.dim_campaigns as d on c.campaign_id = d.campaign_id
                group by c.platform, c.campaign_id, c.n
            ),
            named as (
                select platform, {d.joined("words", "surplus desc, words")} as ids
                from by_campaign where surplus > 0 group by platform
            ),
            -- An order with clicks of two campaigns is one order.
            orders as (
                select platform, count(*) as n, sum(money) as money
                from (select distinct platform, conversion_id, money from touched) as sales
                group by platform
            ),
            platforms as (
                select platform, sum(n) as n, sum(money) as money from claims group by platform
            ),
            reporting as (
                select max(reporting_currency_code) as unit
                from intermediate.int_currencies__rates
            )
            select platform as place, last_day as day, 'conversions' as unit, p.n as left_total,
                coalesce(o.n, 0) as right_total,
                {NORMAL_CLAIMS_PER_ORDER - 1} * coalesce(o.n, 0) + {CLAIMS_OF_SLACK} as tolerance,
                ids
            from platforms as p cross join days left join orders as o using (platform)
            left join named using (platform)
            union all
            select platform, last_day, unit, p.money, coalesce(o.money, 0),
                {NORMAL_CLAIMS_PER_ORDER - 1} * coalesce(o.money, 0) + {VALUE_OF_SLACK}, ids
            from platforms as p cross join days cross join reporting
            left join orders as o using (platform)
            left join named using (platform)"""
        ),
        one_sided=True,
    ),
    Check(
        name="stores_known_to_systems",
        severity=Severity.FAIL,
        owner=STORES,
        needs=("square", "shopify"),
        title="Tills and web shop know the same stores",
        means="A store that one of the systems does not know sells under no name: its sales appear"
        " in no store's figures, and pick-ups cannot be matched.",
        action="Do not publish. Give the named location its store code (such as S001) in the system"
        " that lacks it.",
        left="stores",
        right="known to the system",
        sql=union(
            [
                f"""
                select store_id as place, cast(null as date) as day, 'stores in {system}' as unit,
                    1 as left_total, cast({column} as int) as right_total, 0 as tolerance,
                    coalesce(store_name, '(no name)') as ids
                from marts.dim_stores"""
                for system, column in (
                    ("Square", "is_known_to_tills"),
                    ("Shopify", "is_known_to_web_shop"),
                )
            ]
        ),
    ),
    Check(
        name="stores_known_to_sensors",
        severity=Severity.WARN,
        owner=STORES,
        needs=("store_sensors",),
        title="Every store has its door counter and its beacon",
        means="Visits to the named store are not counted, so ads that bring people there look"
        " useless.",
        action="Ask the store to switch the counter or beacon on, named by the store code.",
        left="stores",
        right="known to the sensor",
        sql=union(
            [
                f"""
                select store_id as place, cast(null as date) as day, 'stores with {system}' as unit,
                    1 as left_total, cast({column} as int) as right_total, 0 as tolerance,
                    coalesce(store_name, '(no name)') as ids
                from marts.dim_stores"""
                for system, column in (
                    ("door counters", "is_known_to_counters"),
                    ("beacons", "is_known_to_beacons"),
                )
            ]
        ),
    ),
    Check(
        name="receipts_within_footfall",
        severity=Severity.WARN,
        owner=STORES,
        needs=("square", "store_sensors"),
        title="No store sells to more people than came in",
        means="More receipts than people through the door: the door counter of the store misses"
        " people, so its visits and conversion rate are wrong.",
        action="Have the named store's counter checked (blocked view, wrong clock).",
        left="receipts",
        right="people counted in",
        sql=lambda d: (
            f"""
            with receipts as (
                select store_id, order_date as day, count(*) as n
                from marts.fct_orders where order_channel = 'till'
                group by store_id, order_date
            ),
            counts as (
                select s.store_id, {d.local_date("c.started_at", "s.time_zone")} as day,
                    c.started_at, c.in_count
                from staging.stg_store_sensors__door_counts as c
                join staging.stg_store_sensors__counters as k
                    on c.counter_serial = k.counter_serial
                join marts.dim_stores as s on k.store_code = s.store_id
            ),
            entries as (
                -- A store may have several doors, each with its counter.
                select store_id, day, sum(in_count) as n, count(distinct started_at) as hours
                from counts group by store_id, day
            )
            select e.store_id as place, e.day, 'people' as unit, coalesce(r.n, 0) as left_total,
                e.n as right_total, 0 as tolerance, null as ids
            from entries as e left join receipts as r on e.store_id = r.store_id and e.day = r.day
            -- A day the counter has not finished, or the change to summer time, says nothing yet.
            where e.hours >= 23"""
        ),
        one_sided=True,
    ),
)


def checks(sources: Sources) -> tuple[Check, ...]:
    """All checks of this suite; ``sources`` are those in use."""
    feeds = [
        (stream.feed, f"stg_{name}__{stream.name}")
        for name, source in sources.items()
        for stream in source.streams
        if stream.feed
    ]
    return (*_ALWAYS, _sources_equally_fresh(feeds)) if feeds else _ALWAYS


def _sources_equally_fresh(feeds: Sequence[tuple[Feed, str]]) -> Check:
    newest = union(
        [
            f"select '{feed.title}' as place, cast({feed.newest} as timestamp) as happened_at"
            f" from staging.{model}"
            for feed, model in feeds
        ]
    )
    return Check(
        name="sources_equally_fresh",
        severity=Severity.WARN,
        owner=PLATFORM,
        title="All sources reach to the same day",
        means="The newest event of a source is far older than that of the freshest one. Its feed"
        " has most likely stopped; reports show the days since then without it.",
        action="Ask the source's owner whether the vendor's feed runs, then extract again.",
        left="hours behind the freshest source",
        right="hours behind that are right",
        allowed="48 hours",
        sql=lambda d: (
            f"""
            with newest as ({newest}),
            freshest as (select max(happened_at) as happened_at from newest)
            select place, cast(n.happened_at as date) as day, 'hours' as unit,
                {d.hours_between("n.happened_at", "f.happened_at")} as left_total,
                0 as right_total, 48 as tolerance,
                coalesce(
                    'newest event ' || substr(cast(n.happened_at as string), 1, 16) || ' UTC',
                    'no event at all'
                ) as ids
            from newest as n cross join freshest as f"""
        ),
        one_sided=True,
        may_be_empty=True,
    )
