with days as (
    select
        currency_code,
        order_date as day
    from marts.fct_orders
    union all
    select
        currency_code,
        spend_date as day
    from marts.fct_ad_spend
),

newest as (
    select
        currency_code,
        max(day) as day
    from days
    group by currency_code
)

select
    n.currency_code as place,
    n.day,
    'days' as unit,
    r.days_since_quoted as left_total,
    0 as right_total,
    {{ limits.days }} as tolerance,
    'rate of ' || cast(r.quoted_date as string) as ids
from newest as n
inner join marts.fct_exchange_rates as r on n.currency_code = r.currency_code and n.day = r.rate_date
-- What the company lists is valid until it says otherwise; the reporting currency needs no rate.
where r.rate_source <> 'company' and r.currency_code <> r.reporting_currency_code
