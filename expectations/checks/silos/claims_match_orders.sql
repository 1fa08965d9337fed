{% from "_money.sql" import minor_units %}
with newest as (
    select max(spend_date) as last_day
    from marts.fct_ad_spend
),

-- Each platform's own: one may be late, or in a zone where the day has not begun. One that rests says nothing.
days as (
    select
        s.platform,
        max(s.spend_date) as last_day,
        max(s.spend_date) - {{ limits.days - 1 }} as first_day
    from marts.fct_ad_spend as s
    cross join newest
    group by s.platform, newest.last_day
    having max(s.spend_date) > newest.last_day - {{ limits.days }}
),

-- What is claimed after a view alone has no click that the warehouse could have seen.
claims as (
    select
        s.platform,
        s.campaign_id,
        sum(s.claimed_conversions - coalesce(s.claimed_view_conversions, 0)) as n,
        sum(coalesce(s.claimed_view_conversions, 0)) as view_n,
        coalesce(sum(cast(round(
            (s.claimed_value_minor - coalesce(s.claimed_view_value_minor, 0)) * r.minor_rate
        ) as bigint)), 0) as money
    from marts.fct_ad_spend as s
    inner join days on s.platform = days.platform and s.spend_date between days.first_day and days.last_day
    -- Sales are held in the reporting currency; an account may claim in another.
    left join intermediate.int_currencies__rates as r
        on
            s.currency_code = r.currency_code and s.spend_date >= r.valid_from
            and s.spend_date < coalesce(r.valid_before, date '9999-12-31')
    group by s.platform, s.campaign_id
),

touched as (
    select distinct
        c.platform,
        a.campaign_id,
        a.conversion_id,
        o.sold_reporting_minor as money
    from marts.fct_attribution as a
    inner join claims as c on a.campaign_id = c.campaign_id
    inner join days on c.platform = days.platform
    inner join marts.fct_orders as o on a.conversion_id = o.order_id
    where
        a.attribution_model = 'linear' and a.conversion_type = 'web_order'
        and cast(a.converted_at as date) between days.first_day and days.last_day
),

by_campaign as (
    select
        c.platform,
        c.n - count(t.conversion_id) as surplus,
        coalesce(max(d.campaign_name), c.campaign_id) || ': '
        || cast(round(c.n, 1) as string) || ' claimed, '
        || case
            when c.view_n <> 0 then cast(round(c.view_n, 1) as string) || ' more after a view alone, ' else ''
        end
        || cast(count(t.conversion_id) as string) || ' orders' as words
    from claims as c
    left join touched as t on c.campaign_id = t.campaign_id
    left join marts.dim_campaigns as d on c.campaign_id = d.campaign_id
    group by c.platform, c.campaign_id, c.n, c.view_n
),

named as (
    select
        platform,
        {{ joined("words", "surplus desc, words") }} as ids
    from by_campaign
    where surplus > 0
    group by platform
),

-- An order with clicks of two campaigns is one order.
sales as (
    select distinct
        platform,
        conversion_id,
        money
    from touched
),

orders as (
    select
        platform,
        count(*) as n,
        sum(money) as money
    from sales
    group by platform
),

platforms as (
    select
        platform,
        sum(n) as n,
        sum(money) as money
    from claims
    group by platform
),

reporting as (
    select max(reporting_currency_code) as unit
    from intermediate.int_currencies__rates
)

select
    p.platform as place,
    days.last_day as day,
    'conversions' as unit,
    p.n as left_total,
    coalesce(o.n, 0) as right_total,
    {{ limits.times - 1 }} * coalesce(o.n, 0) + {{ limits.claims }} as tolerance,
    named.ids
from platforms as p
inner join days on p.platform = days.platform
left join orders as o on p.platform = o.platform
left join named on p.platform = named.platform
union all
select
    p.platform as place,
    days.last_day as day,
    reporting.unit,
    p.money as left_total,
    coalesce(o.money, 0) as right_total,
    {{ limits.times - 1 }} * coalesce(o.money, 0) + {{ limits.money }} * {{ minor_units() }} as tolerance,
    named.ids
from platforms as p
inner join days on p.platform = days.platform
cross join reporting
left join orders as o on p.platform = o.platform
left join named on p.platform = named.platform
