select
    coalesce(currency_code, 'unknown currency') as place,
    cast(null as date) as day,
    'orders' as unit,
    count(*) as left_total,
    count(sold_reporting_minor) as right_total,
    0 as tolerance,
    {{ first_five("order_id", "sold_reporting_minor is null") }} as ids
from marts.fct_orders
where is_sale
group by coalesce(currency_code, 'unknown currency')
