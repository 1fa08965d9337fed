{% from "_money.sql" import in_minor_units %}
with longest as (
    select max(window_days) as window_days from marts.rpt_platform_claims
),

newest as (
    select max(spend_date) as report_date from marts.fct_ad_spend
),

-- Claims and ledger are the same under each model.
campaigns as (
    select distinct
        c.platform,
        c.campaign_id,
        c.campaign_name,
        c.report_date,
        c.currency_code,
        c.claimed_conversions,
        c.claimed_value_amount,
        c.ledger_online_order_count,
        c.ledger_online_amount
    from marts.rpt_platform_claims as c
    inner join longest on c.window_days = longest.window_days
    inner join newest on c.report_date = newest.report_date
),

scopes as (
    select
        platform as place,
        *
    from campaigns
    union all
    select
        'all platforms' as place,
        *
    from campaigns
),

summed as (
    select
        place,
        max(report_date) as day,
        max(currency_code) as currency_code,
        sum(claimed_conversions) as n,
        {{ in_minor_units("sum(claimed_value_amount)") }} as money,
        max(ledger_online_order_count) as ledger_n,
        {{ in_minor_units("max(ledger_online_amount)") }} as ledger_money
    from scopes
    group by place
)

select
    place,
    day,
    'conversions' as unit,
    n as left_total,
    ledger_n as right_total,
    {{ limits.times - 1 }} * ledger_n + {{ limits.claims }} as tolerance,
    null as ids
from summed
union all
select
    place,
    day,
    currency_code as unit,
    money as left_total,
    ledger_money as right_total,
    {{ limits.times - 1 }} * ledger_money
    + {{ limits.claims }} * ledger_money / greatest(ledger_n, 1) as tolerance,
    null as ids
from summed
