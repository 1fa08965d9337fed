select
    order_name,
    order_date,
    ordered_at,
    currency_code,
    total_minor
from marts.fct_orders
where order_channel <> 'till'
