"""Checks on the marts before they are published: keys, references, ranges, values, conservation.

dbt's own tests stop a wrong build. These hold the finished tables to account once more, from the
outside, and put the totals where their owners can read them.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable

from expectations.check import Check, Severity, obeys, union
from warehouse.engines.dialect import Dialect

FINANCE = "sales-finance@o2o.example"
MARKETING = "performance-marketing@o2o.example"
CUSTOMERS = "customer-data@o2o.example"
STORES = "store-operations@o2o.example"

# All campaigns of a platform together may claim so many times what the web shop sold to everybody.
MOST_CLAIMS_OF_LEDGER = 1
# Claims are scattered in the first days, and part of them is modelled by the platform.
CLAIMS_OF_SLACK = 10
# The newest day is never whole, and a counter may lack some hours now and then.
DOOR_DAYS = 28
UNCOUNTED_DAYS = 5

# Table -> primary key.
KEYS = {
    "dim_customers": "customer_id",
    "dim_identifiers": "identifier_id",
    "dim_person_aliases": "customer_id",
    "dim_persons_history": "membership_id",
    "dim_stores": "store_id",
    "dim_campaigns": "campaign_id",
    "fct_orders": "order_id",
    "fct_store_visits": "visit_id",
    "fct_store_footfall": "footfall_id",
    "fct_footfall_attribution": "footfall_attribution_id",
    "fct_touchpoints": "touchpoint_id",
    "fct_attribution": "attribution_id",
    "fct_ad_spend": "spend_id",
    "fct_experiments": "experiment_result_id",
    "fct_experiment_days": "experiment_day_id",
    "fct_identity_breaks": "break_id",
    "fct_identity_reviews": "review_id",
    "rpt_identity_health": "identity_health_id",
    "rpt_attribution_uncertainty": "attribution_uncertainty_id",
    "rpt_calibrated_attribution": "calibrated_attribution_id",
    "rpt_channel_performance": "channel_performance_id",
    "rpt_online_to_offline": "online_to_offline_id",
    "rpt_platform_claims": "platform_claim_id",
}

# Table, its key, the column that refers, and what it refers to.
REFERENCES = (
    ("fct_orders", "order_id", "customer_id", "dim_customers"),
    ("fct_orders", "order_id", "store_id", "dim_stores"),
    ("fct_store_visits", "visit_id", "customer_id", "dim_customers"),
    ("fct_store_visits", "visit_id", "store_id", "dim_stores"),
    ("fct_store_footfall", "footfall_id", "store_id", "dim_stores"),
    ("fct_footfall_attribution", "footfall_attribution_id", "store_id", "dim_stores"),
    ("fct_touchpoints", "touchpoint_id", "customer_id", "dim_customers"),
    ("fct_touchpoints", "touchpoint_id", "campaign_id", "dim_campaigns"),
    ("fct_ad_spend", "spend_id", "campaign_id", "dim_campaigns"),
    ("rpt_platform_claims", "platform_claim_id", "campaign_id", "dim_campaigns"),
    ("rpt_online_to_offline", "online_to_offline_id", "store_id", "dim_stores"),
    ("fct_attribution", "attribution_id", "touchpoint_id", "fct_touchpoints"),
    ("dim_customers", "customer_id", "customer_id", "dim_person_aliases"),
    ("dim_persons_history", "membership_id", "customer_id", "dim_person_aliases"),
    ("dim_person_aliases", "customer_id", "current_customer_id", "dim_customers"),
    ("fct_identity_breaks", "break_id", "identifier_id", "dim_identifiers"),
)

Rule = tuple[str, str, str, str]  # what, table, condition that every row obeys, key


def _rules(d: Dialect) -> tuple[Rule, ...]:
    return (
        ("net = charged - refunded", "fct_orders", "net_minor = total_minor - refunded_minor",
         "order_id"),
        ("charged amount is not negative", "fct_orders", "total_minor >= 0", "order_id"),
        ("refund is not negative", "fct_orders", "refunded_minor >= 0", "order_id"),
        ("order date is the day of the order, give or take a time zone", "fct_orders",
         f"abs({d.days_between('order_date', 'cast(ordered_at as date)')}) <= 1", "order_id"),
        ("order is not from the future", "fct_orders",
         "ordered_at <= cast(current_timestamp as timestamp) + interval 1 day", "order_id"),
        ("visit ends after it began, within a day", "fct_store_visits",
         "left_at >= arrived_at and dwell_seconds between 0 and 86400", "visit_id"),
        ("footfall lies in its interval and holds the known visits", "fct_store_footfall",
         "footfall_count is null or footfall_count between footfall_low_count and"
         " footfall_high_count and footfall_low_count >= known_visit_count", "footfall_id"),
        ("spend is not negative", "fct_ad_spend", "cost_micros >= 0 and spend_minor >= 0",
         "spend_id"),
        ("no more clicks than impressions", "fct_ad_spend", "click_count <= impression_count",
         "spend_id"),
        ("credit is a share", "fct_attribution", "credit_share between 0 and 1", "attribution_id"),
        ("credited touch comes before the conversion", "fct_attribution",
         "touched_at is null or touched_at <= converted_at", "attribution_id"),
        ("conversion rate is between 0 and 1", "rpt_channel_performance",
         "coalesce(online_to_offline_conversion_rate, 0) between 0 and 1",
         "channel_performance_id"),
        ("no more persons came than were reached", "rpt_online_to_offline",
         "greatest(visiting_person_count, buying_person_count) <= converted_person_count"
         " and converted_person_count <= reached_person_count"
         " and conversion_rate between conversion_rate_low and conversion_rate_high",
         "online_to_offline_id"),
    )  # fmt: skip


# What vendors now and then say otherwise, lawfully: tax within the prices, a refund as goodwill.
VENDOR_SUMS: tuple[Rule, ...] = (
    ("charged = goods - discount + shipping + tax", "fct_orders",
     "total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor", "order_id"),
    ("refund is at most the charged amount", "fct_orders", "refunded_minor <= total_minor",
     "order_id"),
)  # fmt: skip


def _values(d: Dialect) -> tuple[Rule, ...]:
    return (
        ("order channel", "fct_orders", "order_channel in ('web', 'bopis', 'till')", "order_id"),
        ("currency", "fct_orders", d.is_like_whole("currency_code", "[A-Z]{3}"), "order_id"),
        ("attribution model", "fct_attribution",
         "attribution_model in ('first', 'last', 'last_non_direct', 'linear', 'position',"
         " 'position_w', 'position_j', 'time_decay', 'markov_1', 'markov_2', 'markov_3',"
         " 'markov_4', 'shapley', 'shapley_inside')",
         "attribution_id"),
        ("conversion type", "fct_attribution",
         "conversion_type in ('web_order', 'till_order', 'store_visit', 'booking', 'lead',"
         " 'coupon_redemption')", "attribution_id"),
        ("a reason exactly where the door was not counted", "fct_store_footfall",
         "(counted_entry_count is null) = (uncounted_reason is not null)", "footfall_id"),
        ("a reason exactly where no touch is credited", "fct_attribution",
         "(touchpoint_id is null) = (unattributed_reason is not null)", "attribution_id"),
    )  # fmt: skip


def _obeyed(rules: Iterable[Rule], d: Dialect) -> str:
    return union([obeys(d, what, f"marts.{table}", rule, key) for what, table, rule, key in rules])


CHECKS: tuple[Check, ...] = (
    Check(
        name="marts_keys_unique",
        severity=Severity.FAIL,
        owner="data-platform@o2o.example",
        title="Every row of a mart can be told from every other",
        means="Doubled or missing keys double money in every report that joins the table.",
        action="Do not publish. Look at the model of the named table; rebuild.",
        left="rows",
        right="different keys",
        sql=union(
            [
                f"""
                select '{table}' as place, cast(null as date) as day, 'rows' as unit,
                    count(*) as left_total, count(distinct {key}) as right_total,
                    0 as tolerance, null as ids
                from marts.{table}"""
                for table, key in KEYS.items()
            ]
        ),
    ),
    Check(
        name="marts_references_hold",
        severity=Severity.FAIL,
        owner="data-platform@o2o.example",
        title="Every reference leads somewhere",
        means="A row that points to a customer, store, campaign or touch that is not there drops"
        " out of reports without a word.",
        action="Do not publish. Look at the named rows in the model of the table.",
        left="rows that refer",
        right="rows whose target exists",
        sql=lambda d: union(
            [
                obeys(
                    d,
                    f"{table}.{column}",
                    f"(select f.*, d.{KEYS[target]} is not null as is_found from marts.{table} as f"
                    f" left join marts.{target} as d on f.{column} = d.{KEYS[target]}"
                    f" where f.{column} is not null)",
                    "is_found",
                    key,
                )
                for table, key, column, target in REFERENCES
            ]
        ),
    ),
    Check(
        name="marts_ranges_hold",
        severity=Severity.FAIL,
        owner=FINANCE,
        title="Amounts, times and rates are possible ones",
        means="A row breaks a rule that arithmetic or time itself sets.",
        action="Do not publish. The named rows show which source delivered them.",
        left="rows",
        right="rows that obey",
        sql=lambda d: _obeyed(_rules(d), d),
    ),
    Check(
        name="order_parts_add_up",
        severity=Severity.WARN,
        owner=FINANCE,
        title="The parts of an order make up its total",
        means="The vendor's goods, discount, shipping and tax do not come to what it charged, or it"
        " paid back more. Totals and refunds are published as the vendor booked them; only the"
        " parts are in doubt.",
        action="Look at the named orders in the shop: tax within the prices and goodwill are fine.",
        left="orders",
        right="orders that add up",
        sql=lambda d: _obeyed(VENDOR_SUMS, d),
    ),
    Check(
        name="marts_values_accepted",
        severity=Severity.FAIL,
        owner=MARKETING,
        title="Names come from the agreed lists",
        means="A value outside its list falls out of every report that filters by it.",
        action="Correct the model, or agree on the new value and add it to the list.",
        left="rows",
        right="rows with an agreed value",
        sql=lambda d: _obeyed(_values(d), d),
    ),
    Check(
        name="orders_conserved",
        severity=Severity.FAIL,
        owner=FINANCE,
        title="Every order of the systems is in fct_orders, once",
        means="Orders were lost or doubled on the way from the web shop or the tills to the mart,"
        " for example a pick-up order counted online and in the store.",
        action="Do not publish. Compare the model of fct_orders with its sources.",
        left="orders of the systems",
        right="orders in the mart",
        sql=lambda d: (
            f"""
            with systems as (
                select 'web shop' as place, currency_code, total_minor
                from staging.stg_shopify__orders
                union all
                -- What only takes something back is no order; an exchange is one.
                select 'tills', currency_code, total_minor
                from staging.stg_square__orders
                where returned_order_id is null or {d.list_length("line_items")} > 0
            ),
            mart as (
                select if(source_system = 'shopify', 'web shop', 'tills') as place,
                    currency_code, total_minor
                from marts.fct_orders
            ),
            both_sides as (
                select place, currency_code, count(*) as n, sum(total_minor) as money, 0 as mart_n,
                    0 as mart_money
                from systems group by place, currency_code
                union all
                select place, currency_code, 0, 0, count(*), sum(total_minor)
                from mart group by place, currency_code
            ),
            summed as (
                select place, currency_code, sum(n) as n, sum(money) as money,
                    sum(mart_n) as mart_n, sum(mart_money) as mart_money
                from both_sides group by place, currency_code
            )
            select place || ' · ' || currency_code as place, null as day, 'orders' as unit,
                n as left_total, mart_n as right_total, 0 as tolerance, null as ids
            from summed
            union all
            select place, null, currency_code, money, mart_money, 0, null
            from summed"""
        ),
    ),
    Check(
        name="spend_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        needs=("google_ads",),
        title="Ad spend in the mart is what the platform reported",
        means="Spend was lost or doubled between the platform's report and fct_ad_spend. Counted in"
        " millionths of the account's currency, so that nothing is rounded.",
        action="Do not publish. Compare fct_ad_spend with the landed report of the named campaign.",
        left="spend reported",
        right="spend in the mart",
        sql="""
            with reported as (
                select campaign_id, sum(cost_micros) as cost
                from staging.stg_google_ads__campaign_performance group by campaign_id
            ),
            mart as (
                select campaign_id, sum(cost_micros) as cost from marts.fct_ad_spend
                where platform = 'google_ads' group by campaign_id
            )
            select 'campaign ' || coalesce(r.campaign_id, m.campaign_id) as place, null as day,
                'micros' as unit, coalesce(r.cost, 0) as left_total,
                coalesce(m.cost, 0) as right_total, 0 as tolerance, null as ids
            from reported as r full join mart as m on r.campaign_id = m.campaign_id""",
    ),
    Check(
        name="credit_shares_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        title="Each conversion is credited exactly once per model",
        means="Shares that do not add up to one give a channel more, or less, than was sold.",
        action="Do not publish. The named conversions show which model's shares are wrong.",
        left="conversions",
        right="conversions whose shares add up to exactly 1",
        sql=lambda d: (
            f"""
            with conversions as (
                select attribution_model, conversion_type, conversion_id,
                    sum(credit_share) as share
                from marts.fct_attribution
                group by attribution_model, conversion_type, conversion_id
            )
            select attribution_model || ' · ' || conversion_type as place, null as day,
                'conversions' as unit, count(*) as left_total,
                count(*) filter (where share = 1) as right_total, 0 as tolerance,
                {d.first_five("conversion_id", "share <> 1")} as ids
            from conversions group by attribution_model, conversion_type"""
        ),
    ),
    Check(
        name="credit_money_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        title="Credited revenue is the revenue, in every model",
        means="Under each attribution model the credits must add up to what the orders brought in,"
        " to the cent; unattributed orders carry their own rows.",
        action="Do not publish. Compare the named model and currency in fct_attribution.",
        left="net value of the orders",
        right="credit given",
        sql="""
            with orders as (
                select currency_code, sum(net_minor) as money from marts.fct_orders
                where not is_cancelled group by all
            ),
            models as (select distinct attribution_model from marts.fct_attribution),
            credit as (
                select attribution_model, currency_code, sum(credit_minor) as money
                from marts.fct_attribution where conversion_type <> 'store_visit'
                group by attribution_model, currency_code
            )
            select attribution_model || ' model' as place, null as day, currency_code as unit,
                o.money as left_total, coalesce(c.money, 0) as right_total, 0 as tolerance,
                null as ids
            from orders as o cross join models
            left join credit as c using (attribution_model, currency_code)""",
    ),
    Check(
        name="calibration_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        title="Calibration moves credit between channels and makes none",
        means="Credit after experiments holds more or less revenue than the orders have.",
        action="Do not publish. Look at rpt_calibrated_attribution for the named model.",
        left="orders",
        right="credit after experiments",
        sql="""
            select attribution_model || ' model' as place, null as day, currency_code as unit,
                (
                    select coalesce(sum(net_reporting_minor), 0) from marts.fct_orders
                    where not is_cancelled
                ) as left_total,
                sum(calibrated_credit_reporting_minor) as right_total, 0 as tolerance,
                null as ids
            from marts.rpt_calibrated_attribution group by attribution_model, currency_code""",
    ),
    Check(
        name="report_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        title="The channel report shows all revenue and all spend",
        means="The report that people read differs from the tables it is made of.",
        action="Do not publish. Look at rpt_channel_performance for the named model.",
        left="orders and spend",
        right="report",
        # The reporting currency has two decimals, as the report's own columns do.
        sql="""
            with report as (
                select attribution_model, credit_view, currency_code,
                    (sum(revenue_amount) * 100) as revenue, (sum(spend_amount) * 100) as spend
                from marts.rpt_channel_performance
                group by attribution_model, credit_view, currency_code
            )
            select 'revenue · ' || attribution_model || ' model · ' || credit_view as place, null as
                day, currency_code as unit,
                (
                    select coalesce(sum(net_reporting_minor), 0) from marts.fct_orders
                    where not is_cancelled
                ) as left_total,
                revenue as right_total, 0 as tolerance, null as ids
            from report
            union all
            select 'spend · ' || attribution_model || ' model · ' || credit_view, null,
                currency_code, (select coalesce(sum(spend_reporting_minor), 0) from
                marts.fct_ad_spend), spend, 0, null
            from report""",
    ),
    Check(
        name="claims_conserved",
        severity=Severity.FAIL,
        owner=MARKETING,
        needs=("google_ads",),
        title="The report of claims shows all that the platforms claim",
        means="Claims were lost or doubled between fct_ad_spend and rpt_platform_claims, so its"
        " over-claim factors are wrong.",
        action="Do not publish. Compare the two tables for the named campaign.",
        left="claimed by the platform",
        right="report",
        sql="""
            with claimed as (
                select campaign_id, sum(claimed_conversions) as n,
                    sum(claimed_value_reporting_minor) as money
                from marts.fct_ad_spend group by campaign_id
            ),
            models as (select distinct attribution_model from marts.rpt_platform_claims),
            report as (
                select campaign_id, attribution_model, max(currency_code) as currency_code,
                    sum(claimed_conversions) as n, sum(claimed_value_amount) * 100 as money
                from marts.rpt_platform_claims where window_days = 1
                group by campaign_id, attribution_model
            ),
            both_sides as (
                select 'campaign ' || c.campaign_id || ' · ' || m.attribution_model || ' model' as
                    place, c.n, c.money, coalesce(r.n, 0) as report_n,
                    coalesce(r.money, 0) as report_money,
                    coalesce(r.currency_code, 'money') as currency_code
                from claimed as c cross join models as m
                left join report as r
                    on c.campaign_id = r.campaign_id and m.attribution_model = r.attribution_model
            )
            select place, null as day, 'conversions' as unit, n as left_total,
                report_n as right_total, 0 as tolerance, null as ids
            from both_sides
            union all
            select place, null, currency_code, money, report_money, 0, null
            from both_sides""",
    ),
    Check(
        name="claims_within_ledger",
        severity=Severity.WARN,
        owner=MARKETING,
        needs=("google_ads", "shopify"),
        title="No platform, and not all together, claims more than was sold",
        means="The platforms claim more online sales than the web shop made to everybody, those"
        " included whom no advertisement reached. Their own cost per sale and return on ad spend"
        " are then too good by a multiple.",
        action="Plan budgets by rpt_platform_claims and experiments, not by the platform's figures."
        " Look for a second conversion tag, or for windows that two platforms both claim.",
        left="claimed",
        right="sold online",
        allowed=f"{MOST_CLAIMS_OF_LEDGER} times what was sold and {CLAIMS_OF_SLACK} conversions"
        " (for money: their average value) more, over the report's longest window",
        sql=f"""
            with last_days as (
                select w.window_days, d.report_date
                from (select max(window_days) as window_days from marts.rpt_platform_claims) as w
                cross join (select max(spend_date) as report_date from marts.fct_ad_spend) as d
            ),
            -- Claims and ledger are the same under each model.
            campaigns as (
                select distinct platform, campaign_id, campaign_name, report_date, currency_code,
                    claimed_conversions, claimed_value_amount, ledger_online_order_count,
                    ledger_online_amount
                from marts.rpt_platform_claims join last_days using (window_days, report_date)
            ),
            scopes as (
                select platform as place, * from campaigns
                union all
                select 'all platforms', * from campaigns
            ),
            summed as (
                select place, max(report_date) as day, max(currency_code) as currency_code,
                    sum(claimed_conversions) as n, sum(claimed_value_amount) * 100 as money,
                    max(ledger_online_order_count) as ledger_n,
                    max(ledger_online_amount) * 100 as ledger_money
                from scopes group by place
            )
            select place, day, 'conversions' as unit, n as left_total, ledger_n as right_total,
                {MOST_CLAIMS_OF_LEDGER - 1} * ledger_n + {CLAIMS_OF_SLACK} as tolerance,
                null as ids
            from summed
            union all
            select place, day, currency_code, money, ledger_money,
                {MOST_CLAIMS_OF_LEDGER - 1} * ledger_money
                + {CLAIMS_OF_SLACK} * ledger_money / greatest(ledger_n, 1), null
            from summed""",
        one_sided=True,
    ),
    Check(
        name="footfall_conserved",
        severity=Severity.FAIL,
        owner=STORES,
        needs=("store_sensors",),
        title="Everybody who came in is credited once, in every model",
        means="Credit for people in the stores does not add up to the people: known visits and"
        " anonymous footfall each by itself.",
        action="Do not publish. Compare fct_footfall_attribution with fct_store_footfall for the"
        " named store and model.",
        left="footfall",
        right="credit given",
        sql="""
            with stores as (
                select store_id, sum(known_visit_count) as visits,
                    coalesce(sum(footfall_count - known_visit_count), 0) as anonymous
                from marts.fct_store_footfall group by store_id
            ),
            models as (select distinct attribution_model from marts.fct_footfall_attribution),
            credit as (
                select store_id, attribution_model, sum(known_visit_credit) as visits,
                    coalesce(sum(anonymous_footfall_count), 0) as anonymous
                from marts.fct_footfall_attribution group by store_id, attribution_model
            ),
            both_sides as (
                select s.store_id || ' · ' || m.attribution_model || ' model' as place, s.visits,
                    s.anonymous, coalesce(c.visits, 0) as credited_visits,
                    coalesce(c.anonymous, 0) as credited_anonymous
                from stores as s cross join models as m
                left join credit as c
                    on s.store_id = c.store_id and m.attribution_model = c.attribution_model
            )
            select place, null as day, 'known visits' as unit, visits as left_total,
                credited_visits as right_total, 0 as tolerance, null as ids
            from both_sides
            union all
            select place, null, 'anonymous people', anonymous, credited_anonymous, 0, null
            from both_sides""",
    ),
    Check(
        name="doors_counted",
        severity=Severity.WARN,
        owner=STORES,
        needs=("store_sensors",),
        title="The door counters count every day",
        means="On many of the last days the store's doors did not count, or counted fewer people"
        " than paid. Its footfall is estimated from phones for those days, or unknown.",
        action="Have the named store's counters checked: power, network, blocked view.",
        left="days",
        right="days counted",
        allowed=f"{UNCOUNTED_DAYS} of the last {DOOR_DAYS} days",
        sql=f"""
            with recent as (
                select f.store_id, f.counted_entry_count, f.uncounted_reason
                from marts.fct_store_footfall as f
                cross join (
                    select max(footfall_date) as last_day from marts.fct_store_footfall
                ) as d
                where f.footfall_date > d.last_day - {DOOR_DAYS}
            )
            select store_id as place, null as day, 'days' as unit, count(*) as left_total,
                count(counted_entry_count) as right_total, {UNCOUNTED_DAYS} as tolerance,
                min(uncounted_reason) as ids
            from recent group by store_id""",
        one_sided=True,
    ),
    Check(
        name="customers_counted_once",
        severity=Severity.FAIL,
        owner=CUSTOMERS,
        title="Orders per customer add up to the orders",
        means="The counts on the customers and the orders themselves disagree, so somebody is"
        " counted twice or not at all.",
        action="Do not publish. Compare dim_customers with fct_orders.",
        left="orders with a customer",
        right="orders counted on customers",
        sql="""
            select 'all customers' as place, null as day, 'orders' as unit,
                (
                    select count(*) from marts.fct_orders
                    where customer_id is not null and not is_cancelled
                ) as left_total,
                (select sum(order_count) from marts.dim_customers) as right_total,
                0 as tolerance, null as ids""",
    ),
)
