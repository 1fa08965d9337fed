with orders as (
    select
        currency_code,
        sum(net_minor) as money
    from marts.fct_orders
    -- Of a currency that nobody knows, there is no money to credit.
    where is_sale and currency_code is not null
    group by all
),

models as (select distinct attribution_model from marts.fct_attribution),

credit as (
    select
        attribution_model,
        currency_code,
        sum(credit_minor) as money
    from marts.fct_attribution
    where conversion_type <> 'store_visit'
    group by attribution_model, currency_code
)

select
    m.attribution_model || ' model' as place,
    null as day,
    o.currency_code as unit,
    o.money as left_total,
    coalesce(c.money, 0) as right_total,
    0 as tolerance,
    null as ids
from orders as o
cross join models as m
left join credit as c
    on m.attribution_model = c.attribution_model and o.currency_code = c.currency_code
